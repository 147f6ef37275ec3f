"""What `pos programme run` is given: members, lots and amounts in JSON, read exactly or refused.

Amounts are JSON numbers or decimal text; numbers are read from their digits, never by way of a float.
Keys that nobody knows are passed over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from pos.commands.files import FILE_BYTES_MAX, read_bytes
from pos.domain.message import Message, Refusal, say
from pos.domain.money import parse_decimal

STDIN = "-"
Amount = msgspec.Raw
NO_AMOUNT = msgspec.Raw()
ZERO = msgspec.Raw(b"0")

_MISSING = re.compile(r"Object missing required field `(\w+)`(?: - at `\$\.?(.*)`)?")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `[^`]+`(?: - at `\$\.?(.*)`)?")
_KINDS = {
    "bool": say("true 或 false"),
    "array": say("列表"),
    "object": say("一张表"),
}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_T = TypeVar("_T")


class ReleaseInput(msgspec.Struct, frozen=True):
    """A lot of points, and of each period so far (the first, too) whether turnover grew."""

    points: Amount
    grew: tuple[bool, ...]


class HolderInput(msgspec.Struct, frozen=True):
    id: str | int
    share_value: Amount
    locked: Amount = ZERO


class PoolInput(msgspec.Struct, frozen=True):
    """Holders of value and the day's price; without one the pack's price holds."""

    members: tuple[HolderInput, ...]
    price_yuan: Amount = NO_AMOUNT


class ContributorInput(msgspec.Struct, frozen=True):
    """What every member states; how much of each weighed asset it earned stands under the asset's id."""

    id: str | int
    plan: str
    consumption_fen: Amount = ZERO


class DistributionInput(msgspec.Struct, frozen=True):
    """Either the year's net profit or the pool itself, and the members."""

    members: tuple[Amount, ...]
    net_profit_fen: Amount = NO_AMOUNT
    pool_fen: Amount = NO_AMOUNT


class DayInput(msgspec.Struct, frozen=True):
    date: str
    points: Amount


class HistoryInput(msgspec.Struct, frozen=True):
    """What one member earned and spent of an asset, in any order."""

    run_on: str
    earned: tuple[DayInput, ...]
    redeemed: tuple[DayInput, ...] = ()


class LifetimeInput(msgspec.Struct, frozen=True):
    """What one member earned (negative: taken back by refunds), and the milestones it has already reached."""

    earned: tuple[DayInput, ...]
    reached: tuple[str, ...] = ()
    run_on: str | None = None


def read_input(source: str, shape: type[_T]) -> _T:
    """The input file (`-`: standard input) in its shape.

    Raises:
        Refusal: `file` or `input`.

    """
    content = _stdin() if source == STDIN else read_bytes(Path(source))
    try:
        return decoded(content.removeprefix(_BYTE_ORDER_MARK), shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            "file", say("文件 {path} 不是有效的 JSON：{detail}", path=source, detail=str(error)[:200])
        ) from error


def _stdin() -> bytes:
    content = sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise Refusal("file", say("文件 {path} 太大了", path=STDIN))
    return content


def decoded(content: bytes | msgspec.Raw, shape: type[_T], within: str = "") -> _T:
    """JSON in a shape; `within` names for people where it stands.

    Raises:
        Refusal: `input`: JSON, but of another shape.

    """
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.ValidationError as error:
        raise Refusal("input", _misshapen(str(error), within)) from error


def _misshapen(detail: str, within: str) -> Message:
    """What msgspec found, in a sentence."""
    if found := _MISSING.fullmatch(detail):
        return say("输入缺少 {key}", key=_place(within, found[2], found[1]))
    if found := _EXPECTED.fullmatch(detail):
        kind = _KINDS.get(found[1], say("文本（加引号）"))
        return say("输入中的 {key} 应是{kind}", key=_place(within, found[2]) or "JSON", kind=kind)
    return say("输入的内容不对：{detail}", detail=detail[:200])


def _place(*parts: str | None) -> str:
    return ".".join(part for part in parts if part)


def given(amount: Amount) -> bool:
    """Whether an amount that may be left out was stated."""
    return bytes(amount) not in {b"", b"null"}


def minor(amount: Amount, key: str, scale: int, *, signed: bool = False) -> int:
    """An amount in minor units at `scale`. `key` names it for people.

    Raises:
        Refusal: `number`: not a plain decimal, finer than the scale, or negative where that makes no sense.

    """
    text = _text(amount)
    negative = text.startswith("-")
    value = parse_decimal(text.removeprefix("-"), scale)
    if value is None:
        raise Refusal(
            "number",
            say("{key} 应是最多 {scale} 位小数的数字，不能是 {text}", key=key, scale=scale, text=text[:40]),
        )
    if negative and value and not signed:
        raise Refusal("number", say("{key} 不能是负数：{text}", key=key, text=text[:40]))
    return -value if negative else value


def _text(amount: Amount) -> str:
    try:
        return str(msgspec.json.decode(amount, type=str)).strip()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bytes(amount).decode("utf-8", errors="replace")


def day(text: str, key: str) -> date:
    """A calendar day.

    Raises:
        Refusal: `date`.

    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise Refusal(
        "date", say("{key} 应是 2026-07-09 这样的日期，不能是 {text}", key=key, text=text[:40] or '""')
    )


def check_members(ids: Iterable[str]) -> None:
    """Refuses a member that is listed twice.

    Raises:
        Refusal: `member_twice`.

    """
    seen: set[str] = set()
    for member in ids:
        if member in seen:
            raise Refusal("member_twice", say("会员 {id} 出现了两次，请合并后再运行", id=member))
        seen.add(member)
