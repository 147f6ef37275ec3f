"""What a journal's file holds that may not have come to the hub, read from the file alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pos.domain.journal import ChainIdentity
from pos.domain.message import say
from pos.store import facts
from pos.store.chain_facts import IDENTITY
from pos.store.journal_schema import JOURNAL_SCHEMA
from pos.store.outbox import JournalOutbox
from pos.store.read_only import NoWriter
from pos.store.schema import refuse_newer
from pos.store.sqlite import Readers
from pos.store.till_store import NoChain


@contextmanager
def journal_in(path: Path) -> Iterator[JournalOutbox]:
    """A till's journal or a copy of one, to be read.

    Raises:
        NoChain: there is none in the file.
        StorageTrouble: it cannot be read, or a newer program wrote it.

    """
    if not path.is_file():
        raise NoChain(say("{file} 不存在", file=str(path)))
    refuse_newer(path, JOURNAL_SCHEMA)
    readers = Readers(path)
    try:
        identity = facts.read(readers, IDENTITY, ChainIdentity)
        if identity is None:
            raise NoChain(say("{file} 里没有收银机的流水", file=str(path)))
        yield JournalOutbox(NoWriter(), readers, identity)
    finally:
        readers.close()
