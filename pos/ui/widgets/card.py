"""White, rounded surfaces."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos.ui import theme
from pos.ui.stage import Stage
from pos.ui.widgets.painting import box


class Card(QWidget):
    """A surface that other widgets lie on."""

    def __init__(
        self,
        stage: Stage,
        parent: QWidget | None = None,
        *,
        fill: str = theme.CARD,
        edge: str = theme.EDGE,
        radius: int = theme.RADIUS,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._fill = fill
        self._edge = edge
        self._radius = radius

    def tint(self, fill: str, edge: str) -> None:
        self._fill, self._edge = fill, edge
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), self._fill, radius=self._stage.px(self._radius), edge=self._edge)
        painter.end()
