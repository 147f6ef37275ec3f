"""What every schedule of `pos programme run` answers, and how it finds its part of the pack."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, TypeVar

from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import plain_text
from pos.domain.programme.pack import Pack

Row = tuple[Message | str, ...]


class Answer(NamedTuple):
    """`data` for programs; `headings`, `rows` and a closing sentence for people.

    Amounts in `data` are plain decimal text in whole units, exact; keys that end in `_fen` are integers.
    """

    data: dict[str, Any]
    headings: tuple[Message, ...]
    rows: list[Row]
    closing: Message


class _OfAsset(Protocol):
    @property
    def asset(self) -> str: ...


_Part = TypeVar("_Part", bound=_OfAsset)


def part_of(pack: Pack, parts: Sequence[_Part], table: str, asset_id: str | None) -> _Part:
    """The first part of a pack's table, or the first about that asset."""
    for part in parts:
        if asset_id in {None, part.asset}:
            return part
    raise without(pack, table, asset_id)


def without(pack: Pack, table: Message | str, asset_id: str | None) -> Refusal:
    if asset_id is not None:
        return Refusal(
            "no_schedule",
            say(
                "方案「{pack}」没有资产 {asset} 的 {table}，这个计划不能运行",
                pack=named(pack.name),
                asset=asset_id,
                table=table,
            ),
        )
    return Refusal(
        "no_schedule",
        say("方案「{pack}」没有 {table}，这个计划不能运行", pack=named(pack.name), table=table),
    )


def exact_text(value: Fraction) -> str:
    """A number that came from decimals, as plain decimal text with as many digits as it has."""
    scale = 0
    while (value * 10**scale).denominator != 1:
        scale += 1
    return plain_text(int(value * 10**scale), scale)
