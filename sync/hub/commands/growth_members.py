"""What growth adds to `member`: invitations, exchanges, points towards fees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, ASSET, DATA, MEMBER, opened, print_json, tell
from sync.hub.words import Words, system_language

if TYPE_CHECKING:
    from sync.hub.growth.fees import FeeRequest

BY = click.option("--by", default="desk", show_default=True, help="Who does this.")
REFERENCE = click.option("--reference", required=True, help="Your number; the same again does nothing more.")
AMOUNT = click.option("--amount", required=True, help="Whole units, decimals allowed as the asset has them.")


@click.command("invite")
@DATA
@click.option("--member", "invited", required=True, help="Number of the new member.")
@click.option("--inviter", required=True, help="Number of the member who brought them.")
@BY
def member_invite(*, data: Path, invited: str, inviter: str, by: str) -> None:
    """Register who invited a member: before the first purchase, once."""
    from sync.hub.growth import invitations
    from sync.hub.schedules.invitations import invited_by

    with opened(data) as hub, hub.database.write() as connection:
        new = invitations.register(hub, connection, invited, inviter, by=by)
        count = invited_by(connection, inviter)
    tell(_INVITED if new else _INVITED_BEFORE, invited=invited, inviter=inviter, count=count)


@click.command("growth")
@DATA
@MEMBER
def member_growth(*, data: Path, member: str) -> None:
    """Print, as JSON, whom a member brought, and which rungs and milestones they have reached."""
    import msgspec

    from sync.hub.alliance import members, stocking
    from sync.hub.growth import standing

    with opened(data) as hub, hub.database.read() as connection:
        members.known(connection, member)
        found = standing.reached(connection, stocking.current_pack(connection), member)
    print_json(msgspec.to_builtins(found))


@click.command("exchange")
@DATA
@MEMBER
@AMOUNT
@click.option("--rule", default="time_to_voucher", show_default=True, help="An exchange of the current pack.")
@REFERENCE
@BY
@AS_JSON
def member_exchange(
    *, data: Path, member: str, amount: str, rule: str, reference: str, by: str, as_json: bool
) -> None:
    """Exchange a member's points in whole steps, such as time points for a voucher."""
    import msgspec

    from pos.domain.money import plain_text
    from sync.hub.alliance import stocking
    from sync.hub.growth import exchanging

    with opened(data) as hub, hub.database.write() as connection:
        done = exchanging.exchange_points(
            hub, connection, member, rule=rule, amount=amount, reference=reference, by=by
        )
        pack = stocking.current_pack(connection)
    if as_json:
        print_json(msgspec.to_builtins(done))
        return
    how = exchanging.rule_of(pack, rule)
    source, to = pack.asset(how.source), pack.asset(how.to)
    tell(
        _EXCHANGED,
        no=member,
        taken=plain_text(done.taken, source.scale),
        source=source.name,
        given=plain_text(done.given, to.scale),
        to=to.name,
    )


@click.group("fee")
def member_fee() -> None:
    """Points towards a membership fee: held until the rest is paid."""


@member_fee.command("ask")
@DATA
@MEMBER
@click.option("--plan", required=True, help="The plan to renew, or to take.")
@ASSET
@AMOUNT
@REFERENCE
@BY
@AS_JSON
def member_fee_ask(
    *,
    data: Path,
    member: str,
    plan: str,
    asset: str,
    amount: str,
    reference: str,
    by: str,
    as_json: bool,
) -> None:
    """Hold points for a fee; what they pay in full is paid at once."""
    from sync.hub.growth import fees

    with opened(data) as hub, hub.database.write() as connection:
        one = fees.request(
            hub, connection, member, plan=plan, asset=asset, amount=amount, reference=reference, by=by
        )
    _answer_fee(one, as_json=as_json)


@member_fee.command("paid")
@DATA
@REFERENCE
@BY
@AS_JSON
def member_fee_paid(*, data: Path, reference: str, by: str, as_json: bool) -> None:
    """The rest was paid: the points are used up and the plan begins."""
    from sync.hub.growth import fees

    with opened(data) as hub, hub.database.write() as connection:
        one = fees.confirm(hub, connection, reference, by=by)
    _answer_fee(one, as_json=as_json)


@member_fee.command("call-off")
@DATA
@REFERENCE
@BY
@AS_JSON
def member_fee_call_off(*, data: Path, reference: str, by: str, as_json: bool) -> None:
    """Free the points again."""
    from sync.hub.growth import fees

    with opened(data) as hub, hub.database.write() as connection:
        one = fees.call_off(hub, connection, reference, by=by)
    _answer_fee(one, as_json=as_json)


@member_fee.command("list")
@DATA
@AS_JSON
def member_fee_list(*, data: Path, as_json: bool) -> None:
    """Print the requests whose rest has not been paid."""
    import msgspec

    from sync.hub.growth import fees

    with opened(data) as hub, hub.database.read() as connection:
        waiting = fees.waiting(connection)
    if as_json:
        print_json([{**msgspec.to_builtins(one), "due_fen": one.due_fen} for one in waiting])
        return
    for one in waiting:
        click.echo(_fee_sentence(one))


def _answer_fee(one: FeeRequest, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        print_json({**msgspec.to_builtins(one), "due_fen": one.due_fen})
    else:
        click.echo(_fee_sentence(one), err=True)


def _fee_sentence(one: FeeRequest) -> str:
    from pos.domain.money import yuan

    return _FEES[one.standing].say(
        system_language(),
        reference=one.id,
        no=one.member_no,
        plan=one.deal.plan,
        value=yuan(one.value_fen),
        due=yuan(one.due_fen),
        last=one.deal.last_day,
    )


_INVITED = Words(
    "会员 {invited} 由 {inviter} 邀请；{inviter} 共邀请 {count} 人。",
    "Member {invited} was invited by {inviter}, who has brought {count} so far.",
)
_INVITED_BEFORE = Words(
    "会员 {invited} 由 {inviter} 邀请，早已登记；{inviter} 共邀请 {count} 人。",
    "That {inviter} invited member {invited} was registered before; {inviter} has brought {count} so far.",
)
_EXCHANGED = Words(
    "会员 {no}：{taken} {source}换成 {given} {to}。",
    "Member {no}: {taken} {source} became {given} {to}.",
)
_FEES = {
    "held": Words(
        "申请 {reference}：会员 {no} 的积分已冻结，抵 {plan} 年费 {value} 元，还需付 {due} 元。",
        "Request {reference}: points of member {no} are held for {value} yuan of {plan}; {due} yuan are due.",
    ),
    "paid": Words(
        "申请 {reference}：会员 {no} 的 {plan} 已生效，至 {last}。",
        "Request {reference}: member {no} has {plan} until {last}.",
    ),
    "called_off": Words(
        "申请 {reference} 已取消，会员 {no} 的积分已解冻。",
        "Request {reference} is called off; the points of member {no} are free again.",
    ),
}

COMMANDS = (member_invite, member_growth, member_exchange, member_fee)
