"""The program's frame: how it starts, ends, and takes a fault."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from pos.ui import app
from pos.ui.window import TillWindow
from tests.fakes.till_services import FakeServices

ROOT = Path(__file__).parents[2]

SET_UP_AND_SELL = """
import sys
from PySide6.QtCore import QTimer
from pos.domain.message import say
from pos.ui.app import application, run_provisioning, run_till
from pos.words import Words
from pos.ui.window import TillWindow
from tests.fakes.till_services import FakeServices

def join():
    window = application().topLevelWidgets()[0]
    window.url.setText("https://hub.example code")
    window.submit()
    QTimer.singleShot(200, window.submit)

application()
QTimer.singleShot(0, join)
assert run_provisioning(lambda url, code: say("{url}", url=url), Words())
sys.exit(run_till(FakeServices().services, remote=True))
"""


def test_the_till_opens_right_behind_the_set_up_and_ends_with_its_script() -> None:
    script = [
        {"do": "type", "text": "03"},
        {"do": "key", "key": "Enter"},
        {"do": "type", "text": "030303"},
        {"do": "key", "key": "Enter"},
        {"do": "wait", "for": "logged_in", "timeout_s": 5},
        {"do": "state"},
    ]
    done = subprocess.run(
        [sys.executable, "-c", SET_UP_AND_SELL],
        input="".join(json.dumps(command) + "\n" for command in script),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(script)
    assert answers[-1]["screen"] == "sale"


def test_a_fault_nobody_expected_is_logged_and_said(qapp: object, caplog: pytest.LogCaptureFixture) -> None:
    assert qapp is not None
    fakes = FakeServices()
    said: list[str] = []

    def ready() -> None:
        window = next(one for one in app.application().topLevelWidgets() if isinstance(one, TillWindow))
        error = LookupError("nobody saw this coming")
        sys.excepthook(LookupError, error, None)
        said.append(str(window.toast.notice and window.toast.notice.message))
        QTimer.singleShot(0, window.close)

    hook = sys.excepthook
    with caplog.at_level(logging.CRITICAL):
        assert app.run_till(fakes.services, ready=ready) == 0
    assert said[0].startswith("出错了")
    assert "nobody saw this coming" in caplog.text
    assert sys.excepthook is hook


@pytest.mark.usefixtures("qapp")
def test_qt_calls_leave_none_alone() -> None:
    """A binding that loses a reference of `None` with each call ends the process after some thousand."""
    timer = QTimer()
    before = sys.getrefcount(None)
    for _ in range(2_000):
        timer.start(60_000)
    assert sys.getrefcount(None) > before - 1_000
