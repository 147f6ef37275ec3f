"""Downloads against a bent hub, and what a pass does between its exchanges."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from sync.client.trouble import HubAway, HubTrouble
from sync.protocol import trust
from sync.protocol.messages import BATCH_ENTRIES_MAX, FEEDS, FeedPage, FeedRow
from tests.sync.client.conftest import Till


def test_feeds_come_in_order_and_to_their_end(till: Till) -> None:
    till.hub.page_rows = 2
    for number in range(5):
        till.hub.put_member(f"3000000{number}", number)
    till.hub.put_pack(1)
    till.session.sync_once()
    asked = [line.split("/")[3].split("?")[0] for line in till.hub.seen]
    assert asked == [*FEEDS, "members", "members"]
    assert len(till.replica.rows["members"]) == 5
    assert till.replica.rows["packs"].keys() == {"tongyi"}
    assert till.replica.complete_at is not None


def test_only_what_changed_comes_again(till: Till) -> None:
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    till.hub.put_member("30000002", 2)
    till.session.sync_once()
    assert [len(page.rows) for page in till.replica.applied] == [1, 1]


def test_an_interrupted_download_goes_on_where_it_was(till: Till) -> None:
    till.hub.page_rows = 1
    for number in range(3):
        till.hub.put_member(f"3000000{number}", number)
    till.hub.bends.extend([*[None] * len(FEEDS), "nothing"])
    with pytest.raises(HubAway):
        till.session.sync_once()
    assert till.replica.cursor("members") == 1
    assert till.replica.complete_at is None
    till.session.sync_once()
    assert [row.key for page in till.replica.applied for row in page.rows] == [
        "30000000",
        "30000001",
        "30000002",
    ]


def test_a_page_applied_twice_changes_nothing(till: Till) -> None:
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    rows = dict(till.replica.rows["members"])
    till.replica.cursors["members"] = 0
    till.session.sync_once()
    assert till.replica.rows["members"] == rows


def test_a_restored_hub_is_downloaded_anew(till: Till) -> None:
    for number in range(3):
        till.hub.put_member(f"3000000{number}", number)
    till.outbox.add(4)
    till.session.sync_once()
    till.hub.feeds["members"].pop()
    till.hub.restore(2)
    till.session.sync_once()
    assert till.replica.forgotten == list(FEEDS)
    assert till.replica.rows["members"].keys() == {"30000000", "30000001"}
    assert till.outbox.hub_epoch == 2
    assert [entry.hash for entry in till.hub.chain] == [entry.hash.hex() for entry in till.outbox.entries]
    assert till.outbox.confirmed == 4
    till.session.sync_once()
    assert till.replica.forgotten == list(FEEDS)


def test_a_hub_restored_while_the_till_was_off_is_noticed(till: Till) -> None:
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    till.hub.restore(0)
    till.restart().sync_once()
    assert till.replica.forgotten == list(FEEDS)
    assert till.replica.rows["members"].keys() == {"30000001"}


def test_a_hub_restored_half_way_through_a_download(till: Till) -> None:
    till.hub.page_rows = 1
    for number in range(3):
        till.hub.put_member(f"3000000{number}", number)
    asked = []

    def restore_once(path: str) -> None:
        asked.append(path)
        if len(asked) == len(FEEDS) + 1:
            till.hub.restore(0)

    till.hub.before_answer = restore_once
    till.session.sync_once()
    assert till.replica.rows["members"].keys() == {"30000000", "30000001", "30000002"}
    assert till.replica.forgotten == list(FEEDS)


def test_a_hub_whose_epoch_keeps_rising_is_trouble_not_a_loop(till: Till) -> None:
    till.hub.before_answer = lambda _: till.hub.restore(0)
    with pytest.raises(HubTrouble, match="keeps changing"):
        till.session.sync_once()


def test_an_older_hub_is_trouble_and_nothing_of_it_is_taken(till: Till) -> None:
    till.hub.epoch = 3
    till.session.sync_once()
    till.hub.epoch = 2
    till.hub.put_member("30000001", 1)
    with pytest.raises(HubTrouble, match="before"):
        till.session.sync_once()
    assert "members" not in till.replica.rows


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: msgspec.structs.replace(page, next=-1),
        lambda page: msgspec.structs.replace(page, more=True, next=0, rows=()),
        lambda page: msgspec.structs.replace(page, feed="other"),
        lambda page: msgspec.structs.replace(page, rows=(FeedRow(0, "a"),)),
    ],
)
def test_a_page_that_does_not_continue_is_not_applied(till: Till, spoil: object) -> None:
    till.hub.spoil_feed = spoil  # type: ignore[assignment]
    with pytest.raises(HubTrouble, match="does not fit"):
        till.session.sync_once()
    assert till.replica.applied == []


def test_a_bad_pack_is_left_out_named_and_healed_by_a_good_one(till: Till) -> None:
    till.hub.put_pack(1, use="hub")
    till.hub.put_member("30000001", 1)
    for _ in range(2):
        till.session.sync_once()
        assert "签名不对" in str(till.session.problem)
    assert "packs" not in till.replica.rows or till.replica.rows["packs"] == {}
    assert "30000001" in till.replica.rows["members"]
    assert till.replica.complete_at is not None
    till.hub.put_pack(2)
    till.session.sync_once()
    assert till.session.problem is None
    assert till.replica.rows["packs"].keys() == {"tongyi"}


def test_a_pack_signed_for_another_purpose_is_left_out(till: Till) -> None:
    till.hub.put_pack(1, tag=trust.ENROLMENT_TAG)
    till.session.sync_once()
    assert not till.replica.rows.get("packs")


def test_an_older_pack_is_left_out(till: Till) -> None:
    till.newest["tongyi"] = 3
    till.hub.put_pack(2)
    till.session.sync_once()
    assert "比本机的旧" in str(till.session.problem)
    assert not till.replica.rows.get("packs")


def test_an_unreadable_member_holds_nobody_else_up(till: Till) -> None:
    till.hub.put("members", "30000001", {"member_no": 1})
    till.hub.put_member("30000002", 2)
    till.session.sync_once()
    assert till.replica.rows["members"].keys() == {"30000002"}
    assert "30000001" in str(till.session.problem)


# --- between -------------------------------------------------------------------------------------


def test_the_till_can_breathe_between_exchanges(till: Till) -> None:
    till.hub.page_rows = 1
    for number in range(3):
        till.hub.put_member(f"3000000{number}", number)
    till.outbox.add(1)
    breaths: list[int] = []
    till.session.sync_once(breathe=lambda: breaths.append(len(till.hub.seen)))
    assert len(breaths) == 3


def test_a_breath_may_end_the_pass(till: Till) -> None:
    till.outbox.add(BATCH_ENTRIES_MAX + 1)

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        till.session.sync_once(breathe=stop)
    assert till.outbox.confirmed == BATCH_ENTRIES_MAX
    till.session.sync_once()
    assert till.outbox.confirmed == BATCH_ENTRIES_MAX + 1


def test_yesterdays_time_harms_nothing(till: Till) -> None:
    till.hub.clock_shift = dt.timedelta(days=-1)
    till.outbox.add(2)
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    assert till.outbox.confirmed == 2
    assert "30000001" in till.replica.rows["members"]
    offset_ms = till.transport.clock.offset_ms
    assert offset_ms is not None
    assert abs(offset_ms + 86_400_000) < 5_000


def test_a_page_in_flight_from_before_the_cursor_is_never_taken(till: Till) -> None:
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    stale = FeedPage(till.hub.mark(), "members", (FeedRow(1, "30000001"),), 1, more=False)
    till.hub.spoil_feed = lambda page: stale if page.feed == "members" else page
    with pytest.raises(HubTrouble):
        till.session.sync_once()
    assert "30000001" in till.replica.rows["members"]
