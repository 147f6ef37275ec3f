"""Reads the files an alliance fills in: goods, members, staff, and the shop.

Strict: every mistake in a file is found and named with its line; a file with a mistake gives nothing.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pypinyin import Style, lazy_pinyin

from pos.domain import member_codes
from pos.domain.catalogue import PLU_LENGTH_MAX, WEIGHED_UNIT, Product, recognise
from pos.domain.ledger import SALES
from pos.domain.money import parse_decimal
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import HELD_KINDS, coupon_unit
from sync.hub.alliance.csv_tables import (
    BAD_CELL,
    Mistake,
    Mistaken,
    Reading,
    Row,
    WrongCell,
    fen_in,
    read_table,
    text_in,
    whole_in,
)
from sync.hub.alliance.members import Member
from sync.hub.alliance.places import Store, Terminal
from sync.hub.persons import persons
from sync.hub.persons.persons import Person
from sync.hub.words import Words
from sync.protocol.messages import MemberStatus, StaffRow

__all__ = [
    "GOODS_COLUMNS",
    "MEMBER_COLUMNS",
    "MEMBER_COLUMNS_MORE",
    "POINTS",
    "STAFF_COLUMNS",
    "Mistake",
    "Mistaken",
    "NewMember",
    "Reading",
    "Shop",
    "initials",
    "read_goods",
    "read_members",
    "read_price_list",
    "read_shop",
    "read_staff",
]

GOODS_COLUMNS = (
    "barcode",
    "name",
    "spec",
    "unit",
    "category",
    "cost_yuan",
    "price_yuan",
    "member_price_yuan",
)
MEMBER_COLUMNS = (
    "member_no", "card_code", "name", "phone", "birthday", "plan", "expires_in_days", "status", "points"
)  # fmt: skip
MEMBER_COLUMNS_MORE = ("time_points", "sales", "home_store", "referrer", "coupons")
"""Columns that a file of members may leave off; empty cells mean nothing to bring along."""

STAFF_COLUMNS = ("number", "role", "pin_hash")
POINTS = "points"
TIME_POINTS = "time_points"
SALES_MAX = 1_000_000

_MEMBER_NO = re.compile(r"[0-9]{4,20}")
_STAFF_NO = re.compile(r"[0-9]{2,8}")
_ARGON2ID = re.compile(r"\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")


class NewMember(msgspec.Struct, frozen=True):
    """A member as a file brings it.

    `opening` is what it brings along, in minor units per unit of the ledger: the pack's assets, coupons
    (`coupon:<rule>`) and paid sales (`sales`); units of which there is nothing are left out. `person` is
    for the hub alone, and encrypted there.
    """

    member: Member
    opening: dict[str, int]
    person: Person = Person()


class Shop(msgspec.Struct, frozen=True):
    """The shop file: whose alliance, which store, which tills."""

    alliance_id: str
    alliance_name: str
    store: Store
    terminals: tuple[Terminal, ...]


def read_goods(text: bytes, file: str) -> Reading[Product]:
    return read_table(text, file, GOODS_COLUMNS, "barcode", _product)


def read_price_list(text: bytes, file: str) -> Reading[Product]:
    """Goods to reckon with, not to scan: any code will do, and any price."""
    return read_table(text, file, GOODS_COLUMNS, "barcode", _listed_product)


def read_staff(text: bytes, file: str) -> Reading[StaffRow]:
    return read_table(text, file, STAFF_COLUMNS, "number", _staff)


def read_members(text: bytes, file: str, *, pack: Pack, today: dt.date) -> Reading[NewMember]:
    """Members on plans of `pack`, and sealed cards; `expires_in_days` counts from `today`."""
    reading = read_table(
        text,
        file,
        MEMBER_COLUMNS,
        "member_no",
        lambda row: _member(row, pack, today),
        more=MEMBER_COLUMNS_MORE,
    )
    cards: set[str] = set()
    for at, one in enumerate(reading.rows, start=1):
        if one.member.card_code in cards:
            reading.mistakes.append(
                Mistake(file, 0, _CARD_TWICE, {"member_no": one.member.member_no, "row": at})
            )
        cards.add(one.member.card_code)
    return reading


def read_shop(text: bytes, file: str) -> Shop:
    """The shop file (TOML).

    Raises:
        Mistaken: something is missing or of the wrong kind.

    """
    try:
        found = msgspec.convert(tomllib.loads(text.decode("utf-8")), _ShopFile)
        ZoneInfo(found.store.timezone)
    except (ValueError, msgspec.ValidationError, ZoneInfoNotFoundError) as error:
        raise Mistaken([Mistake(file, 0, _SHOP, {"detail": str(error)})]) from error
    store = Store(
        id=found.store.id,
        merchant_id=found.merchant.id,
        merchant_name=found.merchant.name,
        name=found.store.name,
        address=found.store.address,
        timezone=found.store.timezone,
        footer=found.receipt.footer,
    )
    return Shop(found.alliance.id, found.alliance.name, store, found.terminal)


class _Named(msgspec.Struct):
    id: str
    name: str


class _StoreTable(_Named):
    address: str
    timezone: str


class _ReceiptTable(msgspec.Struct):
    footer: tuple[str, ...] = ()


class _ShopFile(msgspec.Struct):
    alliance: _Named
    merchant: _Named
    store: _StoreTable
    terminal: tuple[Terminal, ...]
    receipt: _ReceiptTable = msgspec.field(default_factory=_ReceiptTable)


def _product(row: Row) -> Product:
    unit, code = text_in(row, "unit"), row["barcode"]
    recognised = recognise(code)
    if recognised.kind != "goods" or (unit == WEIGHED_UNIT and len(code) > PLU_LENGTH_MAX):
        raise WrongCell(_BARCODE, code=code[:40])
    price_fen, member_price_fen = fen_in(row, "price_yuan"), fen_in(row, "member_price_yuan")
    if price_fen == 0 or member_price_fen == 0:
        raise WrongCell(_PRICE_ZERO)
    if member_price_fen > price_fen:
        raise WrongCell(_MEMBER_PRICE)
    return _good(row, recognised.code)


def _listed_product(row: Row) -> Product:
    return _good(row, text_in(row, "barcode"))


def _good(row: Row, code: str) -> Product:
    name = text_in(row, "name")
    return Product(
        code=code,
        name=name,
        spec=text_in(row, "spec") if row["spec"] else "",
        unit=text_in(row, "unit"),
        category=text_in(row, "category"),
        price_fen=fen_in(row, "price_yuan"),
        member_price_fen=fen_in(row, "member_price_yuan"),
        cost_fen=fen_in(row, "cost_yuan"),
        initials=initials(name),
    )


def initials(name: str) -> str:
    """First letters of the pinyin of a name in lower case; Latin letters and digits stay."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return "".join(one for one in letters if one.isascii() and one.isalnum()).lower()


def _member(row: Row, pack: Pack, today: dt.date) -> NewMember:
    if not _MEMBER_NO.fullmatch(row["member_no"]):
        raise WrongCell(BAD_CELL, column="member_no", cell=row["member_no"][:40])
    if not member_codes.check_holds(row["card_code"]):
        raise WrongCell(_CARD)
    referrer = row.get("referrer", "")
    if referrer and (not _MEMBER_NO.fullmatch(referrer) or referrer == row["member_no"]):
        raise WrongCell(BAD_CELL, column="referrer", cell=referrer[:40])
    status = _status(row)
    sealed = status == "sealed"
    if sealed and row["plan"]:
        raise WrongCell(_SEALED, plan=row["plan"][:40])
    if not sealed and pack.plan(row["plan"]) is None:
        raise WrongCell(_PLAN, plan=row["plan"][:40], pack=pack.id)
    expires = today + dt.timedelta(days=0 if sealed else whole_in(row, "expires_in_days"))
    member = Member(
        member_no=row["member_no"],
        card_code=row["card_code"],
        plan=row["plan"],
        status=status,
        expires="" if sealed else expires.isoformat(),
        referrer=referrer or None,
        home_store=row.get("home_store") or None,
    )
    return NewMember(member, _opening(row, pack), _person(row))


def _person(row: Row) -> Person:
    """Who the member is; a cell may be empty or a dash."""
    name, phone, birthday = (row[column].strip("–- ") for column in ("name", "phone", "birthday"))
    if phone and persons.plain_phone(phone) is None:
        raise WrongCell(_PHONE)
    if birthday and not _is_birthday(birthday):
        raise WrongCell(BAD_CELL, column="birthday", cell="…")
    return Person(name[: persons.NAME_LENGTH_MAX], phone, birthday)


def _is_birthday(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _status(row: Row) -> MemberStatus:
    try:
        status: MemberStatus = msgspec.convert(row["status"], MemberStatus)
    except msgspec.ValidationError as error:
        raise WrongCell(BAD_CELL, column="status", cell=row["status"][:40]) from error
    return status


def _opening(row: Row, pack: Pack) -> dict[str, int]:
    """What a member brings along; empty cells are nothing."""
    opening = {
        POINTS: _asset(row, POINTS, pack),
        TIME_POINTS: _asset(row, TIME_POINTS, pack),
        SALES: _sales(row),
        **_coupons(row, pack),
    }
    return {unit: amount for unit, amount in opening.items() if amount}


def _asset(row: Row, asset_id: str, pack: Pack) -> int:
    """An amount in the asset's minor units; of an asset the pack does not have, there can be none."""
    cell = row.get(asset_id, "")
    asset = next((asset for asset in pack.assets if asset.id == asset_id), None)
    amount = parse_decimal(cell or "0", asset.scale if asset else 0)
    if amount is None or (asset is None and amount > 0):
        raise WrongCell(BAD_CELL, column=asset_id, cell=cell[:40])
    return amount


def _sales(row: Row) -> int:
    cell = row.get("sales", "")
    count = parse_decimal(cell or "0", 0)
    if count is None or count > SALES_MAX:
        raise WrongCell(BAD_CELL, column="sales", cell=cell[:40])
    return count


def _coupons(row: Row, pack: Pack) -> dict[str, int]:
    """Rules of coupons divided by semicolons; one that stands twice is held twice."""
    units: dict[str, int] = {}
    for rule_id in filter(None, row.get("coupons", "").split(";")):
        rule = pack.rule(rule_id)
        if not isinstance(rule, HELD_KINDS) or rule.funder == "issuer":
            raise WrongCell(_COUPON, coupon=rule_id[:40], pack=pack.id)
        unit = coupon_unit(rule_id)
        units[unit] = units.get(unit, 0) + 1
    return units


def _staff(row: Row) -> StaffRow:
    if not _STAFF_NO.fullmatch(row["number"]):
        raise WrongCell(BAD_CELL, column="number", cell=row["number"][:40])
    if not _ARGON2ID.fullmatch(row["pin_hash"]):
        raise WrongCell(_PIN)
    if row["role"] not in _till_roles():
        raise WrongCell(BAD_CELL, column="role", cell=row["role"][:40])
    return msgspec.convert(dict(row), StaffRow)


@cache
def _till_roles() -> frozenset[str]:
    """What somebody at a till can be; what each may do is the till's affair."""
    return frozenset(tomllib.loads((files("resources.roles") / "till.toml").read_text("utf-8"))["roles"])


_BARCODE = Words(
    "条码 {code} 不对：核对校验位；称重商品（单位 kg）要用 PLU 码",
    "barcode {code} will not do: check its check digit; weighed goods (unit kg) need a PLU code",
)
_PRICE_ZERO = Words("售价和会员价要大于 0", "price and member price must be above 0")
_MEMBER_PRICE = Words("会员价高于售价", "the member price is above the price")
_CARD = Words("会员码不是 23 位或校验不对", "the card code has not 23 digits or its check digits are wrong")
_PHONE = Words(
    "手机号不对：应是 11 位、以 1 开头；不知道就空着。",
    "The phone number will not do: 11 digits that begin with 1; leave it empty if it is not known.",
)
_CARD_TWICE = Words(
    "会员 {member_no}（第 {row} 位）的会员码与别人重复",
    "member {member_no} (number {row}) has another member's card code",
)
_PLAN = Words("等级 {plan} 不在方案 {pack} 里", "plan {plan} is not in pack {pack}")
_SEALED = Words(
    "未售出的卡 (sealed) 还没有等级，plan 一格应为空，现在是 {plan}",
    "a sealed card has no plan yet: leave the cell empty, found {plan}",
)
_COUPON = Words(
    "方案 {pack} 没有可以直接发给会员的券 {coupon}",
    "pack {pack} has no coupon {coupon} that could be given to members",
)
_PIN = Words("pin_hash 不是 Argon2id 编码", "pin_hash is not an encoded Argon2id hash")
_SHOP = Words("门店文件内容不对：{detail}", "the shop file will not do: {detail}")
