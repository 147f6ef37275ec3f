from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.contracts import DeviceError, Document, PrinterState, QrCode, ReceiptPrinter, Text
from drivers.printer.escpos_network import NetworkReceiptPrinter
from drivers.printer.layout import render
from drivers.printer.paper import Paper
from drivers.printer.virtual import Mode, VirtualPrinter
from tests.drivers.printer.scripted import receive, reset, say_ready, scripted_printer

RECEIPT = Document((Text("惠邻便利店", align="center", size=2), QrCode("https://x.example/1")))
LONG_RECEIPT = Document((Text("\n".join(f"行 {n}" for n in range(100))),))
JOB_BYTES = len(render(RECEIPT, Paper.MM80))


@pytest.fixture
def device(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path) as virtual:
        yield virtual


IMPATIENT = 100_000.0  # bytes a second that a printer must manage: 0.04 s to confirm anything


def driver(port: int, timeout_s: float = 2.5, slowest_bytes_per_s: float = 300.0) -> NetworkReceiptPrinter:
    return NetworkReceiptPrinter("127.0.0.1", port, Paper.MM80, timeout_s, slowest_bytes_per_s)


def failure(act: Callable[[], object]) -> tuple[PrinterState, bool]:
    with pytest.raises(DeviceError) as caught:
        act()
    return caught.value.state, caught.value.may_have_happened


def test_prints_and_says_so(device: VirtualPrinter) -> None:
    printer: ReceiptPrinter = driver(device.port)
    assert printer.status() is PrinterState.READY
    assert printer.print(RECEIPT) is PrinterState.READY
    (png,) = device.machine.wait_for_receipts(1, 5)
    assert png.with_suffix(".bin").read_bytes() == render(RECEIPT, Paper.MM80)


def test_low_paper_still_prints(device: VirtualPrinter) -> None:
    device.machine.mode = Mode.PAPER_LOW
    assert driver(device.port).print(RECEIPT) is PrinterState.PAPER_LOW
    device.machine.wait_for_receipts(1, 5)


@pytest.mark.parametrize(
    ("mode", "state"),
    [
        (Mode.PAPER_OUT, PrinterState.PAPER_OUT),
        (Mode.COVER_OPEN, PrinterState.COVER_OPEN),
        (Mode.OFFLINE, PrinterState.OFFLINE),
    ],
)
def test_sends_nothing_to_a_printer_that_cannot_print(
    device: VirtualPrinter, mode: Mode, state: PrinterState
) -> None:
    device.machine.mode = mode
    printer = driver(device.port)
    assert printer.status() is state
    assert failure(lambda: printer.print(RECEIPT)) == (state, False)
    device.machine.mode = Mode.READY
    assert printer.print(RECEIPT) is PrinterState.READY
    assert len(device.machine.wait_for_receipts(1, 5)) == 1
    assert device.machine.swallowed_bytes == 0


def test_a_dead_printer_is_unknown_and_gets_nothing(device: VirtualPrinter) -> None:
    device.machine.mode = Mode.DEAD
    printer = driver(device.port, timeout_s=0.05)
    assert printer.status() is PrinterState.UNKNOWN
    assert failure(lambda: printer.print(RECEIPT)) == (PrinterState.UNKNOWN, False)
    assert device.machine.swallowed_bytes == 0


def test_a_printer_that_dies_under_way_leaves_the_outcome_open() -> None:
    def die(connection: socket.socket) -> None:
        say_ready(connection)
        receive(connection, JOB_BYTES + 4)  # until the driver gives up and closes

    with scripted_printer(die) as port:
        printer = driver(port, slowest_bytes_per_s=IMPATIENT)
        assert failure(lambda: printer.print(RECEIPT)) == (PrinterState.UNKNOWN, True)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_no_printer_is_unreachable(free_port: int) -> None:
    printer = driver(free_port)
    assert printer.status() is PrinterState.UNREACHABLE
    assert failure(lambda: printer.print(RECEIPT)) == (PrinterState.UNREACHABLE, False)
    assert failure(printer.open_drawer) == (PrinterState.UNREACHABLE, False)


@pytest.mark.parametrize(("host", "port"), [("no..host", 9100), ("127.0.0.1", 99999)])
def test_an_impossible_address_is_unreachable(host: str, port: int) -> None:
    assert NetworkReceiptPrinter(host, port, Paper.MM80).status() is PrinterState.UNREACHABLE


def test_a_slow_printer_is_waited_for(device: VirtualPrinter) -> None:
    """Its full buffer holds the status query back for longer than a query normally takes."""
    device.machine.slow_ms = 5
    assert driver(device.port, timeout_s=0.25).print(LONG_RECEIPT) is PrinterState.READY


def test_a_printer_slower_than_anyone_waits_leaves_the_outcome_open(device: VirtualPrinter) -> None:
    device.machine.slow_ms = 1000
    printer = driver(device.port, slowest_bytes_per_s=IMPATIENT)
    assert failure(lambda: printer.print(LONG_RECEIPT)) == (PrinterState.UNKNOWN, True)


def test_a_printer_busy_with_an_earlier_job_gets_nothing_yet(device: VirtualPrinter) -> None:
    """It does not answer while it is still taking in the last job, so the next is no byte under way."""
    device.machine.slow_ms = 1000
    failure(lambda: driver(device.port, slowest_bytes_per_s=IMPATIENT).print(LONG_RECEIPT))
    printer = driver(device.port, timeout_s=0.05)
    assert printer.status() is PrinterState.UNKNOWN
    assert failure(lambda: printer.print(RECEIPT)) == (PrinterState.UNKNOWN, False)


def test_a_longer_job_is_given_more_time_to_be_confirmed() -> None:
    """A receipt of 5 KB: half a minute, in which a printer that answers late is slow, not dead."""
    printer = driver(9100)
    assert 25 < printer._patience_s(bytes(5000)) < 35
    assert printer._patience_s(bytes(20_000)) > 2 * printer._patience_s(bytes(5000))


def test_paper_that_runs_out_under_way_is_noticed(device: VirtualPrinter) -> None:
    device.machine.lines_left = 3
    printer = driver(device.port)
    assert failure(lambda: printer.print(LONG_RECEIPT)) == (PrinterState.PAPER_OUT, True)
    (png,) = device.machine.wait_for_receipts(1, 5)
    assert png.with_suffix(".txt").read_text(encoding="utf-8").split("\n")[:-1] == ["行 0", "行 1", "行 2"]


def test_a_receipt_written_to_a_closed_socket_does_not_vanish() -> None:
    """The first write to it succeeds; only the missing answer shows that nobody read it."""
    with scripted_printer(say_ready) as port:
        _, may_have_happened = failure(lambda: driver(port).print(RECEIPT))
    assert may_have_happened


def test_a_connection_reset_under_way_leaves_the_outcome_open() -> None:
    def hang_up(connection: socket.socket) -> None:
        say_ready(connection)
        receive(connection, 10)
        reset(connection)

    with scripted_printer(hang_up) as port:
        assert failure(lambda: driver(port).print(RECEIPT)) == (PrinterState.UNREACHABLE, True)


def test_a_connection_reset_before_the_job_means_nothing_was_printed() -> None:
    with scripted_printer(reset) as port:
        state, may_have_happened = failure(lambda: driver(port).print(RECEIPT))
    assert not state.can_print
    assert not may_have_happened


@pytest.mark.parametrize("answer", [b"\x00", b"\xff", b"\x12\x12", b"OK\r\n"])
def test_an_answer_that_makes_no_sense_is_unknown(answer: bytes) -> None:
    def babble(connection: socket.socket) -> None:
        receive(connection, 3)
        connection.sendall(answer)
        receive(connection, 1)

    with scripted_printer(babble) as port:
        assert driver(port).status() is PrinterState.UNKNOWN


def test_the_drawer_has_its_own_connection_and_bytes() -> None:
    received = []

    def listen(connection: socket.socket) -> None:
        received.append(receive(connection, 5 + 3))
        connection.sendall(b"\x12")
        received.append(connection.recv(1))

    with scripted_printer(listen) as port:
        driver(port).open_drawer()
    assert received == [b"\x1bp\x00\x32\x32" + b"\x10\x04\x01", b""]


def test_the_drawer_opens_without_paper(device: VirtualPrinter, tmp_path: Path) -> None:
    device.machine.mode = Mode.PAPER_OUT
    driver(device.port).open_drawer()
    device.stop()
    event = json.loads((tmp_path / "events.jsonl").read_text(encoding="utf-8"))
    assert (event["event"], event["pin"], event["on_ms"], event["off_ms"]) == ("drawer", 0, 100, 100)


def test_a_drawer_pulse_without_a_sign_of_life_is_an_error(device: VirtualPrinter) -> None:
    device.machine.mode = Mode.DEAD
    printer = driver(device.port, slowest_bytes_per_s=IMPATIENT)
    assert failure(printer.open_drawer) == (PrinterState.UNKNOWN, True)


def test_two_jobs_in_a_row_are_two_receipts(device: VirtualPrinter) -> None:
    printer = driver(device.port)
    printer.print(RECEIPT)
    printer.print(Document((Text("二"),)))
    first, second = device.machine.wait_for_receipts(2, 5)
    assert "惠邻便利店" in first.with_suffix(".txt").read_text(encoding="utf-8")
    assert second.with_suffix(".txt").read_text(encoding="utf-8") == "二\n"


def test_prints_no_noise(device: VirtualPrinter, capfd: pytest.CaptureFixture[str]) -> None:
    handlers = logging.root.handlers[:]
    driver(device.port).print(RECEIPT)
    assert logging.root.handlers == handlers
    assert capfd.readouterr() == ("", "")


def test_python_escpos_is_imported_only_when_a_printer_is_used(tmp_path: Path) -> None:
    program = """
import logging, sys
import drivers.printer.escpos_network as network
assert not any(name.split(".")[0] == "escpos" for name in sys.modules)
network._escpos_network()
assert "escpos" in sys.modules
assert not logging.root.handlers
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    environment.pop("ESCPOS_CAPABILITIES_PICKLE_DIR", None)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())
