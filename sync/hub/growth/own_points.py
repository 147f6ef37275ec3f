"""Merchants' own points turned into the alliance's, at each merchant's ratio and out of its own budget.

The budget is money on an account of its own: funding it moves money there from the merchant's account, which
is settled as everything on it. A conversion takes what the points will pay out of the budget and puts it
into `alliance:points_funding`; the database refuses what the budget does not have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import Posting, member_account, merchant_account
from pos.domain.money import FEN_PER_YUAN, parse_decimal, plain_text, yuan
from pos.domain.programme.assets import Asset, Exchange
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact
from pos.domain.schedules.exchange import exchange
from sync.hub.alliance import members, merchants, stocking
from sync.hub.alliance.members import Member
from sync.hub.alliance.telling import tell_tills
from sync.hub.alliance.terms import prices_on
from sync.hub.growth import tables
from sync.hub.growth.exchanging import ALLIANCE_EXCHANGED
from sync.hub.growth.posting import known_by, known_reference
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import bulk, schema
from sync.hub.words import Told, Words

POINTS_FUNDING = "alliance:points_funding"
OWN_SCALE = 2
"""Merchants' own points may have that many decimals."""

RATIO_SCALE = 6
RATIO_MAX = 1_000
FUNDING_MAX_FEN = 1_000_000_000


class Offer(msgspec.Struct, frozen=True):
    """What a merchant registered: `ratio` alliance points for `takes` of its own; `budget_fen` is left."""

    merchant: str
    ratio: str
    budget_fen: int
    at: str
    by: str


class Conversion(msgspec.Struct, frozen=True):
    """One conversion, by the merchant's own number.

    `own` was handed in and `taken` of it converted (decimal text), `given` is in minor units of the
    alliance's points, `funded_fen` what left the budget.
    """

    merchant: str
    reference: str
    member_no: str
    own: str
    taken: str
    given: int
    funded_fen: int
    at: str
    by: str


def budget_account(merchant: str) -> str:
    return f"alliance:points_budget:{merchant}"


def register(hub: Hub, connection: Connection, merchant: str, *, ratio: str, by: str) -> Offer:
    """Sets a merchant's ratio from now on; earlier conversions stay as they are.

    Raises:
        Told: no such merchant or ratio, or the pack lets no merchant convert.

    """
    merchants.known(connection, merchant)
    rule_of(stocking.current_pack(connection))
    minor = parse_decimal(ratio, RATIO_SCALE)
    if not minor or minor > RATIO_MAX * 10**RATIO_SCALE:
        raise Told(_RATIO, ratio=ratio[:40], scale=RATIO_SCALE, max=RATIO_MAX)
    row = {"ratio": plain_text(minor, RATIO_SCALE), "at": hub.time(), "by": known_by(by)}
    table = tables.own_points
    changed = connection.execute(table.update().where(table.c.merchant == merchant).values(row))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(merchant=merchant, **row))
    return offer_of(connection, merchant)


def fund(
    hub: Hub, connection: Connection, merchant: str, *, amount_fen: int, reference: str, by: str
) -> Offer:
    """Puts money of the merchant's into its budget (below 0: takes back what is left); once per reference.

    Raises:
        Told: the merchant has registered no ratio, no such amount, more than is left, or another's reference.

    """
    reference, doer = known_reference(reference), known_by(by)
    offer = offer_of(connection, merchant)
    table = tables.own_point_fundings
    here = (table.c.merchant == merchant) & (table.c.reference == reference)
    standing = connection.execute(select(table.c.amount_fen).where(here)).scalar()
    if standing is not None:
        if standing != amount_fen:
            raise Told(_OTHER, reference=reference)
        return offer
    if not 0 < abs(amount_fen) <= FUNDING_MAX_FEN:
        raise Told(_FUNDING, max=yuan(FUNDING_MAX_FEN))
    if offer.budget_fen + amount_fen < 0:
        raise Told(_LEFT, merchant=merchant, left=yuan(offer.budget_fen))
    row = {"merchant": merchant, "reference": reference, "amount_fen": amount_fen}
    connection.execute(table.insert().values(**row, at=hub.time(), by=doer))
    account, budget = merchant_account(merchant), budget_account(merchant)
    linked = f"points_budget:{merchant}:{reference}"
    if amount_fen > 0:
        posting = Posting(account, budget, CNY, amount_fen, "points_budget")
    else:
        posting = Posting(budget, account, CNY, -amount_fen, "points_budget_back")
    accounts.post(connection, linked, (posting,), hub.time(), covered=amount_fen < 0)
    return offer_of(connection, merchant)


class Terms(msgspec.Struct, frozen=True):
    """What every conversion of a merchant goes by now. `fen_per_point`: what a whole point pays, exact."""

    offer: Offer
    rule: Exchange
    asset: Asset
    fen_per_point: Fraction
    at: str
    by: str


def terms_now(hub: Hub, connection: Connection, merchant: str, *, by: str) -> Terms:
    """The terms of this moment.

    Raises:
        Told: no such merchant, it has registered no ratio, or the pack lets no merchant convert.

    """
    offer, pack = offer_of(connection, merchant), stocking.current_pack(connection)
    rule = rule_of(pack)
    asset, today = pack.asset(rule.to), stocking.today(hub, connection)
    return Terms(offer, rule, asset, _fen_per_point(connection, pack, asset, today), hub.time(), known_by(by))


def convert(
    hub: Hub, connection: Connection, merchant: str, *, member_no: str, own: str, reference: str, by: str
) -> Conversion:
    """Gives a member alliance points for `own` points of the merchant's (decimal text), in whole multiples.

    The same reference again gives the same answer and books nothing more.

    Raises:
        Told: no ratio, no such member or amount, too little, beyond the budget, or another's reference.

    """
    terms = terms_now(hub, connection, merchant, by=by)
    standing = find(connection, merchant, reference.strip())
    member = members.find(connection, member_no)
    one = planned(terms, standing, member, member_no=member_no, own=own, reference=reference)
    if standing is None:
        if one.funded_fen > terms.offer.budget_fen:
            left = yuan(terms.offer.budget_fen)
            raise Told(SHORT, merchant=merchant, needed=yuan(one.funded_fen), left=left)
        book(hub, connection, terms, (one,))
    return one


def planned(
    terms: Terms,
    standing: Conversion | None,
    member: Member | None,
    *,
    member_no: str,
    own: str,
    reference: str,
) -> Conversion:
    """What a conversion comes to; `standing` is what stands under the reference already. Needs no database.

    Raises:
        Told: as `convert`, but for the budget.

    """
    reference, minor = known_reference(reference), parse_decimal(own, OWN_SCALE)
    if not minor:
        raise Told(_AMOUNT, amount=own[:40], scale=OWN_SCALE)
    if standing is not None:
        if (standing.member_no, standing.own) != (member_no, plain_text(minor, OWN_SCALE)):
            raise Told(_OTHER, reference=reference)
        return standing
    if member is None or member.status != "active":
        raise Told(_NO_MEMBER if member is None else _NOT_ACTIVE, no=member_no[:40])
    scale, ratio = terms.asset.scale, exact(terms.offer.ratio)
    result = exchange(minor, terms.rule, scale=OWN_SCALE, to_scale=scale, ratio=ratio)
    if result.given == 0:
        raise Told(_TOO_LITTLE, takes=terms.rule.takes, amount=own[:40])
    return Conversion(
        merchant=terms.offer.merchant,
        reference=reference,
        member_no=member_no,
        own=plain_text(minor, OWN_SCALE),
        taken=plain_text(result.taken, OWN_SCALE),
        given=result.given,
        funded_fen=-int(-terms.fen_per_point * result.given / 10**scale // 1),
        at=terms.at,
        by=terms.by,
    )


def book(hub: Hub, connection: Connection, terms: Terms, conversions: Sequence[Conversion]) -> None:
    """Books planned conversions; the database refuses what the budget does not cover."""
    columns = Conversion.__struct_fields__
    bulk.insert(connection, tables.conversions, columns, map(msgspec.structs.astuple, conversions))
    columns = ("linked", "debit", "credit", "unit", "amount", "code", "booked_at", "covered")
    rows = (row for one in conversions for row in _transfers(one, terms.asset.id))
    bulk.insert(connection, schema.transfers, columns, rows)
    moved = {member_account(one.member_no) for one in conversions}
    tell_tills(connection, moved, stocking.today(hub, connection))


def _transfers(one: Conversion, asset: str) -> Iterator[tuple[str | int | bool, ...]]:
    """Points to the member, and out of the budget what they pay: covered, so that it cannot be overdrawn."""
    linked, account = f"conversion:{one.merchant}:{one.reference}", member_account(one.member_no)
    yield linked, ALLIANCE_EXCHANGED, account, asset, one.given, "converted", one.at, False
    if one.funded_fen:
        budget = budget_account(one.merchant)
        yield linked, budget, POINTS_FUNDING, CNY, one.funded_fen, "points_funded", one.at, True


def offer_of(connection: Connection, merchant: str) -> Offer:
    """A merchant's ratio and what is left of its budget.

    Raises:
        Told: no such merchant, or it has registered none.

    """
    merchants.known(connection, merchant)
    table = tables.own_points
    row = connection.execute(select(table).where(table.c.merchant == merchant)).first()
    if row is None:
        raise Told(_NO_OFFER, merchant=merchant)
    left = accounts.free(connection, budget_account(merchant), CNY)
    return Offer(merchant, row.ratio, left, row.at, row.by)


def find(connection: Connection, merchant: str, reference: str) -> Conversion | None:
    table = tables.conversions
    here = (table.c.merchant == merchant) & (table.c.reference == reference)
    row = connection.execute(select(table).where(here)).mappings().first()
    return None if row is None else Conversion(**row)


def conversions_of(connection: Connection, merchant: str) -> list[Conversion]:
    """A merchant's conversions in order."""
    table = tables.conversions
    query = select(table).where(table.c.merchant == merchant).order_by(table.c.at, table.c.reference)
    return [Conversion(**row) for row in connection.execute(query).mappings()]


def rule_of(pack: Pack) -> Exchange:
    """The pack's exchange at a merchant's ratio.

    Raises:
        Told: the pack has none.

    """
    rule = next((one for one in pack.exchanges if one.merchant_ratio and one.to != CNY), None)
    if rule is None:
        raise Told(_NO_RULE, pack=pack.id)
    return rule


def _fen_per_point(connection: Connection, pack: Pack, asset: Asset, today: dt.date) -> Fraction:
    """What a whole point pays at a till today; the merchant funds it in full."""
    redemption = pack.redemption(asset.id)
    if redemption is None or not redemption.at_price:
        return Fraction(redemption.value_fen if redemption else 0)
    price = prices_on(connection, today.isoformat()).get(asset.id, asset.price_yuan or "0")
    return exact(price) * FEN_PER_YUAN


SHORT = Words(
    "商家 {merchant} 的兑换预算只剩 {left} 元，需要 {needed} 元。请先充值预算。",
    "The budget of merchant {merchant} has {left} yuan left and {needed} are needed. Fund it first.",
)
_RATIO = Words(
    "比例 {ratio} 不行：要大于 0，不超过 {max}，最多 {scale} 位小数。",
    "The ratio {ratio} will not do: above 0, at most {max} and {scale} decimals.",
)
_OTHER = Words(
    "编号 {reference} 已用于另一笔，请换一个编号。",
    "Reference {reference} is that of another booking; choose another one.",
)
_FUNDING = Words("金额不能是 0，也不能超过 {max} 元。", "The amount cannot be 0 nor above {max} yuan.")
_LEFT = Words(
    "商家 {merchant} 的兑换预算只剩 {left} 元。", "The budget of merchant {merchant} has {left} yuan left."
)
_AMOUNT = Words(
    "数量 {amount} 不行：要大于 0，最多 {scale} 位小数。",
    "The amount {amount} will not do: above 0, and at most {scale} decimals.",
)
_NO_MEMBER = Words("没有会员 {no}，请核对会员号。", "There is no member {no}; check the number.")
_NOT_ACTIVE = Words(
    "会员 {no} 的会员卡未开通或已停用。",
    "The card of member {no} is not sold yet or blocked.",
)
_TOO_LITTLE = Words(
    "{amount} 自有积分不够换出联盟积分（每 {takes} 起换）。",
    "{amount} own points make no alliance points (they are taken {takes} at a time).",
)
_NO_OFFER = Words(
    "商家 {merchant} 还没有登记兑换比例：pos-hub merchant own-points --ratio。",
    "Merchant {merchant} has registered no ratio yet: pos-hub merchant own-points --ratio.",
)
_NO_RULE = Words(
    "方案 {pack} 不允许商家自有积分换成联盟积分。",
    "Pack {pack} has no exchange of merchants' own points.",
)
