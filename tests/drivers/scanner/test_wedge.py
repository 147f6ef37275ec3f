from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.scanner.wedge import ETX, STX, Overlong, Result, Scan, Typed, WedgeConfig, WedgeDetector

EAN = "6901234567892"
CODES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=6, max_size=40)
SCANNER_GAPS = st.integers(0, 35)
HUMAN_GAPS = st.integers(36, 2000)


def keys(chars: str, start_ms: int = 1000, gap_ms: int = 5) -> list[tuple[str, int]]:
    return [(char, start_ms + index * gap_ms) for index, char in enumerate(chars)]


def feed(detector: WedgeDetector, pressed: list[tuple[str, int]]) -> list[Result]:
    return [result for char, at in pressed for result in detector.feed(char, at)]


def typed(results: list[Result]) -> str:
    return "".join(result.chars for result in results if isinstance(result, Typed))


def test_a_burst_ended_by_enter_is_a_scan() -> None:
    assert feed(WedgeDetector(), keys(EAN + "\r")) == [Scan(EAN)]


@pytest.mark.parametrize("end", ["\r", "\n", "\t"])
def test_any_end_key_will_do(end: str) -> None:
    assert feed(WedgeDetector(), keys(EAN + end)) == [Scan(EAN)]


def test_scanners_enter_adds_a_second_item() -> None:
    """odoo#31185: the Enter of a scan must reach nobody, the line feed some scanners add neither."""
    detector = WedgeDetector()
    assert feed(detector, keys(EAN + "\r\n")) == [Scan(EAN)]
    assert detector.tick(5000) == ()
    assert feed(detector, keys("\r", 6000)) == [Typed("\r")]  # a person's


def test_barcode_lands_in_the_quantity_field() -> None:
    """odoo#37411: not one digit of a scan is typed, however the ticks fall, if they keep the deadline."""
    detector = WedgeDetector()
    results: list[Result] = []
    for char, at in keys(EAN + "\r", gap_ms=34):
        assert detector.deadline_ms is None or detector.deadline_ms > at
        results += detector.tick(at - 1)
        results += detector.feed(char, at)
    assert results == [Scan(EAN)]
    assert detector.deadline_ms is None


def test_digits_that_leaked_while_the_program_was_busy_are_named() -> None:
    """The timer ran before the queued keys: what went to the entry line is part of the code all the same."""
    detector = WedgeDetector()
    first, rest = keys(EAN + "\r")[:4], keys(EAN + "\r")[4:]
    assert feed(detector, first) == []
    assert detector.tick(2000) == (Typed(EAN[:4]),)
    assert detector.tick(2100) == ()
    assert feed(detector, rest) == [Scan(EAN, leaked=4)]


def test_a_persons_enter_after_digits_is_typed() -> None:
    results = feed(WedgeDetector(), keys("12\r", gap_ms=120))
    assert results == [Typed("1"), Typed("2"), Typed("\r")]


def test_a_fast_roll_over_the_keys_is_no_scan() -> None:
    assert feed(WedgeDetector(), keys("12345\r", gap_ms=20)) == [Typed("12345\r")]


def test_a_burst_without_an_end_is_typed() -> None:
    detector = WedgeDetector()
    assert feed(detector, keys(EAN)) == []
    assert detector.deadline_ms == 1000 + 12 * 5 + 36
    assert detector.tick(detector.deadline_ms - 1) == ()
    assert detector.tick(detector.deadline_ms) == (Typed(EAN),)
    assert feed(detector, keys("\r", 3000)) == [Typed("\r")]


def test_a_typed_digit_before_a_scan_is_not_part_of_it() -> None:
    assert feed(WedgeDetector(), [("3", 500), *keys(EAN + "\r")]) == [Typed("3"), Scan(EAN)]


def test_a_scanner_faster_than_the_clock() -> None:
    assert feed(WedgeDetector(), keys(EAN + "\r", gap_ms=0)) == [Scan(EAN)]


def test_two_codes_run_together_are_one_long_scan() -> None:
    assert feed(WedgeDetector(), keys(EAN + EAN + "\r")) == [Scan(EAN + EAN)]


def test_two_scans_in_a_row() -> None:
    assert feed(WedgeDetector(), keys(f"{EAN}\r{EAN}\r")) == [Scan(EAN), Scan(EAN)]


def test_a_bluetooth_scanner_needs_a_longer_gap() -> None:
    slow = keys(EAN + "\r", gap_ms=60)
    assert typed(feed(WedgeDetector(), slow)) == EAN + "\r"
    assert feed(WedgeDetector(WedgeConfig(gap_ms=80)), slow) == [Scan(EAN)]


def test_shift_alone_is_no_character() -> None:
    detector = WedgeDetector()
    pressed = [key for char, at in keys("ABCDEF\r") for key in (("", at - 1), (char, at))]
    assert feed(detector, pressed) == [Scan("ABCDEF")]


def test_text_from_an_input_method_is_refused() -> None:
    with pytest.raises(ValueError, match="one character"):
        WedgeDetector().feed("啊补", 0)


@pytest.mark.parametrize("length", [4097, 5000])
def test_an_overlong_scan_is_reported_once_and_not_kept(length: int) -> None:
    detector = WedgeDetector()
    assert feed(detector, keys("9" * length + "\r\n" + EAN + "\r", gap_ms=1)) == [Overlong(length), Scan(EAN)]


def test_the_longest_scan_is_kept() -> None:
    assert feed(WedgeDetector(), keys("9" * 4096 + "\r", gap_ms=1)) == [Scan("9" * 4096)]


def test_an_overlong_burst_without_an_end_is_not_typed() -> None:
    detector = WedgeDetector(WedgeConfig(max_chars=10))
    assert feed(detector, keys("9" * 11)) == []
    assert detector.tick(9000) == ()
    assert feed(detector, keys("1", 10_000)) == [Overlong(11)]
    assert detector.tick(11_000) == (Typed("1"),)


def test_a_time_before_the_last_one_is_a_gap_of_nothing() -> None:
    detector = WedgeDetector()
    assert feed(detector, [(char, 1000 - index) for index, char in enumerate(EAN + "\r")]) == [Scan(EAN)]


def test_a_clock_that_wraps_leaves_nothing_stuck() -> None:
    """X11 counts milliseconds in 32 bits."""
    detector = WedgeDetector()
    assert feed(detector, [("1", 2**32 - 1)]) == []
    assert detector.tick(500) == (Typed("1"),)
    assert feed(detector, keys(EAN + "\r", 1000)) == [Scan("1" + EAN, leaked=1)]  # once in 49.7 days
    assert feed(detector, keys(EAN + "\r", 2000)) == [Scan(EAN)]


class TestFramed:
    def test_what_is_between_prefix_and_suffix_is_a_scan(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys(STX + "12" + ETX)) == [Scan("12")]

    def test_speed_does_not_matter(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys(STX + EAN + ETX, gap_ms=400)) == [Scan(EAN)]

    def test_the_enter_behind_the_suffix_is_swallowed(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys(STX + EAN + ETX + "\r\n")) == [Scan(EAN)]
        assert feed(detector, keys("\r", 9000)) == [Typed("\r")]

    def test_enter_inside_belongs_to_the_code(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys(STX + "a\rb" + ETX)) == [Scan("a\rb")]

    def test_typing_is_not_held_back(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys("123456\r")) == [Typed(char) for char in "123456\r"]
        assert detector.deadline_ms is None

    def test_a_frame_that_stops_is_released(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed(prefix="~", suffix="\r"))
        assert feed(detector, keys("~12")) == []
        assert detector.deadline_ms == 1010 + 501
        assert detector.tick(1600) == (Typed("~12"),)
        assert feed(detector, keys("3\r", 3000)) == [Typed("3"), Typed("\r")]

    def test_a_second_prefix_starts_over(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        assert feed(detector, keys(STX + "12" + STX + EAN + ETX)) == [Typed(STX + "12"), Scan(EAN)]

    def test_what_leaked_includes_the_prefix(self) -> None:
        detector = WedgeDetector(WedgeConfig.framed())
        feed(detector, keys(STX + "12"))
        detector.tick(5000)
        assert feed(detector, keys("34" + ETX, 1020)) == [Scan("1234", leaked=3)]


@given(CODES, st.data())
@settings(deadline=None)
def test_every_scan_arrives_whole_whatever_the_ticks(code: str, data: st.DataObject) -> None:
    detector, now, results = WedgeDetector(), 10_000, list[Result]()
    for char in code + "\r":
        now += data.draw(SCANNER_GAPS)
        results += detector.feed(char, now)
        if data.draw(st.booleans()):
            results += detector.tick(now + data.draw(st.integers(-100, 500)))
    leaked = typed(results)
    assert [result for result in results if not isinstance(result, Typed)] == [Scan(code, len(leaked))]
    assert code.startswith(leaked)


@given(st.lists(st.tuples(st.sampled_from("0123456789ab\r\t"), HUMAN_GAPS), max_size=30))
@settings(deadline=None)
def test_a_person_never_scans_and_loses_no_key(pressed: list[tuple[str, int]]) -> None:
    detector, now, results = WedgeDetector(), 0, list[Result]()
    for char, gap in pressed:
        now += gap
        results += detector.feed(char, now)
    results += detector.tick(now + 36)
    assert typed(results) == "".join(char for char, _ in pressed)
    assert all(isinstance(result, Typed) for result in results)


@given(
    st.sampled_from([WedgeConfig(max_chars=12), WedgeConfig.framed(prefix="~", suffix="\r")]),
    st.lists(st.tuples(st.sampled_from("0123~\r\n"), st.integers(-5, 80)), max_size=60),
)
@settings(deadline=None)
def test_every_key_comes_back_exactly_once(config: WedgeConfig, pressed: list[tuple[str, int]]) -> None:
    """All but the end keys of scans, which are swallowed."""
    detector, now, results = WedgeDetector(config), 10_000, list[Result]()
    for char, gap in pressed:
        now += gap
        results += detector.feed(char, now)
    results += detector.feed("x", now + 10_000)
    results += detector.tick(now + 20_000)
    returned = 0
    for result in results:
        match result:
            case Typed(chars):
                returned += len(chars)
            case Scan(code, leaked):
                returned += len(code) + len(config.prefix) - leaked
            case Overlong(length, leaked):
                returned += length - leaked
    visible = sum(char not in "\r\n" for char, _ in pressed) + 1
    assert visible <= returned <= len(pressed) + 1
