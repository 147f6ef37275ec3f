"""What an owner wants to hear of a day, in words and for machines."""

from __future__ import annotations

from typing import Any

from pos.domain.events import DrawerOpened, LockOutLifted, RefundMade
from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.domain.oversight import Noteworthy, PinGuessed


def told(one: Noteworthy) -> Message:
    """Who did what and when, and who approved it."""
    at = one.at[11:16]
    match one:
        case PinGuessed():
            return say("{at} 工号 {number} 连续输错 {n} 次", at=at, number=one.number, n=one.wrong)
        case LockOutLifted():
            return say("{at} {by} 解锁工号 {number}", at=at, by=one.by, number=one.number)
        case RefundMade():
            cash = yuan(one.result.cash_back_fen)
            return say(
                "{at} {who} 退货 {cash}，{by} 同意", at=at, who=one.cashier, cash=cash, by=one.approved_by
            )
        case _ if one.approved_by:
            return say("{at} {who} 开钱箱，{by} 同意", at=at, who=one.cashier, by=one.approved_by)
        case _:
            return say("{at} {who} 开钱箱", at=at, who=one.cashier)


def plain(one: Noteworthy) -> dict[str, Any]:
    """The same for machines; fen as integers."""
    match one:
        case PinGuessed():
            return {"what": "pin_guessed", "at": one.at, "number": one.number, "wrong": one.wrong}
        case LockOutLifted():
            return {"what": "lock_out_lifted", "at": one.at, "number": one.number, "by": one.by}
        case RefundMade():
            deed = {"what": "refund", "receipt_no": one.receipt_no, "cash_fen": one.result.cash_back_fen}
        case DrawerOpened():
            deed = {"what": "drawer_opened"}
    return {**deed, "at": one.at, "cashier": one.cashier, "approved_by": one.approved_by}
