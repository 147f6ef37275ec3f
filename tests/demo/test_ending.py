"""A demo that is ended from outside takes its processes with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pos.demo.processes import Process, children_end_with_us

PATIENCE_S = 60.0


def remaining(out: Path) -> list[str]:
    """Command lines of processes that work in the demo's folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(out) in line:
            found.append(line)
    return found


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("screen", ["--headless", None])
def test_a_signal_leaves_no_process(tmp_path: Path, number: signal.Signals, screen: str | None) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pos.cli", "demo", "--out", str(out), *([screen] if screen else [])]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "BROWSER": "true"}
    demo = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while not any("pos.cli till" in line for line in remaining(out)):
        assert demo.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert len(remaining(out)) == 4  # the demo, its hub, printer and till
    demo.send_signal(number)
    assert demo.wait(PATIENCE_S) == 128 + number
    assert remaining(out) == []


def test_a_signal_while_a_process_is_being_started_waits_until_it_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Process] = []
    children: list[subprocess.Popen[str]] = []
    original = subprocess.Popen

    def interrupted(*args: object, **kwargs: object) -> subprocess.Popen[str]:
        child: subprocess.Popen[str] = original(*args, **kwargs)  # type: ignore[call-overload]
        children.append(child)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0)  # where the signal arrives
        return child

    def start() -> None:
        with children_end_with_us():
            started.append(Process("sleeper", ["http.server", "--bind", "127.0.0.1", "0"], tmp_path / "log"))

    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == 128 + signal.SIGTERM
    assert started == []
    assert [child.poll() for child in children] == [-signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == handler
