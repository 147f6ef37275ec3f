"""The control port of the virtual printer: one command a line, one JSON object a line in answer."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from drivers.printer.virtual.machine import Mode

if TYPE_CHECKING:
    from drivers.printer.virtual.machine import Machine

COMMANDS = "state ready|paper_low|paper_out|cover_open|offline|dead, slow MS, paper LINES|endless, info"


def execute(machine: Machine, line: str) -> dict[str, Any]:
    """Carries out a command and answers with the printer's state, or with `error` and a sentence.

    `state X` changes what is wrong with the printer and puts in a new roll, `slow MS` the time that each
    line takes, `paper N` how many lines are left before the paper is out (`paper endless`: not counted).
    `info` only asks.
    """
    try:
        _apply(machine, line.split())
    except ValueError:
        return {"error": f"not understood: {line.strip()!r}; commands are: {COMMANDS}"}
    return {
        "state": machine.mode.value,
        "slow_ms": machine.slow_ms,
        "lines_left": machine.lines_left,
        "jobs": len(machine.receipts),
        "drawer_pulses": machine.drawer_pulses,
        "swallowed_bytes": machine.swallowed_bytes,
    }


def tell(port: int, line: str, timeout_s: float = 5.0) -> dict[str, Any]:
    """Sends one command to a virtual printer on this computer and returns its answer.

    Raises:
        OSError: nobody listens at the port, or the answer did not come.

    """
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        connection.sendall(f"{line}\n".encode())
        with connection.makefile(encoding="utf-8") as answers:
            answer = answers.readline()
    if not answer:
        raise ConnectionError("the printer closed the connection without an answer")
    decoded: dict[str, Any] = json.loads(answer)
    return decoded


def _apply(machine: Machine, words: list[str]) -> None:
    match words:
        case ["info"]:
            pass
        case ["state", name]:
            machine.mode, machine.lines_left = Mode(name.replace("-", "_")), None
        case ["slow", milliseconds]:
            machine.slow_ms = _count(milliseconds)
        case ["paper", "endless"]:
            machine.lines_left = None
        case ["paper", lines]:
            machine.lines_left = _count(lines)
        case _:
            raise ValueError(words)


def _count(argument: str) -> int:
    number = int(argument)
    if number < 0:
        raise ValueError(argument)
    return number
