"""What the till asks of hardware. Nothing here knows about sales, members or money.

A driver translates every foreign exception into `DeviceError`; a caller never has to know which
library talks to the device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, Protocol

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Text:
    """One or more printed lines; wrapped at the paper's width. `size` multiplies width and height."""

    text: str
    align: Align = "left"
    bold: bool = False
    size: int = 1


@dataclass(frozen=True, slots=True)
class Columns:
    """Left and right text on one line; the left part wraps when both do not fit."""

    left: str
    right: str
    bold: bool = False
    size: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    char: str = "-"


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, sent as a raster image: some cheap printers lack the native command."""

    data: str
    module_px: int = 4
    caption: str = ""


Element = Text | Columns | Rule | Feed | QrCode


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that goes onto one piece of paper; the driver cuts at the end."""

    elements: tuple[Element, ...] = field(default=())


class PrinterState(Enum):
    """What a printer says of itself. `UNKNOWN` is an answer that did not come or made no sense."""

    READY = "ready"
    PAPER_LOW = "paper_low"  # still prints
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"  # answers, but says that it cannot print
    UNREACHABLE = "unreachable"  # no connection
    UNKNOWN = "unknown"

    @property
    def can_print(self) -> bool:
        return self in (PrinterState.READY, PrinterState.PAPER_LOW)


class DeviceError(Exception):
    """The environment failed, not the program. `may_have_happened` says whether bytes had left."""

    def __init__(self, message: str, *, state: PrinterState, may_have_happened: bool) -> None:
        super().__init__(message)
        self.state = state
        self.may_have_happened = may_have_happened


class ReceiptPrinter(Protocol):
    """One printer, used by one worker thread at a time."""

    def status(self) -> PrinterState:
        """Asks the printer; never raises."""
        ...

    def print(self, document: Document) -> PrinterState:
        """Prints and returns the state the printer reported afterwards.

        Raises:
            DeviceError: nothing was printed (`may_have_happened` false), or the outcome is unclear
                (`may_have_happened` true: bytes had left and the printer did not confirm readiness).

        """
        ...

    def open_drawer(self) -> None:
        """Sends the drawer pulse, apart from any printing.

        Raises:
            DeviceError: the pulse could not be sent.

        """
        ...
