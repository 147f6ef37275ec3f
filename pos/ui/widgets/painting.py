"""Drawing that more than one widget needs."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


def box(
    painter: QPainter, rect: QRect, fill: str, *, radius: int = 0, edge: str = "", edge_px: float = 1.0
) -> None:
    """A filled, rounded rectangle with an optional edge."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(edge), edge_px) if edge else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    inset = edge_px / 2 if edge else 0.0
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), radius, radius)


def write(
    painter: QPainter,
    rect: QRect,
    text: str,
    font: QFont,
    colour: str,
    *,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """One line of text, cut short with an ellipsis where it does not fit."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = QFontMetrics(font)
    if metrics.horizontalAdvance(text) > rect.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align | Qt.TextFlag.TextSingleLine, text)


def write_wrapped(painter: QPainter, rect: QRect, text: str, font: QFont, colour: str) -> None:
    """Text on as many lines as it needs, from the top; in the middle of a room it just fills."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
    needed = QFontMetrics(font).boundingRect(rect, flags, text).height()
    tall = Qt.AlignmentFlag.AlignVCenter if needed > rect.height() else Qt.AlignmentFlag.AlignTop
    painter.drawText(rect, flags | tall, text)


def width_of(text: str, font: QFont) -> int:
    return QFontMetrics(font).horizontalAdvance(text)


def keycap(
    painter: QPainter, rect: QRect, text: str, font: QFont, *, ink: str, edge: str, fill: str = ""
) -> None:
    """The name of a key in a small frame."""
    box(painter, rect, fill or "#00000000", radius=max(4, rect.height() // 4), edge=edge, edge_px=1.2)
    write(painter, rect, text, font, ink, align=CENTER)


def keycap_size(text: str, font: QFont) -> tuple[int, int]:
    """Width and height of a keycap."""
    metrics = QFontMetrics(font)
    height = metrics.height()
    return max(height + 6, metrics.horizontalAdvance(text) + height // 2 + 4), height
