from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.contracts import PrinterState
from drivers.printer import status

OK = b"\x12"


@pytest.mark.parametrize(
    ("printer", "cause", "paper", "state"),
    [
        (b"\x12", b"\x12", b"\x12", PrinterState.READY),
        (b"\x16", b"\x12", b"\x12", PrinterState.READY),  # the drawer's contact
        (b"\x12", b"\x12", b"\x1e", PrinterState.PAPER_LOW),
        (b"\x1a", b"\x32", b"\x7e", PrinterState.PAPER_OUT),
        (b"\x12", b"\x12", b"\x72", PrinterState.PAPER_OUT),
        (b"\x1a", b"\x16", b"\x12", PrinterState.COVER_OPEN),
        (b"\x1a", b"\x36", b"\x7e", PrinterState.COVER_OPEN),  # the cover holds the paper sensor
        (b"\x1a", b"\x12", b"\x12", PrinterState.OFFLINE),
        (b"\x12", b"\x52", b"\x12", PrinterState.OFFLINE),  # an error
        (b"\x1a", b"\x12", b"\x1e", PrinterState.OFFLINE),  # off line weighs more than low paper
        (b"", b"\x12", b"\x12", PrinterState.UNKNOWN),
        (b"\x12", b"", b"\x12", PrinterState.UNKNOWN),
        (b"\x12", b"\x12", b"", PrinterState.UNKNOWN),
        (b"\x12", b"\x12", b"\x12\x12", PrinterState.UNKNOWN),
    ],
)
def test_decodes(printer: bytes, cause: bytes, paper: bytes, state: PrinterState) -> None:
    assert status.decode(printer, cause, paper) is state


@given(st.integers(0, 255))
def test_a_byte_without_the_fixed_bits_means_nothing(byte: int) -> None:
    fixed = not byte & 1 and bool(byte & 2) and bool(byte & 16) and not byte & 128
    assert status.is_status(bytes([byte])) is fixed
    if not fixed:
        assert status.decode(OK, OK, bytes([byte])) is PrinterState.UNKNOWN
