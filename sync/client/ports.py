"""What the sync thread needs of the till's store. Implementations hand writes to the owning writer."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from pos.domain.journal import ChainIdentity, Entry
from sync.protocol.commands import CommandDone, TerminalReport
from sync.protocol.messages import (
    EntryResult,
    FeedPage,
    HighWater,
    KeyList,
    SignedBytes,
    SnapshotOffer,
)


class Outbox(Protocol):
    """The journal, as the thing to upload. There is no second queue."""

    @property
    def identity(self) -> ChainIdentity: ...

    def confirmed_seq(self) -> int:
        """Up to where the hub has said it holds the chain."""
        ...

    def entries_after(self, seq: int, *, count_max: int, bytes_max: int) -> tuple[Entry, ...]:
        """The next entries in order; at least one if there is one, whatever its size."""
        ...

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of an own entry, to see whether the hub's mark is on our chain."""
        ...

    def codes_closed(self) -> int:
        """Up to which number this chain takes no pay code any more."""
        ...

    def close_codes(self, up_to: int, at: datetime) -> None:
        """Journals that no pay code up to this number is taken from now on."""
        ...

    def note_copied(self) -> None:
        """There is another copy of this chain: no pay code is taken until it is enrolled anew."""
        ...

    def keep_aside(self, hashes: frozenset[str]) -> None:
        """Of what the hub had put aside, only these entries still wait for a person there."""
        ...

    def note_hub_mark(self, mark: HighWater, hub_epoch: int, results: tuple[EntryResult, ...]) -> None:
        """Remembers the hub's mark, also a lower one (the hub was restored), and what it quarantined."""
        ...


class Replica(Protocol):
    """The cache: catalogue, members, packs, staff as the hub last told them."""

    def cursor(self, feed: str) -> int:
        """The change number up to which a feed has been applied; 0 at first."""
        ...

    def apply(self, page: FeedPage) -> None:
        """Applies rows and cursor in one transaction. A page applied twice changes nothing."""
        ...

    def forget(self, feed: str) -> None:
        """Empties a feed and its cursor (the hub was restored and numbers changes anew)."""
        ...

    def note_complete(self, at: datetime) -> None:
        """All feeds are up to date as of this moment of the till's clock: balances are fresh."""
        ...


class Keyring(Protocol):
    """The alliance's keys, kept for good."""

    def key_list(self) -> KeyList | None:
        """The newest list that this till was given."""
        ...

    def take(self, signed: SignedBytes, at: datetime) -> KeyList:
        """Keeps a newer list; returns the newest. Raises `Untrusted` where the root has not signed it."""
        ...


class Orders(Protocol):
    """What the hub wants this terminal to do, and what it is told of it. On the sync thread."""

    def carry_out(self) -> None:
        """Does what was downloaded and is not done yet, each command once whatever happens."""
        ...

    def report(self) -> TerminalReport: ...

    def note_told(self, done: tuple[CommandDone, ...]) -> None:
        """The hub has these outcomes."""
        ...


class Snapshots(Protocol):
    """The cache, as something that a file can be swapped in for."""

    @property
    def format(self) -> int:
        """The version of the cache's tables."""
        ...

    @property
    def file(self) -> Path:
        """Where to unpack a snapshot to; beside it lies what has been downloaded so far."""
        ...

    def take(self, offer: SnapshotOffer) -> None:
        """Puts the rows in `file` in the place of a feed's, which goes on from the offer's change number.

        Raises an error of its own where it will not have the file; the cache is then as it was.
        """
        ...
