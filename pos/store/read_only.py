"""A till's data for looking only: reports and checks beside a till that is selling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import NoReturn, TypeVar

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
from pos.store.journal_schema import DERIVE_ANEW, JOURNAL_SCHEMA
from pos.store.known import CachedGoods, CachedMembers, CachedStaff, CachedTerms
from pos.store.pack_rows import CachedPacks
from pos.store.schema import older, refuse_newer, refuse_older
from pos.store.sqlite import Connection, Readers
from pos.store.till_store import NoChain, has_chain

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ReadOnlyStore:
    """What can be read of a till; writing through it is a mistake of the program."""

    journal: SqliteJournal
    goods: CachedGoods
    members: CachedMembers
    staff: CachedStaff
    packs: CachedPacks
    terms: CachedTerms
    keys: StoredKeys
    enrolment: HubEnrolment | None


class NoWriter:
    """Stands where a writer would; whoever asks it to write has a bug."""

    def submit(self, _operation: Callable[[], Result]) -> Future[Result]:
        self._refuse()

    def run(self, _operation: Callable[[], Result]) -> Result:
        self._refuse()

    def transaction(self) -> AbstractContextManager[Connection]:
        self._refuse()

    def relaxed(self) -> AbstractContextManager[Connection]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise AssertionError("this data folder was opened for reading")


@contextmanager
def open_read_only(folder: DataFolder) -> Iterator[ReadOnlyStore]:
    """Opens both files for reading, whether or not a till has them.

    Raises:
        NoChain: the till has not been set up.
        OlderData: the till has to bring its files up to this program first.
        StorageTrouble: a file cannot be read, or a newer program wrote it.

    """
    refuse_newer(folder.journal, JOURNAL_SCHEMA)
    if not has_chain(folder) or not folder.cache.exists():
        raise NoChain(say("这个数据目录里还没有收银机，请先加入联盟或建立示例门店"))
    refuse_newer(folder.cache, CACHE_SCHEMA)
    refuse_older(folder.journal, JOURNAL_SCHEMA)
    refuse_older(folder.cache, CACHE_SCHEMA)
    journal_readers, cache_readers = Readers(folder.journal), Readers(folder.cache)
    try:
        yield _wired(journal_readers, cache_readers)
    finally:
        cache_readers.close()
        journal_readers.close()


def _wired(journal_readers: Readers, cache_readers: Readers) -> ReadOnlyStore:
    identity = facts.read(journal_readers, IDENTITY, ChainIdentity)
    card = facts.read(journal_readers, STORE, StoreCard)
    if identity is None or card is None:
        raise NoChain(say("这个数据目录里还没有收银机，请先加入联盟或建立示例门店"))
    if facts.read(journal_readers, DERIVE_ANEW, bool):
        raise older(journal_readers.path.name)
    journal = SqliteJournal(NoWriter(), journal_readers, identity, card)
    cache = Cache(NoWriter(), cache_readers)
    return ReadOnlyStore(
        journal=journal,
        goods=CachedGoods(cache_readers),
        members=CachedMembers(cache_readers, cache, journal),
        staff=CachedStaff(cache_readers),
        packs=CachedPacks(cache_readers),
        terms=CachedTerms(cache_readers, journal),
        keys=StoredKeys(NoWriter(), journal_readers, identity),
        enrolment=facts.read(journal_readers, ENROLMENT, HubEnrolment),
    )
