"""Freezing days. What is frozen is never changed: what comes later for it counts on the next open day.

An account's days are frozen in order, so that "the next open day" is one day and not a matter of opinion.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection

from sync.hub.alliance import stocking
from sync.hub.hub import Hub
from sync.hub.settlement import booked, locks, parties, tables
from sync.hub.settlement.booked import BEGINNING, Span
from sync.hub.settlement.lines import Mark
from sync.hub.settlement.locks import Day
from sync.hub.settlement.statement import account_lines
from sync.hub.words import Told, Words

_WORDS_LENGTH_MAX = 200


def lock(
    hub: Hub,
    connection: Connection,
    *,
    store: str | None = None,
    merchant: str | None = None,
    first: dt.date,
    last: dt.date,
    by: str,
) -> tuple[Day, ...]:
    """Freezes the days from `first` to `last` (a merchant's: of all its accounts); those frozen stay.

    Belongs in one write transaction. `by` is who did it. Returns the period's frozen days.

    Raises:
        Told: no such party, a period that will not do, a day that is not over, or an earlier day with
            bookings that is not frozen.

    """
    parties.check_period(first, last)
    by = said(WHO, by)
    party = parties.party(connection, store=store, merchant=merchant)
    check_over(last, stocking.today(hub, connection))
    span = Span(first.isoformat(), last.isoformat())
    for account in party.accounts:
        _check_order(connection, account, span.first)
        for date in _days_to_freeze(connection, account, first, last):
            _freeze(hub, connection, account, date, by)
    return tuple(day for account in party.accounts for day in locks.days(connection, account, span))


def said(what: Words, text: str) -> str:
    """What a person must say with an act, of which a trace stays.

    Raises:
        Told: nothing was said (it says `what`), or too much.

    """
    text = " ".join(text.split())
    if not text or len(text) > _WORDS_LENGTH_MAX or not text.isprintable():
        raise Told(what, max=_WORDS_LENGTH_MAX)
    return text


WHO = Words("请写明经办人（最多 {max} 个字）。", "Say who does it, in at most {max} characters.")


def check_over(last: dt.date, today: dt.date) -> None:
    """Raises `Told` where a day is not over."""
    if last >= today:
        raise Told(
            Words(
                "{date} 还没有过完，不能锁定；最晚可以锁定到 {yesterday}。",
                "{date} is not over, so it cannot be locked; the latest day to lock is {yesterday}.",
            ),
            date=last,
            yesterday=today - dt.timedelta(days=1),
        )


def _check_order(connection: Connection, account: str, first: str) -> None:
    marks = locks.marks(connection, account)
    after = marks[-1].date if marks else BEGINNING
    date = booked.first_date(connection, account, after, first)
    if marks and first > locks.open_from(marks) and _comes_late(connection, account, marks):
        date = min(filter(None, (date, locks.open_from(marks))))
    if date is not None:
        raise Told(
            Words(
                "{account} 的 {date} 还没有锁定，要按日期先后锁定；请从 {date} 开始锁定。",
                "{date} of {account} is not locked yet, and days are locked in order; lock from {date} on.",
            ),
            account=parties.owner(account),
            date=date,
        )


def _comes_late(connection: Connection, account: str, marks: list[Mark]) -> bool:
    """Whether something waits for the first open day that is dated before it."""
    return bool(booked.booked(connection, account, Span(BEGINNING, marks[-1].date, beyond=marks[-1])))


def _days_to_freeze(connection: Connection, account: str, first: dt.date, last: dt.date) -> list[str]:
    """Those up to `last` that are not frozen; days on which nothing was booked before `first` as well."""
    marks = locks.marks(connection, account)
    start = dt.date.fromisoformat(locks.open_from(marks)) if marks else first
    return [(start + dt.timedelta(days=days)).isoformat() for days in range((last - start).days + 1)]


def _freeze(hub: Hub, connection: Connection, account: str, date: str, by: str) -> None:
    lines, _ = account_lines(connection, account, Span(date, date))
    body, mark = msgspec.json.encode(lines), booked.newest(connection, date)
    connection.execute(
        tables.locks.insert().values(
            account=account,
            date=date,
            transfer=mark.transfer,
            entry=mark.entry,
            net_fen=sum(line.net_fen for line in lines),
            body=body,
            sha256=locks.claim(account, date, body),
            locked_at=hub.time(),
            locked_by=by,
        )
    )
