"""The first-start window."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from pos.domain.message import Message, Refusal, say
from pos.ui.provisioning import ProvisioningWindow
from pos.words import Words

Provision = Callable[[str, str], Message]


class Asked:
    """A hub that answers as told."""

    def __init__(self, answer: Message | Exception) -> None:
        self.answer = answer
        self.pairs: list[tuple[str, str]] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, url: str, code: str) -> Message:
        self.pairs.append((url, code))
        self.go.wait(10)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def opened(qtbot: QtBot, asked: Asked) -> ProvisioningWindow:
    window = ProvisioningWindow(asked, Words())
    qtbot.addWidget(window)
    window.show()
    return window


def verdict(window: ProvisioningWindow) -> str:
    return window.verdict.text()


def test_address_and_code_join_the_till(qtbot: QtBot) -> None:
    asked = Asked(say("已接入"))
    window = opened(qtbot, asked)
    QTest.keyClicks(window.url, "https://hub.example")
    QTest.keyClick(window.url, Qt.Key.Key_Return)
    QTest.keyClicks(window.code, "ABCD-1234")
    QTest.keyClick(window.code, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.done)
    assert asked.pairs == [("https://hub.example", "ABCD-1234")]
    assert verdict(window) == "已接入"


def test_a_scanned_pair_fills_both_fields(qtbot: QtBot) -> None:
    asked = Asked(say("已接入"))
    window = opened(qtbot, asked)
    QTest.keyClicks(window.url, "https://hub.example ABCD-1234")
    QTest.keyClick(window.url, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.done)
    assert (window.url.text(), window.code.text()) == ("https://hub.example", "ABCD-1234")


def test_a_pasted_pair_is_split_and_sent_by_the_button(qtbot: QtBot) -> None:
    asked = Asked(say("已接入"))
    window = opened(qtbot, asked)
    window.url.setText("https://hub.example ABCD-1234")
    window.submit()
    qtbot.waitUntil(lambda: window.done)
    assert asked.pairs == [("https://hub.example", "ABCD-1234")]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(Refusal("used", say("入网码已用过")), "入网码已用过"), (ValueError("boom"), "出错了，没有完成")],
)
def test_a_failure_is_a_sentence_and_can_be_tried_again(
    qtbot: QtBot, error: Exception, sentence: str
) -> None:
    asked = Asked(error)
    window = opened(qtbot, asked)
    window.url.setText("https://hub.example x")
    window.submit()
    qtbot.waitUntil(lambda: not window.busy)
    assert sentence in verdict(window)
    assert not window.done
    asked.answer = say("已接入")
    window.submit()
    qtbot.waitUntil(lambda: window.done)


def test_pressing_twice_asks_once_and_the_window_waits_for_the_answer(qtbot: QtBot) -> None:
    asked = Asked(say("已接入"))
    asked.go.clear()
    window = opened(qtbot, asked)
    window.url.setText("https://hub.example x")
    window.submit()
    window.submit()
    assert not window.close()
    asked.go.set()
    qtbot.waitUntil(lambda: window.done)
    assert len(asked.pairs) == 1


def test_empty_fields_ask_nobody(qtbot: QtBot) -> None:
    asked = Asked(say("已接入"))
    window = opened(qtbot, asked)
    window.submit()
    assert asked.pairs == []
    assert "入网码" in verdict(window)


def test_f2_changes_the_language_and_back(qtbot: QtBot) -> None:
    window = opened(qtbot, Asked(say("已接入")))
    assert window.windowTitle() == "开通收银机"
    QTest.keyClick(window.url, Qt.Key.Key_F2)
    assert window.windowTitle() == "Set up this till"
    QTest.keyClick(window.code, Qt.Key.Key_F2)
    assert window.windowTitle() == "开通收银机"


@pytest.mark.parametrize(
    ("variable", "title"), [("en", "Set up this till"), ("xx", "开通收银机"), ("", "开通收银机")]
)
def test_the_environment_may_name_the_first_language(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, variable: str, title: str
) -> None:
    monkeypatch.setenv("POS_LANGUAGE", variable)
    assert opened(qtbot, Asked(say("已接入"))).windowTitle() == title
