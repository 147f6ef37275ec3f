"""The top line: where we are, who serves, what time it is, and whether anything needs a person."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.hub_badge import Badge
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, RIGHT, box, width_of, write

_BADGES = {
    "calm": ("#1f4d42", "#d7efe6"),
    "amber": (theme.AMBER, theme.AMBER_INK),
    "red": (theme.RED, theme.WHITE),
}
STORE_MIN = 120  # px of the store's name that no badge takes


class Header(QWidget):
    """Painted as one; it changes once a second at most.

    The last fact is the time: it is never cut, and neither is the number of receipts that wait. A sentence
    that is too long for its badge is cut short; a tap (`tapped`) or the pointer at rest shows it whole.
    """

    tapped = Signal(object)

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._store = ""
        self._facts: tuple[Message | str, ...] = ()
        self._badges: tuple[Badge, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self._dress)

    @property
    def badges(self) -> tuple[Badge, ...]:
        return self._badges

    def show_facts(self, store: str, *facts: Message | str) -> None:
        if (store, facts) != (self._store, self._facts):
            self._store, self._facts = store, facts
            self.update()

    def show_badges(self, hub: Badge, printer: Message | None) -> None:
        """The hub's badge, and the printer's while receipts do not come out."""
        notice = (Badge("amber", printer),) if printer is not None else ()
        if (*notice, hub) != self._badges:
            self._badges = (*notice, hub)
            self._dress()

    def sizeHint(self) -> QSize:
        return QSize(600, self._stage.px(theme.HEADER_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        badge = self.badge_at(int(event.position().x()))
        if badge is not None:
            self.tapped.emit(badge)

    def badge_at(self, x: int) -> Badge | None:
        """The badge at this distance from the left."""
        left = self.width() - self._stage.px(18)
        for badge, width in zip(reversed(self._badges), reversed(self.badge_widths()), strict=True):
            left -= width
            if left <= x < left + width:
                return badge
            left -= self._stage.px(10)
        return None

    def _dress(self) -> None:
        self.setToolTip("\n".join(self._stage(badge.text) for badge in self._badges))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.HEADER))
        stage = self._stage
        right = self.width() - stage.px(18)
        for badge, width in zip(reversed(self._badges), reversed(self.badge_widths()), strict=True):
            self._paint_badge(painter, badge, QRect(right - width, 0, width, self.height()))
            right -= width + stage.px(10)
        self._paint_facts(painter, right)
        painter.end()

    def badge_widths(self) -> tuple[int, ...]:
        """How wide each badge may be, so that the store and the time keep their places."""
        stage = self._stage
        wanted = [self._wanted(badge) for badge in self._badges]
        kept = stage.px(20 + STORE_MIN + 24 + 18) + width_of(self._clock, stage.font(theme.TEXT))
        room = self.width() - kept - stage.px(10) * len(wanted)
        over = sum(wanted) - room
        for index, badge in enumerate(self._badges):  # the printer's gives way first, but not all of it
            least = self._tail_px(badge) + stage.px(190 if index < len(wanted) - 1 else 90)
            given = max(0, min(over, wanted[index] - least))
            wanted[index] -= given
            over -= given
        return tuple(wanted)

    @property
    def _clock(self) -> str:
        return self._stage(self._facts[-1]) if self._facts else ""

    def _font(self) -> QFont:
        return self._stage.font(theme.TEXT, bold=True)

    def _tail(self, badge: Badge) -> str:
        return f" · {self._stage(badge.waiting)}" if badge.waiting is not None else ""

    def _tail_px(self, badge: Badge) -> int:
        return width_of(self._tail(badge), self._font()) + self._stage.px(30)

    def _wanted(self, badge: Badge) -> int:
        return width_of(self._stage(badge.text), self._font()) + self._tail_px(badge)

    def _paint_badge(self, painter: QPainter, badge: Badge, room: QRect) -> None:
        """The sentence, cut short where it must be, and behind it what waits for the hub."""
        stage, font = self._stage, self._font()
        height = stage.px(32)
        fill, ink = _BADGES[badge.tone]
        rect = QRect(room.left(), (room.height() - height) // 2, room.width(), height)
        box(painter, rect, fill, radius=height // 2)
        inner = rect.adjusted(stage.px(14), 0, -stage.px(14), 0)
        tail = self._tail(badge)
        tail_px = width_of(tail, font) + 2 if tail else 0
        text = inner.adjusted(0, 0, -tail_px, 0)
        write(painter, text, stage(badge.text), font, ink, align=RIGHT if tail else CENTER)
        write(painter, inner, tail, font, ink, align=RIGHT)

    def _paint_facts(self, painter: QPainter, right: int) -> None:
        """The store, then the time, then the others in their order as far as there is room."""
        stage = self._stage
        x, height, gap = stage.px(20), self.height(), stage.px(24)
        bold, plain = self._font(), stage.font(theme.TEXT)
        right -= stage.px(4)
        clock_px = width_of(self._clock, plain) + 2
        store_px = min(width_of(self._store, bold) + 2, right - x - gap - clock_px)
        write(painter, QRect(x, 0, store_px, height), self._store, bold, theme.WHITE)
        x += store_px + gap
        for fact in self._facts[:-1]:
            text = stage(fact)
            width = width_of(text, plain) + 2
            if x + width + gap + clock_px > right:
                break  # a narrow window keeps the badges and the time; the rest is on the receipt too
            write(painter, QRect(x, 0, width, height), text, plain, theme.HEADER_SOFT)
            x += width + gap
        write(painter, QRect(x, 0, clock_px, height), self._clock, plain, theme.HEADER_SOFT)


def cashier_fact(number: str, role: str) -> Message:
    """Who serves, by role and number."""
    if role == "owner":
        return say("店主 {number}", number=number)
    if role == "technician":
        return say("技术员 {number}", number=number)
    return say("收银员 {number}", number=number)
