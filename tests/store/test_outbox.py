"""The journal as the thing to upload."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pos.store.folder import DataFolder
from pos.store.outbox import _last_that_fits
from pos.store.till_store import TillStore
from sync.client.ports import Outbox
from sync.protocol.messages import EntryResult, HighWater
from tests.store.sales import IDENTITY, NOW, sell, till_in


def mark_at(till: TillStore, seq: int) -> HighWater:
    return HighWater(seq, (till.outbox.hash_at(seq) or b"").hex())


def test_it_is_the_outbox_of_the_port(till: TillStore) -> None:
    outbox: Outbox = till.outbox
    assert outbox.identity == IDENTITY
    assert outbox.confirmed_seq() == 0
    assert outbox.hash_at(1) is not None
    assert outbox.hash_at(2) is None


def test_entries_come_in_order_within_their_limits(till: TillStore) -> None:
    for _ in range(5):
        sell(till)
    entries = till.outbox.entries_after(0, count_max=100, bytes_max=1 << 20)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert all(later.prev_hash == earlier.hash for earlier, later in pairwise(entries))
    assert till.outbox.entries_after(0, count_max=2, bytes_max=1 << 20) == entries[:2]
    assert till.outbox.entries_after(4, count_max=100, bytes_max=1 << 20) == entries[4:]
    room = len(entries[1].body) + len(entries[2].body)
    assert till.outbox.entries_after(1, count_max=100, bytes_max=room) == entries[1:3]
    assert till.outbox.entries_after(1, count_max=100, bytes_max=room - 1) == entries[1:2]
    assert till.outbox.entries_after(1, count_max=100, bytes_max=1) == entries[1:2]
    assert till.outbox.entries_after(6, count_max=100, bytes_max=1 << 20) == ()


@settings(max_examples=50)
@given(
    lengths=st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=20),
    bytes_max=st.integers(min_value=1, max_value=500),
)
def test_a_batch_is_as_long_as_fits(lengths: list[int], bytes_max: int) -> None:
    last = _last_that_fits(list(enumerate(lengths, start=1)), bytes_max)
    assert last == 1 or sum(lengths[:last]) <= bytes_max
    assert last == len(lengths) or sum(lengths[: last + 1]) > bytes_max


def test_the_hubs_mark_confirms_receipts_and_outlives_the_program(folder: DataFolder) -> None:
    with till_in(folder) as till:
        sell(till)
        sell(till)
        till.outbox.note_hub_mark(mark_at(till, 2), 7, ())
    with till_in(folder) as till:
        assert till.outbox.confirmed_seq() == 2
        assert till.hub_epoch() == 7
        assert [row.confirmed for row in till.journal.receipts()] == [False, True]
        pending = till.journal.pending()
        assert (pending.entries, pending.receipts, pending.since) == (1, 1, NOW.isoformat())


def test_a_restored_hubs_lower_mark_is_taken_cht_core_8093(till: TillStore) -> None:
    """The server was restored, and clients that believed their own mark never sent again."""
    for _ in range(3):
        sell(till)
    till.outbox.note_hub_mark(mark_at(till, 4), 1, ())
    assert till.journal.pending().entries == 0
    till.outbox.note_hub_mark(mark_at(till, 1), 2, ())
    assert till.outbox.confirmed_seq() == 1
    assert till.journal.pending().receipts == 3
    assert [entry.seq for entry in till.outbox.entries_after(1, count_max=9, bytes_max=1 << 20)] == [2, 3, 4]


def test_a_mark_beyond_the_chain_leaves_nothing_pending(till: TillStore) -> None:
    till.outbox.note_hub_mark(HighWater(99, "ab" * 32), 1, ())
    assert till.journal.pending().entries == 0


def test_what_the_hub_puts_aside_is_kept_with_its_reason(folder: DataFolder) -> None:
    with till_in(folder) as till:
        _, bad = sell(till)
        _, good = sell(till)
        results = (
            EntryResult(bad.seq, bad.hash.hex(), "quarantined", "方案不认识"),
            EntryResult(good.seq, good.hash.hex(), "accepted"),
        )
        till.outbox.note_hub_mark(mark_at(till, 3), 1, results)
        till.outbox.note_hub_mark(mark_at(till, 3), 1, results)
    with till_in(folder) as till:
        assert till.outbox.quarantined() == results[:1]
        assert till.outbox.quarantined_count() == 1
        taken = EntryResult(bad.seq, bad.hash.hex(), "exists")
        till.outbox.note_hub_mark(mark_at(till, 3), 1, (taken,))
        assert till.outbox.quarantined() == ()


def test_nothing_new_is_not_written(till: TillStore) -> None:
    till.outbox.note_hub_mark(mark_at(till, 1), 1, ())
    statements: list[str] = []
    connection = till.journal_writer._connection
    assert connection is not None
    till.journal_writer.run(lambda: connection.set_trace_callback(statements.append))
    till.outbox.note_hub_mark(mark_at(till, 1), 1, ())
    assert statements == []
