"""Issuing pay codes: an amount is held, and a numbered code for one till is signed.

docs/codes.md says why. Asking again while the code is open renews it: the same number is signed anew, so all
copies are one code. Everything happens in the caller's write transaction.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, update

from pos.domain import pay_codes
from pos.domain.ledger import ALLIANCE_REDEEMED, SALES, Posting, member_account, merchant_account
from pos.domain.member_codes import card_hash
from pos.domain.money import parse_decimal
from pos.domain.pay_codes import PayCode, asset_mark, plan_mark, terminal_mark
from pos.domain.programme.assets import Redemption
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, merchants, packs, places, stocking
from sync.hub.alliance.members import Member
from sync.hub.codes import words
from sync.hub.codes.tables import code_books
from sync.hub.codes.tables import pay_codes as codes_table
from sync.hub.feeds import member_rows
from sync.hub.hub import Hub
from sync.hub.ledger import accounts, holds
from sync.hub.storage import schema
from sync.hub.words import Told, stamp
from sync.protocol import trust

LIFETIME = dt.timedelta(minutes=5)
RENEWED_FOR = dt.timedelta(hours=1)
"""So long one number may be shown at a till that talks; renewed for ever it would keep all above it."""
OPEN_PER_MEMBER_MAX = 8
OPEN_PER_TERMINAL_MAX = 500

AskedBy = Literal["phone", "terminal", "command"]


class Asked(msgspec.Struct, frozen=True):
    """Who wants to spend up to `amount` (minor units) of an asset at which till."""

    member_no: str
    terminal: str
    asset: str
    amount: int
    asked_by: AskedBy


class Issued(msgspec.Struct, frozen=True):
    """A signed code. `amount` is what it is good for: what was asked, or what was free."""

    code: str
    terminal: str
    epoch: int
    number: int
    asset: str
    amount: int
    issued_at: str
    expires_at: str


class OpenCode(msgspec.Struct, frozen=True):
    """A code whose amount is held: where, how much, and until when its last copy is shown."""

    terminal: str
    epoch: int
    number: int
    member_no: str
    asset: str
    amount: int
    hold_id: str
    issued_at: str
    expires_at: str


class _Place(NamedTuple):
    """The till's current chain, and the book that numbers its codes."""

    terminal: str
    epoch: int
    store: str
    last_number: int
    fence: int


class _Order(NamedTuple):
    """What is to be held for whom, and who gets it."""

    asked: Asked
    member: Member
    payee: str
    amount: int


def issue(hub: Hub, connection: Connection, asked: Asked) -> Issued:
    """Holds the amount and signs a code, or renews the one that is open.

    Raises:
        Told: there is no such member or till, nothing is free, or the pack does not let this asset pay.

    """
    place = _place(connection, asked.terminal)
    pack = packs.current(connection)
    if pack is None:
        raise Told(words.NO_PACK)
    redemption = _redemption(pack, asked.asset)
    member = _member(hub, connection, asked.member_no)
    standing = _open_code(connection, asked, place)
    amount = _amount(connection, asked, pack, redemption, standing)
    if standing is None:
        order = _Order(asked, member, _payee(connection, place, redemption), amount)
        standing = _draw(hub, connection, place, order)
    elif amount > standing.amount:
        standing = _raise(hub, connection, standing, amount)
    return _signed(hub, connection, standing, member, amount)


def all_open(
    connection: Connection, *, terminal: str | None = None, member_no: str | None = None
) -> tuple[OpenCode, ...]:
    """Codes that still hold something, of a terminal or member or of all; oldest first."""
    table = codes_table
    query = select(table).where(table.c.state == "open")
    if terminal is not None:
        query = query.where(table.c.terminal == terminal)
    if member_no is not None:
        query = query.where(table.c.member_no == member_no)
    return tuple(_read(row) for row in connection.execute(query.order_by(table.c.issued_at, table.c.number)))


def minor_amount(connection: Connection, asset: str, whole: str) -> int:
    """Whole units as a person writes them, in minor units.

    Raises:
        Told: it is no amount, or the pack in force has no such asset.

    """
    pack = packs.current(connection)
    assets = {one.id: one for one in pack.assets} if pack is not None else {}
    found = assets.get(asset)
    if found is None:
        raise Told(words.NO_SUCH_ASSET, asset=asset[:40], assets=", ".join(assets))
    amount = parse_decimal(whole, found.scale)
    if amount is None or amount <= 0:
        raise Told(words.NO_AMOUNT, amount=whole[:40], scale=found.scale)
    return amount


def _place(connection: Connection, terminal: str) -> _Place:
    places.known_terminal(connection, terminal)
    chains, book = schema.chains, code_books
    row = connection.execute(
        select(chains.c.epoch, chains.c.store, book.c.last_number, book.c.fence)
        .outerjoin(book, (book.c.terminal == chains.c.terminal) & (book.c.epoch == chains.c.epoch))
        .where(chains.c.terminal == terminal, chains.c.standing == "current")
    ).first()
    if row is None:
        raise Told(words.NO_TILL, terminal=terminal)
    return _Place(terminal, row.epoch, row.store, row.last_number or 0, row.fence or 0)


def _redemption(pack: Pack, asset: str) -> Redemption:
    """How the asset pays; marks have to tell it and the plans apart."""
    assets = {one.asset for one in pack.redemptions}
    found = next((one for one in pack.redemptions if one.asset == asset), None)
    if found is None:
        raise Told(words.NO_SUCH_ASSET, asset=asset[:40], assets=", ".join(sorted(assets)))
    plans = {one.id for one in pack.plans}
    if len({asset_mark(one) for one in assets}) < len(assets) or len({plan_mark(one) for one in plans}) < len(
        plans
    ):
        raise Told(words.MARKS_COLLIDE, pack=pack.id)
    return found


def _member(hub: Hub, connection: Connection, member_no: str) -> Member:
    member = members.known(connection, member_no)
    if member.status != "active":
        raise Told(words.NOT_ACTIVE)
    if member.expires < stocking.today(hub, connection).isoformat():
        raise Told(words.PLAN_ENDED, date=member.expires)
    return member


def _payee(connection: Connection, place: _Place, redemption: Redemption) -> str:
    """Who gets what the sale will take: the account that the sale's own posting names."""
    if not redemption.to_deposit:
        return ALLIANCE_REDEEMED
    merchant = merchants.of_store(connection, place.store)
    return merchant_account(merchant.id if merchant else place.store)


def _open_code(connection: Connection, asked: Asked, place: _Place) -> OpenCode | None:
    """The code to renew. One behind the fence waits for the till's word and is none."""
    table = codes_table
    row = connection.execute(
        select(table).where(
            table.c.member_no == asked.member_no,
            table.c.state == "open",
            table.c.asset == asked.asset,
            table.c.terminal == place.terminal,
            table.c.epoch == place.epoch,
            table.c.number > place.fence,
        )
    ).first()
    return None if row is None else _read(row)


def _amount(
    connection: Connection, asked: Asked, pack: Pack, redemption: Redemption, standing: OpenCode | None
) -> int:
    """What was asked, as far as it is free, in whole steps."""
    asset = pack.asset(asked.asset)
    step = asset.minor(redemption.step) if redemption.step is not None else asset.step_minor
    free = accounts.free(connection, member_account(asked.member_no), asked.asset)
    free += standing.amount if standing is not None else 0
    most = min(asked.amount, free, pay_codes.AMOUNT_MAX)
    amount = most - most % step if most > 0 else 0
    if amount < max(step, asset.minor(redemption.min)):
        raise Told(_nothing_free(connection, asked), asset=asset.name)
    return amount


def _nothing_free(connection: Connection, asked: Asked) -> Any:
    reserved = [one for one in all_open(connection, member_no=asked.member_no) if one.asset == asked.asset]
    if not reserved:
        return words.NOTHING_FREE
    return words.reserved_at(sorted({one.terminal for one in reserved}))


def _draw(hub: Hub, connection: Connection, place: _Place, order: _Order) -> OpenCode:
    """A code under a new number."""
    asked = order.asked
    _check_counts(connection, asked, place)
    now = hub.now()
    number = max(place.last_number + 1, pay_codes.seconds_of(now))
    if number > pay_codes.NUMBER_MAX:
        raise Told(words.NO_TILL, terminal=place.terminal)
    hold_id = f"pay:{place.terminal}:{place.epoch}:{number}:1"
    account = member_account(asked.member_no)
    posting = Posting(account, order.payee, asked.asset, order.amount, "redeemed")
    holds.hold(connection, hold_id, posting, stamp(now))
    drawn = OpenCode(
        terminal=place.terminal,
        epoch=place.epoch,
        number=number,
        member_no=asked.member_no,
        asset=asked.asset,
        amount=order.amount,
        hold_id=hold_id,
        issued_at=stamp(now),
        expires_at=stamp(now + LIFETIME),
    )
    tag = pay_codes.member_tag(card_hash(order.member.card_code))
    row = msgspec.structs.asdict(drawn) | {"member_tag": tag, "state": "open", "asked_by": asked.asked_by}
    connection.execute(codes_table.insert().values(row))
    _count_on(connection, place, number)
    today = stocking.today(hub, connection)
    if not member_rows.is_told(connection, asked.member_no, place.store, today):
        member_rows.note_asked(connection, asked.member_no, place.store, today)
        members.refresh_feed(connection, asked.member_no)
    return drawn


def _check_counts(connection: Connection, asked: Asked, place: _Place) -> None:
    table = codes_table
    count = select(func.count()).select_from(table).where(table.c.state == "open")
    of_member = connection.execute(count.where(table.c.member_no == asked.member_no)).scalar() or 0
    here = (table.c.terminal == place.terminal) & (table.c.epoch == place.epoch)
    of_till = connection.execute(count.where(here)).scalar() or 0
    if of_member >= OPEN_PER_MEMBER_MAX or of_till >= OPEN_PER_TERMINAL_MAX:
        raise Told(words.TOO_MANY_OPEN)


def _count_on(connection: Connection, place: _Place, number: int) -> None:
    table = code_books
    here = (table.c.terminal == place.terminal) & (table.c.epoch == place.epoch)
    if connection.execute(update(table).where(here).values(last_number=number)).rowcount == 0:
        connection.execute(
            table.insert().values(
                terminal=place.terminal, epoch=place.epoch, last_number=number, fence=0, closed=0
            )
        )


def _raise(hub: Hub, connection: Connection, standing: OpenCode, amount: int) -> OpenCode:
    """Holds more under the same number: in one transaction the old hold ends and a larger one begins."""
    held = holds.find(connection, standing.hold_id)
    assert held is not None, "an open code has a hold"
    stem, _, count = standing.hold_id.rpartition(":")
    hold_id, now = f"{stem}:{int(count) + 1}", hub.time()
    holds.void(connection, standing.hold_id, ended_at=now)
    posting = msgspec.structs.replace(held.posting, amount=amount)
    holds.hold(connection, hold_id, posting, now)
    changed = msgspec.structs.replace(standing, hold_id=hold_id, amount=amount)
    connection.execute(update(codes_table).where(*_here(standing)).values(hold_id=hold_id, amount=amount))
    return changed


def _signed(hub: Hub, connection: Connection, code: OpenCode, member: Member, amount: int) -> Issued:
    """The digits for a code, good for its lifetime from now."""
    now = hub.now().replace(microsecond=0)
    key = trust.current_key(hub.keys.listed, "codes")
    balances = accounts.member_balances(connection, member.member_no)
    chains = schema.chains.c
    here = (chains.terminal == code.terminal) & (chains.epoch == code.epoch)
    incarnation = connection.execute(select(chains.incarnation).where(here)).scalar_one()
    payload = pay_codes.payload_of(
        PayCode(
            key=int(key.id.rpartition("-")[2]),
            number=code.number,
            terminal_mark=terminal_mark(code.terminal, incarnation),
            epoch=code.epoch,
            asset_mark=asset_mark(code.asset),
            amount=amount,
            plan_mark=plan_mark(member.plan),
            plan_last_day=member.expires,
            issued=now,
            lifetime_s=int(LIFETIME.total_seconds()),
            member_tag=pay_codes.member_tag(card_hash(member.card_code)),
            activated=member.activated,
            referrer=member.referrer is not None,
            bought=balances.get(SALES, 0) > 0,
        )
    )
    signed = hub.keys.sign("codes", pay_codes.PAY_CODE_TAG, payload)
    expires_at = stamp(now + LIFETIME)
    connection.execute(update(codes_table).where(*_here(code)).values(expires_at=expires_at))
    return Issued(
        code=pay_codes.code_digits(payload, signed.signature),
        terminal=code.terminal,
        epoch=code.epoch,
        number=code.number,
        asset=code.asset,
        amount=amount,
        issued_at=stamp(now),
        expires_at=expires_at,
    )


def _here(code: OpenCode) -> list[Any]:
    table = codes_table
    return [
        table.c.terminal == code.terminal,
        table.c.epoch == code.epoch,
        table.c.number == code.number,
    ]


def _read(row: Any) -> OpenCode:
    return OpenCode(**{name: getattr(row, name) for name in OpenCode.__struct_fields__})
