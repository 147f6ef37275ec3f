"""One chain as an auditor sees it: whether every link holds by what the hub keeps, and each entry in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from pos.domain.journal import GENESIS, ChainIdentity, Entry, holds, short_hash
from sync.hub.storage import schema
from sync.protocol import trust


class ChainFound(msgspec.Struct, frozen=True):
    """A chain at the hub. `broken` is its first entry that does not hold (0: all do); `forks` lie beside it.

    `head` is the short form that stands on receipts; `signed_up_to` the highest head whose signature holds.
    """

    terminal: str
    epoch: int
    incarnation: str
    standing: str
    entries: int
    head: str
    broken: int
    forks: int
    set_aside: int
    signed_up_to: int
    last_receipt: str


class EntryFound(msgspec.Struct, frozen=True):
    """One entry; `mark` is what its receipt shows of the chain."""

    seq: int
    kind: str
    receipt_no: str
    verdict: str
    reason: str
    mark: str


def chains(connection: Connection, *, store: str | None = None) -> list[ChainFound]:
    """Every chain (of a store), oldest first, with its links checked from the first entry on."""
    table = schema.chains
    query = select(table).order_by(table.c.terminal, table.c.epoch)
    if store is not None:
        query = query.where(table.c.store == store)
    return [_checked(connection, row) for row in connection.execute(query).all()]


def entries(connection: Connection, terminal: str, epoch: int) -> Iterator[EntryFound]:
    """What came of a chain, by number; a fork stands behind the entry whose number it has."""
    for row in _rows(connection, terminal, epoch):
        receipt = _receipt_of(connection, row.id)
        yield EntryFound(row.seq, row.kind, receipt, row.verdict, row.reason, short_hash(row.hash))


def _checked(connection: Connection, chain: Row[Any]) -> ChainFound:
    identity = ChainIdentity(chain.terminal, chain.epoch, chain.incarnation)
    rows = _rows(connection, chain.terminal, chain.epoch)
    previous, expected, broken, forks, set_aside = GENESIS, 1, 0, 0, 0
    for row in rows:
        set_aside += row.verdict == "quarantined"
        if row.verdict == "exists_with_different_content":
            forks += 1
            continue
        entry = Entry(row.seq, row.prev_hash, row.hash, row.body)
        if not broken and not (row.seq == expected and row.prev_hash == previous and holds(identity, entry)):
            broken = row.seq
        previous, expected = row.hash, expected + 1
    return ChainFound(
        terminal=chain.terminal,
        epoch=chain.epoch,
        incarnation=chain.incarnation,
        standing=chain.standing,
        entries=len(rows) - forks,
        head=short_hash(chain.high_hash) if chain.high_seq else "",
        broken=broken,
        forks=forks,
        set_aside=set_aside,
        signed_up_to=_signed_up_to(connection, identity, bytes(chain.public_key)),
        last_receipt=_last_receipt(connection, identity),
    )


def _signed_up_to(connection: Connection, identity: ChainIdentity, public_key: bytes) -> int:
    heads = schema.chain_heads
    here = [heads.c[name] == value for name, value in msgspec.structs.asdict(identity).items()]
    for row in connection.execute(select(heads).where(*here).order_by(heads.c.seq.desc())):
        claim = trust.chain_head_claim(identity, row.seq, bytes(row.hash))
        if trust.verify(public_key, bytes(row.signature), claim):
            return int(row.seq)
    return 0


def _rows(connection: Connection, terminal: str, epoch: int) -> Sequence[Row[Any]]:
    table = schema.journal_entries
    query = select(table).where(table.c.terminal == terminal, table.c.epoch == epoch)
    return connection.execute(query.order_by(table.c.seq, table.c.id)).all()


def _receipt_of(connection: Connection, entry_id: int) -> str:
    receipts = schema.receipts.c
    query = select(receipts.receipt_no).where(receipts.entry_id == entry_id)
    return connection.execute(query).scalar() or ""


def _last_receipt(connection: Connection, identity: ChainIdentity) -> str:
    receipts = schema.receipts.c
    here = (receipts.terminal == identity.terminal) & (receipts.epoch == identity.epoch)
    query = select(receipts.receipt_no).where(here).order_by(receipts.entry_id.desc()).limit(1)
    return connection.execute(query).scalar() or ""
