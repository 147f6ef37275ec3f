"""Buttons. None takes the focus: a scanned space must never press one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pos.domain.message import Message
from pos.ui import theme
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, box, keycap, keycap_size, width_of, write


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of a kind of button."""

    fill: str
    pressed: str
    ink: str
    soft: str
    edge: str


PLAIN = Paint(theme.CARD, theme.PRESSED, theme.INK, theme.SOFT, theme.EDGE)
QUIET = Paint(theme.BAND, theme.PRESSED, theme.INK, theme.SOFT, theme.EDGE)
GREEN = Paint(theme.GREEN, theme.GREEN_DARK, theme.WHITE, "#e2f3ec", "")
BLUE = Paint(theme.BLUE, theme.BLUE_DARK, theme.WHITE, "#e7eefb", "")
SLATE = Paint(theme.SLATE, theme.SLATE_DARK, theme.WHITE, "#e4eaec", "")
RED = Paint(theme.RED, theme.RED_DARK, theme.WHITE, "#fbe8e6", "")
CHOSEN = Paint(theme.GREEN_TINT, theme.GREEN_FLASH, theme.INK, theme.GREEN_DARK, theme.GREEN)
OFF = Paint(theme.DISABLED, theme.DISABLED, theme.DISABLED_INK, theme.DISABLED_INK, "")


class Button(QAbstractButton):
    """A painted button with its key beside the title or, if it `stacks`, above it in a narrow window."""

    def __init__(
        self,
        stage: Stage,
        title: Message | str,
        *,
        key: str = "",
        paint: Paint = PLAIN,
        size: int = theme.TEXT,
        bold: bool = False,
        height: int = theme.TOUCH,
        stacks: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._stacks = stacks
        self._title = title
        self._key = key
        self._paint = paint
        self._size = size
        self._bold = bold
        self._height = height
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self._dress)

    def show_words(self, title: Message | str) -> None:
        if title != self._title:
            self._title = title
            self._dress()

    def dress_as(self, paint: Paint) -> None:
        if paint != self._paint:
            self._paint = paint
            self.update()

    def sizeHint(self) -> QSize:
        stage = self._stage
        width = width_of(stage(self._title), stage.font(self._size, bold=self._bold)) + stage.px(28)
        if self._key:
            width += keycap_size(self._key, stage.font(theme.TINY, bold=True))[0] + stage.px(8)
        return QSize(max(stage.touch(), width), stage.touch(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._stage.touch(), self._stage.touch(self._height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint = self._paint if self.isEnabled() else OFF
        fill = paint.pressed if self.isDown() else paint.fill
        box(painter, self.rect(), fill, radius=self._stage.px(theme.BUTTON_RADIUS), edge=paint.edge)
        self._paint_face(painter, paint)
        painter.end()

    def _paint_face(self, painter: QPainter, paint: Paint) -> None:
        """The keycap and the title side by side, centred together."""
        stage = self._stage
        title = stage(self._title)
        cap_font = stage.font(theme.TINY, bold=True)
        cap = keycap_size(self._key, cap_font) if self._key else (0, 0)
        if self._stacks and stage.compact:
            self._paint_stacked(painter, paint, cap)
            return
        gap = stage.px(8) if self._key and title else 0
        room = self.width() - stage.px(12) - cap[0] - gap
        font = self._fitting_font(title, room)
        wide = min(room, width_of(title, font))
        left = (self.width() - cap[0] - gap - wide) // 2
        if self._key:
            rect = QRect(left, (self.height() - cap[1]) // 2, *cap)
            edge = paint.edge or paint.soft
            keycap(painter, rect, self._key, cap_font, ink=paint.soft, edge=edge)
        write(
            painter,
            QRect(left + cap[0] + gap, 0, wide + 2, self.height()),
            title,
            font,
            paint.ink,
            align=CENTER,
        )

    def _paint_stacked(self, painter: QPainter, paint: Paint, cap: tuple[int, int]) -> None:
        """The keycap above the title."""
        stage = self._stage
        title, room = stage(self._title), self.width() - stage.px(8)
        font = self._fitting_font(title, room)
        height = QFontMetrics(font).height()
        top = (self.height() - cap[1] - height) // 2
        place = QRect((self.width() - cap[0]) // 2, top, *cap)
        keycap(
            painter,
            place,
            self._key,
            stage.font(theme.TINY, bold=True),
            ink=paint.soft,
            edge=paint.edge or paint.soft,
        )
        below = QRect((self.width() - room) // 2, top + cap[1] + 1, room, height)
        write(painter, below, title, font, paint.ink, align=CENTER)

    def _fitting_font(self, title: str, room: int) -> QFont:
        """The button's font, or a smaller one for a long word on a narrow button."""
        size = self._size
        while size > theme.TINY and width_of(title, self._stage.font(size, bold=self._bold)) > room:
            size -= 1
        return self._stage.font(size, bold=self._bold)

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()


class TenderButton(Button):
    """A large button in colour: key in the corner, title, and a line beneath that says what happens."""

    def __init__(self, stage: Stage, title: Message, *, key: str, paint: Paint) -> None:
        super().__init__(stage, title, key=key, paint=paint, size=theme.BIG, bold=True)
        self._sub: Message | str = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def explain(self, sub: Message | str) -> None:
        if sub != self._sub:
            self._sub = sub
            self.update()

    def _paint_face(self, painter: QPainter, paint: Paint) -> None:
        stage = self._stage
        side = stage.px(18)
        cap_font = stage.font(theme.SMALL, bold=True)
        cap = keycap_size(self._key, cap_font)
        keycap(
            painter,
            QRect(self.width() - stage.px(12) - cap[0], stage.px(11), *cap),
            self._key,
            cap_font,
            ink=paint.ink,
            edge=paint.soft,
        )
        title_font, sub_font = stage.font(theme.BIG, bold=True), stage.font(theme.TEXT)
        title_height = QFontMetrics(title_font).height()
        sub_height = QFontMetrics(sub_font).height()
        top = max(stage.px(8), (self.height() - title_height - sub_height) // 2 + stage.px(6))
        wide = self.width() - 2 * side
        write(
            painter,
            QRect(side, top, wide, title_height),
            stage(self._title),
            title_font,
            paint.ink,
        )
        below = QRect(side, top + title_height, wide, sub_height)
        write(painter, below, stage(self._sub), sub_font, paint.soft)


class PadButton(Button):
    """A key of a keypad: one large character, or a word."""

    def __init__(self, stage: Stage, title: Message | str, *, paint: Paint = QUIET) -> None:
        super().__init__(stage, title, paint=paint, size=theme.BIG, height=64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAutoRepeat(False)
