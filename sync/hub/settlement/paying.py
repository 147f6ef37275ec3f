"""Marking frozen days as paid: transfers between each account and the alliance's bank."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from pos.domain.ledger import Posting
from pos.domain.programme.part import CNY
from sync.hub.alliance import stocking, telling
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.settlement import booked, locks, parties, tables
from sync.hub.settlement.booked import Span
from sync.hub.settlement.locking import WHO, said
from sync.hub.settlement.locks import Day
from sync.hub.words import Told, Words

BANK = "alliance:bank"
"""Money that left the alliance's bank account is credited here, money that reached it is debited."""

_REFERENCE = Words(
    "请写明付款凭证号（最多 {max} 个字）。",
    "Say what the bank calls the payment (its reference), in at most {max} characters.",
)


def mark_paid(
    hub: Hub,
    connection: Connection,
    *,
    store: str | None = None,
    merchant: str | None = None,
    own_account: bool = False,
    first: dt.date,
    last: dt.date,
    reference: str,
    paid_on: dt.date,
    by: str,
) -> tuple[Day, ...]:
    """Books that the net of a period was paid, in the direction in which it was owed; returns its days.

    `own_account` leaves a merchant's stores out, where each of them is paid by itself.

    Belongs in one write transaction. `reference` is what the bank's statement says. Asked again in the
    same words, it answers the same and books nothing.

    Raises:
        Told: no such party, a day that is not frozen, paid before under other words, or a day of payment
            that lies ahead.

    """
    parties.check_period(first, last)
    reference, by = said(_REFERENCE, reference), said(WHO, by)
    party = parties.party(connection, store=store, merchant=merchant)
    paid = (party.account,) if own_account else party.accounts
    today = stocking.today(hub, connection)
    if paid_on > today:
        raise Told(
            Words("付款日期 {date} 还没有到。", "The day of payment, {date}, lies ahead."), date=paid_on
        )
    if paid_on < first:
        raise Told(
            Words(
                "付款日期 {date} 早于账期的第一天 {first}，请核对。",
                "The day of payment, {date}, is before the period began on {first}; check it.",
            ),
            date=paid_on,
            first=first,
        )
    span = Span(first.isoformat(), last.isoformat())
    for account in paid:
        if not _is_paid(connection, account, span, reference, paid_on):
            _book(hub, connection, account, span, (reference, paid_on.isoformat(), by))
    telling.tell_tills(connection, paid, today)
    return tuple(day for account in paid for day in locks.days(connection, account, span))


def _is_paid(connection: Connection, account: str, span: Span, reference: str, paid_on: dt.date) -> bool:
    """Whether exactly this was booked before.

    Raises:
        Told: a day is not frozen, or was paid otherwise.

    """
    days = locks.days(connection, account, span)
    open_from = locks.open_from(locks.marks(connection, account))
    if not days or open_from <= span.last:
        raise Told(
            Words(
                "{account} 的 {date} 还没有锁定；锁定之后才能登记付款。",
                "{date} of {account} is not locked; lock it before it is marked as paid.",
            ),
            account=parties.owner(account),
            date=max(open_from, span.first) if days else span.last,
        )
    paid = [day for day in days if day.reference is not None]
    same = (reference, paid_on.isoformat(), span.first, span.last)
    for day in paid:
        if (day.reference, day.paid_on, day.paid_first, day.paid_last) != same:
            raise Told(
                Words(
                    "{account} 的 {date} 已经付过：{paid_on}，凭证 {reference}，期间 {first} 至 {last}。"
                    "没有再登记；如有差错，请用以后的更正处理。",
                    "{date} of {account} was paid before: on {paid_on}, reference {reference}, for {first} "
                    "to {last}. Nothing more was booked; put right what is wrong by a later correction.",
                ),
                account=parties.owner(account),
                date=day.date,
                paid_on=day.paid_on,
                reference=day.reference,
                first=day.paid_first,
                last=day.paid_last,
            )
    return bool(paid)


def _book(hub: Hub, connection: Connection, account: str, span: Span, told: tuple[str, str, str]) -> None:
    reference, paid_on, by = told
    days, now = locks.days(connection, account, span), hub.time()
    linked, net_fen = f"settlement:{account}:{span.first}:{span.last}", sum(day.net_fen for day in days)
    posting = Posting(*_way(account, net_fen), CNY, abs(net_fen), booked.PAID)
    accounts.post(connection, linked, (posting,) if net_fen else (), now)
    connection.execute(
        tables.payments.insert(),
        [
            {
                "account": account,
                "date": day.date,
                "linked": linked,
                "first": span.first,
                "last": span.last,
                "amount_fen": net_fen,
                "reference": reference,
                "paid_on": paid_on,
                "paid_by": by,
                "booked_at": now,
            }
            for day in days
        ],
    )


def _way(account: str, net_fen: int) -> tuple[str, str]:
    """Debit and credit: what is owed to the account leaves it for the bank, what it owes comes from there."""
    return (account, BANK) if net_fen > 0 else (BANK, account)
