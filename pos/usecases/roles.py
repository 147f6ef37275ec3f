"""Roles of the till as data: what each may do alone, and what only with a second person's approval.

`roles.toml` stands beside. The approval is of one deed, by somebody else who may do it alone, with their own
number and PIN; the journal says who.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import msgspec

from pos.domain.message import Message, Refusal, say
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember

Right = Literal["sell", "refund", "open_drawer", "see_report", "lift_lock_out", "unlock_till", "use_tools"]
Leave = Literal["alone", "second_person", "never"]


class _Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    alone: frozenset[Right] = frozenset()
    second_person: frozenset[Right] = frozenset()
    refund_yuan_max: int = 0


class _Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    roles: dict[str, _Role]


_ROLES = msgspec.toml.decode((files("pos.usecases") / "roles.toml").read_bytes(), type=_Roles).roles

NAMES: dict[Right, Message] = {
    "sell": say("收银"),
    "refund": say("退货"),
    "open_drawer": say("开钱箱"),
    "see_report": say("看当日账目"),
    "lift_lock_out": say("解锁工号"),
    "unlock_till": say("解锁本机"),
    "use_tools": say("用技术员工具"),
}


def leave(role: str, right: Right, *, amount_fen: int = 0) -> Leave:
    """How a role may do something; `amount_fen` is the cash that goes out with a refund."""
    known = _role(role)
    if right in known.alone:
        return "alone"
    if right not in known.second_person:
        return "never"
    small = right == "refund" and amount_fen <= known.refund_yuan_max * 100
    return "alone" if small else "second_person"


def _role(name: str) -> _Role:
    return _ROLES.get(name) or _ROLES["cashier"]


def may_alone(person: StaffMember | None, right: Right) -> bool:
    """Whether somebody may do something without asking anybody, however much it is about."""
    return person is not None and right in _role(person.role).alone


def check_approver(approver: StaffMember, asker: str, right: Right) -> None:
    """Whether somebody who has just given number and PIN may approve what another asks for.

    Raises:
        Refusal: `same_person` or `no_right`.

    """
    if approver.number == asker:
        raise Refusal("same_person", say("要由另一个人同意，自己不能同意自己"))
    if not may_alone(approver, right):
        raise Refusal(
            "no_right", say("工号 {number} 不能同意「{what}」", number=approver.number, what=NAMES[right])
        )


def check_leave(asker: str, right: Right, desk: Desk, *, approved_by: str = "", amount_fen: int = 0) -> None:
    """Whether a deed may be booked: the asker may do it, or whoever approved may.

    A number that is no longer on the staff counts as a cashier's: goods in hand are not refused for it.

    Raises:
        Refusal: `no_right`, `needs_approval`, or what `check_approver` says.

    """
    person = desk.staff.by_number(asker)
    match leave(person.role if person else "cashier", right, amount_fen=amount_fen):
        case "never":
            raise Refusal("no_right", no_right(asker, right))
        case "second_person":
            approver = desk.staff.by_number(approved_by) if approved_by else None
            if approver is None:
                raise Refusal(
                    "needs_approval", say("「{what}」要第二个人同意，请店主输入工号和密码", what=NAMES[right])
                )
            check_approver(approver, asker, right)
        case _:
            pass


def no_right(number: str, right: Right) -> Message:
    """Why somebody may not do something at all."""
    return say("工号 {number} 不能「{what}」，请用店主工号登录", number=number, what=NAMES[right])
