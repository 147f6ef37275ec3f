"""The scripted demo's hand on the window."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from pos.ui.remote import Remote
from tests.ui.hands import MEMBER, WATER, Hands


class Script:
    def __init__(self, till: Hands, qtbot: QtBot) -> None:
        self._till = till
        self._qtbot = qtbot

    def run(self, *commands: Any) -> list[dict[str, Any]]:
        """One answer per command."""
        lines = io.StringIO("".join(json.dumps(command) + "\n" for command in commands))
        answers = io.StringIO()
        remote = Remote(self._till.window, lines, answers)
        remote._ended.disconnect()
        remote.start()
        self._qtbot.waitUntil(lambda: answers.getvalue().count("\n") == len(commands), timeout=20_000)
        return [json.loads(line) for line in answers.getvalue().splitlines()]


@pytest.fixture
def script(till: Hands, qtbot: QtBot) -> Script:
    return Script(till, qtbot)


def test_a_sale_by_script(script: Script, tmp_path: Path) -> None:
    picture = tmp_path / "paid.png"
    answers = script.run(
        {"do": "scan", "code": MEMBER},
        {"do": "scan", "code": WATER},
        {"do": "state"},
        {"do": "key", "key": "F9"},
        {"do": "type", "text": "2"},
        {"do": "key", "key": "Enter"},
        {"do": "wait", "for": "paid", "timeout_s": 5},
        {"do": "state"},
        {"do": "grab", "file": str(picture)},
    )
    assert all(answer["ok"] for answer in answers), answers
    assert answers[2]["due_fen"] == 1_58
    assert answers[2]["screen"] == "sale"
    assert answers[7]["screen"] == "paid"
    assert answers[7]["change_fen"] == 42
    assert answers[7]["last_receipt"].endswith("-0001")
    assert picture.stat().st_size > 1000


def test_a_wait_that_is_in_vain_says_so(script: Script) -> None:
    assert script.run({"do": "wait", "for": "offline", "timeout_s": 0.05})[0]["ok"] is False


@pytest.mark.parametrize(
    "command", [{"do": "dance"}, {}, [], {"do": "key", "key": "F99"}, {"do": "wait", "for": "x"}]
)
def test_a_mistake_is_an_answer(script: Script, command: object) -> None:
    answer = script.run(command)[0]
    assert answer["ok"] is False
    assert answer["error"]
