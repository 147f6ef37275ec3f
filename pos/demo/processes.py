"""Starting, asking and stopping the processes of a demo shop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from types import FrameType
from typing import IO, Any, Self

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
ANSWER_TIMEOUT_S = 60
_ENDING = (signal.SIGTERM, signal.SIGINT)


class DemoFailed(Exception):  # noqa: N818 - the outcome of a demo
    """A part of the demo did not do what it should; the text says which and what it printed."""


class _Children:
    """The processes that run, and whether one is just being started, which no signal may interrupt."""

    def __init__(self) -> None:
        self.running: list[Process] = []
        self._starting = False
        self._ended_by: int | None = None

    @contextmanager
    def starting(self) -> Iterator[None]:
        self._starting = True
        try:
            yield
        finally:
            self._starting = False
            if self._ended_by is not None:
                self._end()

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        for each in _ENDING:
            signal.signal(each, signal.SIG_IGN)  # nothing interrupts the ending
        self._ended_by = number
        if not self._starting:
            self._end()

    def _end(self) -> None:
        assert self._ended_by is not None
        number, self._ended_by = self._ended_by, None
        raise SystemExit(128 + number)


_children = _Children()


@contextmanager
def children_end_with_us() -> Iterator[None]:
    """However the block ends, also by SIGTERM or Ctrl+C, no `Process` that it started outlives it.

    On the main thread only. A signal becomes `SystemExit`, so that everything unwinds.
    """
    before = {number: signal.signal(number, _children.on_signal) for number in _ENDING}
    try:
        yield
    finally:
        for process in reversed(_children.running.copy()):
            process.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


class Process:
    """A program of this installation that talks JSON lines on stdin and stdout; stderr goes to a log file."""

    def __init__(
        self, name: str, arguments: list[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self._log = name, log
        self._stderr: IO[bytes] = log.open("ab")
        self._lines: Queue[str | None] = Queue()
        with _children.starting():
            self._child = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                text=True,
                encoding="utf-8",
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            )
            _children.running.append(self)
            threading.Thread(target=self._read, name=f"{name}-stdout", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def next_object(self, timeout_s: float = START_TIMEOUT_S) -> dict[str, Any]:
        """The next JSON object the process prints."""
        while True:
            try:
                line = self._lines.get(timeout=timeout_s)
            except Empty:
                raise self._failure(f"said nothing for {timeout_s:.0f} s") from None
            if line is None:
                raise self._failure(f"ended with status {self._child.wait()}")
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer

    def ask(self, **command: object) -> dict[str, Any]:
        """Sends one command and returns its answer.

        Raises:
            DemoFailed: the process says that it could not, or says nothing.

        """
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(command, ensure_ascii=False) + "\n")
        self._child.stdin.flush()
        answer = self.next_object(ANSWER_TIMEOUT_S)
        if answer.get("ok") is False:
            raise self._failure(f"could not do {command}: {answer}")
        return answer

    def stop(self) -> None:
        """Asks the process to end, and ends it if it does not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: what a power cut does to a program."""
        self._end(signal.SIGKILL)

    def wait(self) -> int:
        """Waits until the process has ended by itself; gives its exit status."""
        return self._child.wait()

    def _end(self, how: signal.Signals) -> None:
        if self._child.poll() is None:
            self._child.send_signal(how)
            try:
                self._child.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._child.stdin is not None:
            with suppress(OSError):  # what it did not read before it ended
                self._child.stdin.close()
        self._stderr.close()
        with suppress(ValueError):  # stopped before
            _children.running.remove(self)

    def _read(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _failure(self, what: str) -> DemoFailed:
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        return DemoFailed(f"{self.name} {what}\n{tail}".rstrip())


def run(arguments: list[str]) -> str:
    """Runs a command of this installation to its end and gives its output.

    Raises:
        DemoFailed: it ended with another status than 0.

    """
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise DemoFailed(f"{' '.join(arguments[:3])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
