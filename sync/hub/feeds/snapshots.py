"""Ready-made first fillings of the feed `members`: its rows as a till's cache has them, packed.

One file serves all stores, because what differs between them (goods, balances) is in feeds of their own.
A till swaps the file in and goes on from its change number, so a snapshot of any age is right; a fresh one
only leaves less to page. Files lie in the data folder; each machine that serves makes its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, NullPool, create_engine, func, select

from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub, setting
from sync.hub.storage import engines, schema
from sync.protocol import cache_tables
from sync.protocol.messages import SNAPSHOT_PIECE_BYTES, Feed, MemberRow

FEED: Feed = "members"
ROWS_MIN = 5_000
"""Fewer rows are paged as fast."""

_REFRESH_AFTER = dt.timedelta(days=1)
_LEVEL = -1  # a hundredth larger than level 3, because most of it is hashes, and unpacked in half the time
_BLOCK_BYTES = 1 << 20
_ROWS_AT_ONCE = 10_000
_INDICES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"

_at_it = threading.Lock()


class Snapshot(msgspec.Struct, frozen=True):
    """What is known of a file. `marks`: up to where it counts each chain (`terminal/epoch`)."""

    feed: str
    hub_epoch: int
    format: int
    change: int
    rows: int
    length: int
    packed_length: int
    sha256: str
    made_at: str
    marks: dict[str, int]

    def mark_of(self, terminal: str, epoch: int) -> int:
        """A chain that began later has nothing in the file."""
        return self.marks.get(_chain(terminal, epoch), 0)


def _chain(terminal: str, epoch: int) -> str:
    return f"{terminal}/{epoch}"


def current(hub: Hub) -> Snapshot | None:
    """The snapshot that tills are offered; None where there is none for this program and database."""
    try:
        found = msgspec.json.decode(_note(hub).read_bytes(), type=Snapshot)
    except (OSError, msgspec.MsgspecError):
        return None
    with hub.database.read() as connection:
        epoch = int(setting(connection, "hub_epoch"))
    fits = (found.hub_epoch, found.format) == (epoch, cache_tables.VERSION)
    return found if fits and _packed(hub, found.sha256).is_file() else None


def is_due(hub: Hub) -> bool:
    """Whether a (new) snapshot is worth its while: enough rows, and none, or a day-old one."""
    found = current(hub)
    if found is not None:
        return dt.datetime.fromisoformat(found.made_at) <= hub.now() - _REFRESH_AFTER
    with hub.database.read() as connection:
        return _count(connection) >= ROWS_MIN


def piece(hub: Hub, sha256: str, start: int) -> bytes | None:
    """At most `SNAPSHOT_PIECE_BYTES` of the packed bytes, from `start`; None if that file is not offered."""
    found = current(hub)
    if found is None or found.sha256 != sha256:
        return None
    try:
        with _packed(hub, sha256).open("rb") as file:
            file.seek(start)
            return file.read(SNAPSHOT_PIECE_BYTES)
    except OSError:
        return None


# --- making --------------------------------------------------------------------------------------


def refresh(hub: Hub) -> Snapshot | None:
    """Makes a snapshot if one is due and nobody in this process is at it."""
    if not _at_it.acquire(blocking=False):
        return None
    try:
        return make(hub) if is_due(hub) else None
    finally:
        _at_it.release()


def make(hub: Hub) -> Snapshot:
    """Makes a snapshot of this moment and offers it from now on."""
    with hub.database.alone("snapshot"):
        return _make(hub)


def _make(hub: Hub) -> Snapshot:
    folder = _folder(hub)
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = folder / f".{secrets.token_hex(4)}"
    packed = draft.with_suffix(".zst")
    try:
        with hub.database.read() as connection, _cache_file(draft) as target:
            snapshot = _filled(hub, connection, target)
        sha256 = _pack(draft, packed)
        made = msgspec.structs.replace(
            snapshot,
            length=draft.stat().st_size,
            packed_length=packed.stat().st_size,
            sha256=sha256,
        )
        packed.replace(_packed(hub, sha256))
    finally:
        draft.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
    _offer(hub, made)
    return made


def _filled(hub: Hub, connection: Connection, target: Engine) -> Snapshot:
    """Writes the rows into the file, and says of which moment they are."""
    chains = schema.chains
    marks = connection.execute(select(chains.c.terminal, chains.c.epoch, chains.c.high_seq)).all()
    change = feed_rows.last_change(connection)
    return Snapshot(
        feed=FEED,
        hub_epoch=int(setting(connection, "hub_epoch")),
        format=cache_tables.VERSION,
        change=change,
        rows=_write(target, _rows(connection)),
        length=0,
        packed_length=0,
        sha256="",
        made_at=hub.time(),
        marks={_chain(row.terminal, row.epoch): row.high_seq for row in marks if row.high_seq},
    )


_row: msgspec.json.Decoder[MemberRow] = msgspec.json.Decoder(MemberRow)
_encoder = msgspec.json.Encoder()


def _rows(connection: Connection) -> Iterator[tuple[str, bytes, int, int, bytes]]:
    """Rows as a till takes them, in order of their key, so that the file's own index grows at its end."""
    rows = schema.feed_rows
    query = (
        select(rows.c.key, rows.c.body)
        .where(rows.c.feed == FEED, rows.c.store == feed_rows.EVERY_STORE, rows.c.body.is_not(None))
        .order_by(rows.c.key)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for key, body in connection.execute(query):
        row = _row.decode(body)
        kept = _encoder.encode(msgspec.structs.replace(row, card_hash=""))
        yield key, bytes.fromhex(row.card_hash), cache_tables.SNAPSHOT_MARK, 0, kept


def _count(connection: Connection) -> int:
    rows = schema.feed_rows
    query = select(func.count()).where(
        rows.c.feed == FEED, rows.c.store == feed_rows.EVERY_STORE, rows.c.body.is_not(None)
    )
    return int(connection.execute(query).scalar_one())


@contextmanager
def _cache_file(path: Path) -> Iterator[Engine]:
    """A new file with the tables of a till's cache; its indices are made when the rows are in."""
    engine = create_engine(engines.sqlite_url(path), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        yield engine
    finally:
        engine.dispose()


def _write(target: Engine, rows: Iterator[tuple[str, bytes, int, int, bytes]]) -> int:
    file = target.raw_connection()
    cursor: Any = file.cursor()
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("BEGIN")
        for statement in itertools.chain.from_iterable(cache_tables.STEPS):
            cursor.execute(statement)
        indices = cursor.execute(_INDICES).fetchall()
        for name, _ in indices:
            cursor.execute(f"DROP INDEX {name}")
        cursor.executemany(cache_tables.TAKE_MEMBER, rows)
        count: int = cursor.execute("SELECT count(*) FROM members").fetchone()[0]
        for _, statement in indices:
            cursor.execute(statement)
        cursor.execute(f"PRAGMA user_version = {cache_tables.VERSION:d}")
        cursor.execute("COMMIT")
    finally:
        cursor.close()
        file.close()
    return count


def _pack(plain: Path, packed: Path) -> str:
    """Packs a file durably; gives the SHA-256 of the packed bytes."""
    digest = hashlib.sha256()
    packer = zstandard.ZstdCompressor(level=_LEVEL).compressobj(size=plain.stat().st_size)
    with plain.open("rb") as source, packed.open("wb") as target:
        for block in _packed_blocks(source, packer):
            target.write(block)
            digest.update(block)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _packed_blocks(source: BinaryIO, packer: zstandard.ZstdCompressionObj) -> Iterator[bytes]:
    while block := source.read(_BLOCK_BYTES):
        yield packer.compress(block)
    yield packer.flush()


# --- where they lie ------------------------------------------------------------------------------


def _folder(hub: Hub) -> Path:
    return hub.folder.path / "snapshots"


def _note(hub: Hub) -> Path:
    return _folder(hub) / f"{FEED}.json"


def _packed(hub: Hub, sha256: str) -> Path:
    return _folder(hub) / f"{FEED}-{sha256}.zst"


def _offer(hub: Hub, made: Snapshot) -> None:
    """Tills are told of it when it is whole; files that are offered no more go."""
    draft = _note(hub).with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(made))
    draft.replace(_note(hub))
    for other in _folder(hub).glob(f"{FEED}-*.zst"):
        if other != _packed(hub, made.sha256):
            other.unlink(missing_ok=True)
