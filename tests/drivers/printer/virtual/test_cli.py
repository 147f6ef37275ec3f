from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from drivers.printer.virtual import main


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_runs_as_a_program(tmp_path: Path) -> None:
    command = [
        "-c",
        "from drivers.printer.virtual import main; main()",
        "--port=0",
        "--state=paper-out",
        f"--out={tmp_path}",
    ]
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        ports = json.loads(program.stdout.readline())
        with socket.create_connection(("127.0.0.1", ports["port"]), timeout=5) as connection:
            connection.sendall(b"\x10\x04\x02")
            assert connection.recv(1) == b"\x32"
            told = CliRunner().invoke(
                main, ["tell", "--control-port", str(ports["control_port"]), "state ready"]
            )
            assert json.loads(told.output)["state"] == "ready"
            connection.sendall(b"torn off")
        program.send_signal(signal.SIGTERM)
        rest = program.communicate(timeout=10)
    assert (program.returncode, *rest) == (0, "", "")


def test_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(main, [f"--port={port}", f"--out={tmp_path}"])
    assert ended.exit_code == 1
    assert f"port {port}" in ended.stderr
    assert ended.stdout == ""


def test_says_that_the_control_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = CliRunner().invoke(
            main, ["--port=0", f"--control-port={taken.getsockname()[1]}", f"--out={tmp_path}"]
        )
    assert ended.exit_code == 1


def test_says_that_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = CliRunner().invoke(main, ["--port=0", f"--out={tmp_path / 'file' / 'x'}"])
    assert ended.exit_code == 1


def test_tell_says_that_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ended = CliRunner().invoke(main, ["tell", "--control-port", str(port), "info"])
    assert ended.exit_code == 1
    assert "no virtual printer" in ended.stderr
