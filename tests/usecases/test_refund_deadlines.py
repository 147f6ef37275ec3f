"""Until when goods may come back, and why they do: 社区团购 says 7 days, 48 hours for an exchange."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pos.domain.events import RefundMade, SaleMade
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.refund_sale import Purpose, find_sale
from tests.usecases.sample_till import DOU, DOU_CARD, SampleTill

TEA = "6900000000021"


@pytest.fixture
def club(shop: SampleTill) -> SampleTill:
    shop.use_pack("community_groupbuy")
    shop.tell_good(TEA, 20_00)
    shop.tell_member(DOU, DOU_CARD, "ordinary")
    return shop


@pytest.fixture
def sold(club: SampleTill) -> SaleMade:
    """On 21 November at 10:42."""
    return club.sell(DOU_CARD, TEA, TEA).sale


def refused(shop: SampleTill, sale: SaleMade, purpose: Purpose) -> str:
    with pytest.raises(Refusal) as refusal:
        find_sale(sale.receipt_no, shop.desk, purpose=purpose)
    assert refusal.value.reason == "too_late"
    return str(refusal.value.message)


def at(shop: SampleTill, moment: str) -> None:
    shop.clock.moment = datetime.fromisoformat(f"{moment}+08:00")


def test_goods_come_back_through_the_seventh_day(club: SampleTill, sold: SaleMade) -> None:
    at(club, "2026-11-28T23:59:59")
    assert find_sale(sold.receipt_no, club.desk)
    at(club, "2026-11-29T00:00:00")
    said = refused(club, sold, "return")
    assert "7 天" in said
    assert "2026-11-21" in said


def test_an_exchange_has_forty_eight_hours_to_the_second(club: SampleTill, sold: SaleMade) -> None:
    at(club, "2026-11-23T10:42:00")
    assert find_sale(sold.receipt_no, club.desk, purpose="exchange")
    club.clock.move(timedelta(seconds=1))
    assert "48 小时" in refused(club, sold, "exchange")
    assert find_sale(sold.receipt_no, club.desk)


def test_a_mistaken_sale_is_undone_on_its_own_day(club: SampleTill, sold: SaleMade) -> None:
    at(club, "2026-11-21T23:59:59")
    assert find_sale(sold.receipt_no, club.desk, purpose="void")
    at(club, "2026-11-22T00:00:00")
    assert "退货" in refused(club, sold, "void")


def test_a_void_takes_everything_whatever_was_chosen(club: SampleTill, sold: SaleMade) -> None:
    undone = club.give_back(sold, ReturnedLine(0, 1), purpose="void").refund
    assert undone.returning == (ReturnedLine(0, 2),)
    assert undone.result.complete
    assert undone.result.cash_back_fen == sold.result.due_fen


@pytest.mark.parametrize("purpose", ["return", "exchange", "void"])
def test_why_stands_in_the_journal(club: SampleTill, sold: SaleMade, purpose: Purpose) -> None:
    club.give_back(sold, ReturnedLine(0, 1), purpose=purpose)
    event = club.events()[-1]
    assert isinstance(event, RefundMade)
    assert event.purpose == purpose


@pytest.mark.parametrize("purpose", ["return", "exchange"])
def test_too_late_books_nothing(club: SampleTill, sold: SaleMade, purpose: Purpose) -> None:
    club.clock.move(timedelta(days=8))
    before = club.desk.journal.last_seq()
    with pytest.raises(Refusal) as refusal:
        club.give_back(sold, ReturnedLine(0, 1), purpose=purpose)
    assert refusal.value.reason == "too_late"
    assert club.desk.journal.last_seq() == before


def test_the_terms_are_those_of_the_sales_own_pack(club: SampleTill, sold: SaleMade) -> None:
    club.use_pack("community_groupbuy", lambda text: text.replace("return_days = 7", "return_days = 1"))
    club.clock.move(timedelta(days=7))
    assert find_sale(sold.receipt_no, club.desk)


def test_where_a_pack_names_no_term_there_is_none(shop: SampleTill) -> None:
    sale = shop.sell(shop.tell_good(TEA, 20_00)).sale
    shop.clock.move(timedelta(days=3_000))
    assert find_sale(sale.receipt_no, shop.desk)
    assert find_sale(sale.receipt_no, shop.desk, purpose="exchange")
