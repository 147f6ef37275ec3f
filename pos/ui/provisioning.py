"""The first start: joins the till to its alliance with the hub's address and a one-time code.

The only window with line edits: here a technician types an address, and no shop is waiting.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.courier import Courier
from pos.ui.presenters.notices import Notice, did_not_work, notice_of
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, PLAIN, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.text import Text
from pos.words import LANGUAGES, Words

LANGUAGE_VARIABLE = "POS_LANGUAGE"

Provision = Callable[[str, str], Message]


class ProvisioningWindow(QWidget):
    """`done` is true once the till has joined. `provision` runs on a thread of its own.

    `provision(url, code)` gives the sentence of success, and raises `Refusal` with that of failure.
    """

    def __init__(self, provision: Provision, words: Words) -> None:
        super().__init__()
        self._provision = provision
        first = os.environ.get(LANGUAGE_VARIABLE, "")
        self._stage = Stage(
            first if first in LANGUAGES else words.language,
            lambda language: words if language == words.language else Words(language),
        )
        self._courier = Courier()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="provisioning")
        self._closed = QEventLoop(self)
        self.busy = False
        self.done = False
        self.url = self._edit()
        self.code = self._edit()
        self.verdict = Text(self._stage, "", size=theme.ROW, bold=True, wrap=True)
        self.button = Button(
            self._stage, say("开通"), key="Enter", paint=GREEN, size=theme.TITLE, bold=True, height=68
        )
        self.language = Button(self._stage, "English", key="F2", paint=PLAIN)
        self.language.clicked.connect(self.switch_language)
        self.button.clicked.connect(self.submit)
        for edit in (self.url, self.code):
            edit.returnPressed.connect(self._entered)
        self._lay_out()
        self._stage.changed.connect(self._dress)
        self._dress()
        self.resize(theme.DESIGN_WIDTH, theme.DESIGN_HEIGHT)

    def run(self) -> bool:
        """Shows the window until it is closed or the till has joined."""
        self.show()
        self.url.setFocus()
        self._closed.exec()
        self._courier.close()
        self._thread.shutdown(wait=True)
        return self.done

    def switch_language(self) -> None:
        self._stage.speak("zh" if self._stage.language == "en" else "en")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no line edit wanted."""
        if event.key() == Qt.Key.Key_F2:
            self.switch_language()
        else:
            super().keyPressEvent(event)

    def submit(self) -> None:
        """Asks the hub, once at a time; when it has worked, the same button goes on to the till."""
        if self.done:
            self.close()
            return
        if self.busy:
            return
        self._split_pair()
        url, code = self.url.text().strip(), self.code.text().strip()
        if not url or not code:
            self._say(Notice("warn", say("请填总部地址和入网码，或扫总部给的二维码")))
            return
        self.busy = True
        self._say(Notice("good", say("正在联系总部，请稍候…")))
        self.button.setEnabled(False)
        future = self._thread.submit(self._provision, url, code)
        future.add_done_callback(lambda ended: self._courier(partial(self._end, ended)))

    def _end(self, ended: Future[Message]) -> None:
        self.busy = False
        self.button.setEnabled(True)
        error = ended.exception()
        if error is not None:
            self._say(notice_of(error, otherwise=did_not_work()))
            return
        self.done = True
        self.button.show_words(say("开始收银"))
        self._say(Notice("good", ended.result()))

    def _say(self, notice: Notice) -> None:
        colours = {"good": theme.GREEN_DARK, "warn": theme.AMBER_TEXT, "bad": theme.RED_TEXT}
        self.verdict.colour(colours[notice.tone])
        self.verdict.show_words(notice.message)

    def _split_pair(self) -> None:
        """A scanned QR holds address and code with a space between; it was typed into the first field."""
        url, space, code = self.url.text().strip().partition(" ")
        if space:
            self.url.setText(url)
            self.code.setText(code.strip())

    def _entered(self) -> None:
        self._split_pair()
        if self.url.text().strip() and not self.code.text().strip():
            self.code.setFocus()
        else:
            self.submit()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(not self.busy)
        if not self.busy:
            self._closed.quit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stage.fit(self.width(), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.PAGE))
        band = self.rect()
        band.setHeight(self._stage.px(theme.HEADER_HEIGHT))
        painter.fillRect(band, QColor(theme.HEADER))
        painter.end()

    def _dress(self) -> None:
        stage = self._stage
        self.setWindowTitle(stage(say("开通收银机")))
        self.language.show_words("中文" if stage.language == "en" else "English")
        self.url.setPlaceholderText(stage(say("https://总部地址")))
        self.code.setPlaceholderText(stage(say("一次性入网码")))
        for edit in (self.url, self.code):
            edit.setFont(stage.font(theme.TITLE))

    def _edit(self) -> QLineEdit:
        edit = QLineEdit()
        edit.setMinimumHeight(64)
        edit.setInputMethodHints(Qt.InputMethodHint.ImhLatinOnly | Qt.InputMethodHint.ImhNoPredictiveText)
        edit.setStyleSheet(
            f"QLineEdit {{ border: 1px solid {theme.EDGE}; border-radius: 11px; padding: 0 16px;"
            f" color: {theme.INK}; background: {theme.BAND}; }}"
            f"QLineEdit:focus {{ border: 2px solid {theme.GREEN}; background: {theme.CARD}; }}"
        )
        return edit

    def _lay_out(self) -> None:
        stage = self._stage
        card = Card(stage, radius=18)
        card.setMaximumWidth(820)
        card.setMinimumWidth(700)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(44, 36, 44, 36)
        inner.setSpacing(14)
        head = QHBoxLayout()
        head.addWidget(Text(stage, say("开通收银机"), size=theme.HEADLINE, bold=True), 1)
        self.language.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        head.addWidget(self.language)
        inner.addLayout(head)
        guide = say("扫总部给的二维码，或输入总部地址和一次性入网码。开通要联网，只需一次。")
        inner.addWidget(Text(stage, guide, size=theme.TEXT, colour=theme.SOFT, wrap=True))
        inner.addSpacing(10)
        for label, edit in ((say("总部地址"), self.url), (say("入网码"), self.code)):
            inner.addWidget(Text(stage, label, size=theme.SMALL, colour=theme.SOFT))
            inner.addWidget(edit)
        self.verdict.setMinimumHeight(84)
        inner.addWidget(self.verdict)
        inner.addWidget(self.button)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
