"""Roles of the till as data: what each may do alone, and what only with a second person's approval.

The data stand in `resources/roles/till.toml`. The approval is of one deed, by somebody else who may do it
alone, with their own number and PIN; the journal says who.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from pos.domain.message import Message, Refusal, say
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember, StorageTrouble

Right = Literal["sell", "refund", "open_drawer", "see_report", "lift_lock_out", "unlock_till", "use_tools"]
Leave = Literal["alone", "second_person", "never"]


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`refund_yuan_max` is the cash of one receipt, over all its refunds, that needs no approval."""

    alone: frozenset[Right] = frozenset()
    second_person: frozenset[Right] = frozenset()
    refund_yuan_max: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


class _Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    roles: dict[str, Role]


@cache
def till_roles() -> Mapping[str, Role]:
    """The roles that come with the program.

    Raises:
        StorageTrouble: see `read_roles`.

    """
    return read_roles((files("resources.roles") / "till.toml").read_bytes())


def read_roles(text: bytes) -> Mapping[str, Role]:
    """Roles from the text of such a file.

    Raises:
        StorageTrouble: what is wrong with it, in a sentence.

    """
    try:
        roles = msgspec.toml.decode(text, type=_Roles).roles
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _broken(str(error)) from error
    for mistake in _mistakes(roles):
        raise _broken(mistake)
    return roles


def _mistakes(roles: Mapping[str, Role]) -> Iterator[Message]:
    """What would leave somebody without an answer at the till."""
    if "cashier" not in roles:
        yield say("缺少角色 cashier")
    approved = {right for role in roles.values() for right in role.alone}
    for name, role in roles.items():
        for right in sorted(role.alone & role.second_person):
            yield say("角色 {name} 的 {right} 不能又独自又要第二人", name=name, right=right)
        for right in sorted(role.second_person - approved):
            yield say("角色 {name} 的 {right} 没有任何角色能同意", name=name, right=right)
        if role.refund_yuan_max and "refund" not in role.second_person:
            yield say("角色 {name} 的 refund_yuan_max 只在退货要第二人时有用", name=name)


def _broken(why: Message | str) -> StorageTrouble:
    return StorageTrouble(
        say("角色文件 roles/till.toml 有错（{why}）；请改好这个文件，或重装收银程序", why=why)
    )


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
    """How a role may do something; `amount_fen` is the cash that a receipt's refunds give out in all."""
    known = _role(role)
    if right in known.alone:
        return "alone"
    if right not in known.second_person:
        return "never"
    small = right == "refund" and amount_fen <= known.refund_yuan_max * 100
    return "alone" if small else "second_person"


def _role(name: str) -> Role:
    roles = till_roles()
    return roles.get(name) or roles["cashier"]


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
