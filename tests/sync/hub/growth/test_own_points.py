"""Merchants' own points: at the merchant's ratio, out of its budget, each of its numbers once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.hub.alliance import members
from sync.hub.alliance.csv_tables import Mistaken
from sync.hub.growth import own_points, own_points_file
from sync.hub.growth.own_points import Conversion, Offer
from sync.hub.hub import Hub
from sync.hub.words import Told
from tests.sync.hub import books, honest, sales
from tests.sync.hub.terminals import FakeTerminal


@pytest.fixture(autouse=True)
def pack(publish: Callable[[str], None]) -> None:
    publish("tianshang")


def register(hub: Hub, ratio: str, merchant: str = "M1") -> Offer:
    with hub.database.write() as connection:
        return own_points.register(hub, connection, merchant, ratio=ratio, by="M1")


def fund(hub: Hub, amount_fen: int, reference: str = "B1") -> Offer:
    with hub.database.write() as connection:
        return own_points.fund(hub, connection, "M1", amount_fen=amount_fen, reference=reference, by="M1")


def convert(hub: Hub, own: str, reference: str = "C1", member: str = sales.MEMBER) -> Conversion:
    with hub.database.write() as connection:
        return own_points.convert(
            hub, connection, "M1", member_no=member, own=own, reference=reference, by="M1"
        )


def convert_file(hub: Hub, *lines: str) -> tuple[list[Conversion], int]:
    text = "\n".join(("reference,member_no,points", *lines)).encode()
    with hub.database.write() as connection:
        return own_points_file.convert_file(hub, connection, "M1", text, "c.csv", by="M1")


def test_converted_at_the_merchants_ratio_out_of_its_budget(noon: Hub, till: FakeTerminal) -> None:
    assert register(noon, "0.25") == Offer("M1", "0.25", 0, noon.time(), "M1")
    before = books.balances(noon)
    assert fund(noon, 100_00).budget_fen == 100_00
    done = convert(noon, "101.5")
    assert (done.own, done.taken, done.given, done.funded_fen) == ("101.5", "101", 25_25, 25_25)
    assert books.changes(before, books.balances(noon)) == {
        ("merchant:M1", "CNY"): -100_00,
        ("alliance:points_budget:M1", "CNY"): 74_75,
        ("alliance:points_funding", "CNY"): 25_25,
        ("member:30006012", "points"): 25_25,
        ("alliance:exchanged", "points"): -25_25,
    }
    held = honest.member_row(till, sales.MEMBER).balances["points"]
    assert held == books.balances(noon)["member:30006012", "points"]
    with noon.database.read() as connection:
        assert own_points.offer_of(connection, "M1").budget_fen == 74_75
        assert own_points.conversions_of(connection, "M1") == [done]


def test_the_same_number_books_once_however_often_and_at_once(noon: Hub) -> None:
    register(noon, "1")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: fund(noon, 100_00), range(6)))
        done = list(pool.map(lambda _: convert(noon, "10.00"), range(6)))
    assert len(set(map(repr, done))) == 1
    after = books.balances(noon)
    assert after["alliance:points_budget:M1", "CNY"] == 90_00
    register(noon, "2")
    assert convert(noon, "10").given == 10_00, "the answer of then, whatever the ratio is now"
    assert books.balances(noon) == after
    for own, member in (("11", sales.MEMBER), ("10", sales.FRIEND)):
        with pytest.raises(Told, match="another booking"):
            convert(noon, own, member=member)
    with pytest.raises(Told, match="another booking"):
        fund(noon, 99_00)
    assert books.balances(noon) == after


def test_nothing_beyond_the_budget(noon: Hub) -> None:
    register(noon, "1")
    with pytest.raises(Told, match=r"0\.00 yuan left and 10\.00 are needed"):
        convert(noon, "10")
    fund(noon, 10_00)
    with pytest.raises(Told, match="Fund it first"):
        convert(noon, "11")
    convert(noon, "10")
    before = books.balances(noon)
    with noon.database.read() as connection:
        terms = own_points.terms_now(noon, connection, "M1", by="M1")
        member = members.known(connection, sales.MEMBER)
    one = own_points.planned(terms, None, member, member_no=sales.MEMBER, own="1", reference="C2")
    with pytest.raises(Exception, match="not covered"), noon.database.write() as connection:
        own_points.book(noon, connection, terms, (one,))
    assert books.balances(noon) == before


def test_what_is_left_of_the_budget_can_be_taken_back(noon: Hub) -> None:
    register(noon, "1")
    fund(noon, 10_00)
    convert(noon, "4")
    with pytest.raises(Told, match=r"6\.00 yuan left"):
        fund(noon, -6_01, "B2")
    assert fund(noon, -6_00, "B2").budget_fen == 0
    assert fund(noon, -6_00, "B2").budget_fen == 0
    assert books.balances(noon)["merchant:M1", "CNY"] == -4_00
    with pytest.raises(Told, match="cannot be 0"):
        fund(noon, 0, "B3")


@pytest.mark.parametrize("ratio", ["0", "-1", "abc", "0.0000001", "1001", ""])
def test_a_ratio_is_a_ratio(noon: Hub, ratio: str) -> None:
    with pytest.raises(Told, match="ratio"):
        register(noon, ratio)
    with pytest.raises(Told, match="registered no ratio"):
        fund(noon, 1)


@pytest.mark.parametrize(
    ("own", "member", "reference", "match"),
    [
        ("0", sales.MEMBER, "1", "above 0"),
        ("0.99", sales.MEMBER, "1", "make no alliance points"),
        ("1.001", sales.MEMBER, "1", "2 decimals"),
        ("5", "5", "1", "no member 5"),
        ("5", sales.MEMBER, " ", "reference"),
    ],
)
def test_what_cannot_be_converted(noon: Hub, own: str, member: str, reference: str, match: str) -> None:
    register(noon, "1")
    fund(noon, 10_00)
    with pytest.raises(Told, match=match):
        convert(noon, own, reference, member)


def test_a_pack_without_merchants_ratios(noon: Hub, publish: Callable[[str], None]) -> None:
    publish("zhongdian")
    with pytest.raises(Told, match="no exchange of merchants"):
        register(noon, "1")
    with pytest.raises(Told, match="no merchant M9"):
        register(noon, "1", "M9")


def test_a_file_is_converted_whole_and_again_nothing_more(noon: Hub) -> None:
    register(noon, "0.5")
    fund(noon, 100_00)
    lines = (f"A1,{sales.MEMBER},10", f"A2,{sales.FRIEND},20.00", f"A3,{sales.MEMBER},30")
    done, new = convert_file(noon, *lines)
    assert ([one.given for one in done], new) == ([5_00, 10_00, 15_00], 3)
    after = books.balances(noon)
    assert convert_file(noon, *lines) == (done, 0)
    assert books.balances(noon) == after
    assert convert_file(noon, *lines, f"A4,{sales.FRIEND},2")[1] == 1
    assert books.balances(noon)["alliance:points_budget:M1", "CNY"] == 69_00


def test_a_file_with_mistakes_lists_them_all_and_books_nothing(noon: Hub) -> None:
    register(noon, "1")
    fund(noon, 10_00)
    convert(noon, "1", "OLD")
    before = books.balances(noon)
    with pytest.raises(Mistaken) as no:
        convert_file(
            noon,
            f"A1,{sales.MEMBER},9.99",
            "A2,5,1",
            f"A3,{sales.MEMBER},x",
            f"A1,{sales.MEMBER},1",
            f"OLD,{sales.MEMBER},2",
            f",{sales.MEMBER},1",
            f"A6,{sales.MEMBER},1,",
            f"A7,{sales.FRIEND},1",
        )
    said = no.value.say("en").splitlines()
    assert [line.split(": ")[0].strip() for line in said[1:]] == [
        *(f"c.csv:{line}" for line in (3, 4, 5, 6, 7, 8)),
        "c.csv",
    ], said
    assert "9.00 yuan left and 10.00 are needed" in said[-1]
    assert books.balances(noon) == before
    with pytest.raises(Mistaken, match="1 mistake") as no:
        convert_file(noon, f"A1,{sales.MEMBER},5", f"A2,{sales.FRIEND},5")
    assert "9.00 yuan left and 10.00 are needed" in no.value.say("en")
    assert books.balances(noon) == before
