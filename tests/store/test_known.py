"""Goods and members as the till knows them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.domain.catalogue import Product
from pos.domain.member_codes import card_code, card_hash
from pos.domain.refund import ReturnedLine
from pos.store.till_store import TillStore
from pos.usecases.ports import Goods, Members, Staff
from sync.protocol.cache_tables import WHERE_CARD
from sync.protocol.messages import MemberRow
from tests.store.sales import MEMBER, page, product, sell, take_back

CARD = card_hash(card_code(42))


def fill(till: TillStore, *goods: Product) -> None:
    till.replica.apply(page("catalogue", *((one.code, one) for one in goods)))


def tell_member(till: TillStore, points: int, *, change: int = 0, mark: int = 0) -> None:
    row = MemberRow(MEMBER, CARD, "basic", "active", "2026-12-31", {"points": points})
    till.replica.apply(page("members", (MEMBER, row), start=change, mark=mark))


def points(till: TillStore) -> int:
    known = till.members.by_card(CARD)
    assert known is not None
    assert known == till.members.by_number(MEMBER)
    return known.balances["points"]


def test_they_are_the_ports(till: TillStore) -> None:
    goods: Goods = till.goods
    members: Members = till.members
    staff: Staff = till.staff
    assert goods.product("1") is None
    assert members.by_card(CARD) is None
    assert members.by_number(MEMBER) is None
    assert staff.by_number("03") is None


WATER = product(1, code="6921168509256", name="农夫山泉", initials="nfsq")
COLA = product(2, code="6954767410388", name="Coca-Cola 可口可乐", initials="kkkl")
PEAR = product(3, code="20002", name="雪梨", initials="xl", unit="kg")
SPRING = product(4, code="6900000000004", name="山泉豆腐_100%", initials="sqdf")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("69", [SPRING, WATER, COLA]),  # code begins with it, by code
        ("6921168509256", [WATER]),
        ("nf", [WATER]),
        ("NFSQ", [WATER]),
        ("coca", [COLA]),
        ("山泉", [SPRING, WATER]),  # name begins with it before name contains it
        ("可乐", [COLA]),
        ("x", [PEAR]),
        ("_1", [SPRING]),
        ("%", [SPRING]),
        ("", []),
        ("  ", []),
        ("'; --", []),
        ("\U0010ffff", []),
    ],
)
def test_search(till: TillStore, text: str, found: list[Product]) -> None:
    fill(till, WATER, COLA, PEAR, SPRING)
    assert list(till.goods.search(text, 10)) == found
    assert list(till.goods.search(text, 1)) == found[:1]
    assert till.goods.search(text, 0) == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=6), limit=st.integers(min_value=1, max_value=5))
def test_search_takes_anything_and_keeps_its_limit(till: TillStore, text: str, limit: int) -> None:
    if till.replica.cursor("catalogue") == 0:
        fill(till, WATER, COLA, PEAR, SPRING)
    found = till.goods.search(text, limit)
    assert len(found) <= limit
    assert len({one.code for one in found}) == len(found)
    wanted = text.strip().casefold()
    for one in found:
        folded = (one.code.casefold(), one.initials, one.name.casefold())
        assert any(wanted in field for field in folded)


def test_lookups_use_an_index(till: TillStore) -> None:
    readers = till._readers[1]
    for sql in (
        "SELECT body FROM products WHERE code = ?1",
        "SELECT code FROM products WHERE code >= ?1 AND code < ?1 ORDER BY code",
        "SELECT code FROM products WHERE initials >= ?1 AND initials < ?1 ORDER BY initials, code",
        "SELECT code FROM products WHERE name >= ?1 AND name < ?1 ORDER BY name, code",
        "SELECT body, mark_seq FROM members WHERE member_no = ?1",
        f"SELECT body, mark_seq FROM members WHERE {WHERE_CARD} ORDER BY member_no LIMIT 1",
    ):
        plan = " ".join(str(row[3]) for row in readers.rows(f"EXPLAIN QUERY PLAN {sql}", ("x",)))
        assert "SEARCH" in plan, sql
        assert "SCAN" not in plan, sql


def test_a_member_is_known_by_card_and_number(till: TillStore) -> None:
    tell_member(till, 2000)
    known = till.members.by_card(CARD)
    assert known is not None
    assert (known.member_no, known.plan, known.status, known.expires) == (
        MEMBER,
        "basic",
        "active",
        "2026-12-31",
    )


def test_a_balance_is_the_hubs_with_own_later_entries(till: TillStore) -> None:
    tell_member(till, 2000)
    sold, entry = sell(till, member_no=MEMBER, points=2000, redeem=200)
    earned = sold.result.outcome.earned[0].amount
    now = 2000 - 200 + earned
    assert points(till) == now

    # The hub has booked it: the row counts the entry, and the till does not count it again.
    tell_member(till, now, change=1, mark=entry.seq)
    assert points(till) == now

    back = take_back(till, sold, ReturnedLine(0, 1))
    change = back.result.points_back[0].amount + sum(one.amount for one in back.result.earned_change)
    assert points(till) == now + change

    # Another till sold to the same member; our refund is not at the hub yet.
    tell_member(till, now + 5000, change=2, mark=entry.seq)
    assert points(till) == now + 5000 + change


def test_a_balance_without_any_hub_counts_all_own_entries(till: TillStore) -> None:
    tell_member(till, 1000, mark=0)
    sold, _ = sell(till, member_no=MEMBER, points=1000)
    assert points(till) == 1000 + sold.result.outcome.earned[0].amount


def test_an_asset_the_hub_has_not_named_yet(till: TillStore) -> None:
    row = MemberRow(MEMBER, CARD, "basic", "active", "2026-12-31", {})
    till.replica.apply(page("members", (MEMBER, row)))
    sold, _ = sell(till, member_no=MEMBER)
    assert points(till) == sold.result.outcome.earned[0].amount


def test_changes_of_others_do_not_count(till: TillStore) -> None:
    tell_member(till, 700)
    sell(till, member_no="30009999", points=500, redeem=100)
    sell(till)
    assert points(till) == 700


def test_a_row_that_brings_a_new_card_ends_the_old_one(till: TillStore) -> None:
    tell_member(till, 700)
    other = card_hash(card_code(43))
    row = MemberRow(MEMBER, other, "basic", "blocked", "2026-12-31", {"points": 700})
    till.replica.apply(page("members", (MEMBER, row), start=1))
    assert till.members.by_card(CARD) is None
    known = till.members.by_card(other)
    assert known is not None
    assert known.status == "blocked"


def test_members_are_kept_without_their_card_codes_in_the_clear(till: TillStore) -> None:
    tell_member(till, 700)
    (row,) = till._readers[1].rows("SELECT body FROM members")
    assert card_code(42) not in msgspec.json.encode(row[0].decode()).decode()
