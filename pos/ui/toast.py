"""A sentence that comes and goes, over everything, without taking a key or a tap."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QRect, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos.ui import theme
from pos.ui.presenters.notices import Notice
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, box, write

_LOOKS = {
    "good": (theme.HEADER, theme.WHITE),
    "warn": (theme.AMBER, theme.AMBER_INK),
    "bad": (theme.RED, theme.WHITE),
}


class Toast(QWidget):
    """Shows the newest notice; bad news stay twice as long. `room` is where it hides nothing needed."""

    def __init__(self, stage: Stage, parent: QWidget, room: Callable[[], QRect]) -> None:
        super().__init__(parent)
        self._stage = stage
        self._room = room
        self.notice: Notice | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._shown_for = QElapsedTimer()
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self.dismiss)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        self.notice = notice
        self._end.start(theme.NOTICE_MS * (2 if notice.tone == "bad" else 1))
        self._shown_for.start()
        self.place()
        self.show()
        self.raise_()
        self.update()

    def dismiss(self) -> None:
        self.notice = None
        self.hide()

    def dismiss_read(self) -> None:
        """Goes unless it has only just come: a scan that was refused must not pass unseen behind the next."""
        if self._shown_for.isValid() and self._shown_for.elapsed() < theme.NOTICE_READ_MS:
            return
        self.dismiss()

    def place(self) -> None:
        """At the bottom of the room it is given, as wide as its sentence needs, on more lines if it must."""
        if self.notice is None:
            return
        stage, room, metrics = self._stage, self._room(), QFontMetrics(self._font())
        text = stage(self.notice.message)
        width = min(metrics.horizontalAdvance(text) + stage.px(60), room.width())
        inside = QRect(0, 0, width - stage.px(48), room.height())
        needed = metrics.boundingRect(inside, CENTER | Qt.TextFlag.TextWordWrap, text).height()
        height = needed + stage.px(24)
        left = room.left() + (room.width() - width) // 2
        self.setGeometry(QRect(left, max(0, room.bottom() + 1 - height), width, height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.notice is None:
            return
        fill, ink = _LOOKS[self.notice.tone]
        painter = QPainter(self)
        box(painter, self.rect(), fill, radius=self._stage.px(14))
        inner = self.rect().adjusted(self._stage.px(24), 0, -self._stage.px(24), 0)
        text = self._stage(self.notice.message)
        if QFontMetrics(self._font()).horizontalAdvance(text) <= inner.width():
            write(painter, inner, text, self._font(), ink, align=CENTER)
        else:
            painter.setFont(self._font())
            painter.setPen(ink)
            painter.drawText(inner, CENTER | Qt.TextFlag.TextWordWrap, text)
        painter.end()

    def _font(self) -> QFont:
        return self._stage.font(theme.ROW, bold=True)
