"""Points towards a membership fee at the hub: held when asked for, used up when the rest is paid.

A plan begins only with the payment. Until then the points wait in a hold, and calling it off frees them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain import membership
from pos.domain.ledger import ALLIANCE_FEES, ALLIANCE_REDEEMED, Posting, member_account
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.money import plain_text, yuan
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from sync.hub.alliance import members, merchants, stocking
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth import tables
from sync.hub.growth.exchanging import NOT_FREE, active_account, amount_of
from sync.hub.growth.posting import known_by, known_reference
from sync.hub.hub import Hub, setting
from sync.hub.ledger import accounts, holds
from sync.hub.words import Told, Words

DESK = "alliance:desk"
"""What the alliance's own desk took in, in money."""

Standing = Literal["held", "paid", "called_off"]


class FeeRequest(msgspec.Struct, frozen=True):
    """A plan that is to be paid partly in points, by the reference `id` of whoever asked.

    `points` (minor units of `asset`) pay `value_fen` of the deal; `due_fen` is left to pay in money.
    """

    id: str
    member_no: str
    deal: MembershipDeal
    asset: str
    points: int
    wish: int
    value_fen: int
    standing: Standing
    at: str
    by: str

    @property
    def due_fen(self) -> int:
        return self.deal.price_fen - self.value_fen

    @property
    def hold_id(self) -> str:
        return f"fee:{self.id}"


def request(
    hub: Hub,
    connection: Connection,
    member_no: str,
    *,
    plan: str,
    asset: str,
    amount: str,
    reference: str,
    by: str,
) -> FeeRequest:
    """Holds what of `amount` (whole units, decimal text) pays a fee in whole steps.

    What points pay in full is paid at once. The same reference again gives the same answer.

    Raises:
        Told: no such member, plan or asset, less than one step, more than is free, or another's reference.

    """
    reference, doer = known_reference(reference), known_by(by)
    pack = stocking.current_pack(connection)
    wish = amount_of(amount, merchants.asset_of(pack, asset).scale)
    standing = find(connection, reference)
    if standing is not None:
        if (standing.member_no, standing.deal.plan, standing.asset, standing.wish) != (
            member_no, plan, asset, wish
        ):  # fmt: skip
            raise Told(_OTHER, reference=reference)
        return standing
    account = active_account(connection, member_no)
    deal = _deal(connection, pack, member_no, plan, stocking.today(hub, connection))
    paid = _points(connection, pack, member_no, deal, asset=asset, wish=wish)
    one = FeeRequest(
        reference, member_no, deal, asset, paid.amount, wish, paid.value_fen, "held", hub.time(), doer
    )
    row = msgspec.structs.asdict(one) | {"deal": msgspec.json.encode(deal).decode()}
    connection.execute(tables.fee_requests.insert().values(row))
    holds.hold(
        connection,
        one.hold_id,
        Posting(account, ALLIANCE_REDEEMED, asset, paid.amount, "fee_in_points"),
        one.at,
    )
    return one if one.due_fen else confirm(hub, connection, reference, by=doer)


def confirm(hub: Hub, connection: Connection, reference: str, *, by: str) -> FeeRequest:
    """The rest was paid: uses up the points, books the money and gives the plan; once.

    Raises:
        Told: no such request, it was called off, or the member's plan has changed since.

    """
    one, _ = known(connection, reference), known_by(by)
    if one.standing == "paid":
        return one
    if one.standing == "called_off":
        raise Told(_CALLED_OFF, reference=one.id)
    asked_on = dt.datetime.fromisoformat(one.at).astimezone(ZoneInfo(setting(connection, "timezone"))).date()
    pack = stocking.current_pack(connection)
    if _deal(connection, pack, one.member_no, one.deal.plan, asked_on) != one.deal:
        raise Told(_CHANGED, no=one.member_no, reference=one.id)
    at = hub.time()
    holds.post(connection, one.hold_id, one.points, linked=one.hold_id, ended_at=at)
    if one.due_fen:
        accounts.post(connection, one.hold_id, (Posting(DESK, ALLIANCE_FEES, CNY, one.due_fen, "fee"),), at)
    members.take_deal(connection, one.member_no, one.deal)
    return _end(hub, connection, one, "paid")


def call_off(hub: Hub, connection: Connection, reference: str, *, by: str) -> FeeRequest:
    """Frees the points; a request that was paid stays.

    Raises:
        Told: no such request, or it was paid.

    """
    one, _ = known(connection, reference), known_by(by)
    if one.standing == "paid":
        raise Told(_PAID, reference=one.id)
    if one.standing == "called_off":
        return one
    holds.void(connection, one.hold_id, ended_at=hub.time())
    return _end(hub, connection, one, "called_off")


def find(connection: Connection, reference: str) -> FeeRequest | None:
    table = tables.fee_requests
    row = connection.execute(select(table).where(table.c.id == reference)).mappings().first()
    return None if row is None else _read(row)


def known(connection: Connection, reference: str) -> FeeRequest:
    """Like `find`.

    Raises:
        Told: there is none.

    """
    one = find(connection, reference.strip())
    if one is None:
        raise Told(_NO_REQUEST, reference=reference[:60])
    return one


def waiting(connection: Connection) -> list[FeeRequest]:
    """Requests whose rest has not been paid, oldest first."""
    table = tables.fee_requests
    query = select(table).where(table.c.standing == "held").order_by(table.c.at, table.c.id)
    return [_read(row) for row in connection.execute(query).mappings()]


def _read(row: Mapping[Any, Any]) -> FeeRequest:
    return FeeRequest(**{**row, "deal": msgspec.json.decode(row["deal"], type=MembershipDeal)})


def _end(hub: Hub, connection: Connection, one: FeeRequest, standing: Standing) -> FeeRequest:
    table = tables.fee_requests
    connection.execute(update(table).where(table.c.id == one.id).values(standing=standing))
    tell_tills(connection, (member_account(one.member_no),), stocking.today(hub, connection))
    return msgspec.structs.replace(one, standing=standing)


def _deal(connection: Connection, pack: Pack, member_no: str, plan: str, today: dt.date) -> MembershipDeal:
    member = members.known(connection, member_no)
    offered = membership.deals(membership.Standing(member.plan, member.expires), pack, today, seller="hub")
    deal = next((one for one in offered if one.plan == plan), None)
    if deal is None:
        raise Told(
            _NO_DEAL, no=member_no, plan=plan[:40], plans="、".join(one.plan for one in offered) or "-"
        )
    return deal


def _points(
    connection: Connection, pack: Pack, member_no: str, deal: MembershipDeal, *, asset: str, wish: int
) -> PointsForFee:
    found = pack.asset(asset)
    free = max(0, accounts.free(connection, member_account(member_no), asset))
    if wish > free:
        raise Told(NOT_FREE, no=member_no, free=plain_text(free, found.scale), name=found.name)
    paid = membership.points_for_fee(deal, pack, asset, wish, free)
    if paid is None:
        offered = "、".join(one.asset for one in pack.fee_payments) or "-"
        raise Told(_NOT_TAKEN, name=found.name, assets=offered)
    if paid.amount == 0:
        step = next(one.step for one in pack.fee_payments if one.asset == asset)
        raise Told(_NO_STEP, name=found.name, step=step, price=yuan(deal.price_fen))
    return paid


_OTHER = Words(
    "编号 {reference} 已用于另一笔申请，请换一个编号。",
    "Reference {reference} is that of another request; choose another one.",
)
_CALLED_OFF = Words(
    "申请 {reference} 已取消，请重新申请。", "Request {reference} was called off; make a new one."
)
_PAID = Words("申请 {reference} 已付款，不能取消。", "Request {reference} is paid and cannot be called off.")
_CHANGED = Words(
    "会员 {no} 的等级、到期日或年费在申请后变了，请取消 {reference} 再重新申请。",
    "The plan, its end or the fee of member {no} has changed since; call {reference} off and make a new one.",
)
_NO_REQUEST = Words(
    "没有申请 {reference}，请核对编号。", "There is no request {reference}; check the reference."
)
_NO_DEAL = Words(
    "会员 {no} 现在不能办理 {plan}；可办理：{plans}。",
    "Member {no} cannot take plan {plan} now; possible: {plans}.",
)
_NOT_TAKEN = Words("{name}不能抵年费；可以抵的有：{assets}。", "{name} pays no fees; what does: {assets}.")
_NO_STEP = Words(
    "{name}以 {step} 为一份抵年费，应付 {price} 元，所给的不够一份或已无可抵。",
    "{name} pays fees in steps of {step}; towards {price} yuan this is less than a step, or nothing is due.",
)
