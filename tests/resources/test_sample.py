"""The sample shop is data that people try the till with, so its promises are checked here."""

import csv
import tomllib
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from biip.gtin import Gtin

from pos.domain.programme.loading import load_pack
from pos.domain.programme.rules import HELD_KINDS, Flash

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
README = (SAMPLE / "README.md").read_text(encoding="utf-8")
PINS = {"01": "010101", "03": "030303", "04": "040404", "09": "090909"}
NO_DISCOUNT = {"烟草", "购物袋"}


def read(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


GOODS = read("goods.csv")
MEMBERS = read("members.csv")
STAFF = read("staff.csv")
WEIGHED = [row for row in GOODS if row["unit"] == "kg"]
PACKAGED = [row for row in GOODS if row["unit"] != "kg"]
BAGS = [row for row in GOODS if row["category"] == "购物袋"]
IN_STORE = [row for row in PACKAGED if len(row["barcode"]) == 8]
PEOPLE = [row for row in MEMBERS if row["status"] != "sealed"]
SEALED = [row for row in MEMBERS if row["status"] == "sealed"]
NEWCOMERS = {"30006632", "30000588", "30004193", "30002413"}
PACKS = {
    name: load_pack((SAMPLE.parent / "programmes" / f"{name}.toml").read_bytes())
    for name in ("tongyi", "community_groupbuy", "tianshang")
}
MAY_BE_EMPTY = {"plan", "home_store", "referrer", "coupons"}


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("goods.csv", "barcode,name,spec,unit,category,cost_yuan,price_yuan,member_price_yuan"),
        (
            "members.csv",
            "member_no,card_code,name,phone,birthday,plan,expires_in_days,status,points,time_points,sales,home_store,referrer,coupons",
        ),
        ("staff.csv", "number,role,pin_hash"),
    ],
)
def test_columns_are_exact_and_no_cell_is_blank_by_oversight(name: str, columns: str) -> None:
    raw = (SAMPLE / name).read_bytes()
    assert raw.startswith((columns + "\n").encode())  # and so no byte order mark
    assert b"\r" not in raw
    rows = read(name)
    for row in rows:
        assert None not in row, "a row has more cells than there are columns"
        assert all(cell or column in MAY_BE_EMPTY for column, cell in row.items()), row
        assert all(cell == cell.strip() for cell in row.values()), row


def test_there_is_enough_of_everything() -> None:
    assert len(GOODS) >= 140
    assert len(PACKAGED) >= 120
    assert len(WEIGHED) >= 16
    assert len(BAGS) == 2
    assert len(IN_STORE) == 8 + len(BAGS)
    assert len(PEOPLE) == 66
    assert len(SEALED) == 6
    assert {plan: sum(row["plan"] == plan for row in PEOPLE) for plan in ("basic", "co_creator")} == {
        "basic": 48,
        "co_creator": 18,
    }


def test_names_and_codes_are_unique() -> None:
    for rows, columns in (
        (GOODS, ("barcode", "name")),
        (MEMBERS, ("member_no", "card_code", "name", "phone")),
        (STAFF, ("number", "pin_hash")),
    ):
        for column in columns:
            values = [row[column] for row in rows]
            assert len(set(values)) == len(values), column


@pytest.mark.parametrize("row", PACKAGED, ids=lambda row: row["barcode"])
def test_barcode_has_a_valid_check_digit(row: dict[str, str]) -> None:
    gtin = Gtin.parse(row["barcode"])  # raises on a wrong check digit
    assert len(gtin.value) == (8 if row in IN_STORE else 13)
    assert row["barcode"].startswith("2") == (row in IN_STORE), (
        "in-store EAN-13 codes belong to the label scale"
    )


def test_weighed_goods_have_plu_codes() -> None:
    for row in WEIGHED:
        assert len(row["barcode"]) == 5
        assert row["barcode"].isdecimal()
        assert row["category"] in {"水果", "蔬菜", "散装食品"}


def test_bags_have_in_store_codes() -> None:
    assert {row["price_yuan"] for row in BAGS} == {"0.30", "0.20"}
    assert all(row["barcode"].startswith("2") for row in BAGS)


@pytest.mark.parametrize("row", GOODS, ids=lambda row: row["barcode"])
def test_prices_keep_the_merchants_promise(row: dict[str, str]) -> None:
    cost, price, member_price = (
        Decimal(row[column]) for column in ("cost_yuan", "price_yuan", "member_price_yuan")
    )
    for amount in (cost, price, member_price):
        assert amount.as_tuple().exponent == -2
    assert cost > 0
    if row["category"] in NO_DISCOUNT:
        assert member_price == price
    else:
        assert price * 85 <= member_price * 100 <= price * 95
    assert 0 <= (member_price - cost) * 100 <= member_price * 15


def test_goods_of_the_worked_sale() -> None:
    found = {row["barcode"]: (row["price_yuan"], row["member_price_yuan"]) for row in GOODS}
    assert found["6921168509256"] == ("1.70", "1.58")
    assert found["6954767410388"] == ("2.40", "2.23")
    assert found["6901028075770"] == ("60.60", "60.60")
    assert found["20001"] == ("12.80", "11.80")
    categories = {row["barcode"]: row["category"] for row in GOODS}
    assert categories["6901028075770"] == "烟草"
    assert categories["20001"] == "水果"


def test_member_of_the_worked_sale_comes_first() -> None:
    first = MEMBERS[0]
    assert [row["member_no"] for row in MEMBERS if row["member_no"].endswith("6012")] == [first["member_no"]]
    assert (first["plan"], first["points"], first["status"], first["expires_in_days"]) == (
        "basic",
        "20",
        "active",
        "178",
    )
    assert first["sales"] == "1", "the worked sale is no first order"


@pytest.mark.parametrize("name", PACKS)
def test_every_offer_of_the_packs_finds_its_goods(name: str) -> None:
    bound = {
        code
        for rule in PACKS[name].price_rules
        for code in (
            *rule.scope.products,
            *(code for item in getattr(rule, "items", ()) for code in item.products),
        )
    }
    assert bound
    assert bound <= {row["barcode"] for row in IN_STORE}


def test_offers_are_below_the_list_price() -> None:
    prices = {row["barcode"]: int(Decimal(row["price_yuan"]) * 100) for row in GOODS}
    for rule in PACKS["tongyi"].price_rules:
        if isinstance(rule, Flash):
            for code in rule.scope.products:
                assert rule.price_fen is not None
                assert rule.price_fen < prices[code]


@pytest.mark.parametrize("row", PEOPLE, ids=lambda row: row["member_no"])
def test_member(row: dict[str, str]) -> None:
    assert len(row["member_no"]) == 8
    assert row["member_no"].startswith("3000")
    assert row["member_no"].isdecimal()
    assert len(row["phone"]) == 11
    assert row["phone"].startswith("199000")
    assert 0 <= int(row["points"]) <= 400
    assert date(1940, 1, 1) < date.fromisoformat(row["birthday"]) < date(2010, 1, 1)
    assert row["plan"] in {"basic", "co_creator"}
    assert (row["sales"], row["home_store"]) == (("0", "") if row["member_no"] in NEWCOMERS else ("1", "S1"))
    assert int(row["points"]) == 0 or row["sales"] == "1", "points come from a sale"
    assert row["referrer"] in {"", *(one["member_no"] for one in PEOPLE if one != row)}
    for coupon in filter(None, row["coupons"].split(";")):
        assert isinstance(PACKS["tongyi"].rule(coupon), HELD_KINDS)


@pytest.mark.parametrize("row", SEALED, ids=lambda row: row["member_no"])
def test_a_sealed_card_is_nobodys_yet(row: dict[str, str]) -> None:
    assert row["member_no"].startswith("3000")
    columns = (
        "plan",
        "expires_in_days",
        "points",
        "time_points",
        "sales",
        "home_store",
        "referrer",
        "coupons",
    )
    assert [row[column] for column in columns] == ["", "0", "0", "0", "0", "", "", ""]


def test_what_can_be_shown_with_the_members() -> None:
    assert any(row["coupons"] for row in PEOPLE)
    assert any(row["referrer"] for row in PEOPLE)
    assert any(int(row["time_points"]) >= 1000 for row in PEOPLE), "a fee can be paid with time points"
    assert sum(row["sales"] == "0" for row in PEOPLE) == len(NEWCOMERS)


def test_members_stand_in_every_state() -> None:
    expired = [row for row in PEOPLE if int(row["expires_in_days"]) < 0]
    blocked = [row for row in PEOPLE if row["status"] == "blocked"]
    valid = [row for row in PEOPLE if row not in expired and row not in blocked]
    assert len(expired) == len(blocked) == 2
    assert {row["status"] for row in [*expired, *valid]} == {"active"}
    assert all(20 <= int(row["expires_in_days"]) <= 360 for row in [*blocked, *valid])
    assert sum(row["points"] == "0" for row in MEMBERS) >= 3


def test_member_numbers_are_shuffled() -> None:
    numbers = [int(row["member_no"]) for row in MEMBERS]
    assert all(abs(a - b) > 1 for a, b in pairwise(numbers))
    assert numbers != sorted(numbers)


@pytest.mark.parametrize("row", MEMBERS, ids=lambda row: row["member_no"])
def test_card_code(row: dict[str, str]) -> None:
    code = row["card_code"]
    assert len(code) == 23
    assert code.isdecimal()
    assert code.startswith("9")
    assert int(code[1:21]) < 2**64
    assert int(code) % 97 == 1  # ISO 7064 MOD 97-10


@pytest.mark.parametrize("row", STAFF, ids=lambda row: row["number"])
def test_pin_verifies(row: dict[str, str]) -> None:
    hasher = PasswordHasher()
    assert hasher.verify(row["pin_hash"], PINS[row["number"]])
    assert not hasher.check_needs_rehash(row["pin_hash"])


def test_staff_cover_every_role() -> None:
    assert {row["number"]: row["role"] for row in STAFF} == {
        "01": "owner",
        "03": "cashier",
        "04": "cashier",
        "09": "technician",
    }


def test_readme_lists_every_member_and_every_pin() -> None:
    for row in MEMBERS:
        state = "expired" if int(row["expires_in_days"]) < 0 else row["status"]
        line = f"| {row['member_no']} | {row['plan'] or '–'} | {row['points']} | {state} | `{row['card_code']}` |"
        assert line in README
    for number, pin in PINS.items():
        assert README.count(f"| {number} | ") == 2  # once in each language
        assert README.count(f"`{pin}` |") == 2
    assert f"{len(GOODS)} goods, of which {len(WEIGHED)} are weighed" in README


def test_shop_file_names_one_store_with_one_till() -> None:
    shop = tomllib.loads((SAMPLE / "shop.toml").read_text(encoding="utf-8"))
    assert set(shop) == {"alliance", "merchant", "store", "terminal", "receipt"}
    assert shop["alliance"]["id"] == "tongyi-demo"
    assert shop["merchant"]["id"] == "M1"
    assert set(shop["store"]) == {"id", "name", "address", "timezone"}
    assert ZoneInfo(shop["store"]["timezone"]).key == "Asia/Shanghai"
    assert shop["terminal"] == [{"id": "S1-1", "label": "1 号机"}]
    assert shop["receipt"]["paper_mm"] == 58
    for sentence in shop["receipt"]["footer"]:
        assert len(sentence) <= 16  # a 58 mm line holds 32 columns, a Chinese character takes two
