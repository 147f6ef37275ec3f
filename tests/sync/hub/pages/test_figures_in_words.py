import datetime as dt

import pytest

from sync.hub.pages import figures_in_words as words
from sync.hub.pages.owner import spans


@pytest.mark.parametrize(
    ("fen", "told"),
    [(0, "0.00"), (5, "0.05"), (-5, "−0.05"), (123456, "1,234.56"), (-100000000, "−1,000,000.00")],
)
def test_money_is_grouped(fen: int, told: str) -> None:
    assert words.yuan(fen) == told


def test_assets_and_rates_have_no_needless_zeros() -> None:
    assert words.amount(123400) == "1,234"
    assert words.amount(-50, 2) == "−0.5"
    assert words.amount(7, 0) == "7"
    assert words.percent(325) == "3.25%"
    assert words.about(1254) == "12.5%"
    assert words.about(1255) == "12.6%"


def test_a_change_needs_something_to_compare_with() -> None:
    assert words.change_bp(150, 100) == 5000
    assert words.change_bp(50, 100) == -5000
    assert words.change_bp(50, 0) is None
    assert words.change_bp(50, -10) is None


def test_days_and_moments() -> None:
    assert words.day("2026-03-14", "zh") == "3月14日 周六"
    assert words.day("2026-03-14", "en") == "Sat 14 Mar"
    assert words.moment("2026-03-14T16:20:00.000+00:00", "Asia/Shanghai", "zh") == "3月15日 00:20"
    assert words.moment("2026-03-14T16:20:00.000+00:00", "Asia/Shanghai", "en") == "15 Mar 00:20"


def test_spans() -> None:
    day = dt.date(2026, 3, 14)
    week, month = spans.span("week", day), spans.span("month", day)
    assert (week.first, week.last) == (dt.date(2026, 3, 9), dt.date(2026, 3, 15))
    assert (month.first, month.last) == (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    assert month.before.last == dt.date(2026, 2, 28)
    assert month.after.first == dt.date(2026, 4, 1)
    assert spans.span("month", dt.date(2026, 12, 31)).after.first == dt.date(2027, 1, 1)
    begun = month.until(day)
    assert month.before.cut_like(begun).last == dt.date(2026, 2, 14)
    assert len(week.days) == 7


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_is_none_is_today(text: str) -> None:
    assert spans.read_day(text, dt.date(2026, 3, 14)) == dt.date(2026, 3, 14)


def test_a_day_or_a_month_is_read() -> None:
    today = dt.date(2026, 3, 14)
    assert spans.read_day("2026-02-03", today) == dt.date(2026, 2, 3)
    assert spans.read_day("2026-02", today) == dt.date(2026, 2, 1)
