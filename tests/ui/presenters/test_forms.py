"""Numbers being typed, cash, log-in, the entry line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.ui.presenters.cash_form import CashForm, likely_note
from pos.ui.presenters.entry_line import EntryLine
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.log_in_form import LogInForm
from pos.ui.presenters.typed_number import TypedNumber
from pos.usecases.ports import StaffMember
from tests.fakes.runners import WhenTold
from tests.fakes.sample_desk import sample_goods
from tests.fakes.till_services import FakeServices
from tests.ui.presenters.at_the_till import MEMBER, WATER, at_once


def typed(text: str, decimals: int = 2, start: str = "") -> TypedNumber:
    number = TypedNumber(decimals, start)
    for char in text:
        number.type(char)
    return number


@pytest.mark.parametrize(
    ("keys", "decimals", "text", "minor"),
    [
        ("100", 2, "100", 100_00),
        ("1.234", 3, "1.234", 1234),
        ("1.2345", 3, "1.234", 1234),
        (".5", 2, "0.5", 50),
        ("1..5", 2, "1.5", 150),
        ("007", 0, "7", 7),
        ("1.5", 0, "15", 15),
        ("１２。５", 2, "12.5", 1250),
        ("1a2-+b", 2, "12", 12_00),
        ("9" * 40, 0, "9" * 12, int("9" * 12)),
        ("", 2, "", None),
        (".", 2, "0.", 0),
    ],
)
def test_what_is_typed_is_what_is_meant(keys: str, decimals: int, text: str, minor: int | None) -> None:
    number = typed(keys, decimals)
    assert number.text == text
    assert number.minor == minor


def test_a_starting_value_is_replaced_by_the_first_key() -> None:
    assert typed("5", 0, start="12").text == "5"


def test_backspace_empties_a_starting_value_and_shortens_a_typed_one() -> None:
    number = typed("", 0, start="12")
    number.back()
    assert number.text == ""
    number = typed("45", 0)
    number.back()
    assert number.text == "4"


@given(st.text(max_size=60), st.integers(0, 3))
def test_no_text_makes_anything_but_a_number(keys: str, decimals: int) -> None:
    number = typed(keys, decimals)
    assert number.text == "" or number.minor is not None
    assert number.minor is None or number.minor >= 0


# --- cash -------------------------------------------------------------------------------------------


def cash(due_fen: int, keys: str = "") -> CashForm:
    form = CashForm(due_fen)
    for char in keys:
        form.typed.type(char)
    return form


def test_nothing_typed_is_the_exact_amount() -> None:
    form = cash(77_36)
    assert (form.given_fen, form.change_fen) == (77_36, 0)


def test_change_is_live() -> None:
    assert cash(77_36, "100").change_fen == 22_64


@pytest.mark.parametrize("keys", ["1", "77.35", "0"])
def test_too_little_says_what_is_missing(keys: str) -> None:
    form = cash(77_36, keys)
    assert form.change_fen is None
    assert form.short_fen == 77_36 - (form.given_fen or 0)


@pytest.mark.parametrize("keys", ["1077.36", "99999", "999999999999", "6921168509256"])
def test_an_amount_nobody_hands_over_is_refused(keys: str) -> None:
    form = cash(77_36, keys)
    assert form.change_fen is None
    assert form.problem is not None
    assert form.short_fen == 0


def test_a_chosen_note_can_be_typed_over() -> None:
    form = cash(77_36)
    form.choose(100_00)
    assert form.change_fen == 22_64
    form.typed.type("8")
    assert form.given_fen == 8_00


@pytest.mark.parametrize(
    ("due_fen", "note_fen"),
    [(77_36, 80_00), (4_74, 10_00), (10_00, 10_00), (23_00, 30_00), (120_00, 120_00), (0, 0)],
)
def test_the_note_a_customer_likely_gives_is_one_the_sheet_offers(due_fen: int, note_fen: int) -> None:
    assert likely_note(due_fen) == note_fen
    assert note_fen in CashForm(due_fen).notes_fen


# --- the entry line ---------------------------------------------------------------------------------


def entry(text: str) -> EntryLine:
    line = EntryLine(sample_goods())
    for char in text:
        line.type(char)
    return line


def test_initials_find_goods() -> None:
    line = entry("nfsq")
    assert [product.name for product in line.suggestions] == ["农夫山泉"]
    picked = line.picked()
    assert picked is not None
    assert picked.code == WATER


def test_a_whole_barcode_is_a_code_not_a_suggestion() -> None:
    line = entry(WATER)
    assert line.suggestions
    assert line.picked() is None


def test_a_short_plu_beats_longer_codes_that_begin_alike() -> None:
    assert entry("20001").picked() is None


def test_part_of_a_barcode_picks_the_first_match() -> None:
    picked = entry("69211685").picked()
    assert picked is not None
    assert picked.code == WATER


def test_an_unknown_whole_code_is_left_to_the_scan_to_refuse() -> None:
    assert entry("6900000000007").picked() is None


def test_arrows_choose_and_stay_within_the_list() -> None:
    line = entry("k")
    line.move(99)
    assert line.chosen == len(line.suggestions) - 1
    line.move(-99)
    assert line.chosen == 0


@pytest.mark.parametrize(
    ("text", "quantity", "term"),
    [("3*", 3, ""), ("12×nf", 12, "nf"), ("3＊k", 3, "k"), ("nf", 1, "nf"), ("0*", 0, ""), ("*3", 1, "*3")],
)
def test_the_multiplier_stands_in_front(text: str, quantity: int, term: str) -> None:
    line = entry(text)
    assert (line.quantity, line.term) == (quantity, term)


def test_characters_of_a_scan_can_be_taken_back() -> None:
    line = entry("ab12")
    line.drop(2)
    assert line.text == "ab"
    line.drop(99)
    assert line.text == ""


def test_no_leading_spaces_no_control_characters_no_novel() -> None:
    line = entry("  \t\x02abc" + "x" * 500)
    assert line.text.startswith("abc")
    assert len(line.text) == 64


# --- log-in -----------------------------------------------------------------------------------------


class LogIns:
    """A form and who came through it."""

    def __init__(self, fakes: FakeServices | None = None) -> None:
        self.fakes = fakes or FakeServices()
        self.came: list[StaffMember] = []
        self.drawn = 0
        services = self.fakes.services
        self.form = LogInForm(services.desk, Errands(services, at_once), self._drawn, self.came.append)

    def _drawn(self) -> None:
        self.drawn += 1

    def type(self, number: str, pin: str) -> None:
        for char in number:
            self.form.type(char)
        self.form.enter()
        for char in pin:
            self.form.type(char)
        self.form.enter()


def test_number_and_pin_let_in() -> None:
    log_ins = LogIns()
    log_ins.type("03", "030303")
    assert [person.role for person in log_ins.came] == ["cashier"]
    assert (log_ins.form.number, log_ins.form.pin) == ("", "")


def test_a_wrong_pin_is_said_and_only_the_pin_is_asked_again() -> None:
    log_ins = LogIns()
    log_ins.type("03", "111111")
    assert log_ins.came == []
    assert log_ins.form.notice is not None
    assert (log_ins.form.number, log_ins.form.pin, log_ins.form.field) == ("03", "", "pin")


def test_three_wrong_pins_close_the_number_for_a_while() -> None:
    log_ins = LogIns()
    log_ins.type("03", "1")
    for _ in range(3):
        log_ins.form.type("1")
        log_ins.form.enter()
    assert log_ins.form.notice is not None
    assert "秒再试" in str(log_ins.form.notice.message)


def test_before_the_first_download_the_form_says_why_nobody_gets_in() -> None:
    fakes = FakeServices()
    fakes.sample.staff.people.clear()
    log_ins = LogIns(fakes)
    log_ins.type("03", "030303")
    assert log_ins.form.notice is not None
    assert "还没有收到" in str(log_ins.form.notice.message)


def test_entering_twice_asks_once() -> None:
    runner = WhenTold()
    log_ins = LogIns(FakeServices(on_journal=runner))
    log_ins.type("03", "030303")
    log_ins.form.enter()
    log_ins.form.type("9")
    assert runner.waiting == 1
    runner.run_all()
    assert len(log_ins.came) == 1


def test_what_is_missing_is_asked_for() -> None:
    log_ins = LogIns()
    log_ins.form.enter()
    assert str(log_ins.form.notice and log_ins.form.notice.message) == "请输入工号"
    log_ins.form.type("3")
    log_ins.form.enter()
    log_ins.form.enter()
    assert str(log_ins.form.notice and log_ins.form.notice.message) == "请输入密码"


def test_backspace_walks_from_the_pin_back_to_the_number() -> None:
    log_ins = LogIns()
    log_ins.form.type("3")
    log_ins.form.enter()
    log_ins.form.back()
    assert log_ins.form.field == "number"
    log_ins.form.back()
    assert log_ins.form.number == ""


def test_letters_and_scanned_member_codes_do_no_harm() -> None:
    log_ins = LogIns()
    for char in "abc" + MEMBER:
        log_ins.form.type(char)
    assert len(log_ins.form.number) == 8
