"""A feed begun with a file that the hub has ready, instead of with all its pages. No threads, no waiting.

Pieces are unpacked as they come, and an interrupted download goes on from the last of them. Length, hash and
unpacked length must be what the hub offered; whatever is odd about a snapshot only means that the feed is
paged.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from sync.client.ports import Snapshots
from sync.client.trouble import HubRefused
from sync.protocol.messages import Feed, SnapshotOffer

FEEDS_BEGUN: tuple[Feed, ...] = ("members",)
LENGTH_MAX = 16 << 30
_BLOCK_BYTES = 1 << 20
_DISK_BYTES = 16 << 20
_SYNC = getattr(os, "fdatasync", os.fsync)  # Windows has the latter
_WINDOW_BYTES_MAX = 1 << 27
_BEHIND = 4  # more changes than a quarter of all rows: the file is the shorter way

_SHA256 = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


class _Digest(Protocol):
    def copy(self) -> _Digest: ...

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


_Arrived = tuple[bytes, _Digest]


class SnapshotHub(Protocol):
    """See `transport.HubTransport`."""

    def snapshot_offer(self, feed: Feed) -> SnapshotOffer: ...

    def snapshot_piece(self, offer: SnapshotOffer, start: int) -> bytes: ...


class Unfit(Exception):  # noqa: N818 - a verdict
    """The snapshot is not what was offered, or not for this till; the text says why."""


class FirstFilling:
    """Begins feeds for one till. `sync.client.session` asks it before it pages."""

    def __init__(self, hub: SnapshotHub, snapshots: Snapshots) -> None:
        self._hub = hub
        self._snapshots = snapshots
        self._begun: _Unpacking | None = None

    def offer(self, feed: Feed) -> SnapshotOffer | None:
        """What the hub has ready; None where it has nothing, or is of a version that never had."""
        try:
            return self._hub.snapshot_offer(feed)
        except HubRefused as refused:
            if refused.status != 404:
                raise
            return None

    def worth_it(self, offer: SnapshotOffer, cursor: int) -> bool:
        """Whether the file is for this program, and saves more than it costs."""
        behind = offer.change - cursor
        return offer.format == self._snapshots.format and (cursor == 0 or behind > offer.rows // _BEHIND)

    def fill(self, offer: SnapshotOffer, breathe: Callable[[], None]) -> bool:
        """Downloads, checks and takes a snapshot; False if it will not do, and then nothing has changed.

        `breathe` is called between pieces, when nothing is on the line.

        Raises:
            HubFailure: the hub went away; the next call for the same offer goes on where this one stopped.

        """
        try:
            unpacking = self._unpacking_of(offer)
            self._download(unpacking, breathe)
            unpacking.finish()
        except HubRefused as refused:
            _log.info("the offered snapshot is gone: %s", refused.problem.error)
            taken = False
        except (Unfit, OSError) as error:
            _log.warning("the snapshot will not do, the feed is paged: %s", error)
            taken = False
        else:
            taken = self._taken(offer)
        self._discard()
        return taken

    def _unpacking_of(self, offer: SnapshotOffer) -> _Unpacking:
        """The one that was interrupted, if it is of the same file."""
        _check(offer)
        begun = self._begun
        if begun is not None and begun.offer.sha256 == offer.sha256:
            begun.offer = offer
            return begun
        self._discard()
        self._begun = _Unpacking(offer, self._snapshots.file)
        return self._begun

    def _download(self, unpacking: _Unpacking, breathe: Callable[[], None]) -> None:
        """One piece is unpacked while the next one is on its way."""
        offer = unpacking.offer
        with ThreadPoolExecutor(1, thread_name_prefix="snapshot") as line:
            arriving: Future[_Arrived] | None = None
            while unpacking.packed < offer.packed_length or arriving is not None:
                start = unpacking.packed
                piece, digest = (
                    self._fetch(offer, start, unpacking.digest) if arriving is None else arriving.result()
                )
                if not piece or start + len(piece) > offer.packed_length:
                    raise Unfit(f"{start + len(piece)} of {offer.packed_length} bytes")
                breathe()
                following = start + len(piece)
                arriving = (
                    line.submit(self._fetch, offer, following, digest)
                    if following < offer.packed_length
                    else None
                )
                unpacking.take(piece, digest)

    def _fetch(self, offer: SnapshotOffer, start: int, digest: _Digest) -> _Arrived:
        """A piece, and the digest of everything up to its end."""
        piece = self._hub.snapshot_piece(offer, start)
        digest = digest.copy()
        digest.update(piece)
        return piece, digest

    def _taken(self, offer: SnapshotOffer) -> bool:
        try:
            self._snapshots.take(offer)
        except Exception:  # noqa: BLE001 - the store has errors of its own, and pages are another way
            _log.exception("the snapshot was not taken, the feed is paged")
            return False
        return True

    def _discard(self) -> None:
        if self._begun is not None:
            self._begun.close()
            self._begun = None
        with suppress(OSError):
            self._snapshots.file.unlink(missing_ok=True)


def _check(offer: SnapshotOffer) -> None:
    lengths_fit = 0 < offer.packed_length <= LENGTH_MAX and 0 < offer.length <= LENGTH_MAX
    numbers_fit = min(offer.change, offer.mark_seq, offer.rows) >= 0
    if not (lengths_fit and numbers_fit and _SHA256.fullmatch(offer.sha256)):
        raise Unfit("an offer that cannot be")


class _Unpacking:
    """Packed bytes come in by pieces and go into a file unpacked, never more of them than was offered."""

    def __init__(self, offer: SnapshotOffer, target: Path) -> None:
        import zstandard  # noqa: PLC0415 - a first filling alone needs it

        self.offer = offer
        self.packed = 0
        self._errors = zstandard.ZstdError
        self.digest: _Digest = hashlib.sha256()
        self._written = 0
        self._target = target.open("wb")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="snapshot-disk")
        self._on_its_way: Future[None] | None = None
        self._handed_over = 0
        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX)
        self._unpacker = unpacker.stream_writer(
            cast("BinaryIO", self), write_size=_BLOCK_BYTES, closefd=False
        )

    def take(self, piece: bytes, digest: _Digest) -> None:
        """The next piece, and the digest of all up to its end."""
        try:
            self._unpacker.write(piece)
        except self._errors as error:
            raise Unfit(str(error)) from error
        self.packed, self.digest = self.packed + len(piece), digest

    def write(self, block: bytes) -> int:
        """What the unpacker calls with each block that it has unpacked."""
        self._written += len(block)
        if self._written > self.offer.length:
            raise Unfit(f"it unpacks to more than {self.offer.length} bytes")
        count = self._target.write(block)
        self._set_off()
        return count

    def _set_off(self) -> None:
        """Has the disk begin with what there is, so that little is left when the file is taken.

        That nothing went wrong here proves nothing and need not: taking it makes all of it durable.
        """
        idle = self._on_its_way is None or self._on_its_way.done()
        if idle and self._written - self._handed_over >= _DISK_BYTES:
            self._target.flush()
            self._handed_over = self._written
            self._on_its_way = self._disk.submit(_SYNC, self._target.fileno())

    def finish(self) -> None:
        """All pieces are here; raises `Unfit` unless they are what was offered."""
        self.close()
        found = self.digest.hexdigest()
        if self._written != self.offer.length or found != self.offer.sha256:
            raise Unfit(f"{self._written} of {self.offer.length} bytes, {found[:16]}")

    def close(self) -> None:
        self._disk.shutdown()
        self._target.close()
