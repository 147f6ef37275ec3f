"""Small baskets under packs of every kind of rule, made so that rules get into each other's way.

Few goods and tiny prices, so that roundings meet; scopes that overlap; thresholds around what the basket
comes to. Every pack is one that loading would take. A case comes from one number, which is much faster
than drawing each of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, MerchantInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    HELD_KINDS,
    BasketPercent,
    Benefit,
    Bundle,
    BundleItem,
    CashVoucher,
    Coupon,
    FirstOrder,
    Flash,
    Gift,
    MemberPrice,
    NthItem,
    PlanDiscount,
    PriceRule,
    Scope,
    When,
    Window,
)
from pos.domain.programme.terms import Exclusions, Plan, Share

CATEGORIES = ("饮料", "水果")
CODES = ("1", "2", "3", "4")
ALL_CODES = (*CODES, *(f"{code}kg" for code in CODES))
EXCLUDED = "9"
AT = "2026-03-04T19:30:00+08:00"
NOW = (When(weekdays=("wed",), opens="18:00", closes="20:00"), When(dates=("2026-03-04",)))
NOT_NOW = When(opens="20:00", closes="24:00")
PLANS = (
    Plan("basic", "基础会员", 100_00, floor_bp=9000),
    Plan("co_creator", "共创会员", 1000_00, floor_bp=5000, earn_multiplier="1.5"),
)
PERCENTS = (1, 250, 333, 500, 1000, 1500, 2000, 3333, 5000, 9999, 10_000)
OWN_FUNDERS = ("merchant", "merchant", "alliance", "brand")
HELD_FUNDERS = ("merchant", "alliance", "issuer")


class Case(NamedTuple):
    basket: Basket
    pack: Pack


def cases(rules_max: int = 6, lines_max: int = 4, units_max: int = 4) -> st.SearchStrategy[Case]:
    """A basket of at most `lines_max` lines with at most `units_max` pieces each, and a pack."""
    return st.integers(0, (1 << 64) - 1).map(lambda seed: case_of(seed, rules_max, lines_max, units_max))


def case_of(seed: int, rules_max: int = 6, lines_max: int = 4, units_max: int = 4) -> Case:
    """The case of a number: the same on every machine."""
    random = Random(seed)
    lines = _lines(random, lines_max, units_max)
    rules = tuple(
        random.choice(_MAKERS)(random, f"r{number}", lines) for number in range(random.randint(1, rules_max))
    )
    pack = Pack(
        format=1,
        id="any",
        version=1,
        name="any",
        plans=PLANS,
        share=Share("received", 300),
        price_rules=rules,
        exclusions=Exclusions(codes=(EXCLUDED,)),
    )
    return Case(_basket(random, lines, rules), pack)


def _price(random: Random) -> int:
    return random.randint(0, random.choice((5, 40, 2_500)))


def _lines(random: Random, lines_max: int, units_max: int) -> tuple[BasketLine, ...]:
    lines = []
    for _ in range(random.randint(1, lines_max)):
        code = random.choice((*CODES, *CODES, *CODES, EXCLUDED))
        weighed = random.randrange(5) == 0
        list_fen = _price(random)
        good = Product(
            code=f"{code}kg" if weighed else code,
            name=f"货{code}",
            spec="",
            unit="kg" if weighed else "个",
            category=CATEGORIES[int(code) % 2],
            price_fen=list_fen,
            member_price_fen=max(0, list_fen - random.randint(-2, max(1, list_fen // 3))),
        )
        if weighed:
            lines.append(checked_line(good, weight_g=random.randint(1, 2_500)))
        else:
            lines.append(checked_line(good, quantity=random.randint(1, units_max)))
    return tuple(lines)


def _basket(random: Random, lines: tuple[BasketLine, ...], rules: tuple[PriceRule, ...]) -> Basket:
    member = None
    if random.randrange(10):
        plan = random.choice(("basic", "co_creator", "co_creator", "unheard_of"))
        member = MemberInput("30001234", plan, first_order=random.random() < 0.5)
    coupons = [
        HeldCoupon(rule.id, issuer=random.choice((None, "M1", "M2")))
        for rule in rules
        if isinstance(rule, HELD_KINDS)
        for _ in range(random.randrange(4))
    ]
    return Basket(
        lines=lines,
        member=member,
        at=AT,
        store="S1",
        merchant=MerchantInput("M1"),
        coupons=tuple(coupons),
        used={rule.id: random.randrange(4) for rule in rules if isinstance(rule, Flash)},
    )


# --- rules -------------------------------------------------------------------------------------------


def _some(random: Random, values: tuple[str, ...], most: int) -> set[str]:
    return set(random.sample(values, random.randint(1, most)))


def _scope(random: Random, *, must_name: bool = False, plans: bool = True) -> Scope:
    form = random.randint(1 if must_name else 0, 4)
    products = _some(random, ALL_CODES, 5) if form in {1, 3} or (must_name and form == 4) else set()
    excepted = _some(random, ALL_CODES, 2) if random.random() < 0.4 else set()
    return Scope(
        products=tuple(sorted(products)),
        categories=(random.choice(CATEGORIES),) if form in {2, 3} else (),
        stores=random.choice(((), (), (), (), ("S1",), ("S2",))),
        plans=random.choice(((), (), (), ("co_creator",))) if plans else (),
        except_products=tuple(sorted(excepted - products)),
    )


def _when(random: Random) -> When | None:
    return random.choice((None, None, *NOW, *NOW, NOT_NOW))


def _cut(random: Random) -> dict[str, Any]:
    if random.random() < 0.5:
        return {"off_bp": random.choice(PERCENTS)}
    return {"price_fen": _price(random)}


def _common(random: Random, rule_id: str, funders: tuple[str, ...] = OWN_FUNDERS) -> dict[str, Any]:
    return {"id": rule_id, "name": rule_id, "funder": random.choice(funders)}


def _member_price(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return MemberPrice(**_common(random, rule_id), max_units=random.choice((None, None, 3)))


def _plan_discount(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    everyone = random.random() < 0.1
    return PlanDiscount(
        **_common(random, rule_id),
        scope=_scope(random, plans=not everyone),
        audience="everyone" if everyone else "member",
        off_bp=random.choice(PERCENTS),
        below_member_price=random.choice((None, "alliance", "brand")),
        max_units=random.choice((None, None, 2)),
    )


def _window(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    everyone = random.random() < 0.5
    return Window(
        **_common(random, rule_id),
        scope=_scope(random, plans=not everyone),
        when=random.choice((*NOW, *NOW, NOT_NOW)),
        audience="everyone" if everyone else "member",
        max_units=random.choice((None, None, 1, 3)),
        **_cut(random),
    )


def _flash(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    quota = random.randint(1, 6)
    return Flash(
        **_common(random, rule_id),
        scope=_scope(random),
        when=_when(random),
        max_units=random.choice((None, random.randint(1, quota))),
        quota=quota,
        **_cut(random),
    )


def _nth_item(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    n = random.randint(2, 3)
    return NthItem(
        **_common(random, rule_id),
        scope=_scope(random),
        when=_when(random),
        n=n,
        max_units=random.choice((None, None, n, n + 1)),
        **_cut(random),
    )


def _bundle(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    items = tuple(
        BundleItem(tuple(sorted(_some(random, CODES, 3))), quantity=random.randint(1, 2))
        for _ in range(random.randint(1, 3))
    )
    if sum(item.quantity for item in items) < 2:
        items = (BundleItem(items[0].products, 2),)
    return Bundle(
        **_common(random, rule_id),
        scope=random.choice((Scope(), Scope(), Scope(stores=("S2",)), Scope(plans=("co_creator",)))),
        when=_when(random),
        items=items,
        max_units=random.choice((None, None, 1, 2)),
        **_cut(random),
    )


def _gift(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return Gift(**_common(random, rule_id, HELD_FUNDERS), scope=_scope(random, must_name=True))


def _basket_terms(random: Random, lines: tuple[BasketLine, ...]) -> dict[str, Any]:
    """A threshold around what the basket comes to, a reduction, a group."""
    gross = sum(line.gross_fen for line in lines)
    around = random.choice((0, gross, gross * 9 // 10, gross // 2, gross // 3, random.randint(0, gross)))
    terms: dict[str, Any] = {
        "scope": _scope(random),
        "min_fen": max(0, around + random.randint(-1, 1)),
        "group": random.choice(("basket", "basket", "extra", "third")),
    }
    if random.random() < 0.5:
        terms["off_bp"] = random.choice(PERCENTS)
        terms["max_fen"] = random.choice((None, random.randint(1, max(1, gross // 3))))
    else:
        terms["off_fen"] = random.randint(1, max(1, gross // random.choice((1, 2, 4))))
    return terms


def _coupon(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return Coupon(**_common(random, rule_id, HELD_FUNDERS), **_basket_terms(random, lines))


def _first_order(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return FirstOrder(**_common(random, rule_id), **_basket_terms(random, lines))


def _basket_percent(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return BasketPercent(**_common(random, rule_id), **_basket_terms(random, lines))


def _cash_voucher(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return CashVoucher(**_common(random, rule_id, HELD_FUNDERS), value_fen=random.randint(1, 500))


def _benefit(random: Random, rule_id: str, lines: tuple[BasketLine, ...]) -> PriceRule:
    return Benefit(**_common(random, rule_id, HELD_FUNDERS))


_MAKERS: tuple[Callable[[Random, str, tuple[BasketLine, ...]], PriceRule], ...] = (
    _member_price,
    _plan_discount,
    _window,
    _flash,
    _nth_item,
    _bundle,
    _bundle,
    _gift,
    _coupon,
    _coupon,
    _first_order,
    _basket_percent,
    _basket_percent,
    _cash_voucher,
    _benefit,
)
