from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer.paper import Paper
from drivers.printer.virtual.events import (
    Characters,
    Cut,
    DrawerPulse,
    Event,
    FeedLines,
    Ignored,
    Justify,
    LineFeed,
    Raster,
    Reset,
    Scale,
    StatusQuery,
    Unknown,
    Weight,
)
from drivers.printer.virtual.page import Page, Row
from drivers.printer.virtual.parser import Parser

COMMAND_BYTES = st.sampled_from(
    [bytes([b]) for b in b"\x1b\x1d\x1c\x10\x04@!EadpVv0*D(k&.BA\x00\x01\x30\x81\xff\n"]
)
STREAMS = st.one_of(st.binary(max_size=200), st.lists(COMMAND_BYTES, max_size=80).map(b"".join))


def events(data: bytes) -> list[Event]:
    return [command.event for command in Parser().feed(data)]


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (b"\x1b@", Reset()),
        (b"\n", LineFeed()),
        (b"\x1bE\x01", Weight(bold=True)),
        (b"\x1bE\x00", Weight(bold=False)),
        (b"\x1ba\x01", Justify("center")),
        (b"\x1ba2", Justify("right")),
        (b"\x1ba\x07", Unknown()),
        (b"\x1bd\x05", FeedLines(5)),
        (b"\x1d!\x12", Scale(2, 3, latin=True, hanzi=True)),
        (b"\x1c!\x0c", Scale(2, 2, latin=False, hanzi=True)),
        (b"\x1cW\x01", Scale(2, 2, latin=False, hanzi=True)),
        (b"\x1dV\x00", Cut()),
        (b"\x1dVB\x00", Cut()),
        (b"\x1bi", Cut()),
        (b"\x1bp\x00\x32\x32", DrawerPulse(0, 50, 50)),
        (b"\x10\x04\x04", StatusQuery(4)),
        (b"\x1dv0\x00\x01\x00\x02\x00\xf0\x0f", Raster(1, 2, b"\xf0\x0f")),
        (b"\x1dv0\x03\x01\x00\x01\x00\xf0", Raster(1, 1, b"\xf0", 2, 2)),
        (b"\x1b3\x20", Ignored()),
        (b"\x1bD\x08\x10\x00", Ignored()),
        (b"\x1b*\x21\x02\x00abcdef", Ignored()),
        (b"\x1d(k\x03\x00\x31\x43\x04", Ignored()),
        (b"\x1dk\x04ABC\x00", Ignored()),
        (b"\x1dkI\x03ABC", Ignored()),
        (b"\x1b\xfe", Unknown()),
        (b"\x00", Unknown()),
    ],
)
def test_reads_a_command_whole_or_byte_by_byte(data: bytes, event: Event) -> None:
    assert events(data) == [event]
    parser = Parser()
    assert [command.event for byte in data for command in parser.feed(bytes([byte]))] == [event]
    assert not parser.pending


def test_hanzi_need_chinese_mode() -> None:
    assert events(b"\xc5\xa3") == [Characters("┼ú", chinese=False)]
    assert events(b"\x1c&\xc5\xa3")[1:] == [Characters("牛", chinese=True)]
    assert events(b"\x1c&\x1b@\xc5\xa3")[2:] == [Characters("┼ú", chinese=False)]


def test_a_hanzi_may_come_in_two_portions() -> None:
    parser = Parser()
    received = [c.event for data in (b"\x1c&A\xc5", b"\xa3B") for c in parser.feed(data)]
    assert received[1:] == [Characters("A", chinese=True), Characters("牛B", chinese=True)]


def test_half_a_hanzi_before_a_command_is_not_waited_for() -> None:
    assert events(b"\x1c&\xc5\n")[1:] == [Characters("\ufffd", chinese=True), LineFeed()]


def test_a_status_query_inside_an_image_is_dots() -> None:
    image = b"\x1dv0\x00\x03\x00\x02\x00" + b"\x10\x04\x01" * 2
    assert events(image + b"\x10\x04\x02") == [Raster(3, 2, b"\x10\x04\x01" * 2), StatusQuery(2)]


@pytest.mark.parametrize(
    "head", [b"\x1dv0\x00\xff\xff\xff\xff", b"\x1dv0\x00\x00\x00\x05\x00", b"\x1dv1\x00\x01\x00\x01\x00"]
)
def test_an_impossible_image_is_not_waited_for(head: bytes) -> None:
    assert events(head + b"A") == [Unknown(), Characters("A", chinese=False)]


def test_data_without_an_end_is_given_up() -> None:
    assert events(b"\x1bD" + b"\x01" * 40)[0] == Unknown()
    assert events(b"\x1dk\x04" + b"1" * 300)[0] == Unknown()


@given(STREAMS, st.data())
@settings(deadline=None)
def test_every_byte_is_accounted_for_in_any_portions(stream: bytes, data: st.DataObject) -> None:
    parser, taken, rest = Parser(), b"", stream
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        taken += b"".join(command.raw for command in parser.feed(rest[:size]))
        rest = rest[size:]
    assert taken + parser.pending == stream


def printed(portions: list[bytes]) -> list[Row]:
    parser, page = Parser(), Page(Paper.MM58)
    for portion in portions:
        for command in parser.feed(portion):
            page.apply(command.event)
    page.finish()
    return page.rows


@given(STREAMS.map(lambda stream: b"\x1c&" + stream + b"\n"))
@settings(deadline=None)
def test_portions_do_not_change_the_paper(stream: bytes) -> None:
    assert printed([stream]) == printed([bytes([byte]) for byte in stream])
