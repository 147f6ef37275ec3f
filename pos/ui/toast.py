"""A sentence that comes and goes, over everything, without taking a key or a tap."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer
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
    """Shows the newest notice; bad news stay twice as long."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._window = parent
        self.notice: Notice | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.timeout.connect(self.dismiss)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        self.notice = notice
        self._end.start(theme.NOTICE_MS * (2 if notice.tone == "bad" else 1))
        self.place()
        self.show()
        self.raise_()
        self.update()

    def dismiss(self) -> None:
        self.notice = None
        self.hide()

    def place(self) -> None:
        """Centred near the top of the window, as wide as its sentence needs, on two lines if it must."""
        if self.notice is None:
            return
        stage, window = self._stage, self._window
        metrics = QFontMetrics(self._font())
        room = window.width() - stage.px(120)
        text_px = metrics.horizontalAdvance(stage(self.notice.message)) + stage.px(60)
        lines = 1 if text_px <= room else 2
        width = min(text_px, room)
        height = metrics.height() * lines + stage.px(26)
        top = stage.px(theme.HEADER_HEIGHT) + stage.px(10)
        self.setGeometry(QRect((window.width() - width) // 2, top, width, height))

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
