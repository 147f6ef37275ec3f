"""What the window is given by `pos.bootstrap`: the desk, and ways to run things off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from pos.domain.message import Message
from pos.usecases.desk import Desk
from pos.usecases.ports import Denied, Granted, Orders
from pos.usecases.print_ports import PrintState
from pos.usecases.report_day import AskHub

Result = TypeVar("Result")

AskRight = Callable[[Literal["coupon", "refund"], str], Granted | Denied | None]


class Runner(Protocol):
    """Runs an operation on some thread of its own; the future tells how it ended."""

    def __call__(self, operation: Callable[[], Result], /) -> Future[Result]: ...


@dataclass(frozen=True, slots=True)
class TillServices:
    """The window's outside. An operation never touches a widget; results come back as queued signals.

    `ask_member` has the hub tell this store a member's balances and gives whether it will; it may wait.
    `ask_code` has the hub reserve points for this till and gives the pay code's digits, or why not, within a
    second. `ask_right` asks it whether this till may use a right that others could use, too; None: it did not
    answer. `on_journal` is the journal's writer thread (deeds that book something), `in_background` anything
    that may take long. `printer_notice` is None while receipts come out as they should;
    `print_state` tells what became of a job in the print queue. Both answer at once.
    """

    desk: Desk
    on_journal: Runner
    in_background: Runner
    ask_hub: AskHub
    printer_notice: Callable[[], Message | None]
    print_state: Callable[[int], PrintState | None]
    orders: Orders
    ask_member: Callable[[str], bool]
    ask_code: Callable[[str, str, int], str | Message]
    ask_right: AskRight
    test_print: Callable[[], Message]
    pulse_drawer: Callable[[], Message | None]
    language: str
    save_language: Callable[[str], None]
    scanner_gap_ms: int
