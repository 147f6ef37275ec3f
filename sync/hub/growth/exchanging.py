"""Members turn one asset into another at the hub, in the pack's whole steps: time points into vouchers."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import Posting, member_account
from pos.domain.money import parse_decimal, plain_text
from pos.domain.programme.assets import Exchange
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.schedules.exchange import exchange
from sync.hub.alliance import members, stocking
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth import tables
from sync.hub.growth.posting import known_by, known_reference
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.words import Told, Words

EXCHANGED = "exchanged"
ALLIANCE_EXCHANGED = "alliance:exchanged"
"""Where exchanged assets go and what they become comes from: neither redeemed at a till nor earned."""


class Done(msgspec.Struct, frozen=True):
    """One exchange, by the reference `id` of whoever asked; amounts in minor units.

    `wish` and `taken` are of the source, `given` of what it became.
    """

    id: str
    member_no: str
    rule: str
    wish: int
    taken: int
    given: int
    at: str
    by: str


def exchange_points(
    hub: Hub, connection: Connection, member_no: str, *, rule: str, amount: str, reference: str, by: str
) -> Done:
    """Exchanges as much of `amount` (whole units, decimal text) as comes to whole steps; the rest stays.

    The same reference again gives the same answer and exchanges nothing more.

    Raises:
        Told: no such member or exchange, less than one step, more than is free, or another's reference.

    """
    reference, doer = known_reference(reference), known_by(by)
    pack = stocking.current_pack(connection)
    wanted = rule_of(pack, rule)
    source, to = pack.asset(wanted.source), pack.asset(wanted.to)
    wish = amount_of(amount, source.scale)
    standing = find(connection, reference)
    if standing is not None:
        if (standing.member_no, standing.rule, standing.wish) != (member_no, rule, wish):
            raise Told(_OTHER, reference=reference)
        return standing
    account = active_account(connection, member_no)
    free = accounts.free(connection, account, source.id)
    if wish > free:
        raise Told(NOT_FREE, no=member_no, free=plain_text(max(0, free), source.scale), name=source.name)
    result = exchange(wish, wanted, scale=source.scale, to_scale=to.scale)
    if result.taken == 0:
        raise Told(_TOO_LITTLE, takes=wanted.takes, name=source.name)
    done = Done(reference, member_no, rule, wish, result.taken, result.given, hub.time(), doer)
    connection.execute(tables.exchanges.insert().values(msgspec.structs.asdict(done)))
    linked = f"exchange:{reference}"
    given = Posting(account, ALLIANCE_EXCHANGED, source.id, result.taken, EXCHANGED)
    accounts.post(connection, linked, (given,), done.at, covered=True)
    got = Posting(ALLIANCE_EXCHANGED, account, to.id, result.given, EXCHANGED)
    accounts.post(connection, linked, (got,), done.at)
    tell_tills(connection, (account,), stocking.today(hub, connection))
    return done


def find(connection: Connection, reference: str) -> Done | None:
    table = tables.exchanges
    row = connection.execute(select(table).where(table.c.id == reference)).mappings().first()
    return None if row is None else Done(**row)


def exchanges_of(connection: Connection, member_no: str) -> list[Done]:
    """A member's exchanges in order."""
    table = tables.exchanges
    query = select(table).where(table.c.member_no == member_no).order_by(table.c.at, table.c.id)
    return [Done(**row) for row in connection.execute(query).mappings()]


def rule_of(pack: Pack, rule: str) -> Exchange:
    """An exchange that members ask for; those by a merchant's ratio are the merchant's (`own_points`).

    Raises:
        Told: the pack has none of that name; those it has are named.

    """
    offered = {one.id: one for one in pack.exchanges if not one.merchant_ratio and one.to != CNY}
    if rule not in offered:
        raise Told(_NO_RULE, pack=pack.id, rule=rule[:40], rules="、".join(offered) or "-")
    return offered[rule]


def active_account(connection: Connection, member_no: str) -> str:
    """The account of a member who may use it.

    Raises:
        Told: there is none, or it is blocked or not sold yet.

    """
    if members.known(connection, member_no).status != "active":
        raise Told(_NOT_ACTIVE, no=member_no)
    return member_account(member_no)


def amount_of(text: str, scale: int) -> int:
    """Whole units above 0 as minor units.

    Raises:
        Told: it is no such amount.

    """
    minor = parse_decimal(text, scale)
    if not minor:
        raise Told(_AMOUNT, amount=text[:40], scale=scale)
    return minor


NOT_FREE = Words(
    "会员 {no} 可用的{name}只有 {free}。",
    "Member {no} has only {free} {name} free.",
)
_OTHER = Words(
    "编号 {reference} 已用于另一笔兑换，请换一个编号。",
    "Reference {reference} is that of another exchange; choose another one.",
)
_TOO_LITTLE = Words("至少要 {takes} {name}才能兑换。", "An exchange takes at least {takes} {name}.")
_NO_RULE = Words(
    "方案 {pack} 没有会员兑换 {rule}；有：{rules}。",
    "Pack {pack} has no exchange {rule} for members; it has: {rules}.",
)
_NOT_ACTIVE = Words(
    "会员 {no} 的会员卡未开通或已停用，请先办理。",
    "The card of member {no} is not sold yet or blocked; see to that first.",
)
_AMOUNT = Words(
    "数量 {amount} 不行：要大于 0，最多 {scale} 位小数。",
    "The amount {amount} will not do: above 0, and at most {scale} decimals.",
)
