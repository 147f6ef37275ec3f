"""The frame of every sheet, and the ground it lies on."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.keyboard import ENTER_KEYS
from pos.ui.presenters.notices import Notice
from pos.ui.stage import Stage
from pos.ui.widgets.button import Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.text import Text

NOTICE_MIN = 300


class Sheet(Card):
    """A card with a title and a way back. Subclasses fill `body` and take keys.

    `name` is a stable word for tests and the scripted demo; `measure` is width and height in px as designed.
    """

    name = ""
    measure = (760, 520)
    closed = Signal()
    noticed = Signal(object)

    def __init__(self, stage: Stage, title: Message, *, leave: Message | None = None) -> None:
        super().__init__(stage, radius=16)
        self.title = Text(stage, title, size=theme.BIG, bold=True)
        self._leave = Button(stage, leave or say("返回"), key="Esc")
        self._leave.clicked.connect(self.leave)
        self._head = QHBoxLayout()
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self._leave, 0)
        self._leave.setSizePolicy(
            self._leave.sizePolicy().Policy.Fixed, self._leave.sizePolicy().Policy.Fixed
        )
        self.body = QVBoxLayout()
        self._frame = QVBoxLayout(self)
        self._frame.addLayout(self._head)
        self._frame.addLayout(self.body, 1)
        stage.changed.connect(self.dress)
        Sheet.dress(self)

    def typed(self, char: str) -> None:
        """A character was typed on the keyboard or tapped on the sheet's pad."""

    def erased(self) -> None:
        """Backspace."""

    def entered(self) -> None:
        """Enter."""

    def scanned(self, code: str) -> bool:
        """A code was scanned; False when this sheet has no use for it (and then nothing happened)."""
        return not code

    def drop(self, count: int) -> None:
        """The last characters typed belong to a scan: take them back."""
        for _ in range(count):
            self.erased()

    def pressed(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        """Any key that types nothing."""
        if key == Qt.Key.Key_Escape:
            self.leave()
        elif key in ENTER_KEYS:
            self.entered()
        elif key == Qt.Key.Key_Backspace:
            self.erased()
        else:
            self.key(key, modifiers)

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        """The sheet's own keys."""

    def leave(self) -> None:
        """Esc: close, without doing anything."""
        self.closed.emit()

    def tell(self, notice: Notice) -> None:
        self.noticed.emit(notice)

    def notice_room(self) -> QRect:
        """Where a notice hides nothing of the sheet: between its title and the way back."""
        metrics = QFontMetrics(self.title.font())
        gap = self._stage.px(16)
        left = self.title.x() + metrics.horizontalAdvance(self.title.text()) + gap
        least = self._stage.px(NOTICE_MIN)
        if self._leave.x() - gap - left < least:
            left = self._stage.px(26)  # a long title gives way for as long as the notice is there
        height = self._leave.geometry().bottom() + self._stage.px(8)
        return QRect(left, 0, self._leave.x() - gap - left, height)

    def dress(self) -> None:
        px = self._stage.px
        self._frame.setContentsMargins(px(26), px(18), px(18), px(22))
        self._frame.setSpacing(px(14))
        self.body.setSpacing(px(12))


class SheetHost(QWidget):
    """The dimmed ground. The newest sheet is on top and takes the keys; the others wait beneath."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._sheets: list[Sheet] = []
        self.hide()
        stage.changed.connect(self._place)

    @property
    def top(self) -> Sheet | None:
        return self._sheets[-1] if self._sheets else None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sheet.name for sheet in self._sheets)

    def open(self, sheet: Sheet) -> None:
        sheet.setParent(self)
        sheet.closed.connect(lambda: self.close_sheet(sheet))
        if self.top is not None:
            self.top.hide()
        self._sheets.append(sheet)
        self.show()
        self._place()
        sheet.show()

    def close_sheet(self, sheet: Sheet) -> None:
        """Takes a sheet away; the one beneath comes back."""
        if sheet not in self._sheets:
            return
        self._sheets.remove(sheet)
        sheet.hide()
        sheet.deleteLater()
        if self.top is not None:
            self.top.show()
            self._place()
        self.setVisible(bool(self._sheets))

    def close_all(self) -> None:
        for sheet in tuple(self._sheets):
            self.close_sheet(sheet)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(*theme.DIM))
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Taps beside the sheet go nowhere."""

    def _place(self) -> None:
        sheet = self.top
        if sheet is None:
            return
        margin = self._stage.px(14)
        width = min(self._stage.px(sheet.measure[0]), self.width() - 2 * margin)
        height = min(self._stage.px(sheet.measure[1]), self.height() - 2 * margin)
        left, top = (self.width() - width) // 2, (self.height() - height) // 2
        sheet.setGeometry(QRect(left, top, width, height))
