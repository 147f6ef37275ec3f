"""Settlement at the desk: freezing the days that are over, and noting what the bank has paid."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, select

from sync.hub.alliance import merchants, stocking
from sync.hub.hub import Hub, setting
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reader, Settler
from sync.hub.people import audit
from sync.hub.people.forms import CheckedForm, Fields
from sync.hub.people.visitors import PageRefused, Visitor
from sync.hub.settlement import locking, paying
from sync.hub.settlement.standing import standing
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)

DAYS_AT_ONCE = dt.timedelta(days=7)
_ONE_DAY = dt.timedelta(days=1)


@ROUTES.get("/desk/settlement")
def settlement(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        return _list(request, hub, connection, visitor)


@ROUTES.post("/desk/settlement/{merchant}/lock")
def lock(merchant: str, request: Request, hub: TheHub, visitor: Settler, form: CheckedForm) -> Response:
    """Freezes all open days of a merchant up to one."""
    _check(hub, merchant)
    try:
        _lock(hub, visitor, merchant, _day(form["last"]))
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, hub, connection, visitor, mistake=told)
    return framing.led_on("/desk/settlement", "locked")


def _lock(hub: Hub, visitor: Visitor, merchant: str, last: dt.date) -> None:
    """A week a transaction, each with its line in the audit log: uploads wait for one at most."""
    with hub.database.read() as connection:
        first = standing(connection, merchant).open_from or last
        locking.check_over(last, stocking.today(hub, connection))
    if last < first:
        raise Told(_LOCKED_ALREADY, date=last)
    while first <= last:
        end = min(first + DAYS_AT_ONCE - _ONE_DAY, last)
        with hub.database.write() as connection:
            locking.lock(hub, connection, merchant=merchant, first=first, last=end, by=visitor.name)
            audit.note(connection, visitor, "settlement.lock", f"merchant:{merchant}", f"{first} – {end}")
        first = end + _ONE_DAY


@ROUTES.post("/desk/settlement/{merchant}/pay")
def pay(merchant: str, request: Request, hub: TheHub, visitor: Settler, form: CheckedForm) -> Response:
    """Notes that all frozen days that were not paid are paid now, under the bank's reference."""
    _check(hub, merchant)
    try:
        with hub.database.write() as connection:
            _pay(hub, connection, visitor, merchant, form)
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, hub, connection, visitor, mistake=told)
    return framing.led_on("/desk/settlement", "paid")


def _pay(hub: Hub, connection: Connection, visitor: Visitor, merchant: str, form: Fields) -> None:
    """Books what the form has shown; if something was frozen or paid meanwhile, nothing."""
    found = standing(connection, merchant)
    if found.unpaid_first is None or found.unpaid_last is None:
        raise Told(_NOTHING_TO_PAY)
    seen = (form["first"], form["until"], form["fen"])
    if seen != (f"{found.unpaid_first}", f"{found.unpaid_last}", f"{found.unpaid_fen}"):
        raise Told(_HAS_CHANGED)
    paying.mark_paid(
        hub,
        connection,
        merchant=merchant,
        first=found.unpaid_first,
        last=found.unpaid_last,
        reference=form["reference"],
        paid_on=_day(form["paid_on"]),
        by=visitor.name,
    )
    period = f"{found.unpaid_first} – {found.unpaid_last}"
    audit.note(connection, visitor, "settlement.pay", f"merchant:{merchant}", period)


def _list(
    request: Request, hub: Hub, connection: Connection, visitor: Visitor, *, mistake: Told | None = None
) -> Response:
    ids = connection.execute(select(schema.merchants.c.id).order_by(schema.merchants.c.id)).scalars()
    today = stocking.today(hub, connection)
    return framing.page(
        request,
        visitor,
        "desk/settlement.html",
        place="settlement",
        status=200 if mistake is None else 422,
        mistake=mistake,
        alliance=setting(connection, "alliance_name"),
        found=[standing(connection, one) for one in ids.all()],
        today=today,
        yesterday=today - dt.timedelta(days=1),
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Told(_NO_DATE, text=text[:20]) from error


def _check(hub: Hub, merchant: str) -> None:
    with hub.database.read() as connection:
        if merchants.find(connection, merchant) is None:
            raise PageRefused(404, _UNKNOWN, id=merchant[:40])


_UNKNOWN = Words("没有商家 {id}，请核对编号。", "There is no merchant {id}; check the id.")
_NO_DATE = Words("「{text}」不是日期，请重新选择。", "“{text}” is no date; choose one.")
_NOTHING_TO_PAY = Words("没有已锁定而未付的日期；请先锁定。", "No locked day is unpaid; lock the days first.")
_HAS_CHANGED = Words(
    "在您查看之后又有日期被锁定或付款，没有登记。请核对下面的新金额再登记。",
    "Days were locked or paid since you looked; nothing was noted. Check the new amount below, then note it.",
)
_LOCKED_ALREADY = Words("{date} 早已锁定。", "{date} was locked before.")
