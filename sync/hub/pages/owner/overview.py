"""The owner's day, week or month as one page shows it: figures put together, nothing drawn yet."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection

from pos.domain.day import Figures
from pos.domain.language import Language
from sync.hub.pages import charts
from sync.hub.pages import figures_in_words as words
from sync.hub.pages.charts import Bars, Point, Slice
from sync.hub.pages.owner import receipt_parts, takings
from sync.hub.pages.owner.shops import Shops
from sync.hub.pages.owner.spans import Span
from sync.hub.pages.owner.takings import Takings
from sync.hub.pages.spoken import Naming

ROWS_MAX = 12


class Metered(NamedTuple):
    """A row with a meter: name, fen, how long the meter is, and a number of sales if it has one."""

    name: str
    fen: int
    length: int
    sales: int | None = None


class Overview(NamedTuple):
    """`before` are the figures of as many days before; `change_bp` is how much more was taken since."""

    span: Span
    figures: Figures
    before: Figures
    change_bp: int | None
    average_fen: int
    bars: Bars
    best: Point | None
    tenders: tuple[Slice, ...]
    tenders_back: tuple[tuple[str, int], ...]
    funders: tuple[tuple[str, int], ...]
    owed: tuple[tuple[str, int], ...]
    assets: tuple[tuple[str, str, str], ...]
    coupons: tuple[tuple[str, int, int], ...]
    categories: tuple[Metered, ...]
    cashiers: tuple[Metered, ...]
    tills: tuple[Metered, ...]
    stores: tuple[Metered, ...]


def overview(
    connection: Connection, shops: Shops, span: Span, today: dt.date, language: Language
) -> Overview:
    found = takings.taken(connection, shops.ids, span.first, span.last)
    begun = span.until(today)
    earlier = span.before.cut_like(begun)
    running = begun.first == today  # a day that is not over is not compared with one that is
    before = takings.figures_of(connection, shops.ids, earlier.first, earlier.last)
    figures, naming = found.figures, Naming(connection, language)
    points = _hours(found, language) if span.kind == "day" else _days(found, span, today, language)
    tenders = [(naming.tender(kind), fen) for kind, fen in found.part(receipt_parts.TENDER).items()]
    return Overview(
        span=span,
        figures=figures,
        before=before,
        change_bp=None if running else words.change_bp(figures.payable_fen, before.payable_fen),
        average_fen=figures.payable_fen // figures.sales if figures.sales else 0,
        bars=charts.bars(points),
        best=max((one for one in points if one.value > 0), key=lambda one: one.value, default=None),
        tenders=charts.strip(tenders),
        tenders_back=tuple(one for one in tenders if one[1] < 0),
        funders=_named(found, receipt_parts.FUNDER, naming),
        owed=_named(found, receipt_parts.OWED, naming),
        assets=_assets(found, naming),
        coupons=_coupons(found, naming),
        categories=_metered(found.part(receipt_parts.CATEGORY), {}),
        cashiers=_metered(found.part(receipt_parts.CASHIER), found.part(receipt_parts.CASHIER_SALES)),
        tills=_per(found, "terminal", shops.till),
        stores=_per(found, "store", shops.named) if len(shops.shown) > 1 else (),
    )


def _hours(found: Takings, language: Language) -> list[Point]:
    """From the first hour with sales to the last, at least from 8 to 20."""
    taken, sales = found.part(receipt_parts.HOUR), found.part(receipt_parts.HOUR_SALES)
    hours = [int(hour) for hour in (*taken, *sales)]
    shown = range(min([8, *hours]), max([20, *hours]) + 1)
    return [
        Point(
            f"{hour}",
            taken.get(f"{hour:02}", 0),
            f"{hour}:00–{hour + 1}:00  {words.yuan(taken.get(f'{hour:02}', 0))}"
            + _sales_told(sales.get(f"{hour:02}", 0), language),
        )
        for hour in shown
    ]


def _days(found: Takings, span: Span, today: dt.date, language: Language) -> list[Point]:
    per_date = found.per("date")
    points = []
    for day in span.days:
        figures = per_date.get(day.isoformat(), Figures())
        named = words.day(day.isoformat(), language)
        label = named.rpartition(" ")[2] if span.kind == "week" and language == "zh" else f"{day.day}"
        label = named.partition(" ")[0] if span.kind == "week" and language == "en" else label
        told = f"{named}  {words.yuan(figures.payable_fen)}" + _sales_told(figures.sales, language)
        points.append(Point(label, figures.payable_fen, told, day == today))
    return points


def _sales_told(sales: int, language: Language) -> str:
    return f" · {words.count(sales)} " + ("sales" if language == "en" else "单")


def _named(found: Takings, subject: str, naming: Naming) -> tuple[tuple[str, int], ...]:
    return tuple((naming.funder(who), fen) for who, fen in found.part(subject).items())


def _assets(found: Takings, naming: Naming) -> tuple[tuple[str, str, str], ...]:
    """Per asset: its name, what was issued, what was redeemed."""
    earned, redeemed = found.part(receipt_parts.EARNED), found.part(receipt_parts.REDEEMED)
    return tuple(
        (
            naming.of(asset),
            naming.amount(asset, earned.get(asset, 0)),
            naming.amount(asset, redeemed.get(asset, 0)),
        )
        for asset in sorted({*earned, *redeemed})
    )


def _coupons(found: Takings, naming: Naming) -> tuple[tuple[str, int, int], ...]:
    issued, taken = found.part(receipt_parts.ISSUED), found.part(receipt_parts.TAKEN)
    return tuple(
        (naming.of(rule), issued.get(rule, 0), taken.get(rule, 0)) for rule in sorted({*issued, *taken})
    )


def _metered(amounts: dict[str, int], sales: dict[str, int]) -> tuple[Metered, ...]:
    """The largest ones; the others together come last, without a name."""
    greatest = max(amounts.values(), default=0)
    rows = [Metered(key, fen, charts.length(fen, greatest), sales.get(key)) for key, fen in amounts.items()]
    others = sum(one.fen for one in rows[ROWS_MAX:])
    more = [Metered("", others, charts.length(others, greatest))] if len(rows) > ROWS_MAX else []
    return tuple(rows[:ROWS_MAX] + more)


def _per(found: Takings, what: str, named: object) -> tuple[Metered, ...]:
    assert callable(named)
    sums = found.per(what)
    greatest = max((one.payable_fen for one in sums.values()), default=0)
    return tuple(
        Metered(named(key), one.payable_fen, charts.length(one.payable_fen, greatest), one.sales)
        for key, one in sums.items()
    )
