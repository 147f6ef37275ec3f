"""Members and their coupons; merchants and their deposits."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, ASSET, DATA, MEMBER, MERCHANT, opened, print_json, tell
from sync.hub.words import Told, Words

REFERRER = click.option("--referrer", help="The number of the member who brought them; empty: nobody.")


@click.group()
def member() -> None:
    """Members."""


@member.command("card")
@DATA
@MEMBER
@click.option("--url", default="", help="The hub's public address, to print a whole link.")
@click.option(
    "--valid-days", type=click.IntRange(1, 3650), help="Let this link end; without it, it does not."
)
@click.option("--new-link", is_flag=True, help="Void every link made before, as when a phone was lost.")
@AS_JSON
def member_card_(
    *, data: Path, member: str, url: str, valid_days: int | None, new_link: bool, as_json: bool
) -> None:
    """Print the link of a member's card page. Whoever has it can show the card."""
    import datetime as dt

    from sync.hub.alliance import stocking
    from sync.hub.pages import member_card
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub:
        if new_link:
            with hub.database.write() as connection:
                member_card.revoke_links(connection, member)
                audit.note(connection, at_the_console(hub), "member.new_link", f"member:{member}")
        with hub.database.read() as connection:
            last_day = stocking.today(hub, connection) + dt.timedelta(days=valid_days) if valid_days else None
            path = member_card.path_of(hub, connection, member, last_day)
    link = url.rstrip("/") + path
    if as_json:
        ends = None if last_day is None else last_day.isoformat()
        print_json({"member_no": member, "path": path, "url": link, "last_day": ends})
    else:
        click.echo(link)


@member.command("set")
@DATA
@MEMBER
@click.option("--activated/--not-activated", default=None, help="Whether the member earns where it matters.")
@REFERRER
def member_set(*, data: Path, member: str, activated: bool | None, referrer: str | None) -> None:
    """Set what the alliance decides about a member."""
    from sync.hub.alliance import members

    if activated is None and referrer is None:
        raise Told(_NOTHING, options="--activated, --not-activated, --referrer")
    with opened(data) as hub, hub.database.write() as connection:
        members.change(connection, member, activated=activated, referrer=referrer)
    tell(Words("会员 {member} 已更新。", "Member {member} is changed."), member=member)


@click.group()
def coupon() -> None:
    """Coupons that members hold."""


@coupon.command("give")
@DATA
@MEMBER
@click.option("--coupon", "rule", required=True, help="A coupon of the current pack, such as coupon_50_10.")
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 1000))
@click.option("--issuer", help="The merchant that gives it out and pays for it, where the pack says so.")
def coupon_give(*, data: Path, member: str, rule: str, count: int, issuer: str | None) -> None:
    """Give a member coupons."""
    from sync.hub.alliance import coupons, stocking

    with opened(data) as hub, hub.database.write() as connection:
        pack, at = stocking.current_pack(connection), hub.time()
        held = coupons.give(
            connection, pack, member=member, rule=rule, count=count, issuer=issuer, booked_at=at
        )
    tell(
        Words("会员 {member} 现有 {rule} {held} 张。", "Member {member} now holds {held} of {rule}."),
        member=member,
        rule=rule,
        held=held,
    )


@click.group()
def merchant() -> None:
    """Merchants."""


@merchant.command("set")
@DATA
@MERCHANT
@click.option("--rebate-bp", type=click.IntRange(0, 10_000), help="Its own rebate; 100 is one percent.")
@REFERRER
def merchant_set(*, data: Path, merchant: str, rebate_bp: int | None, referrer: str | None) -> None:
    """Set a merchant's rebate, and who brought it."""
    from sync.hub.alliance import merchants, stocking, terms

    if rebate_bp is None and referrer is None:
        raise Told(_NOTHING, options="--rebate-bp, --referrer")
    with opened(data) as hub, hub.database.write() as connection:
        pack = stocking.current_pack(connection)
        merchants.change(connection, merchant, pack, rebate_bp=rebate_bp, referrer=referrer)
        terms.refresh(connection, merchant, stocking.today(hub, connection))
    tell(Words("商家 {merchant} 已更新。", "Merchant {merchant} is changed."), merchant=merchant)


@merchant.command("deposit")
@DATA
@MERCHANT
@ASSET
@click.option("--amount", required=True, help="Whole units, decimals allowed as the asset has them.")
def merchant_deposit(*, data: Path, merchant: str, asset: str, amount: str) -> None:
    """Book what a merchant deposits."""
    from pos.domain.money import plain_text
    from sync.hub.alliance import merchants, stocking, terms

    with opened(data) as hub, hub.database.write() as connection:
        pack = stocking.current_pack(connection)
        held = merchants.deposit(connection, merchant, pack, asset=asset, amount=amount, booked_at=hub.time())
        terms.refresh(connection, merchant, stocking.today(hub, connection))
    tell(
        Words("商家 {merchant} 现有 {asset} {held}。", "Merchant {merchant} now holds {held} {asset}."),
        merchant=merchant,
        asset=asset,
        held=plain_text(held, pack.asset(asset).scale),
    )


_NOTHING = Words("没有要改的内容，请写明：{options}。", "Nothing to change; give one of: {options}.")
