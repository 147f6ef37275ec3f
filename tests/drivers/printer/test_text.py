from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer import text

PRICE_TAG = st.text(st.sampled_from("牛奶特仑苏，。（）“”×￥¥ abcXYZ0123456789.-*🍎㐂é"), max_size=60)


@pytest.mark.parametrize(
    ("given_text", "encoded"),
    [
        ("abc", b"abc"),
        ("牛奶", b"\xc5\xa3\xc4\xcc"),
        ("¥5", b"\xa3\xa45"),  # python-escpos prints "0 6" here
        ("￥（）：", b"\xa3\xa4\xa3\xa8\xa3\xa9\xa3\xba"),  # and question marks here
        ("🍎", b"??"),
    ],
)
def test_encodes_as_gbk(given_text: str, encoded: bytes) -> None:
    assert text.encode(given_text) == encoded


@given(st.text())
@settings(deadline=None)
def test_width_is_what_the_bytes_print(any_text: str) -> None:
    assert text.display_columns(any_text) == len(text.encode(any_text))


@given(st.text())
@settings(deadline=None)
def test_clean_text_holds_no_command(any_text: str) -> None:
    encoded = text.encode(text.clean(any_text))
    assert not {byte for byte in encoded if byte < 0x20 or byte == 0x7F} - {0x0A}


def test_spreadsheet_leftovers_are_harmless() -> None:
    assert text.clean("牛奶\t1L\x1bm\r\n盒\u200b装\u00a0大") == "牛奶 1L m\n盒装 大"


@pytest.mark.parametrize(
    ("name", "lacking"), [("特仑苏 ¥5 é×", False), ("🍎", True), ("㐂", True), ("䶮", True)]
)
def test_reports_what_gbk_lacks(name: str, lacking: bool) -> None:
    assert text.unprintable(name) is lacking


@given(PRICE_TAG, st.integers(2, 48))
@settings(deadline=None)
def test_wrapped_lines_fit_and_lose_nothing(any_text: str, columns: int) -> None:
    lines = text.wrap(any_text, columns)
    assert all(text.display_columns(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == any_text.replace(" ", "")


@given(PRICE_TAG, PRICE_TAG, st.integers(2, 48))
@settings(deadline=None)
def test_two_columns_fit_and_lose_nothing(left: str, right: str, columns: int) -> None:
    lines = text.two_columns(left, right, columns)
    assert all(text.display_columns(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == (left + right).replace(" ", "")


@pytest.mark.parametrize(
    ("paragraph", "columns", "lines"),
    [
        ("", 10, [""]),
        ("a\n\nb", 10, ["a", "", "b"]),
        ("特仑苏纯牛奶", 5, ["特仑", "苏纯", "牛奶"]),
        ("no-sugar drink", 9, ["no-sugar", "drink"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("  indented", 20, ["  indented"]),
        ("谢谢惠顾，再来", 8, ["谢谢惠", "顾，再来"]),  # no line starts with a comma
        ("整箱（限时）", 6, ["整箱", "（限", "时）"]),
        ("abc ", 3, ["abc"]),
    ],
)
def test_breaks_where_people_would(paragraph: str, columns: int, lines: list[str]) -> None:
    assert text.wrap(paragraph, columns) == lines


def test_a_width_that_no_hanzi_fits_is_an_error() -> None:
    with pytest.raises(ValueError, match="hanzi"):
        text.wrap("牛", 1)


@pytest.mark.parametrize(
    ("left", "right", "lines"),
    [
        ("牛奶", "¥5.00", ["牛奶      ¥5.00"]),
        ("特仑苏纯牛奶盒", "¥5.00", ["特仑苏纯牛奶盒", "          ¥5.00"]),
        ("特仑苏纯牛奶盒装大", "¥5.00", ["特仑苏纯牛奶盒装", "大        ¥5.00"]),
    ],
)
def test_a_long_name_pushes_its_amount_down(left: str, right: str, lines: list[str]) -> None:
    assert text.two_columns(left, right, 16) == lines


def test_a_rule_fills_the_paper_with_whole_characters() -> None:
    assert text.fill("-", 5) == "-----"
    assert text.fill("─", 5) == "──"  # GBK prints it two columns wide, whatever Unicode says
    assert unicodedata.east_asian_width("─") == "A"
