"""What growth adds to `merchant`: own points, the gate to member sales, deposits taken back, referrals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, ASSET, DATA, MERCHANT, opened, print_json, tell
from sync.hub.commands.growth_members import AMOUNT, BY, REFERENCE
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.growth.deposits import MerchantGate


@click.command("own-points")
@DATA
@MERCHANT
@click.option("--ratio", help="Alliance points for one of the merchant's own.")
@click.option("--fund", help="Yuan that go into the budget, from the merchant's next settlement.")
@click.option("--take-back", help="Yuan that leave the budget again.")
@click.option("--reference", help="Your number for the money; the same again does nothing more.")
@BY
@AS_JSON
def merchant_own_points(
    *,
    data: Path,
    merchant: str,
    ratio: str | None,
    fund: str | None,
    take_back: str | None,
    reference: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Register at which ratio a merchant's own points become the alliance's, and fund it; or print it."""
    import msgspec

    from pos.domain.money import yuan
    from sync.hub.growth import own_points

    if fund is not None and take_back is not None:
        raise Told(_ONE_OF, options="--fund, --take-back")
    amount_fen = _fen(fund) if fund is not None else -_fen(take_back) if take_back is not None else None
    with opened(data) as hub, hub.database.write() as connection:
        if ratio is not None:
            own_points.register(hub, connection, merchant, ratio=ratio, by=by)
        if amount_fen is not None:
            own_points.fund(
                hub, connection, merchant, amount_fen=amount_fen, reference=reference or "", by=by
            )
        offer = own_points.offer_of(connection, merchant)
    if as_json:
        print_json(msgspec.to_builtins(offer))
    else:
        tell(_OFFER, merchant=merchant, ratio=offer.ratio, left=yuan(offer.budget_fen))


@click.command("convert-points")
@DATA
@MERCHANT
@click.option("--member", help="Member number.")
@click.option("--points", help="The merchant's own points.")
@click.option("--reference", help="The merchant's number for this; the same again does nothing more.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Many at once: CSV with the columns reference,member_no,points.",
)
@BY
@AS_JSON
def merchant_convert_points(
    *,
    data: Path,
    merchant: str,
    member: str | None,
    points: str | None,
    reference: str | None,
    file: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Turn a merchant's own points into alliance points, out of its budget."""
    import msgspec

    from sync.hub.growth import own_points, own_points_file

    single = (member, points, reference)
    if any(one is None for one in single) if file is None else any(one is not None for one in single):
        raise Told(_FILE_OR_ONE)
    with opened(data) as hub, hub.database.write() as connection:
        if file is not None:
            done, new = own_points_file.convert_file(
                hub, connection, merchant, file.read_bytes(), file.name, by=by
            )
        else:
            before = own_points.find(connection, merchant, str(reference))
            one = own_points.convert(
                hub,
                connection,
                merchant,
                member_no=str(member),
                own=str(points),
                reference=str(reference),
                by=by,
            )
            done, new = [one], int(before is None)
    if as_json:
        print_json({"new": new, "conversions": msgspec.to_builtins(done)})
    else:
        tell(_CONVERTED, count=len(done), new=new)


@click.command("gate")
@DATA
@click.option("--merchant", help="Merchant id; all merchants without it.")
@click.option("--history", is_flag=True, help="When the gate opened and closed; needs --merchant.")
@AS_JSON
def merchant_gate(*, data: Path, merchant: str | None, history: bool, as_json: bool) -> None:
    """Print whether merchants may make member sales, and how long their deposit lasts."""
    import msgspec

    from sync.hub.growth import deposits

    if history and merchant is None:
        raise Told(_NEEDS_MERCHANT)
    with opened(data) as hub, hub.database.read() as connection:
        found = deposits.gates(connection) if merchant is None else [deposits.gate_of(connection, merchant)]
        crossings = deposits.gate_history(connection, merchant) if history and merchant else []
    if as_json:
        content = [{**msgspec.to_builtins(one), "state": one.state} for one in found]
        print_json({"merchants": content, "history": msgspec.to_builtins(crossings)})
        return
    for one in found:
        _print_gate(one)
    for crossing in crossings:
        click.echo(f"  {crossing.at}  {crossing.gate}  {_STATES[crossing.state].say(system_language())}")


def _print_gate(one: MerchantGate) -> None:
    from pos.domain.money import plain_text

    click.echo(f"{one.merchant}  {_STATES[one.state].say(system_language())}")
    for gate in one.gates:
        held, least = plain_text(gate.held, gate.scale), plain_text(gate.least, gate.scale)
        burned = plain_text(gate.burned_per_week, gate.scale)
        click.echo(f"  {gate.id}  {gate.asset}  {held} / {least}  -{burned}/7d")


@click.command("deposit-back")
@DATA
@MERCHANT
@ASSET
@AMOUNT
@REFERENCE
@click.option("--reason", required=True, help="Why; it stands in the books.")
@BY
def merchant_deposit_back(
    *, data: Path, merchant: str, asset: str, amount: str, reference: str, reason: str, by: str
) -> None:
    """Take a deposit back (booked wrongly, or the merchant leaves) as far as the gate stays open."""
    from pos.domain.money import plain_text
    from sync.hub.alliance import stocking
    from sync.hub.growth import deposits

    with opened(data) as hub, hub.database.write() as connection:
        held = deposits.take_back(
            hub,
            connection,
            merchant,
            asset=asset,
            amount=amount,
            reference=reference,
            reason=reason,
            by=by,
        )
        scale = stocking.current_pack(connection).asset(asset).scale
    tell(_HELD, merchant=merchant, held=plain_text(held, scale), asset=asset)


@click.command("referrals")
@DATA
@AS_JSON
def merchant_referrals(*, data: Path, as_json: bool) -> None:
    """Book the referral points of merchants that have become active; each once."""
    import msgspec

    from sync.hub.growth import referrals

    with opened(data) as hub, hub.database.write() as connection:
        booked = referrals.book_due(hub, connection)
        waiting = referrals.waiting(connection)
    if as_json:
        print_json({"booked": msgspec.to_builtins(booked), "waiting": [one for one, _ in waiting]})
    else:
        tell(_REFERRALS, booked=len(booked), waiting=len(waiting))


def _fen(text: str) -> int:
    from pos.domain.money import parse_decimal

    fen = parse_decimal(text)
    if not fen:
        raise Told(_YUAN, amount=text[:40])
    return fen


_OFFER = Words(
    "商家 {merchant}：1 自有积分换 {ratio} 联盟积分，预算还有 {left} 元。",
    "Merchant {merchant}: one own point makes {ratio} alliance points; {left} yuan are left in the budget.",
)
_CONVERTED = Words("{count} 笔换分，新记 {new} 笔。", "{count} conversions, {new} of them new.")
_FILE_OR_ONE = Words(
    "请写 --file，或者写齐 --member、--points、--reference。",
    "Give either --file, or all of --member, --points and --reference.",
)
_ONE_OF = Words("请只写其中一个：{options}。", "Give only one of: {options}.")
_YUAN = Words(
    "金额「{amount}」不对，例如 500 或 500.00。", "The amount “{amount}” will not do; an example: 500.00."
)
_NEEDS_MERCHANT = Words("--history 要同时写 --merchant。", "--history needs --merchant.")
_HELD = Words(
    "商家 {merchant} 现有 {asset} {held}。",
    "Merchant {merchant} now holds {held} {asset}.",
)
_REFERRALS = Words(
    "推荐积分新记 {booked} 家，还有 {waiting} 家未开张。",
    "Referral points booked for {booked} merchants; {waiting} are not active yet.",
)
_STATES = {
    "open": Words("可做会员交易", "member sales are open"),
    "warning": Words("保证金快用完，请充值", "the deposit is running out; top it up"),
    "closed": Words("会员交易已停，请充值", "member sales are stopped; top the deposit up"),
}

COMMANDS = (
    merchant_own_points,
    merchant_convert_points,
    merchant_gate,
    merchant_deposit_back,
    merchant_referrals,
)
