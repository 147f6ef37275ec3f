"""The worked sale of the domain's page, and sales of every kind for properties."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from pos.domain.basket import Basket, BasketLine, MemberInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.events import PackRef, RefundMade, SaleMade, Tender
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.assets import Accrual, Asset, Redemption
from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import Funder, exact
from pos.domain.programme.rules import MemberPrice
from pos.domain.programme.terms import Exclusions, Plan, Share
from pos.domain.receipt import StoreCard
from pos.domain.refund import Refund, ReturnedLine, add_returned, refund

PACK_BYTES = (Path(__file__).parents[2] / "resources/programmes/tongyi.toml").read_bytes()
PACK = load_pack(PACK_BYTES)
PACK_REF = PackRef("tongyi", 2, "ab" * 32)
STORE = StoreCard(
    "同壹联盟", "M1", "S1", "同壹便利店", "幸福路 1 号", "Asia/Shanghai", "1 号机", ("谢谢惠顾", "欢迎再来")
)

WATER = Product("6921168509256", "农夫山泉", "550ml", "瓶", "饮料", 170, 158, 120, "NFSQ")
COLA = Product("6954767410388", "可口可乐", "330ml", "罐", "饮料", 240, 223, 190, "KKKL")
TOBACCO = Product("6901028075770", "软中华", "20支", "包", "烟草", 6060, 6060, 5600, "RZH")
APPLES = Product("20001", "红富士苹果", "", "kg", "水果", 1280, 1180, 900, "HFSPG")
BAG = Product("20000011", "购物袋", "大", "个", "日用", 30, 20)

LINES = (
    checked_line(WATER, quantity=3),
    checked_line(COLA, quantity=2),
    checked_line(TOBACCO),
    checked_line(APPLES, weight_g=1234),
)
MEMBER = MemberInput("30006012", "basic", {"points": 2000})
WORKED = Basket(LINES, MEMBER, {"points": 700})
ALL_WORKED = (ReturnedLine(0, 3), ReturnedLine(1, 2), ReturnedLine(2, 1), ReturnedLine(3, 1))


def worked_sale() -> PricedSale:
    return price(WORKED, PACK)


def sale_made(basket: Basket = WORKED, pack: Pack = PACK, **changes: object) -> SaleMade:
    """The sale as journaled, paid exactly in cash."""
    result = price(basket, pack)
    stated: dict[str, object] = {
        "receipt_no": "S1-1-ABCDE-0001",
        "at": "2026-03-01T12:00:00+08:00",
        "date": "2026-03-01",
        "store": "S1",
        "cashier": "03",
        "pack": PACK_REF,
        "basket": basket,
        "result": result,
        "tenders": (Tender("cash", result.due_fen),),
        "change_fen": 0,
        "online": True,
    }
    return SaleMade(**(stated | changes))  # type: ignore[arg-type]


def refund_made(
    sale: SaleMade,
    returning: tuple[ReturnedLine, ...],
    *,
    before: Mapping[int, int] | None = None,
    cash_back_before_fen: int = 0,
    pack: Pack = PACK,
    number: int = 2,
) -> RefundMade:
    member = sale.basket.member
    result = refund(
        sale.result,
        sale.basket,
        pack,
        before=before or {},
        cash_back_before_fen=cash_back_before_fen,
        returning=returning,
    )
    return RefundMade(
        receipt_no=f"S1-1-ABCDE-{number:04d}",
        of=sale.receipt_no,
        at="2026-03-02T12:00:00+08:00",
        date="2026-03-02",
        store=sale.store,
        cashier="03",
        pack=sale.pack,
        before=dict(before or {}),
        cash_back_before_fen=cash_back_before_fen,
        returning=returning,
        result=result,
        member_no=member.member_no if member else None,
        plan=member.plan if member else None,
        online=True,
    )


def refunds_of(
    sale: SaleMade, steps: tuple[tuple[ReturnedLine, ...], ...], pack: Pack = PACK
) -> list[RefundMade]:
    """One refund after the other."""
    made: list[RefundMade] = []
    before: dict[int, int] = {}
    for number, returning in enumerate(steps, 2):
        given = sum(one.result.cash_back_fen for one in made)
        made.append(
            refund_made(sale, returning, before=before, cash_back_before_fen=given, pack=pack, number=number)
        )
        before = add_returned(before, returning)
    return made


def total(results: list[Refund], name: str) -> int:
    return sum(getattr(result, name) for result in results)


# --- sales of every kind -------------------------------------------------------------------------

funders: st.SearchStrategy[Funder] = st.sampled_from(("merchant", "alliance", "brand"))


@st.composite
def products(draw: st.DrawFn, number: int = 0) -> Product:
    list_fen = draw(st.integers(0, 20_000))
    return Product(
        code=f"{number + 1}",
        name=f"货{number}",
        spec="",
        unit=draw(st.sampled_from(("个", "kg"))),
        category=draw(st.sampled_from(("饮料", "水果", "烟草"))),
        price_fen=list_fen,
        member_price_fen=draw(st.integers(0, 20_000)),
    )


@st.composite
def lines(draw: st.DrawFn) -> tuple[BasketLine, ...]:
    count = draw(st.integers(1, 5))
    found = []
    for number in range(count):
        product = draw(products(number))
        if product.weighed:
            found.append(checked_line(product, weight_g=draw(st.integers(1, 9_999))))
        else:
            found.append(checked_line(product, quantity=draw(st.integers(1, 9))))
    return tuple(found)


@st.composite
def assets(draw: st.DrawFn, asset_id: str) -> Asset:
    scale = draw(st.integers(0, 4))
    step = draw(
        st.sampled_from(
            [text for text, least in (("1", 0), ("5", 0), ("0.5", 1), ("0.01", 2)) if least <= scale]
        )
    )
    return Asset(asset_id, asset_id, scale, step)


@st.composite
def redemptions(draw: st.DrawFn, asset: Asset) -> Redemption:
    """A step of it pays whole fen, as loading demands."""
    worth = [fen for fen in (1, 2, 7, 50, 100) if (exact(asset.step) * fen).denominator == 1]
    return Redemption(
        asset.id,
        draw(funders),
        value_fen=draw(st.sampled_from(worth)),
        cap_bp=draw(st.integers(1, 10_000)),
        earns=draw(st.booleans()),
    )


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Packs that `load_pack` would take: one or two assets that pay, any funder, any share."""
    found = tuple(draw(assets(name)) for name in ("points", "voucher")[: draw(st.integers(1, 2))])
    return Pack(
        format=1,
        id="any",
        version=1,
        name="any",
        plans=(Plan("basic", "基础会员", 0), Plan("co_creator", "共创会员", 0, earn_multiplier="1.5")),
        assets=found,
        price_rules=draw(
            st.sampled_from(
                (
                    (),
                    (MemberPrice("member_price", "会员价", "merchant"),),
                    (MemberPrice("member_price", "会员价", "alliance"),),
                )
            )
        ),
        accruals=(
            Accrual(
                "a", "member", "points", "unpaid", draw(st.sampled_from(("1", "0.5", "0.333333333", "100")))
            ),
        ),
        redemptions=tuple(draw(redemptions(asset)) for asset in found),
        share=Share("received", draw(st.integers(0, 10_000)), draw(st.sampled_from(("all", "member")))),
        exclusions=Exclusions(categories=("烟草",)),
    )


@st.composite
def baskets(draw: st.DrawFn) -> Basket:
    member = None
    if draw(st.integers(0, 4)):
        held = {name: draw(st.integers(-500, 200_000)) for name in ("points", "voucher")}
        member = MemberInput("30001234", draw(st.sampled_from(("basic", "co_creator"))), held)
    wish = st.one_of(st.just(0), st.just(1 << 62), st.integers(-5, 200_000))
    return Basket(
        lines=draw(lines()),
        member=member,
        redeem={name: draw(wish) for name in ("points", "voucher")},
        ceilings_fen=draw(st.dictionaries(st.sampled_from(("points", "voucher")), st.integers(0, 20_000))),
    )


@st.composite
def return_steps(draw: st.DrawFn, sold: tuple[int, ...]) -> tuple[tuple[ReturnedLine, ...], ...]:
    """Refunds in any order and size that together return everything."""
    pieces = draw(st.permutations([line for line, quantity in enumerate(sold) for _ in range(quantity)]))
    steps = []
    while pieces:
        size = draw(st.integers(1, len(pieces)))
        steps.append(_returned(pieces[:size]))
        pieces = pieces[size:]
    return tuple(steps)


def _returned(pieces: list[int]) -> tuple[ReturnedLine, ...]:
    return tuple(ReturnedLine(line, pieces.count(line)) for line in sorted(set(pieces)))


def everything(sale: PricedSale) -> tuple[ReturnedLine, ...]:
    return tuple(ReturnedLine(index, line.quantity) for index, line in enumerate(sale.lines))
