"""A till's own report held against the hub's books, receipt by receipt and figure by figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from pos.domain.day import FIGURE_NAMES, POINTS_SCALE, Difference, Figures, ReceiptFigures, add, differences
from pos.domain.money import parse_decimal
from sync.hub.words import Told, Words


class TillReport(msgspec.Struct, frozen=True):
    """What `pos report day --json` says of one till: its receipts of a date.

    `prefix` begins every receipt number of this till's chain; the hub has other tills' receipts, too.
    `waiting` are receipts that the till has not uploaded yet.
    """

    date: str
    prefix: str
    receipts: tuple[ReceiptFigures, ...]
    waiting: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """The two sides of a date. `till` and `hub` are sums of each side's receipts.

    `missing_at_hub` are receipts that the hub lacks, but for those that are `waiting` at the till to be
    uploaded; `missing_at_till` those that the till lacks.
    """

    date: str
    till: Figures
    hub: Figures
    waiting: tuple[str, ...]
    missing_at_hub: tuple[str, ...]
    missing_at_till: tuple[str, ...]
    different: tuple[Difference, ...]

    @property
    def agree(self) -> bool | None:
        """None: what can be compared agrees, and some receipts are not uploaded yet."""
        if self.missing_at_hub or self.missing_at_till or self.different:
            return False
        return None if self.waiting else True


def compare(report: TillReport, hub: Iterable[ReceiptFigures]) -> Comparison:
    """A till's receipts against those that the hub has of the same chain."""
    theirs = [one for one in hub if one.receipt_no.startswith(report.prefix)]
    found = differences(report.receipts, theirs)
    lacking = [one.receipt_no for one in found if one.hub is None]
    return Comparison(
        date=report.date,
        till=add(one.figures for one in report.receipts),
        hub=add(one.figures for one in theirs),
        waiting=tuple(one for one in lacking if one in report.waiting),
        missing_at_hub=tuple(one for one in lacking if one not in report.waiting),
        missing_at_till=tuple(one.receipt_no for one in found if one.till is None),
        different=tuple(one for one in found if one.names),
    )


class _Receipt(msgspec.Struct):
    receipt_no: str
    figures: dict[str, int | str]


class _Report(msgspec.Struct):
    date: str
    receipt_prefix: str
    receipts: list[_Receipt]
    waiting: tuple[str, ...] = ()


def read_report(content: bytes, name: str) -> TillReport:
    """Reads what `pos report day --json` prints; amounts in fen, points as whole units in decimal text.

    Raises:
        Told: it is something else.

    """
    try:
        report = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Report)
        day = dt.date.fromisoformat(report.date)
        receipts = tuple(ReceiptFigures(one.receipt_no, _figures(one.figures)) for one in report.receipts)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise Told(
            Words(
                "{name} 不是收银机的日报：{detail}。请在收银机上运行 pos report day --json，保存后再核对。",
                "{name} is no till's report: {detail}. Run pos report day --json at the till, keep what it "
                "prints, and compare again.",
            ),
            name=name,
            detail=str(error)[:200],
        ) from error
    return TillReport(day.isoformat(), report.receipt_prefix, receipts, report.waiting)


def _figures(plain: dict[str, int | str]) -> Figures:
    """Figures that a till's version does not know yet are 0, as they are to it."""
    return Figures(**{name: _minor(name, value) for name, value in plain.items() if name in FIGURE_NAMES})


def _minor(name: str, value: int | str) -> int:
    if isinstance(value, int):
        return value
    minor = parse_decimal(value.removeprefix("-"), POINTS_SCALE)
    if minor is None:
        raise ValueError(f"{name}: {value[:40]}")
    return -minor if value.startswith("-") else minor
