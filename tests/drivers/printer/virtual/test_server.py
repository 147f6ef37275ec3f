from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.contracts import Columns, Document, Feed, QrCode, Rule, Text
from drivers.printer import status
from drivers.printer.layout import render
from drivers.printer.paper import Paper
from drivers.printer.virtual import Mode, VirtualPrinter
from drivers.printer.virtual.control import tell
from drivers.printer.virtual.machine import status_answer
from tests.drivers.printer.scripted import receive

NOON = datetime(2026, 4, 12, 4, 0, tzinfo=UTC)


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path, clock=lambda: NOON) as virtual:
        yield virtual


def connect(printer: VirtualPrinter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", printer.port), timeout=5)


def send(printer: VirtualPrinter, data: bytes) -> None:
    with connect(printer) as connection:
        connection.sendall(data)


def events(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("paper", Paper)
def test_the_printed_qr_code_can_be_scanned(tmp_path: Path, paper: Paper) -> None:
    address = "https://huilin.example/r/T03-20260412-000127?s=7f3a9c"
    document = Document((Text("惠邻便利店"), Columns("合计", "¥1.00"), Rule(), QrCode(address), Feed(2)))
    with VirtualPrinter(tmp_path, paper=paper) as printer:
        send(printer, render(document, paper))
        (png,) = printer.machine.wait_for_receipts(1, 5)
    with Image.open(png) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [address]


def test_each_cut_is_a_receipt_with_three_files(printer: VirtualPrinter, tmp_path: Path) -> None:
    send(printer, b"first\n\x1dV\x00second\n\x1dV\x00")
    assert [png.name for png in printer.machine.wait_for_receipts(2, 5)] == [
        "receipt-0001.png",
        "receipt-0002.png",
    ]
    printer.stop()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events.jsonl",
        *(f"receipt-{n:04d}.{kind}" for n in (1, 2) for kind in ("bin", "png", "txt")),
    ]
    assert (tmp_path / "receipt-0002.bin").read_bytes() == b"second\n\x1dV\x00"
    assert (tmp_path / "receipt-0002.txt").read_text() == "second\n"
    assert events(tmp_path)[0] == {
        "at": "2026-04-12T04:00:00.000+00:00",
        "event": "receipt",
        "file": "receipt-0001.png",
        "complete": True,
    }


def test_what_was_not_cut_is_torn_off_at_the_end_of_the_connection(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    send(printer, b"half a rec")
    printer.machine.wait_for_receipts(1, 5)
    printer.stop()
    assert [event["complete"] for event in events(tmp_path)] == [False]


def test_blank_paper_is_no_receipt(printer: VirtualPrinter, tmp_path: Path) -> None:
    send(printer, b"\x1b@\n\n\x1dV\x00")
    send(printer, b"x\x1dV\x00")
    (png,) = printer.machine.wait_for_receipts(1, 5)
    assert png.name == "receipt-0001.png"


def test_numbers_go_on_behind_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "receipt-0041.bin").touch()
    with VirtualPrinter(tmp_path) as printer:
        send(printer, b"x\x1dV\x00")
        (png,) = printer.machine.wait_for_receipts(1, 5)
    assert png.name == "receipt-0042.png"


def test_a_query_amid_a_job_is_answered_before_the_job_is_printed(printer: VirtualPrinter) -> None:
    printer.machine.slow_ms = 60_000
    with connect(printer) as connection:
        connection.sendall(b"one\ntwo\n\x10\x04\x01three\n")
        assert connection.recv(16) == b"\x12"
        assert not printer.machine.receipts


def test_a_query_amid_an_image_is_not_answered(printer: VirtualPrinter) -> None:
    with connect(printer) as connection:
        connection.sendall(b"\x1dv0\x00\x03\x00\x02\x00" + b"\x10\x04\x01" * 2 + b"\x10\x04\x04\x1dV\x00")
        assert connection.recv(16) == status_answer(Mode.READY, status.PAPER)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(16) == b""


@pytest.mark.parametrize(
    ("mode", "answers"),
    [
        (Mode.READY, b"\x12\x12\x12"),
        (Mode.PAPER_LOW, b"\x12\x12\x1e"),
        (Mode.PAPER_OUT, b"\x1a\x32\x7e"),
        (Mode.COVER_OPEN, b"\x1a\x16\x12"),
        (Mode.OFFLINE, b"\x1a\x12\x12"),
    ],
)
def test_says_what_is_wrong(printer: VirtualPrinter, mode: Mode, answers: bytes) -> None:
    printer.machine.mode = mode
    with connect(printer) as connection:
        connection.sendall(b"\x10\x04\x01\x10\x04\x02\x10\x04\x04")
        assert receive(connection, 3) == answers


def test_without_paper_a_job_is_swallowed(printer: VirtualPrinter) -> None:
    printer.machine.mode = Mode.PAPER_OUT
    job = b"lost\n\x1dV\x00"
    send(printer, job)
    printer.stop()
    assert printer.machine.swallowed_bytes == len(job)
    assert not printer.machine.receipts


def test_new_paper_does_not_bring_back_what_was_lost(printer: VirtualPrinter, tmp_path: Path) -> None:
    printer.machine.lines_left = 2
    with connect(printer) as connection:
        connection.sendall(b"one\ntwo\nthree\n")
        while printer.machine.swallowed_bytes == 0:
            assert tell(printer.control_port, "info")["state"] in ("ready", "paper_out")
        assert tell(printer.control_port, "state ready")["lines_left"] is None
        connection.sendall(b"four\n\x1dV\x00")
        (png,) = printer.machine.wait_for_receipts(1, 5)
    assert png.with_suffix(".txt").read_text().split() == ["one", "two", "four"]
    printer.stop()
    assert [event["complete"] for event in events(tmp_path)] == [False]


@pytest.mark.parametrize("garbage", [bytes(range(256)) * 5, b"\x1b" * 999, b"\xff\xfe" * 5000, b"\n" * 3000])
def test_survives_garbage(printer: VirtualPrinter, garbage: bytes) -> None:
    send(printer, garbage)
    send(printer, b"\x1b@still alive\n\x1dV\x00")
    seen = 0
    while not any("still alive" in png.with_suffix(".txt").read_text() for png in printer.machine.receipts):
        seen = len(printer.machine.wait_for_receipts(seen + 1, 5))


def test_a_client_that_resets_does_no_harm(printer: VirtualPrinter) -> None:
    with closing(connect(printer)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.sendall(b"x")
    send(printer, b"y\x1dV\x00")
    printer.machine.wait_for_receipts(1, 5)


def test_stops_with_connections_open(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path) as printer:
        idle = connect(printer)
        idle.sendall(b"\x10\x04\x01")
        assert idle.recv(1)
    with idle:
        assert idle.recv(1) == b""


def test_a_folder_that_vanishes_stops_no_later_receipt(printer: VirtualPrinter, tmp_path: Path) -> None:
    (tmp_path / ".receipt-0001.bin.part").mkdir()
    send(printer, b"lost\x1dV\x00kept\x1dV\x00")
    (png,) = printer.machine.wait_for_receipts(1, 5)
    assert png.name == "receipt-0002.png"


def test_control_port_changes_and_tells(printer: VirtualPrinter) -> None:
    assert tell(printer.control_port, "info") == {
        "state": "ready",
        "slow_ms": 0,
        "lines_left": None,
        "jobs": 0,
        "drawer_pulses": 0,
        "swallowed_bytes": 0,
    }
    assert tell(printer.control_port, "state paper-out")["state"] == "paper_out"
    assert printer.machine.mode is Mode.PAPER_OUT
    assert tell(printer.control_port, "slow 250")["slow_ms"] == 250
    assert tell(printer.control_port, "paper 12")["lines_left"] == 12
    assert tell(printer.control_port, "paper endless")["lines_left"] is None


@pytest.mark.parametrize(
    "line", ["", "state", "state broken", "slow", "slow -1", "slow x", "paper", "info now", "\xff"]
)
def test_control_port_says_what_it_understands(printer: VirtualPrinter, line: str) -> None:
    assert "state ready|paper_low|" in tell(printer.control_port, line)["error"]


def test_waiting_for_a_receipt_ends(printer: VirtualPrinter) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        printer.machine.wait_for_receipts(1, 0.01)
