"""What went wrong elsewhere, each by its name there, must not go wrong here."""

from __future__ import annotations

import datetime as dt

import pytest

from sync.client.trouble import HubAway, HubFailure
from tests.sync.client.conftest import SHORT, Till
from tests.sync.client.hub_simulator import Bend


def test_odoo_40567_timeout_and_retry_is_one_sale(till: Till) -> None:
    """The reply is lost after the hub took the sale; sent again it exists, and is there once."""
    till.outbox.add()
    till.hub.bends.append("drop_reply")
    with pytest.raises(HubAway):
        till.session.sync_once()
    assert len(till.hub.chain) == 1
    assert till.outbox.confirmed == 0
    till.session.sync_once()
    assert till.outbox.verdicts == {1: "exists"}
    assert len(till.hub.chain) == 1
    assert till.outbox.confirmed == 1


def test_odoo_258304_a_duplicate_is_an_answer_not_an_error(till: Till) -> None:
    till.outbox.add(3)
    till.session.sync_once()
    till.outbox.confirmed = 0
    till.restart().sync_once()
    assert set(till.outbox.verdicts.values()) == {"exists"}
    assert till.session.problem is None


@pytest.mark.parametrize("bad", [1, 2, 5])
def test_erpnext_11000_one_bad_record_does_not_block_later_ones(till: Till, bad: int) -> None:
    till.hub.quarantine = {bad}
    till.outbox.add(5)
    till.session.sync_once()
    till.outbox.add(2)
    till.session.sync_once()
    assert [entry.seq for entry in till.hub.chain] == [1, 2, 3, 4, 5, 6, 7]
    assert till.outbox.confirmed == 7
    assert till.session.quarantined == 1


def test_erpnext_13388_one_bad_row_does_not_block_the_download(till: Till) -> None:
    till.hub.put("catalogue", "1", {"code": 1})
    till.hub.put_pack(1, use="hub")
    till.hub.put_member("30000001", 1)
    till.session.sync_once()
    assert till.replica.rows["members"].keys() == {"30000001"}
    assert till.replica.cursor("catalogue") == 1


@pytest.mark.parametrize("bend", ["nothing", "drop_reply", "error_500", "garbage", "html_200", "hang"])
def test_odoo_261096_an_interrupted_sync_does_not_clear_the_dirty_flag(till: Till, bend: Bend) -> None:
    till.outbox.add(3)
    till.hub.bends.append(bend)
    if bend == "hang":
        till.transport = till.connect(SHORT)
    with pytest.raises(HubFailure):
        till.restart().sync_once()
    assert till.outbox.confirmed == 0
    assert till.outbox.marks == []
    till.transport.close()
    till.transport = till.connect()
    till.restart().sync_once()
    assert till.outbox.confirmed == 3


def test_cht_core_8093_after_a_server_restore_clients_send_again(till: Till) -> None:
    """Also when nothing new is pending: any answer's mark shows what the hub has lost."""
    till.outbox.add(9)
    till.session.sync_once()
    till.hub.restore(4)
    till.session.sync_once()
    assert [entry.seq for entry in till.hub.chain] == list(range(1, 10))
    assert till.outbox.confirmed == 9
    till.hub.restore(0, raise_epoch=False)
    till.session.sync_once()
    assert till.outbox.confirmed == len(till.hub.chain) == 9


def test_watermelondb_649_cursors_are_change_numbers_whatever_the_clocks_say(till: Till) -> None:
    """Rows change while the hub's clock jumps; none is skipped and none comes twice."""
    for number, hours in enumerate((0, -48, 48, -1)):
        till.hub.clock_shift = dt.timedelta(hours=hours)
        till.clock.shift = dt.timedelta(hours=-hours)
        till.hub.put_member(f"3000000{number}", hours)
        till.session.sync_once()
    applied = [row.key for page in till.replica.applied for row in page.rows]
    assert applied == ["30000000", "30000001", "30000002", "30000003"]


def test_watermelondb_1219_a_row_that_changes_while_pages_are_read_comes_again(till: Till) -> None:
    till.hub.page_rows = 1
    till.hub.put_member("30000001", 1)
    till.hub.put_member("30000002", 2)
    changed: list[str] = []

    def change_once(path: str) -> None:
        if "members" in path and not changed:
            changed.append(path)
            till.hub.put_member("30000001", 100)

    till.hub.before_answer = change_once
    till.session.sync_once()
    assert till.replica.rows["members"]["30000001"] == till.hub.feeds["members"][-1].body


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
def test_odoo_25606_a_wrong_till_clock_stops_no_upload(till: Till, days: int) -> None:
    till.clock.shift = dt.timedelta(days=days)
    till.outbox.add(2)
    till.session.sync_once()
    assert till.outbox.confirmed == 2
    offset_ms = till.transport.clock.offset_ms
    assert offset_ms is not None
    assert abs(offset_ms + days * 86_400_000) < 5_000
