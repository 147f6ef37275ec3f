"""A scrolling list of painted rows, for touch and keyboard."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScroller, QWidget

from pos.ui import theme
from pos.ui.stage import Stage


class RowList(QAbstractScrollArea):
    """Draws the rows in sight only. `tapped` gives the row and where in it, px from its left."""

    tapped = Signal(int, int)

    def __init__(self, stage: Stage, row_height: int = 58, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._row_height = row_height
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setStyleSheet(theme.SCROLL_BAR)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        stage.changed.connect(self.refresh)

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def selected(self) -> int: ...

    @abstractmethod
    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None: ...

    @property
    def row_px(self) -> int:
        return self._stage.touch(self._row_height)

    def refresh(self) -> None:
        """The rows or the selection changed; the selected row is brought into sight."""
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self.count() * self.row_px - page))
        bar.setPageStep(page)
        bar.setSingleStep(self.row_px)
        top = self.selected() * self.row_px
        if top < bar.value():
            bar.setValue(top)
        elif top + self.row_px > bar.value() + page:
            bar.setValue(top + self.row_px - page)
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = (int(event.position().y()) + self.verticalScrollBar().value()) // self.row_px
        if 0 <= index < self.count():
            self.tapped.emit(index, int(event.position().x()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.CARD))
        offset, row_px, wide = self.verticalScrollBar().value(), self.row_px, self.viewport().width()
        first = offset // row_px
        last = min(self.count(), (offset + self.viewport().height()) // row_px + 1)
        for index in range(first, last):
            rect = QRect(0, index * row_px - offset, wide, row_px)
            if index == self.selected():
                painter.fillRect(rect, QColor(theme.GREEN_TINT))
                painter.fillRect(QRect(0, rect.top(), 5, rect.height()), QColor(theme.GREEN))
            self.paint_row(painter, rect, index)
            painter.fillRect(QRect(0, rect.bottom(), wide, 1), QColor(theme.LINE))
        painter.end()
