"""The desk's first page: what needs somebody, and the way to everything else."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, Table, func, select

from pos.domain.day import add
from sync.hub.alliance import packs, stocking
from sync.hub.disputes import disputes
from sync.hub.growth import tasks
from sync.hub.hub import Hub, setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk import terminals_page
from sync.hub.pages.desk.rights import Reader
from sync.hub.pages.owner import spans, takings
from sync.hub.people.visitors import allowed
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)


class Needed(NamedTuple):
    """How much waits for somebody."""

    disputes: int
    overdue: int
    tasks: int
    set_aside: int
    differing: int
    silent: int
    pending: int


@ROUTES.get("/desk")
def desk(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        today = stocking.today(hub, connection)
        month = spans.span("month", today)
        stores = connection.execute(select(schema.stores.c.id)).scalars().all()
        per_store = takings.per_store(connection, stores, month.first, month.last)
        return framing.page(
            request,
            visitor,
            "desk/home.html",
            place="home",
            alliance=setting(connection, "alliance_name"),
            needed=_needed(hub, connection, reviews=allowed(visitor, "tasks.review")),
            month=words.month(month.first, visitor.language),
            figures=add(per_store.values()),
            today=takings.figures_of(connection, stores, today, today),
            stores=len(stores),
            members=_count(connection, schema.members),
            pack=packs.current(connection),
        )


def _needed(hub: Hub, connection: Connection, *, reviews: bool) -> Needed:
    opened, overdue = disputes.waiting(connection, hub.time())
    tills = terminals_page.tills(hub, connection)
    done = schema.recomputations
    differing = select(func.count()).select_from(done).where(done.c.agrees.is_(False))
    return Needed(
        opened,
        overdue,
        len(tasks.to_review(connection)) if reviews else 0,
        sum(one.state.quarantined for one in tills),
        connection.execute(differing).scalar() or 0,
        sum(one.silent for one in tills),
        sum(one.state.pending or 0 for one in tills),
    )


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar() or 0
