"""Merchants and their stores at the desk: what they took in, owe, hold, and whether member sales are open."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, func, select

from pos.domain.day import Figures, add
from pos.domain.ledger import merchant_account, store_account
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact
from sync.hub.alliance import packs, stocking
from sync.hub.hub import setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reader
from sync.hub.pages.owner import spans, takings
from sync.hub.pages.spoken import Naming
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)


class StoreShown(NamedTuple):
    """A store with what it took in this month."""

    id: str
    name: str
    figures: Figures


class Gate(NamedTuple):
    """An asset that a merchant must hold for member sales, in minor units."""

    asset: str
    held: int
    needed: int

    @property
    def open(self) -> bool:
        return self.held >= self.needed


class MerchantShown(NamedTuple):
    """`outstanding_fen`: what the alliance owes it as of now. `holds` are its assets, in minor units."""

    id: str
    name: str
    rebate_bp: int | None
    referrer: str | None
    stores: tuple[StoreShown, ...]
    outstanding_fen: int
    holds: dict[str, int]
    gates: tuple[Gate, ...]

    @property
    def figures(self) -> Figures:
        return add(one.figures for one in self.stores)


@ROUTES.get("/desk/merchants")
def merchants(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        span = spans.span("month", stocking.today(hub, connection))
        pack = packs.current(connection)
        return framing.page(
            request,
            visitor,
            "desk/merchants.html",
            place="merchants",
            alliance=setting(connection, "alliance_name"),
            month=words.month(span.first, visitor.language),
            found=shown(connection, pack, span.first, span.last),
            rebate=pack.rebate if pack else None,
            naming=Naming(connection, visitor.language),
        )


def shown(
    connection: Connection, pack: Pack | None, first: dt.date, last: dt.date
) -> tuple[MerchantShown, ...]:
    stores: dict[str, list[StoreShown]] = {}
    table = schema.stores
    rows = connection.execute(select(table).order_by(table.c.id)).all()
    per_store = takings.per_store(connection, [row.id for row in rows], first, last)
    for row in rows:
        stores.setdefault(row.merchant_id, []).append(
            StoreShown(row.id, row.name, per_store.get(row.id, Figures()))
        )
    return tuple(
        _merchant(connection, pack, row, tuple(stores.get(row.id, ())))
        for row in connection.execute(select(schema.merchants).order_by(schema.merchants.c.id)).all()
    )


def _merchant(
    connection: Connection, pack: Pack | None, row: Any, stores: tuple[StoreShown, ...]
) -> MerchantShown:
    account = merchant_account(row.id)
    owned = [account, *(store_account(one.id) for one in stores)]
    table = schema.balances
    query = select(table.c.unit, func.sum(table.c.amount)).where(table.c.account.in_(owned))
    sums = {unit: int(amount) for unit, amount in connection.execute(query.group_by(table.c.unit)).all()}
    outstanding_fen = sums.pop(CNY, 0)
    return MerchantShown(
        row.id,
        row.name,
        row.rebate_bp,
        row.referrer,
        stores,
        outstanding_fen,
        {unit: amount for unit, amount in sorted(sums.items()) if amount},
        _gates(pack, sums) if pack else (),
    )


def _gates(pack: Pack, holds: dict[str, int]) -> tuple[Gate, ...]:
    return tuple(
        Gate(one.asset, holds.get(one.asset, 0), int(exact(one.min) * 10 ** pack.asset(one.asset).scale))
        for one in pack.gates
    )
