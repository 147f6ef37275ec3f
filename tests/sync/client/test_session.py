"""Uploads against a bent hub: nothing is lost, nothing is doubled, nothing loops."""

from __future__ import annotations

import pytest

from sync.client.trouble import HubFailure, HubTrouble
from sync.protocol.messages import BATCH_ENTRIES_MAX, HighWater
from tests.sync.client.conftest import Till
from tests.sync.client.hub_simulator import Bend


def uploads(till: Till) -> list[tuple[int, ...]]:
    return till.hub.received


def held(till: Till) -> list[str]:
    return [entry.hash for entry in till.hub.chain]


def own(till: Till) -> list[str]:
    return [entry.hash.hex() for entry in till.outbox.entries]


def test_everything_goes_up_in_batches(till: Till) -> None:
    till.outbox.add(BATCH_ENTRIES_MAX * 2 + 1)
    till.session.sync_once()
    assert held(till) == own(till)
    assert [len(batch) for batch in uploads(till)] == [BATCH_ENTRIES_MAX, BATCH_ENTRIES_MAX, 1]
    assert till.outbox.confirmed == BATCH_ENTRIES_MAX * 2 + 1
    assert till.session.problem is None


def test_large_entries_go_up_in_smaller_batches(till: Till) -> None:
    till.outbox.add(5, size=1 << 20)
    till.session.sync_once(feeds=False)
    assert len(uploads(till)) == 3
    assert held(till) == own(till)


def test_nothing_pending_sends_and_writes_nothing(till: Till) -> None:
    till.session.sync_once()
    till.session.sync_once()
    assert uploads(till) == []
    assert till.outbox.marks == []
    assert till.replica.applied == []


def test_the_hub_keeps_a_signed_head_per_batch(till: Till) -> None:
    till.outbox.add(3)
    till.session.sync_once(feeds=False)
    assert till.hub.seen == ["POST /v1/journal"]


@pytest.mark.parametrize(
    "bend", ["html", "html_200", "garbage", "error_500", "nothing", "redirect", "another_shape", "cut_short"]
)
def test_a_pass_that_fails_changes_nothing_and_the_next_goes_on(till: Till, bend: Bend) -> None:
    till.outbox.add(3)
    till.hub.always = bend
    with pytest.raises(HubFailure):
        till.session.sync_once()
    assert till.outbox.confirmed == 0
    assert till.replica.complete_at is None
    till.hub.always = None
    till.session.sync_once()
    assert till.outbox.confirmed == 3
    assert held(till) == own(till)
    assert till.replica.complete_at is not None


def test_partial_acceptance_goes_on_from_the_first_entry_without_a_verdict(till: Till) -> None:
    till.outbox.add(7)
    till.hub.takes_at_most = 3
    till.session.sync_once(feeds=False)
    assert uploads(till) == [(1, 2, 3, 4, 5, 6, 7), (4, 5, 6, 7), (7,)]
    assert held(till) == own(till)


def test_a_hub_that_rules_on_nothing_is_trouble_not_a_loop(till: Till) -> None:
    till.outbox.add(2)
    till.hub.takes_at_most = 0
    with pytest.raises(HubTrouble, match="no verdict"):
        till.session.sync_once()
    assert len(uploads(till)) == 1


def test_a_lower_mark_sends_again_from_there(till: Till) -> None:
    till.outbox.add(10)
    till.session.sync_once()
    till.hub.restore(4, raise_epoch=False)
    till.outbox.add(1)
    till.session.sync_once(feeds=False)
    assert uploads(till)[1:] == [(11,), (5, 6, 7, 8, 9, 10, 11)]
    assert till.outbox.confirmed == 11
    assert held(till) == own(till)
    assert till.session.quarantined == 0
    assert "quarantined" not in till.outbox.verdicts.values()


def test_a_mark_that_stays_low_is_not_sent_to_for_ever(till: Till) -> None:
    """A hub that does not count what it set aside: its mark stands, its verdicts go on."""
    till.hub.quarantine = {2}
    till.hub.counts_quarantined = False
    till.outbox.add(4)
    for _ in range(3):
        till.session.sync_once()
    till.outbox.add(1)
    till.session.sync_once()
    assert uploads(till) == [(1, 2, 3, 4), (5,)]
    assert held(till) == own(till)
    assert till.session.quarantined == 1


def test_a_hub_that_forgets_everything_each_time_does_not_loop(till: Till) -> None:
    till.hub.claims = HighWater(0, "")
    till.outbox.add(3)
    till.session.sync_once()
    till.session.sync_once()
    assert uploads(till) == [(1, 2, 3)]


def test_a_mark_on_another_chain_is_told_and_does_not_loop(till: Till) -> None:
    till.outbox.add(3)
    till.session.sync_once()
    till.hub.claims = HighWater(2, "a" * 64)
    till.outbox.add(1)
    for _ in range(3):
        till.session.sync_once()
    assert uploads(till) == [(1, 2, 3), (4,)]
    assert "不一致" in str(till.session.problem)
    assert till.outbox.confirmed == 3
    till.hub.claims = None
    till.session.sync_once()
    assert till.session.problem is None
    assert till.outbox.confirmed == 4


def test_a_forked_chain_still_goes_up(till: Till) -> None:
    """A cloned folder: the hub keeps both branches, so the sales of this one must reach it."""
    till.outbox.add(3)
    till.session.sync_once()
    clone = type(till.outbox)()
    clone.add(3)
    clone.add(3, text="other")
    till.outbox.add(3)
    till.session.sync_once()
    till.outbox.entries, till.outbox.confirmed = clone.entries, 3
    till.restart().sync_once()
    assert uploads(till)[-1] == (4, 5, 6)
    assert "不一致" in str(till.session.problem)
    assert till.session.quarantined == 3


def test_a_hub_that_knows_more_than_we_do_stops_uploads_only(till: Till) -> None:
    """The data folder was restored or cloned; the shop keeps selling."""
    till.outbox.add(5)
    till.session.sync_once()
    del till.outbox.entries[3:]
    till.outbox.confirmed = 3
    till.hub.put_member("30001234", 7)
    till.outbox.add(1, text="new")
    till.restart()
    for _ in range(3):
        till.session.sync_once()
    assert uploads(till)[1:] == [(4,)]
    assert "重新入网" in str(till.session.problem)
    assert till.outbox.confirmed == 3
    assert "30001234" in till.replica.rows["members"]
    assert till.replica.complete_at is not None


def test_quarantined_entries_are_noted_and_hold_nothing_up(till: Till) -> None:
    till.hub.quarantine = {1, 3}
    till.outbox.add(4)
    till.session.sync_once()
    assert till.session.quarantined == 2
    assert till.outbox.confirmed == 4
    assert till.outbox.verdicts == {1: "quarantined", 2: "accepted", 3: "quarantined", 4: "accepted"}


def test_an_entry_that_is_taken_after_all_is_quarantined_no_more(till: Till) -> None:
    till.hub.quarantine = {1}
    till.outbox.add(2)
    till.session.sync_once()
    till.hub.quarantine = set()
    till.hub.restore(0)
    till.session.sync_once()
    assert till.session.quarantined == 0
    assert till.outbox.confirmed == 2
