from __future__ import annotations

import pytest

from pos.domain.journal import GENESIS
from sync.client.answers import check_mark
from sync.client.rulings import (
    BODIES_BYTES_MAX,
    Standing,
    check_page,
    falls_back,
    make_batch,
    set_aside,
    settled_up_to,
    standing,
    taken,
)
from sync.client.trouble import HubTrouble
from sync.protocol import trust
from sync.protocol.messages import (
    BATCH_BYTES_MAX,
    BATCH_ENTRIES_MAX,
    EntryResult,
    FeedPage,
    FeedRow,
    HighWater,
    HubMark,
    Verdict,
)
from tests.sync.client.memory import TERMINAL_KEY, MemoryOutbox

MARK = HubMark(1, "2026-03-01T12:00:00+00:00", HighWater(0, ""))


@pytest.fixture
def outbox() -> MemoryOutbox:
    one = MemoryOutbox()
    one.add(5)
    return one


def mark_at(outbox: MemoryOutbox, seq: int) -> HighWater:
    return HighWater(seq, outbox.entries[seq - 1].hash.hex())


def test_how_the_hubs_mark_stands_to_our_chain(outbox: MemoryOutbox) -> None:
    assert standing(HighWater(0, ""), outbox.hash_at) is Standing.OURS
    assert standing(HighWater(0, GENESIS.hex()), outbox.hash_at) is Standing.OURS
    assert standing(mark_at(outbox, 5), outbox.hash_at) is Standing.OURS
    assert standing(HighWater(6, "a" * 64), outbox.hash_at) is Standing.AHEAD
    assert standing(HighWater(3, "a" * 64), outbox.hash_at) is Standing.OTHER


def test_a_batch_carries_the_exact_bytes_and_a_signed_head(outbox: MemoryOutbox) -> None:
    batch = make_batch(outbox.identity, TERMINAL_KEY, tuple(outbox.entries))
    assert [entry.body for entry in batch.entries] == [entry.body for entry in outbox.entries]
    assert (batch.terminal, batch.incarnation, batch.epoch) == ("S1-1", outbox.identity.incarnation, 1)
    assert (batch.head.seq, batch.head.hash) == (5, outbox.entries[-1].hash.hex())
    claim = trust.chain_head_claim(outbox.identity, 5, outbox.entries[-1].hash)
    assert trust.verify(TERMINAL_KEY.public_key().public_bytes_raw(), batch.head.signature, claim)


def test_the_fullest_batch_fits_the_wire() -> None:
    assert BODIES_BYTES_MAX * 4 // 3 + BATCH_ENTRIES_MAX * 256 <= BATCH_BYTES_MAX


def results(outbox: MemoryOutbox, *verdicts: Verdict) -> tuple[EntryResult, ...]:
    return tuple(
        EntryResult(entry.seq, entry.hash.hex(), verdict)
        for entry, verdict in zip(outbox.entries, verdicts, strict=False)
    )


@pytest.mark.parametrize(
    ("verdicts", "mark_seq", "settled"),
    [
        (("accepted",) * 5, 5, 5),
        (("accepted", "exists", "quarantined", "exists_with_different_content", "accepted"), 5, 5),
        (("accepted", "accepted"), 2, 2),
        ((), 4, 4),
        ((), 0, 0),
        (("quarantined", "quarantined"), 0, 2),
    ],
)
def test_the_next_batch_starts_after_the_last_verdict(
    outbox: MemoryOutbox, verdicts: tuple[Verdict, ...], mark_seq: int, settled: int
) -> None:
    assert settled_up_to(0, tuple(outbox.entries), results(outbox, *verdicts), mark_seq) == settled


def test_a_verdict_on_another_entry_counts_for_nothing(outbox: MemoryOutbox) -> None:
    strange = (EntryResult(1, "f" * 64, "accepted"), EntryResult(99, "f" * 64, "accepted"))
    assert settled_up_to(0, tuple(outbox.entries), strange, 0) == 0


def test_going_back_once_from_each_start_and_only_on_our_chain(outbox: MemoryOutbox) -> None:
    assert falls_back(mark_at(outbox, 2), 5, {5}, outbox.hash_at)
    assert not falls_back(mark_at(outbox, 2), 5, {5, 2}, outbox.hash_at)
    assert not falls_back(mark_at(outbox, 5), 5, {0}, outbox.hash_at)
    assert not falls_back(HighWater(2, "a" * 64), 5, {5}, outbox.hash_at)
    assert falls_back(HighWater(0, ""), 5, {5}, outbox.hash_at)


def test_what_was_set_aside_and_what_is_in_the_books(outbox: MemoryOutbox) -> None:
    ruled = results(outbox, "accepted", "quarantined", "exists", "exists_with_different_content")
    hashes = [entry.hash.hex() for entry in outbox.entries]
    assert set_aside(ruled) == {hashes[1], hashes[3]}
    assert taken(ruled) == {hashes[0], hashes[2]}


def page(changes: tuple[int, ...], following: int, *, more: bool = False, feed: str = "members") -> FeedPage:
    return FeedPage(MARK, feed, tuple(FeedRow(change, str(change)) for change in changes), following, more)


@pytest.mark.parametrize(
    "fitting",
    [
        page((), 10),
        page((), 12),
        page((11, 15), 15),
        page((11, 15), 20, more=True),
    ],
)
def test_pages_that_continue_the_feed(fitting: FeedPage) -> None:
    check_page(fitting, "members", 10)


@pytest.mark.parametrize(
    "strange",
    [
        page((), 9),
        page((), 10, more=True),
        page((10,), 10),
        page((3, 11), 11),
        page((12, 11), 12),
        page((11, 11), 11),
        page((11, 15), 14),
        page((11,), 11, feed="staff"),
    ],
)
def test_pages_that_do_not(strange: FeedPage) -> None:
    with pytest.raises(HubTrouble, match="does not fit"):
        check_page(strange, "members", 10)


@pytest.mark.parametrize(
    ("epoch", "high_water"),
    [
        (-1, HighWater(0, "")),
        (1, HighWater(-1, "")),
        (1, HighWater(1, "")),
        (1, HighWater(1, "A" * 64)),
        (1, HighWater(1, "a" * 63)),
    ],
)
def test_marks_that_cannot_be(epoch: int, high_water: HighWater) -> None:
    with pytest.raises(HubTrouble, match="no mark"):
        check_mark(HubMark(epoch, MARK.time, high_water))
