"""Coupons: given to members, and what people are told of printed ones (`coupon_book` books those)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from pos.domain.events import SaleMade
from pos.domain.ledger import ALLIANCE_ISSUED, Posting, member_account
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import HELD_KINDS, coupon_unit
from sync.hub.alliance import members, merchants
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words

GOOD, TWICE, UNKNOWN, VOID = "good", "twice", "unknown", "void"
STANDINGS = {
    GOOD: Words("有效", "good"),
    TWICE: Words("已被另一单用过", "used by another sale before"),
    UNKNOWN: Words("没有这样打印过", "never printed so"),
    VOID: Words("发券的那一单已退", "the sale that gave it out was given back"),
}


class DoubtfulUse(NamedTuple):
    """A use that is not good, for people to look into."""

    receipt_no: str
    number: str
    rule: str
    standing: str


# --- what people see -----------------------------------------------------------------------------


def doubtful(connection: Connection, *where: Any) -> tuple[DoubtfulUse, ...]:
    """Uses that are not good, of receipts for which `where` holds."""
    table, receipts = schema.coupon_uses, schema.receipts
    query = (
        select(table)
        .join(receipts, receipts.c.receipt_no == table.c.receipt_no)
        .where(table.c.standing != GOOD, *where)
        .order_by(table.c.id)
    )
    return tuple(
        DoubtfulUse(row.receipt_no, row.number, row.rule, row.standing) for row in connection.execute(query)
    )


def claims(connection: Connection, sale: SaleMade) -> list[str]:
    """Printed coupons that the till took for good, and that are not (or have expired)."""
    if all(one.number is None for one in sale.result.coupons_used):
        return []
    found = [
        f"claim coupon {one.number} ({one.rule}): {STANDINGS[one.standing].en}"
        for one in doubtful(connection, schema.receipts.c.receipt_no == sale.receipt_no)
    ]
    table = schema.coupons
    for one in sale.result.coupons_used:
        last = connection.execute(select(table.c.last_day).where(table.c.number == one.number)).scalar()
        if last is not None and last < sale.date:
            found.append(f"claim coupon {one.number} ({one.rule}): its last day was {last}")
    return found


# --- giving --------------------------------------------------------------------------------------


def give(
    connection: Connection,
    pack: Pack,
    *,
    member: str,
    rule: str,
    count: int,
    issuer: str | None,
    booked_at: str,
) -> int:
    """Gives a member coupons of a rule; returns how many the member now holds.

    Raises:
        Told: no such member, coupon or issuer.

    """
    members.known(connection, member)
    _check_rule(connection, pack, rule, issuer)
    unit, account = coupon_unit(rule, issuer), member_account(member)
    posting = Posting(ALLIANCE_ISSUED, account, unit, count, "coupon_given")
    accounts.post(connection, f"coupon_given:{member}:{booked_at}", (posting,), booked_at)
    members.refresh_feed(connection, member)
    return accounts.held(connection, account).get(unit, 0)


def _check_rule(connection: Connection, pack: Pack, rule: str, issuer: str | None) -> None:
    found = pack.rule(rule)
    if not isinstance(found, HELD_KINDS):
        held = [one.id for one in pack.price_rules if isinstance(one, HELD_KINDS)]
        raise Told(
            Words(
                "方案 {pack} 没有券 {rule}；有：{coupons}。",
                "Pack {pack} has no coupon {rule}; it has: {coupons}.",
            ),
            pack=pack.id,
            rule=rule[:40],
            coupons="、".join(held) or "–",
        )
    if found.funder == "issuer":
        if issuer is None:
            raise Told(
                Words(
                    "券 {rule} 由发券商家承担，请用 --issuer 写明商家。",
                    "Coupon {rule} is paid for by the merchant that gives it out; name it with --issuer.",
                ),
                rule=rule,
            )
        merchants.known(connection, issuer)
    elif issuer is not None:
        raise Told(
            Words(
                "券 {rule} 不由发券商家承担，请不要写 --issuer。",
                "Coupon {rule} is not paid for by a merchant that gives it out; leave --issuer off.",
            ),
            rule=rule,
        )
