"""Ready-made first fillings: what is in them, of which moment, and who is offered them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import sqlite3
from pathlib import Path

import msgspec
import pytest
import zstandard
from sqlalchemy import update

from pos.domain.member_codes import card_hash
from sync.hub.feeds import snapshots
from sync.hub.hub import Hub
from sync.hub.storage import schema
from sync.protocol import cache_tables
from sync.protocol.messages import MemberRow, SnapshotOffer
from tests.sync.hub import sales
from tests.sync.hub.terminals import Answer, FakeTerminal, HubSaidNo, read


def offer(till: FakeTerminal) -> SnapshotOffer:
    told: SnapshotOffer = read(till.call("GET", "/v1/snapshots/members"), SnapshotOffer)
    return told


def piece(till: FakeTerminal, sha256: str, start: int = 0) -> Answer:
    return till.call("GET", f"/v1/snapshots/members/{sha256}?start={start}")


def whole(till: FakeTerminal, offered: SnapshotOffer) -> bytes:
    packed = b""
    while len(packed) < offered.packed_length:
        packed += piece(till, offered.sha256, len(packed)).content
    return packed


def test_it_holds_every_member_as_a_cache_does(
    till: FakeTerminal, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "SNAPSHOT_PIECE_BYTES", 500)
    snapshots.make(hub)
    offered = offer(till)
    packed = whole(till, offered)
    assert hashlib.sha256(packed).hexdigest() == offered.sha256
    (tmp_path / "cache.db").write_bytes(zstandard.ZstdDecompressor().decompress(packed))
    assert (tmp_path / "cache.db").stat().st_size == offered.length
    file = sqlite3.connect(tmp_path / "cache.db")
    rows = {row[0]: row[1:] for row in file.execute("SELECT * FROM members")}
    assert file.execute("PRAGMA user_version").fetchone() == (cache_tables.VERSION,)
    assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
    fed = {row.key: row.body for row in till.feed("members").rows}
    assert rows.keys() == fed.keys()
    assert len(rows) == offered.rows
    card, mark, fill, body = rows[sales.MEMBER]
    assert (card.hex(), mark, fill) == (card_hash("91368861958193196424478"), -1, 0)
    row = msgspec.json.decode(body, type=MemberRow)
    assert msgspec.to_builtins(msgspec.structs.replace(row, card_hash=card.hex())) == fed[sales.MEMBER]


def test_it_is_of_one_moment(till: FakeTerminal, hub: Hub) -> None:
    """From its change number on the feed tells exactly what it does not hold; marks are of then, too."""
    till.write(sales.sale(till.next_receipt_no(), redeem=0))
    till.upload()
    snapshots.make(hub)
    till.write(sales.sale(till.next_receipt_no(), member=sales.NEWCOMER, redeem=0))
    till.upload()
    offered = offer(till)
    assert offered.mark_seq == 1
    assert offered.hub.high_water.seq == 2
    assert [row.key for row in till.feed("members", offered.change).rows] == [sales.NEWCOMER]


def test_a_chain_that_began_later_has_nothing_in_it(neighbour: FakeTerminal, hub: Hub) -> None:
    snapshots.make(hub)
    assert offer(neighbour).mark_seq == 0


def test_a_new_one_takes_the_place_of_the_old_one(till: FakeTerminal, hub: Hub) -> None:
    old = snapshots.make(hub)
    till.write(sales.sale(till.next_receipt_no(), member=sales.NEWCOMER, redeem=0))
    till.upload()
    new = snapshots.make(hub)
    assert offer(till).sha256 == new.sha256 != old.sha256
    assert piece(till, old.sha256).status_code == 404
    assert [one.name for one in (hub.folder.path / "snapshots").glob("*.zst")] == [
        f"members-{new.sha256}.zst"
    ]


@pytest.mark.parametrize("path", ["/v1/snapshots/members", "/v1/snapshots/staff"])
def test_nothing_is_offered_where_there_is_nothing(till: FakeTerminal, path: str) -> None:
    with pytest.raises(HubSaidNo) as said:
        read(till.call("GET", path), SnapshotOffer)
    assert (said.value.status, said.value.problem.error) == (404, "no_snapshot")


def test_one_from_before_the_hub_was_restored_is_not_offered(till: FakeTerminal, hub: Hub) -> None:
    snapshots.make(hub)
    settings = schema.settings
    with hub.database.write() as connection:
        connection.execute(update(settings).where(settings.c.name == "hub_epoch").values(value="2"))
    assert snapshots.current(hub) is None


def test_it_is_made_where_it_saves_something_and_again_after_a_day(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert snapshots.refresh(hub) is None, "a page or two are as fast"
    monkeypatch.setattr(snapshots, "ROWS_MIN", 5)
    assert snapshots.refresh(hub) is not None
    assert snapshots.refresh(hub) is None
    tomorrow = dataclasses.replace(hub, now=lambda: hub.now() + dt.timedelta(days=1))
    assert snapshots.refresh(tomorrow) is not None
