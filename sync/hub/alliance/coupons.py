"""Coupons: given to members, printed for bearers, and each printed one used up once.

A printed coupon is a number. The first use of a number that a sale printed is good; any other use is
booked all the same, but the clawback account bears it in the issuer's place until it turns out to be
good after all: tills upload in any order, and a full refund frees a coupon.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, update

from pos.domain.basket import HeldCoupon
from pos.domain.events import RefundMade, SaleMade
from pos.domain.ledger import (
    ALLIANCE_CLAWBACK,
    ALLIANCE_ISSUED,
    BEARER,
    Posting,
    member_account,
    merchant_account,
)
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import HELD_KINDS, coupon_unit
from sync.hub.alliance import members, merchants
from sync.hub.journal.bearing import CLAWBACK_RETURNED
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


class Use(NamedTuple):
    """A printed coupon that a sale took, and how good it was."""

    coupon: HeldCoupon
    standing: str


class DoubtfulUse(NamedTuple):
    """A use that is not good, for people to look into."""

    receipt_no: str
    number: str
    rule: str
    standing: str


# --- uses ----------------------------------------------------------------------------------------


def judged(connection: Connection, used: Iterable[HeldCoupon]) -> list[Use]:
    """How good the printed coupons are that a sale has taken, before it is booked."""
    uses: list[Use] = []
    for one in used:
        if one.number is not None:
            again = any(one.number == earlier.coupon.number for earlier in uses)
            uses.append(Use(one, TWICE if again else _standing(connection, one)))
    return uses


def _standing(connection: Connection, used: HeldCoupon) -> str:
    table = schema.coupon_uses
    standing_use = select(table.c.id).where(table.c.number == used.number, table.c.freed.is_(False))
    if connection.execute(standing_use).first() is not None:
        return TWICE
    return _print_standing(connection, used.number or "", used.rule, used.issuer)


def _print_standing(connection: Connection, number: str, rule: str, issuer: str | None) -> str:
    table = schema.coupons
    printed = connection.execute(select(table).where(table.c.number == number)).first()
    if printed is None or (printed.rule, printed.issuer) != (rule, issuer):
        return UNKNOWN
    return VOID if printed.taken_back else GOOD


def note_uses(connection: Connection, receipt_no: str, uses: list[Use], borne_fen: list[int]) -> None:
    """Keeps what a sale has taken; `borne_fen` is what the clawback account pays for each of them."""
    for use, fen in zip(uses, borne_fen, strict=True):
        connection.execute(
            schema.coupon_uses.insert().values(
                number=use.coupon.number,
                receipt_no=receipt_no,
                rule=use.coupon.rule,
                issuer=use.coupon.issuer,
                standing=use.standing,
                borne_fen=fen,
                freed=False,
            )
        )


def borne_units(connection: Connection, sale_no: str) -> dict[str, int]:
    """How many printed coupons of each unit the clawback account still bears for a sale."""
    table = schema.coupon_uses
    query = select(table).where(
        table.c.receipt_no == sale_no, table.c.standing != GOOD, table.c.freed.is_(False)
    )
    units: dict[str, int] = {}
    for row in connection.execute(query):
        unit = coupon_unit(row.rule, row.issuer)
        units[unit] = units.get(unit, 0) + 1
    return units


def free(connection: Connection, refund: RefundMade, booked_at: str) -> None:
    """A full refund frees the coupons that its sale had taken, and takes back those it had printed."""
    table, printed = schema.coupon_uses, schema.coupons
    if not refund.result.complete:
        return
    taken = select(table.c.number).where(table.c.receipt_no == refund.of)
    numbers = connection.execute(taken).scalars().all()
    connection.execute(update(table).where(table.c.receipt_no == refund.of).values(freed=True))
    for number in dict.fromkeys(numbers):
        _reconsider(connection, number, booked_at)
    connection.execute(update(printed).where(printed.c.receipt_no == refund.of).values(taken_back=True))


def note_printed(connection: Connection, sale: SaleMade, booked_at: str) -> None:
    """Keeps the coupons that came out with a receipt; one may have been used before this arrived."""
    table = schema.coupons
    issuers = {one.rule: one.issuer for one in sale.result.issued if one.to == "bearer"}
    for one in sale.printed:
        if connection.execute(select(table.c.number).where(table.c.number == one.number)).first():
            continue
        connection.execute(
            table.insert().values(
                number=one.number,
                rule=one.rule,
                issuer=issuers.get(one.rule),
                receipt_no=sale.receipt_no,
                last_day=one.last_day,
                taken_back=False,
            )
        )
        _reconsider(connection, one.number, booked_at)


def _reconsider(connection: Connection, number: str, booked_at: str) -> None:
    """The earliest use that stands is good if the coupon is: then its issuer pays what was borne for it."""
    table = schema.coupon_uses
    query = select(table).where(table.c.number == number, table.c.freed.is_(False)).order_by(table.c.id)
    use = connection.execute(query.limit(1)).first()
    if use is None or use.standing == GOOD:
        return
    if _print_standing(connection, number, use.rule, use.issuer) == GOOD:
        _settle(connection, use, booked_at)


def _settle(connection: Connection, use: Any, booked_at: str) -> None:
    """Moves a use from the clawback account to who owes for it, and has the sale looked at again."""
    overdrafts, unit = schema.overdrafts, coupon_unit(use.rule, use.issuer)
    sale = connection.execute(
        select(schema.receipts.c.entry_hash).where(schema.receipts.c.receipt_no == use.receipt_no)
    ).one()
    owed = {
        row.asset: row.remaining
        for row in connection.execute(select(overdrafts).where(overdrafts.c.receipt_no == use.receipt_no))
    }
    payer = merchant_account(use.issuer) if use.issuer else ""
    postings = [
        Posting(BEARER, ALLIANCE_CLAWBACK, unit, min(1, owed.get(unit, 0)), CLAWBACK_RETURNED),
        Posting(payer, ALLIANCE_CLAWBACK, CNY, min(use.borne_fen, owed.get(CNY, 0)), CLAWBACK_RETURNED),
    ]
    postings = [one for one in postings if one.amount > 0]
    accounts.post(connection, sale.entry_hash, postings, booked_at)
    for one in postings:
        here = (overdrafts.c.receipt_no == use.receipt_no) & (overdrafts.c.asset == one.unit)
        connection.execute(
            update(overdrafts).where(here).values(remaining=overdrafts.c.remaining - one.amount)
        )
    table, done = schema.coupon_uses, schema.recomputations
    connection.execute(update(table).where(table.c.id == use.id).values(standing=GOOD, borne_fen=0))
    connection.execute(delete(done).where(done.c.receipt_no == use.receipt_no))


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
