"""Reads the files an alliance fills in: goods, members, staff, and the shop.

Strict: every mistake in a file is found and named with its line; a file with a mistake gives nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pypinyin import Style, lazy_pinyin

from pos.domain import member_codes
from pos.domain.catalogue import PLU_LENGTH_MAX, PRICE_MAX_FEN, WEIGHED_UNIT, Product, recognise
from pos.domain.language import Language
from pos.domain.money import parse_decimal
from pos.domain.programme import Pack
from sync.hub.members import Member
from sync.hub.places import Store, Terminal
from sync.hub.words import Told, Words
from sync.protocol.messages import StaffRow

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
STAFF_COLUMNS = ("number", "role", "pin_hash")
POINTS = "points"
TEXT_LENGTH_MAX = 100
DAYS_MAX = 3_650

_MEMBER_NO = re.compile(r"[0-9]{4,20}")
_STAFF_NO = re.compile(r"[0-9]{2,8}")
_ARGON2ID = re.compile(r"\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")

Row = Mapping[str, str]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in which line of which file; line 0 is the file as a whole."""

    file: str
    line: int
    words: Words
    params: dict[str, object] = field(default_factory=dict)

    def say(self, language: Language) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.words.say(language, **self.params)}"


class Mistaken(Told):
    """Files that cannot be taken in; all their mistakes are listed and nothing was changed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(_HEADING, count=len(self.mistakes))

    def say(self, language: Language) -> str:
        return "\n".join([super().say(language), *(f"  {one.say(language)}" for one in self.mistakes)])


class NewMember(msgspec.Struct, frozen=True):
    """A member as a file brings it; `points` in minor units of the pack's asset `points`."""

    member: Member
    points: int


class Shop(msgspec.Struct, frozen=True):
    """The shop file: whose alliance, which store, which tills."""

    alliance_id: str
    alliance_name: str
    store: Store
    terminals: tuple[Terminal, ...]


@dataclass(slots=True)
class Reading(Generic[Parsed]):
    """The rows of one file and the mistakes in it."""

    rows: list[Parsed]
    mistakes: list[Mistake]

    def checked(self) -> list[Parsed]:
        """The rows of a file without mistakes.

        Raises:
            Mistaken: with all of them.

        """
        if self.mistakes:
            raise Mistaken(self.mistakes)
        return self.rows


class _No(Exception):  # noqa: N818 - one cell is wrong
    def __init__(self, words: Words, **params: object) -> None:
        super().__init__(words.en)
        self.words = words
        self.params = params


def read_goods(text: bytes, file: str) -> Reading[Product]:
    return _read(text, file, GOODS_COLUMNS, "barcode", _product)


def read_staff(text: bytes, file: str) -> Reading[StaffRow]:
    return _read(text, file, STAFF_COLUMNS, "number", _staff)


def read_members(text: bytes, file: str, *, pack: Pack, today: dt.date) -> Reading[NewMember]:
    """Members on plans of `pack`; `expires_in_days` counts from `today`."""
    reading = _read(text, file, MEMBER_COLUMNS, "member_no", lambda row: _member(row, pack, today))
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


def _read(
    text: bytes, file: str, columns: tuple[str, ...], key: str, parse: Callable[[Row], Parsed]
) -> Reading[Parsed]:
    """Applies `parse` to each line; `key` is the column that may not repeat."""
    reader = _Lines(file, columns, key, parse)
    mistakes = reader.reading.mistakes
    try:
        lines = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(file, 0, _ENCODING, {"at": error.start}))
        return reader.reading
    try:
        header = tuple(next(lines, ()))
        if header == columns:
            for cells in lines:
                reader.take(lines.line_num, cells)
        else:
            wanted: dict[str, object] = {"columns": ",".join(columns), "found": ",".join(header)[:200]}
            mistakes.append(Mistake(file, 1, _HEADER, wanted))
    except csv.Error as error:
        mistakes.append(Mistake(file, lines.line_num, _CSV, {"detail": error}))
    return reader.reading


class _Lines(Generic[Parsed]):
    """One file being read: what it gave so far, and which keys stood where."""

    def __init__(self, file: str, columns: tuple[str, ...], key: str, parse: Callable[[Row], Parsed]) -> None:
        self.reading: Reading[Parsed] = Reading([], [])
        self._file, self._columns, self._key, self._parse = file, columns, key, parse
        self._seen: dict[str, int] = {}

    def take(self, line: int, cells: list[str]) -> None:
        try:
            self.reading.rows.append(self._parse(self._row(line, cells)))
        except _No as no:
            self.reading.mistakes.append(Mistake(self._file, line, no.words, no.params))

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != len(self._columns):
            raise _No(_CELLS, found=len(cells), expected=len(self._columns))
        row = {name: cell.strip() for name, cell in zip(self._columns, cells, strict=True)}
        first = self._seen.setdefault(row[self._key], line)
        if first != line:
            raise _No(_TWICE, key=row[self._key][:40], line=first)
        return row


def _product(row: Row) -> Product:
    unit, code = _text(row, "unit"), row["barcode"]
    recognised = recognise(code)
    if recognised.kind != "goods" or (unit == WEIGHED_UNIT and len(code) > PLU_LENGTH_MAX):
        raise _No(_BARCODE, code=code[:40])
    price_fen, member_price_fen = _fen(row, "price_yuan"), _fen(row, "member_price_yuan")
    if price_fen == 0 or member_price_fen == 0:
        raise _No(_PRICE_ZERO)
    if member_price_fen > price_fen:
        raise _No(_MEMBER_PRICE)
    name = _text(row, "name")
    return Product(
        code=recognised.code,
        name=name,
        spec=_text(row, "spec"),
        unit=unit,
        category=_text(row, "category"),
        price_fen=price_fen,
        member_price_fen=member_price_fen,
        cost_fen=_fen(row, "cost_yuan"),
        initials=initials(name),
    )


def initials(name: str) -> str:
    """First letters of the pinyin of a name in lower case; Latin letters and digits stay."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return "".join(one for one in letters if one.isascii() and one.isalnum()).lower()


def _member(row: Row, pack: Pack, today: dt.date) -> NewMember:
    if not _MEMBER_NO.fullmatch(row["member_no"]):
        raise _No(_BAD_CELL, column="member_no", cell=row["member_no"][:40])
    if not member_codes.check_holds(row["card_code"]):
        raise _No(_CARD)
    if pack.plan(row["plan"]) is None:
        raise _No(_PLAN, plan=row["plan"][:40], pack=pack.id)
    if row["status"] not in ("active", "blocked"):
        raise _No(_BAD_CELL, column="status", cell=row["status"][:40])
    expires = today + dt.timedelta(days=_whole(row, "expires_in_days"))
    member = Member(row["member_no"], row["card_code"], row["plan"], row["status"], expires.isoformat())
    return NewMember(member, _points(row, pack))


def _points(row: Row, pack: Pack) -> int:
    asset = next((asset for asset in pack.assets if asset.id == POINTS), None)
    amount = parse_decimal(row["points"], asset.scale if asset else 0)
    if amount is None or (asset is None and amount > 0):
        raise _No(_BAD_CELL, column="points", cell=row["points"][:40])
    return amount


def _staff(row: Row) -> StaffRow:
    if not _STAFF_NO.fullmatch(row["number"]):
        raise _No(_BAD_CELL, column="number", cell=row["number"][:40])
    if not _ARGON2ID.fullmatch(row["pin_hash"]):
        raise _No(_PIN)
    try:
        return msgspec.convert(dict(row), StaffRow)
    except msgspec.ValidationError as error:
        raise _No(_BAD_CELL, column="role", cell=row["role"][:40]) from error


def _text(row: Row, column: str) -> str:
    cell = row[column]
    if not cell or len(cell) > TEXT_LENGTH_MAX or not cell.isprintable():
        raise _No(_BAD_CELL, column=column, cell=cell[:40])
    return cell


def _fen(row: Row, column: str) -> int:
    fen = parse_decimal(row[column], 2)
    if fen is None or fen > PRICE_MAX_FEN:
        raise _No(_BAD_CELL, column=column, cell=row[column][:40])
    return fen


def _whole(row: Row, column: str) -> int:
    cell = row[column]
    if not re.fullmatch(r"-?[0-9]{1,4}", cell) or abs(int(cell)) > DAYS_MAX:
        raise _No(_BAD_CELL, column=column, cell=cell[:40])
    return int(cell)


_HEADING = Words(
    "有 {count} 处错误，没有导入任何内容，请改好后重新导入：",
    "{count} mistake(s) found; nothing was imported. Correct them and import again:",
)
_HEADER = Words("表头应为 {columns}，现在是 {found}", "the columns should be {columns}, found {found}")
_ENCODING = Words(
    "不是 UTF-8 文本（第 {at} 字节）；请另存为 UTF-8 CSV",
    "not UTF-8 text (byte {at}); save it as CSV UTF-8",
)
_CSV = Words("不是有效的 CSV：{detail}", "not valid CSV: {detail}")
_CELLS = Words("应有 {expected} 格，现在是 {found} 格", "{expected} cells expected, found {found}")
_TWICE = Words("{key} 与第 {line} 行重复", "{key} stands in line {line} already")
_BARCODE = Words(
    "条码 {code} 不对：核对校验位；称重商品（单位 kg）要用 PLU 码",
    "barcode {code} will not do: check its check digit; weighed goods (unit kg) need a PLU code",
)
_PRICE_ZERO = Words("售价和会员价要大于 0", "price and member price must be above 0")
_MEMBER_PRICE = Words("会员价高于售价", "the member price is above the price")
_BAD_CELL = Words("{column} 的内容「{cell}」不对", "{column} cannot be “{cell}”")
_CARD = Words("会员码不是 23 位或校验不对", "the card code has not 23 digits or its check digits are wrong")
_CARD_TWICE = Words(
    "会员 {member_no}（第 {row} 位）的会员码与别人重复",
    "member {member_no} (number {row}) has another member's card code",
)
_PLAN = Words("等级 {plan} 不在方案 {pack} 里", "plan {plan} is not in pack {pack}")
_PIN = Words("pin_hash 不是 Argon2id 编码", "pin_hash is not an encoded Argon2id hash")
_SHOP = Words("门店文件内容不对：{detail}", "the shop file will not do: {detail}")
