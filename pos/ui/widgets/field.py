"""A field that shows what was typed. It is drawn, not edited: the keys go to its presenter."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos.domain.message import Message
from pos.ui import theme
from pos.ui.stage import Stage
from pos.ui.widgets.painting import LEFT, RIGHT, box, width_of, write


class Field(QWidget):
    """Typed text with a caret; `prefix` and `suffix` stand at its ends, `hint` while it is empty."""

    tapped = Signal()

    def __init__(
        self,
        stage: Stage,
        *,
        size: int = theme.HEADLINE,
        align: Qt.AlignmentFlag = RIGHT,
        height: int = 68,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._size = size
        self._align = align
        self._height = height
        self._text = ""
        self._hint: Message | str = ""
        self._prefix: Message | str = ""
        self._suffix: Message | str = ""
        self._active = True
        self._pale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self._dress)

    def label(
        self, *, prefix: Message | str = "", suffix: Message | str = "", hint: Message | str = ""
    ) -> None:
        self._prefix, self._suffix, self._hint = prefix, suffix, hint
        self.update()

    def show_text(self, text: str, *, active: bool = True, pale: bool = False) -> None:
        """`pale` is a value that the next key replaces."""
        self._text, self._active, self._pale = text, active, pale
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._stage.px(200), self._stage.touch(self._height))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.tapped.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        stage, painter = self._stage, QPainter(self)
        edge = theme.GREEN if self._active else theme.EDGE
        box(
            painter,
            self.rect(),
            theme.CARD if self._active else theme.BAND,
            radius=stage.px(theme.BUTTON_RADIUS),
            edge=edge,
            edge_px=2.0 if self._active else 1.0,
        )
        inner = self.rect().adjusted(stage.px(16), 0, -stage.px(16), 0)
        label_font = stage.font(theme.TEXT)
        prefix, suffix = stage(self._prefix), stage(self._suffix)
        write(painter, inner, prefix, label_font, theme.SOFT, align=LEFT)
        write(painter, inner, suffix, label_font, theme.SOFT, align=RIGHT)
        left = width_of(prefix, label_font) + stage.px(12) if prefix else 0
        right = width_of(suffix, label_font) + stage.px(10) if suffix else 0
        self._write_text(painter, inner.adjusted(left, 0, -right, 0))
        painter.end()

    def _write_text(self, painter: QPainter, room: QRect) -> None:
        stage = self._stage
        font = stage.font(self._size, bold=True)
        if not self._text:
            hint_room = room.adjusted(stage.px(6), 0, 0, 0)
            write(
                painter, hint_room, stage(self._hint), stage.font(theme.TEXT), theme.FAINT, align=self._align
            )
        else:
            ink = theme.FAINT if self._pale else theme.INK
            write(painter, room.adjusted(0, 0, -4, 0), self._text, font, ink, align=self._align)
        if self._active:
            self._draw_caret(painter, room, width_of(self._text, font))

    def _draw_caret(self, painter: QPainter, room: QRect, text_px: int) -> None:
        tall = self._stage.px(self._size)
        right_aligned = bool(self._align & Qt.AlignmentFlag.AlignRight)
        if right_aligned and not self._text:
            return
        x = room.right() if right_aligned else min(room.left() + text_px + 2, room.right())
        top = room.center().y() - tall // 2
        painter.fillRect(QRect(x, top, 2, tall), theme.GREEN)

    def _dress(self) -> None:
        self.updateGeometry()
        self.update()
