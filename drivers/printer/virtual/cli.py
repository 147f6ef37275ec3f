"""The program `pos-virtual-printer`."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drivers.printer.paper import Paper
from drivers.printer.virtual.control import COMMANDS
from drivers.printer.virtual.control import tell as send
from drivers.printer.virtual.machine import Mode
from drivers.printer.virtual.server import VirtualPrinter

if TYPE_CHECKING:
    from types import FrameType

_SIGNAL_POLL_S = 0.2  # Windows delivers Ctrl+C only between waits
_STATES = [mode.value.replace("_", "-") for mode in Mode]


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on for jobs.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9100, show_default=True, help="0: any free port."
)
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    default=0,
    help="On this computer only. 0: any free port.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("receipts"), show_default=True
)
@click.option(
    "--paper", type=click.Choice([str(paper.value) for paper in Paper]), default="80", show_default=True
)
@click.option("--state", type=click.Choice(_STATES), default="ready", show_default=True)
@click.option(
    "--slow", "slow_ms", type=click.IntRange(0), default=0, help="Milliseconds that each line takes."
)
@click.pass_context
def main(
    context: click.Context,
    *,
    host: str,
    port: int,
    control_port: int,
    out: Path,
    paper: str,
    state: str,
    slow_ms: int,
) -> None:
    """A receipt printer made of software: takes ESC/POS jobs over TCP and prints them to PNG files.

    At the start it writes one line of JSON with its ports, and then nothing until it is ended.
    """
    if context.invoked_subcommand is not None:
        return
    try:
        printer = VirtualPrinter(
            out, host=host, port=port, control_port=control_port, paper=Paper(int(paper))
        )
    except OSError as error:
        raise click.ClickException(f"cannot print at port {port} into {out}: {error.strerror}") from error
    printer.machine.mode = Mode(state.replace("-", "_"))
    printer.machine.slow_ms = slow_ms
    _serve(printer)


@main.command(help=f"Sends one COMMAND to a running virtual printer: {COMMANDS}.")
@click.option("--control-port", type=click.IntRange(1, 65535), required=True)
@click.argument("command")
def tell(control_port: int, command: str) -> None:
    try:
        answer = send(control_port, command)
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"no virtual printer answers at control port {control_port}: {error}"
        ) from error
    click.echo(json.dumps(answer, ensure_ascii=False))
    if "error" in answer:
        raise SystemExit(1)


def _serve(printer: VirtualPrinter) -> None:
    """Runs until SIGTERM or Ctrl+C."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with printer:
        click.echo(json.dumps({"port": printer.port, "control_port": printer.control_port}))
        while not ended.wait(_SIGNAL_POLL_S):
            pass
