"""A till's whole store: both files of a data folder, opened, checked and wired up."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from filelock import FileLock

from pos.domain.events import ChainOpened
from pos.domain.journal import ChainIdentity
from pos.domain.message import say
from pos.domain.receipt import StoreCard
from pos.store import facts
from pos.store.alliance_keys import StoredKeys
from pos.store.cache import Cache
from pos.store.cache_schema import CACHE_SCHEMA
from pos.store.chain_facts import ENROLMENT, IDENTITY, STORE, HubEnrolment
from pos.store.folder import DataFolder
from pos.store.journal import SqliteJournal
from pos.store.journal_schema import JOURNAL_SCHEMA
from pos.store.journal_transaction import JournalTransaction
from pos.store.known import CachedGoods, CachedMembers, CachedStaff, CachedTerms
from pos.store.orders import OrderBook
from pos.store.outbox import JournalOutbox
from pos.store.pack_rows import CachedPacks
from pos.store.print_queue import JournalPrintQueue
from pos.store.schema import NewerData
from pos.store.snapshots import CacheSnapshots
from pos.store.sqlite import Readers, damaged
from pos.store.verify import end_holds
from pos.store.writer import SingleWriter
from pos.usecases.ports import StorageTrouble

_log = logging.getLogger(__name__)


class NoChain(StorageTrouble):
    """The folder holds no chain yet: the till has to be set up first."""


class ChainExists(StorageTrouble):
    """The folder holds a chain already; another one needs another folder."""


def create_chain(
    folder: DataFolder,
    identity: ChainIdentity,
    store: StoreCard,
    *,
    public_key: bytes,
    software: str,
    at: datetime,
    enrolment: HubEnrolment | None = None,
) -> None:
    """Begins a chain in a folder: identity, store, hub and first entry in one transaction.

    Raises:
        ChainExists: nothing was changed.
        JournalLost: the folder had a chain once.
        FolderInUse: somebody works with the folder.
        StorageTrouble: it cannot be written; call again once it can.

    """
    folder.make()
    opened = ChainOpened(
        at=at.isoformat(timespec="seconds"), store=store.store, public_key=public_key.hex(), software=software
    )
    with folder.held():
        has_chain(folder)  # a folder that lost its journal begins no other one
        writer = SingleWriter(folder.journal, JOURNAL_SCHEMA, checkpoint_apart=True)
        try:
            writer.run(lambda: _begin_chain(writer, identity, store, opened, enrolment))
            folder.forget_incarnation()
        finally:
            writer.close()


def _begin_chain(
    writer: SingleWriter,
    identity: ChainIdentity,
    store: StoreCard,
    opened: ChainOpened,
    enrolment: HubEnrolment | None,
) -> None:
    with writer.transaction() as connection:
        if facts.held(connection, IDENTITY, ChainIdentity) is not None:
            raise ChainExists(say("这个数据目录已经是一台收银机的了，请另选一个目录"))
        facts.put(connection, IDENTITY, identity)
        facts.put(connection, STORE, store)
        if enrolment is not None:
            facts.put(connection, ENROLMENT, enrolment)
        JournalTransaction(connection, identity).append(opened)


class JournalLost(StorageTrouble):
    """The folder has the rest of a till, but not its journal."""


def has_chain(folder: DataFolder) -> bool:
    """Whether a till has been set up in this folder; looks without taking it.

    Raises:
        JournalLost: it was, and its journal is gone.
        NewerData: it was set up by a newer program.
        StorageTrouble: the file cannot be read.

    """
    if _chain_is_there(folder):
        return True
    if folder.cache.exists():
        raise JournalLost(
            say(
                "{data} 里有收银机的资料，但流水文件 {file} 不见了；"
                "请用备份恢复它，或换一个新的数据目录重新入网",
                data=str(folder.path),
                file=folder.journal.name,
            )
        )
    return False


def _chain_is_there(folder: DataFolder) -> bool:
    if not folder.journal.exists():
        return False
    readers = Readers(folder.journal)
    try:
        table = readers.row("SELECT 1 FROM sqlite_master WHERE name = 'facts'")
        return table is not None and facts.read(readers, IDENTITY, ChainIdentity) is not None
    finally:
        readers.close()


@dataclass(frozen=True, slots=True)
class TillStore:
    """Everything that a till keeps. `cache_was_lost` says that the cache had to be begun anew."""

    folder: DataFolder
    journal: SqliteJournal
    outbox: JournalOutbox
    print_queue: JournalPrintQueue
    orders: OrderBook
    replica: Cache
    snapshots: CacheSnapshots
    goods: CachedGoods
    members: CachedMembers
    staff: CachedStaff
    packs: CachedPacks
    terms: CachedTerms
    keys: StoredKeys
    journal_writer: SingleWriter
    cache_writer: SingleWriter
    cache_was_lost: bool
    _lock: FileLock
    _readers: tuple[Readers, Readers]

    def enrolment(self) -> HubEnrolment | None:
        """The hub this till belongs to; None for one that was set up without."""
        return facts.read(self._readers[0], ENROLMENT, HubEnrolment)

    def newest_pack(self, pack_id: str) -> int:
        """The highest version of a pack that this till was ever given, 0 for none; no pack goes below it.

        A lost cache does not lower it: the chain says what was in force.
        """
        applied = self.journal.last_configuration()
        in_force = applied.version if applied is not None and applied.id == pack_id else 0
        return max(in_force, self.packs.newest_version(pack_id))

    def hub_epoch(self) -> int | None:
        """The hub's own epoch as it last said, from the enrolment at first; None without a hub."""
        said, enrolment = self.outbox.hub_said(), self.enrolment()
        if said is not None:
            return said.hub_epoch
        return None if enrolment is None else enrolment.hub_epoch

    def close(self) -> None:
        """Finishes what was handed in and lets go of the folder.

        Readers close before the writers, whose end folds the WAL into the file.
        """
        writers = (self.cache_writer, self.journal_writer)
        with ExitStack() as last_first:
            last_first.callback(self._lock.release)
            for writer in writers:
                last_first.callback(writer.close)
            for readers in self._readers:
                last_first.callback(readers.close)
            for writer in writers:
                last_first.callback(writer.finish)


def open_store(folder: DataFolder) -> TillStore:
    """Opens a till's data, with checks whose cost does not grow with it.

    Raises:
        FolderInUse: another process has it.
        NoChain: the till has not been set up.
        NewerData: a newer program wrote it; nothing was touched.
        StorageTrouble: it is damaged or cannot be written.

    """
    if not folder.journal.exists():
        raise NoChain(say("这个数据目录里还没有收银机，请先加入联盟或建立示例门店"))
    lock = folder.hold()
    try:
        return _open(folder, lock)
    except BaseException:
        lock.release()
        raise


def _open(folder: DataFolder, lock: FileLock) -> TillStore:
    writer = SingleWriter(folder.journal, JOURNAL_SCHEMA, checkpoint_apart=True)
    readers = Readers(folder.journal)
    try:
        identity, store = _checked_chain(folder, readers)
        journal = SqliteJournal(writer, readers, identity, store)
        journal.derive_if_asked()
        cache_writer, cache_was_lost = _open_cache(folder, identity)
    except BaseException:
        readers.close()
        writer.close()
        raise
    cache_readers = Readers(folder.cache)
    cache = Cache(cache_writer, cache_readers)
    return TillStore(
        folder=folder,
        journal=journal,
        outbox=JournalOutbox(writer, readers, identity),
        print_queue=JournalPrintQueue(writer, readers),
        orders=OrderBook(writer, readers),
        replica=cache,
        snapshots=CacheSnapshots(cache_writer, cache_readers),
        goods=CachedGoods(cache_readers),
        members=CachedMembers(cache_readers, cache, journal),
        staff=CachedStaff(cache_readers),
        packs=CachedPacks(cache_readers),
        terms=CachedTerms(cache_readers, journal),
        keys=StoredKeys(writer, readers, identity),
        journal_writer=writer,
        cache_writer=cache_writer,
        cache_was_lost=cache_was_lost,
        _lock=lock,
        _readers=(readers, cache_readers),
    )


def _checked_chain(folder: DataFolder, readers: Readers) -> tuple[ChainIdentity, StoreCard]:
    identity = facts.read(readers, IDENTITY, ChainIdentity)
    store = facts.read(readers, STORE, StoreCard)
    if identity is None or store is None:
        raise NoChain(say("这个数据目录里还没有收银机，请先加入联盟或建立示例门店"))
    if not end_holds(readers, identity):
        raise StorageTrouble(damaged(folder.journal.name))
    return identity, store


def _open_cache(folder: DataFolder, identity: ChainIdentity) -> tuple[SingleWriter, bool]:
    """The cache's writer, and whether the cache was unusable and has been begun anew."""
    try:
        writer = SingleWriter(folder.cache, CACHE_SCHEMA, checkpoint_apart=False)
    except NewerData:
        raise
    except StorageTrouble as trouble:
        if trouble.message != damaged(folder.cache.name):
            raise
    else:
        if writer.run(lambda: _belongs_to(writer, identity)):
            return writer, False
        writer.close()
    _log.warning("the cache of %s cannot be used and is begun anew", folder.path)
    for ending in ("", "-wal", "-shm"):
        folder.cache.with_name(folder.cache.name + ending).unlink(missing_ok=True)
    writer = SingleWriter(folder.cache, CACHE_SCHEMA, checkpoint_apart=False)
    writer.run(lambda: _belongs_to(writer, identity))
    return writer, True


def _belongs_to(writer: SingleWriter, identity: ChainIdentity) -> bool:
    """Whether a cache is of this chain (a new one becomes so): its balances count entries of one chain."""
    with writer.transaction() as connection:
        owner = facts.held(connection, IDENTITY, ChainIdentity)
        if owner is None:
            facts.put(connection, IDENTITY, identity)
        return owner in (None, identity)
