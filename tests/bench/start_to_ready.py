"""From starting `pos till` to a window that is painted and answers, against a bare Qt window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from pos.bootstrap.setting_up import make_sample
from tests.bench.measure import Comparison, compare
from tests.bench.shops import disk_folder

PAIRS = 15
STUCK_AFTER_S = 90.0
FLOOR = "a process that shows one empty QWidget of the same size and says so when it is painted"
BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        print("painted", flush=True)

app = QApplication([])
window = Window()
window.resize(1366, 768)
window.show()
app.exec()
"""


def start_to_ready(n: int = PAIRS) -> Comparison:
    """From starting the process until its second answer over `--remote`.

    The first question may be answered in the very turn of the event loop that shows the window; the second
    is asked after that answer, so the window has been painted in between.
    """
    with disk_folder() as folder:
        make_sample(folder / "till")
        environment = _as_installed(folder / "bytecode")
        till = partial(_start_till, folder / "till", environment)
        bare_window = partial(_start_bare_window, environment)
        return compare("start_to_ready", FLOOR, till, bare_window, n=n, warm_up=1)


def _as_installed(bytecode: Path) -> dict[str, str]:
    """Off screen, and with compiled modules, as an installation has them and a source tree may not."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _start_till(data: Path, environment: dict[str, str]) -> float:
    started_s = time.perf_counter()
    till = ("-m", "pos.cli", "till", "--remote", "--data", str(data))
    with _process(*till, environment=environment) as (questions, answers):
        for _ in range(2):
            state = _ask(questions, answers, {"do": "state"})
        passed_s = time.perf_counter() - started_s
        assert state["screen"] == "log_in", state
        _ask(questions, answers, {"do": "quit"})
    return passed_s


def _start_bare_window(environment: dict[str, str]) -> float:
    started_s = time.perf_counter()
    with _process("-c", BARE_WINDOW, environment=environment) as (_questions, answers):
        assert answers.readline() == "painted\n"
        return time.perf_counter() - started_s


def _ask(questions: IO[str], answers: IO[str], question: dict[str, str]) -> dict[str, Any]:
    questions.write(json.dumps(question) + "\n")
    questions.flush()
    answer: dict[str, Any] = json.loads(answers.readline())
    return answer


@contextmanager
def _process(*arguments: str, environment: dict[str, str]) -> Iterator[tuple[IO[str], IO[str]]]:
    running = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    # One that does not answer says where it is (faulthandler on SIGABRT) instead of keeping everybody waiting.
    watchdog = threading.Timer(STUCK_AFTER_S, running.send_signal, (signal.SIGABRT,))
    watchdog.start()
    with running:
        try:
            yield running.stdin, running.stdout
        finally:
            watchdog.cancel()
            running.terminate()
