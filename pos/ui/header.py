"""The top line: where we are, who serves, what time it is, and whether anything needs a person."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.hub_badge import Badge
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, box, width_of, write

_BADGES = {
    "calm": ("#1f4d42", "#d7efe6"),
    "amber": (theme.AMBER, theme.AMBER_INK),
    "red": (theme.RED, theme.WHITE),
}


class Header(QWidget):
    """Painted as one; it changes once a second at most."""

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._store = ""
        self._facts: tuple[Message | str, ...] = ()
        self._badges: tuple[Badge, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self.update)

    def show_facts(self, store: str, *facts: Message | str) -> None:
        if (store, facts) != (self._store, self._facts):
            self._store, self._facts = store, facts
            self.update()

    def show_badges(self, hub: Badge, printer: Message | None) -> None:
        """The hub's badge, and the printer's while receipts do not come out."""
        notice = (Badge("amber", printer),) if printer is not None else ()
        if (*notice, hub) != self._badges:
            self._badges = (*notice, hub)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, self._stage.px(theme.HEADER_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.HEADER))
        right = self._paint_badges(painter)
        self._paint_facts(painter, right)
        painter.end()

    def _paint_badges(self, painter: QPainter) -> int:
        """From the right; what is left for the facts is returned."""
        stage = self._stage
        font = stage.font(theme.TEXT, bold=True)
        right = self.width() - stage.px(18)
        height = stage.px(32)
        top = (self.height() - height) // 2
        for badge in reversed(self._badges):
            text = stage(badge.text)
            room = max(stage.px(60), right - stage.px(330))
            width = min(width_of(text, font) + stage.px(30), room)
            rect = QRect(right - width, top, width, height)
            fill, ink = _BADGES[badge.tone]
            box(painter, rect, fill, radius=height // 2)
            inner = rect.adjusted(stage.px(12), 0, -stage.px(12), 0)
            write(painter, inner, text, font, ink, align=CENTER)
            right = rect.left() - stage.px(10)
        return right

    def _paint_facts(self, painter: QPainter, right: int) -> None:
        stage = self._stage
        x, height = stage.px(20), self.height()
        bold, plain = stage.font(theme.TEXT, bold=True), stage.font(theme.TEXT)
        write(painter, QRect(x, 0, right - x, height), self._store, bold, theme.WHITE)
        x += width_of(self._store, bold) + stage.px(26)
        for fact in self._facts:
            text = stage(fact)
            width = width_of(text, plain)
            if x + width > right - stage.px(10):
                break  # a narrow window keeps the badges; the facts are on the receipt too
            write(painter, QRect(x, 0, width + 2, height), text, plain, theme.HEADER_SOFT)
            x += width + stage.px(24)


def cashier_fact(number: str, role: str) -> Message:
    """Who serves, by role and number."""
    if role == "owner":
        return say("店主 {number}", number=number)
    if role == "technician":
        return say("技术员 {number}", number=number)
    return say("收银员 {number}", number=number)
