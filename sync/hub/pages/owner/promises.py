"""Goods outside of what merchants promise, and prices that moved: pure rules over the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from pos.domain.catalogue import Product
from pos.domain.money import BASIS_POINTS, round_half_up, yuan
from pos.domain.programme.pack import Pack
from pos.domain.programme.spoken import percent
from pos.domain.programme.terms import Alerts, Merchants
from sync.hub.words import Told, Words


class Flagged(NamedTuple):
    """A good and all that is to be said about it. `saved_bp` and `margin_bp`: None where not known."""

    product: Product
    saved_bp: int | None
    margin_bp: int | None
    why: tuple[Told, ...]


class Catalogue(NamedTuple):
    """`flagged` goods, and how many were looked at, left out by the pack, or have no known cost."""

    flagged: tuple[Flagged, ...]
    judged: int
    excluded: int
    without_cost: int


def judged(products: Iterable[Product], pack: Pack, earlier_fen: Mapping[str, int]) -> Catalogue:
    """Looks at every good that takes part in the programme.

    `earlier_fen` is the list price at which a good was sold before, by its code, where it is known.
    """
    flagged, looked_at, excluded, without_cost = [], 0, 0, 0
    for one in products:
        if pack.exclusions.cover(one):
            excluded += 1
            continue
        looked_at += 1
        without_cost += not one.cost_fen
        saved_bp, margin_bp = _saved_bp(one), _margin_bp(one)
        why = [
            *_member_price(pack.merchants, saved_bp),
            *_margin(pack.merchants, margin_bp),
            *_moved(pack.alerts, one, earlier_fen.get(one.code)),
        ]
        if why:
            flagged.append(Flagged(one, saved_bp, margin_bp, tuple(why)))
    flagged.sort(key=lambda one: (-len(one.why), one.product.category, one.product.code))
    return Catalogue(tuple(flagged), looked_at, excluded, without_cost)


def _part_bp(part: int, whole: int) -> int | None:
    return round_half_up(Fraction(part * BASIS_POINTS, whole)) if whole > 0 else None


def _saved_bp(product: Product) -> int | None:
    """How far the member price is under the list price."""
    return _part_bp(product.price_fen - product.member_price_fen, product.price_fen)


def _margin_bp(product: Product) -> int | None:
    """What of the member price is not cost; None where the cost is not known."""
    if not product.cost_fen:
        return None
    return _part_bp(product.member_price_fen - product.cost_fen, product.member_price_fen)


def _member_price(promise: Merchants, saved_bp: int | None) -> list[Told]:
    low, high = promise.member_price_min_bp, promise.member_price_max_bp
    if saved_bp is None:
        return []
    if low is not None and saved_bp < low:
        return [Told(_TOO_DEAR, found=percent(saved_bp), limit=percent(low))]
    if high is not None and saved_bp > high:
        return [Told(_TOO_CHEAP, found=percent(saved_bp), limit=percent(high))]
    return []


def _margin(promise: Merchants, margin_bp: int | None) -> list[Told]:
    low, high = promise.margin_min_bp, promise.margin_max_bp
    if margin_bp is None:
        return []
    if low is not None and margin_bp < low:
        return [Told(_THIN, found=percent(margin_bp), limit=percent(low))]
    if high is not None and margin_bp > high:
        return [Told(_FAT, found=percent(margin_bp), limit=percent(high))]
    return []


def _moved(alerts: Alerts, product: Product, before_fen: int | None) -> list[Told]:
    if alerts.price_move_bp is None or not before_fen or before_fen == product.price_fen:
        return []
    moved_bp = _part_bp(product.price_fen - before_fen, before_fen) or 0
    if abs(moved_bp) <= alerts.price_move_bp:
        return []
    return [
        Told(
            _UP if moved_bp > 0 else _DOWN,
            before=yuan(before_fen),
            now=yuan(product.price_fen),
            percent=percent(abs(moved_bp)),
        )
    ]


def not_watched(alerts: Alerts) -> list[Words]:
    """Alerts that the pack asks for and for which nobody delivers the data yet."""
    asked = (
        (alerts.stock_hours_min, _STOCK_HOURS),
        (alerts.safety_stock_bp, _SAFETY_STOCK),
        (alerts.shrinkage_bp, _SHRINKAGE),
    )
    return [words for limit, words in asked if limit is not None]


_TOO_DEAR = Words(
    "会员价只比标价低 {found}%，约定不少于 {limit}%",
    "Member price only {found} % under list; promised at least {limit} %",
)
_TOO_CHEAP = Words(
    "会员价比标价低 {found}%，约定不多于 {limit}%",
    "Member price {found} % under list; promised at most {limit} %",
)
_THIN = Words("毛利率 {found}%，低于 {limit}%", "Margin {found} %, below {limit} %")
_FAT = Words("毛利率 {found}%，约定不多于 {limit}%", "Margin {found} %; promised at most {limit} %")
_UP = Words(
    "标价一周内从 {before} 涨到 {now}（{percent}%）",
    "List price rose from {before} to {now} in a week ({percent} %)",
)
_DOWN = Words(
    "标价一周内从 {before} 降到 {now}（{percent}%）",
    "List price fell from {before} to {now} in a week ({percent} %)",
)
_STOCK_HOURS = Words(
    "存货还够卖几小时：收银机还不报存货。", "Hours of stock left: tills do not report stock yet."
)
_SAFETY_STOCK = Words(
    "存货偏离安全库存：收银机还不报存货。", "Stock against safety stock: tills do not report stock yet."
)
_SHRINKAGE = Words("损耗：还没有盘点数据。", "Shrinkage: no stock-takes are delivered yet.")
