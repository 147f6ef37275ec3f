"""The rules of an exchange, without network or store."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain.journal import ChainIdentity, Entry
from sync.client.trouble import HubTrouble
from sync.protocol import trust
from sync.protocol.messages import (
    BATCH_BYTES_MAX,
    BATCH_ENTRIES_MAX,
    ChainHead,
    EntryResult,
    FeedPage,
    HighWater,
    UploadBatch,
    UploadedEntry,
)

# Bodies travel as base64 (4 for 3) inside JSON, so this many bytes of bodies fit a batch on the wire.
BODIES_BYTES_MAX = (BATCH_BYTES_MAX - BATCH_ENTRIES_MAX * 256) * 3 // 4


class Standing(Enum):
    """How the hub's mark stands to our chain."""

    OURS = "ours"
    AHEAD = "ahead"
    """The hub holds entries that this data folder does not: it was restored or cloned."""
    OTHER = "other"
    """The hub holds another entry under one of our numbers."""


def standing(mark: HighWater, hash_at: Callable[[int], bytes | None]) -> Standing:
    """Compares the hub's mark with the chain of this till."""
    if mark.seq == 0:
        return Standing.OURS
    own = hash_at(mark.seq)
    if own is None:
        return Standing.AHEAD
    return Standing.OURS if own.hex() == mark.hash else Standing.OTHER


def make_batch(identity: ChainIdentity, key: Ed25519PrivateKey, entries: tuple[Entry, ...]) -> UploadBatch:
    """Entries (at least one) under a signed chain head."""
    last = entries[-1]
    signature = key.sign(trust.chain_head_claim(identity, last.seq, last.hash))
    return UploadBatch(
        terminal=identity.terminal,
        incarnation=identity.incarnation,
        epoch=identity.epoch,
        entries=tuple(
            UploadedEntry(entry.seq, entry.prev_hash.hex(), entry.hash.hex(), entry.body) for entry in entries
        ),
        head=ChainHead(last.seq, last.hash.hex(), signature),
    )


def falls_back(
    mark: HighWater, position: int, starts: Collection[int], hash_at: Callable[[int], bytes | None]
) -> bool:
    """Whether to send again from the mark: it is on our chain, below what we had taken as held.

    Once for each start only: a mark that stays where it was although we sent from there is not worth
    a loop, the verdicts count then.
    """
    below = mark.seq < position and mark.seq not in starts
    return below and standing(mark, hash_at) is Standing.OURS


def settled_up_to(
    position: int, entries: tuple[Entry, ...], results: tuple[EntryResult, ...], mark_seq: int
) -> int:
    """How far the hub has ruled on every entry: from there the next batch starts.

    A quarantined entry is ruled on; one without a verdict (the hub took only part) is not.
    """
    ruled = {(result.seq, result.hash) for result in results}
    for entry in entries:
        if (entry.seq, entry.hash.hex()) not in ruled:
            break
        position = entry.seq
    return max(position, mark_seq)


def set_aside(results: tuple[EntryResult, ...]) -> frozenset[str]:
    """Hashes of entries that the hub holds without having taken them."""
    return frozenset(
        result.hash
        for result in results
        if result.verdict in {"quarantined", "exists_with_different_content"}
    )


def taken(results: tuple[EntryResult, ...]) -> frozenset[str]:
    """Hashes of entries that the hub has in its books."""
    return frozenset(result.hash for result in results if result.verdict in {"accepted", "exists"})


def check_page(page: FeedPage, feed: str, after: int) -> None:
    """Sees that a page continues the feed where it was asked to.

    Raises:
        HubTrouble: another feed, rows out of order or from before the cursor, or no way forward.

    """
    changes = [row.change for row in page.rows]
    in_order = all(a < b for a, b in zip([after, *changes], [*changes, page.next + 1], strict=True))
    if page.feed != feed or not in_order or page.next < after or (page.more and page.next == after):
        raise HubTrouble(None, f"feed {feed} after {after}: a page that does not fit")
