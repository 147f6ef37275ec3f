"""A feed begun with a file: whole and right, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import zstandard

from sync.client import first_filling
from sync.client.first_filling import FirstFilling
from sync.client.trouble import HubAway, HubRefused
from sync.protocol.messages import Feed, HighWater, HubMark, Problem, SnapshotOffer

CONTENT = b"".join(bytes(str(number), "ascii") * 40 for number in range(9_000))
PACKED = zstandard.compress(CONTENT)
PIECE = 700
MARK = HubMark(1, "2026-03-01T02:00:00+00:00", HighWater(0, ""))
OFFER = SnapshotOffer(
    MARK, "members", 3, 1_000, 4, 900, len(CONTENT), len(PACKED), hashlib.sha256(PACKED).hexdigest()
)


class FakeHub:
    """`packed` is what it sends; `on_piece` may raise, or bend a piece."""

    def __init__(self) -> None:
        self.packed = PACKED
        self.asked: list[int] = []
        self.on_piece: Callable[[int, bytes], bytes] = lambda _start, piece: piece

    def snapshot_offer(self, feed: Feed) -> SnapshotOffer:
        raise HubRefused(404, Problem("no_snapshot", f"no {feed}", ""))

    def snapshot_piece(self, offer: SnapshotOffer, start: int) -> bytes:
        self.asked.append(start)
        return self.on_piece(start, self.packed[start : start + PIECE])


class FakeSnapshots:
    format = 3

    def __init__(self, folder: Path) -> None:
        self.file = folder / "snapshot.db"
        self.taken: list[bytes] = []
        self.refuses = False

    def take(self, offer: SnapshotOffer) -> None:
        if self.refuses:
            raise ValueError("not for this till")
        self.taken.append(self.file.read_bytes())


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def snapshots(tmp_path: Path) -> FakeSnapshots:
    return FakeSnapshots(tmp_path)


def fill(hub: FakeHub, snapshots: FakeSnapshots, offer: SnapshotOffer = OFFER) -> bool:
    return FirstFilling(hub, snapshots).fill(offer, lambda: None)


def test_pieces_become_the_file(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    breaths: list[int] = []
    assert FirstFilling(hub, snapshots).fill(OFFER, lambda: breaths.append(len(hub.asked)))
    assert snapshots.taken == [CONTENT]
    assert hub.asked == list(range(0, len(PACKED), PIECE))
    assert breaths == list(range(1, len(hub.asked) + 1)), "nothing is on the line between pieces"
    assert list(snapshots.file.parent.iterdir()) == []


def test_an_interrupted_download_goes_on_where_it_stopped(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    def away(start: int, piece: bytes) -> bytes:
        if start == 3 * PIECE:
            raise HubAway("gone")
        return piece

    filling = FirstFilling(hub, snapshots)
    hub.on_piece = away
    with pytest.raises(HubAway):
        filling.fill(OFFER, lambda: None)
    hub.asked, hub.on_piece = [], lambda _start, piece: piece
    assert filling.fill(OFFER, lambda: None)
    assert hub.asked[0] == 3 * PIECE
    assert snapshots.taken == [CONTENT]


def test_after_an_interruption_another_offer_begins_anew(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    filling = FirstFilling(hub, snapshots)
    with pytest.raises(HubAway):
        filling.fill(OFFER, _away)
    hub.packed = zstandard.compress(CONTENT[:-1])
    newer = msgspec.structs.replace(
        OFFER,
        length=len(CONTENT) - 1,
        packed_length=len(hub.packed),
        sha256=hashlib.sha256(hub.packed).hexdigest(),
    )
    assert filling.fill(newer, lambda: None)
    assert snapshots.taken == [CONTENT[:-1]]


def _away() -> None:
    raise HubAway("gone")


def _bent(start: int, piece: bytes) -> bytes:
    return bytes([piece[0] ^ 1, *piece[1:]]) if start == PIECE else piece


@pytest.mark.parametrize(
    "on_piece",
    [
        _bent,
        lambda start, piece: b"" if start else piece,
        lambda _start, piece: piece + bytes(len(PACKED)),
        lambda _start, piece: b"<html>",
    ],
)
def test_odd_bytes_are_not_taken(
    hub: FakeHub, snapshots: FakeSnapshots, on_piece: Callable[[int, bytes], bytes]
) -> None:
    hub.on_piece = on_piece
    assert not fill(hub, snapshots)
    assert snapshots.taken == []
    assert list(snapshots.file.parent.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "0" * 64},
        {"sha256": "../../etc/passwd"},
        {"length": len(CONTENT) + 1},
        {"length": len(CONTENT) - 1},
        {"length": 0},
        {"packed_length": first_filling.LENGTH_MAX + 1},
        {"mark_seq": -1},
    ],
)
def test_an_offer_that_does_not_hold_is_not_taken(
    hub: FakeHub, snapshots: FakeSnapshots, changes: dict[str, object]
) -> None:
    assert not fill(hub, snapshots, msgspec.structs.replace(OFFER, **changes))
    assert snapshots.taken == []


def test_a_bomb_fills_no_disk(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    written: list[int] = []
    hub.packed = zstandard.compress(bytes(1 << 30))
    offer = msgspec.structs.replace(
        OFFER,
        length=2 << 20,
        packed_length=len(hub.packed),
        sha256=hashlib.sha256(hub.packed).hexdigest(),
    )
    hub.on_piece = lambda start, _piece: hub.packed[start:]
    real = first_filling._Unpacking.write

    def counted(self: first_filling._Unpacking, block: bytes) -> int:
        written.append(len(block))
        return real(self, block)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_filling._Unpacking, "write", counted)
        assert not fill(hub, snapshots, offer)
    assert sum(written) < 4 << 20


def test_a_store_that_will_not_have_it_means_paging(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    snapshots.refuses = True
    assert not fill(hub, snapshots)
    assert list(snapshots.file.parent.iterdir()) == []


def test_one_that_is_gone_meanwhile_means_paging(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    def gone(_start: int, _piece: bytes) -> bytes:
        raise HubRefused(404, Problem("no_snapshot", "", ""))

    hub.on_piece = gone
    assert not fill(hub, snapshots)


def test_a_hub_without_any_has_no_offer(hub: FakeHub, snapshots: FakeSnapshots) -> None:
    assert FirstFilling(hub, snapshots).offer("members") is None


@pytest.mark.parametrize(
    ("cursor", "format_", "worth"), [(0, 3, True), (774, 3, True), (775, 3, False), (0, 2, False)]
)
def test_it_is_taken_where_it_is_the_shorter_way(
    hub: FakeHub, snapshots: FakeSnapshots, cursor: int, format_: int, *, worth: bool
) -> None:
    offer = msgspec.structs.replace(OFFER, format=format_)
    assert FirstFilling(hub, snapshots).worth_it(offer, cursor) is worth
