"""A pay code is scanned: does it hold, is it for this till, and was it not used or closed before?

Everything is decided here, without the hub. The moment a code expires is a courtesy to people; what keeps
it from being spent twice is its number, which the sale's own transaction takes once, and the fence.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pos.domain.cart import ReservedPoints
from pos.domain.message import Message, Refusal, named, say
from pos.domain.pay_codes import (
    PayCode,
    SignedPayCode,
    asset_mark,
    epoch_mark,
    plan_mark,
    read_pay_code,
    same_terminal,
    terminal_mark,
)
from pos.domain.programme.pack import Pack
from pos.domain.rights import Right
from pos.usecases.desk import Desk, business_date, current_pack

GRACE = timedelta(minutes=2)
"""How much later or earlier than it says a code is still taken: clocks differ, and queues take time."""


def accept_pay_code(digits: str, desk: Desk) -> ReservedPoints:
    """What a scanned pay code reserves, checked without the hub.

    Raises:
        Refusal: `code_unreadable`, `code_key_unknown`, `code_revoked`, `code_forged`, `code_elsewhere`,
            `code_other_epoch`, `code_copied`, `code_closed`, `code_used`, `code_early`, `code_expired`,
            `code_asset`, `code_plan` or `member_expired`, with what to do. The cart is unharmed.

    """
    read = read_pay_code(digits)
    if read is None:
        raise Refusal("code_unreadable", say("付款码没有扫全或已损坏，请对准整个码重扫"))
    code = read.code
    _check_signature(read, desk)
    _check_place(code, desk)
    _check_number(code, desk)
    _check_time(code, desk)
    return _reserved(digits, code, desk)


def _check_signature(read: SignedPayCode, desk: Desk) -> None:
    key = desk.keys.of_code(read.code.key_id)
    if key is None:
        raise Refusal(
            "code_key_unknown", say("付款码用的是本机还没收到的新钥匙，请联网同步一次，或改扫会员卡")
        )
    if key.status == "revoked":
        raise Refusal("code_revoked", say("签这个付款码的钥匙已被联盟作废，请会员在手机上刷新后重扫"))
    if not desk.seal.holds(key.public, read.signed_bytes, read.signature):
        raise Refusal(
            "code_forged", say("这个付款码不是联盟签发的，没有采用；请会员从门店贴纸重新打开付款页")
        )


def _check_place(code: PayCode, desk: Desk) -> None:
    own = desk.journal.identity
    mark = terminal_mark(own.terminal, own.incarnation)
    if not same_terminal(code.terminal_mark, mark):
        raise Refusal("code_elsewhere", say("这个付款码是给另一台收银机的，请扫本机的贴纸重新取码"))
    if (code.epoch, code.terminal_mark) != (epoch_mark(own.epoch), mark):
        raise Refusal("code_other_epoch", say("这个付款码是本机重新入网前后的，请会员在手机上刷新后重扫"))
    if desk.journal.copied():
        raise Refusal(
            "code_copied", say("总部发现本机的数据有另一份，暂停收付款码；请改扫会员卡，并联系技术员重新入网")
        )


def _check_number(code: PayCode, desk: Desk) -> None:
    if desk.journal.right_spent(Right("pay_code", str(code.number))):
        raise Refusal("code_used", say("这个付款码已经用过了，请会员在手机上刷新后重扫"))
    if code.number <= desk.journal.codes_closed():
        raise Refusal("code_closed", say("付款码已经失效，请会员在手机上刷新后重扫"))


def hub_now(desk: Desk) -> datetime:
    """The hub's time, as well as this till can know it."""
    offset_ms = desk.hub.state().clock_offset_ms
    return desk.clock.now() + timedelta(milliseconds=offset_ms or 0)


def _check_time(code: PayCode, desk: Desk) -> None:
    now = hub_now(desk)
    if now < code.issued - GRACE:
        raise Refusal("code_early", _clock_doubted(say("付款码的时间比本机晚")))
    if now > code.expires + GRACE:
        raise Refusal("code_expired", say("付款码已过期，请会员在手机上刷新后重扫"))


def _clock_doubted(what: Message) -> Message:
    return say("{what}：本机时间可能不对，请校准时间或联网后重扫", what=what)


def _reserved(digits: str, code: PayCode, desk: Desk) -> ReservedPoints:
    pack = current_pack(desk).pack
    asset, plan = _asset(code, pack), _plan(code, pack)
    member = desk.members.by_tag(code.member_tag)
    if member is not None and member.status == "blocked":
        raise Refusal(
            "member_blocked",
            say("会员 {tail} 已被停用，请按非会员结账并联系联盟", tail=member.member_no[-4:]),
        )
    expires = code.plan_last_day if member is None else max(code.plan_last_day, member.expires)
    if expires < business_date(desk):
        raise Refusal(
            "member_expired",
            say("这位会员已于 {date} 到期，请按非会员结账；续费后积分仍可使用", date=expires),
        )
    return ReservedPoints(
        code=digits,
        number=code.number,
        asset=asset,
        amount=code.amount,
        expires=code.expires.isoformat(timespec="seconds"),
        member_no=f"tag:{code.member_tag}" if member is None else member.member_no,
        plan=plan,
        plan_last_day=code.plan_last_day,
        activated=code.activated,
        referrer=code.referrer,
        bought=code.bought,
    )


def _asset(code: PayCode, pack: Pack) -> str:
    for redemption in pack.redemptions:
        if asset_mark(redemption.asset) == code.asset_mark:
            return redemption.asset
    raise Refusal(
        "code_asset", say("方案「{name}」里没有这种积分，付款码不能用；请联网同步方案", name=named(pack.name))
    )


def _plan(code: PayCode, pack: Pack) -> str:
    for plan in pack.plans:
        if plan_mark(plan.id) == code.plan_mark:
            return plan.id
    raise Refusal(
        "code_plan", say("方案「{name}」里没有这位会员的等级；请联网同步方案后重扫", name=named(pack.name))
    )
