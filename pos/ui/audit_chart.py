"""The chart of an audit: what merchants have paid by each month, and what is due by then."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from pos.ui import theme

WIDTH, HEIGHT = 1600, 900
IMAGE_SCALE = 1.5
PLOT = QRectF(190, 210, 1130, 530)  # what is right of it belongs to the lines' ends
LINE_WIDTH = 5
TICKS_MAX = 6
MONTHS_BETWEEN = (1, 2, 3, 6, 12, 24, 60, 120)
MONTH_TICKS_MAX = 12
TOP_FEN_MIN = 1_000_00
END_HEIGHT = 62
FEN = 100


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, in words and in fen; months count from 1."""

    title: str
    subtitle: str
    money_axis: str
    month_axis: str
    due_name: str
    collected_name: str
    verdict: str
    mark: str
    """What stands at the first month that cannot be paid."""
    due_fen: tuple[int, ...]
    collected_fen: tuple[int, ...]
    cannot_be_paid_from: int | None


_APPLICATION: list[QCoreApplication] = []
"""Fonts need one as long as text is drawn; Qt ends the process badly if it is taken away."""


def draw_chart(path: Path, chart: Chart) -> None:
    """Draws the chart into a file, as SVG or PNG by its suffix.

    Raises:
        OSError: the file cannot be written.

    """
    with path.open("wb"):
        pass  # Qt only says that it did not work, the operating system says why
    if QCoreApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _APPLICATION.append(QApplication([]))  # of the kind that a window would use, should one follow
    if path.suffix.lower() == ".svg":
        _draw_svg(path, chart)
    else:
        _draw_image(path, chart)


def _draw_svg(path: Path, chart: Chart) -> None:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(WIDTH, HEIGHT))
    generator.setViewBox(QRect(0, 0, WIDTH, HEIGHT))
    generator.setTitle(chart.title)
    generator.setDescription(chart.verdict)
    painter = QPainter(generator)
    _Drawing(painter, chart).draw()
    painter.end()


def _draw_image(path: Path, chart: Chart) -> None:
    image = QImage(int(WIDTH * IMAGE_SCALE), int(HEIGHT * IMAGE_SCALE), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(IMAGE_SCALE, IMAGE_SCALE)
    _Drawing(painter, chart).draw()
    painter.end()
    if not image.save(str(path)):
        raise OSError(None, "QImage.save", str(path))


class _Drawing:
    """One chart on one painter, in px of a page of `WIDTH` by `HEIGHT`."""

    def __init__(self, painter: QPainter, chart: Chart) -> None:
        self.painter = painter
        self.chart = chart
        self.months = len(chart.due_fen)
        top = max(*chart.due_fen, *chart.collected_fen, TOP_FEN_MIN)
        self.step_fen = tick_step(top)
        self.top_fen = self.step_fen * -(-top // self.step_fen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def draw(self) -> None:
        self.painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), QColor(theme.WHITE))
        self._headings()
        self._axes()
        self._gap()
        self._line(self.chart.collected_fen, theme.GREEN)
        self._line(self.chart.due_fen, theme.RED)
        self._mark()
        self._ends()
        self._legend()

    def _headings(self) -> None:
        self._text(QRectF(70, 36, WIDTH - 140, 56), self.chart.title, 40, theme.INK, bold=True)
        self._text(QRectF(70, 94, WIDTH - 140, 34), self.chart.subtitle, 21, theme.SOFT)
        colour = theme.RED_TEXT if self.chart.cannot_be_paid_from else theme.GREEN_DARK
        self._text(QRectF(70, HEIGHT - 66, WIDTH - 140, 40), self.chart.verdict, 25, colour, bold=True)

    def _axes(self) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for fen in range(0, self.top_fen + 1, self.step_fen):
            y = self._y(fen)
            self._stroke(QPointF(PLOT.left(), y), QPointF(PLOT.right(), y), theme.EDGE, 1.2)
            self._text(QRectF(20, y - 18, PLOT.left() - 36, 36), grouped(fen), 20, theme.SOFT, right)
        every = months_between(self.months)
        middle = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        for month in (1, *range(every, self.months + 1, every)) if every > 1 else range(1, self.months + 1):
            x = self._x(month)
            self._stroke(QPointF(x, PLOT.bottom()), QPointF(x, PLOT.bottom() + 8), theme.SOFT, 1.5)
            self._text(QRectF(x - 50, PLOT.bottom() + 10, 100, 32), str(month), 20, theme.SOFT, middle)
        self._stroke(PLOT.bottomLeft(), PLOT.bottomRight(), theme.SOFT, 2)
        below = QRectF(PLOT.left(), PLOT.bottom() + 42, PLOT.width(), 34)
        self._text(below, self.chart.month_axis, 21, theme.INK, middle)
        self._text(QRectF(70, PLOT.top() - 52, 400, 34), self.chart.money_axis, 21, theme.INK)

    def _gap(self) -> None:
        """The part that nobody has paid, shaded."""
        upper = [self._point(at, fen) for at, fen in enumerate(self.chart.due_fen)]
        lower = [
            self._point(at, min(due, collected))
            for at, (due, collected) in enumerate(
                zip(self.chart.due_fen, self.chart.collected_fen, strict=True)
            )
        ]
        shade = QColor(theme.RED)
        shade.setAlpha(28)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(shade)
        self.painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))

    def _line(self, values_fen: tuple[int, ...], colour: str) -> None:
        pen = QPen(QColor(colour), LINE_WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolyline(QPolygonF([self._point(at, fen) for at, fen in enumerate(values_fen)]))

    def _mark(self) -> None:
        """From here on it cannot be paid."""
        month = self.chart.cannot_be_paid_from
        if month is None:
            return
        x = self._x(month)
        pen = QPen(QColor(theme.AMBER_TEXT), 2.5, Qt.PenStyle.DashLine)
        self.painter.setPen(pen)
        self.painter.drawLine(QPointF(x, PLOT.top()), QPointF(x, PLOT.bottom()))
        self.painter.setPen(QPen(QColor(theme.WHITE), 3))
        self.painter.setBrush(QColor(theme.AMBER_TEXT))
        self.painter.drawEllipse(QPointF(x, self._y(self.chart.due_fen[month - 1])), 10, 10)
        self._label(x, PLOT.top() + 8)

    def _label(self, x: float, y: float) -> None:
        """The mark's words, beside its line wherever there is room."""
        width = self._width(self.chart.mark, 21, bold=True) + 32
        left = x + 12 if x + 12 + width < PLOT.right() else x - 12 - width
        box = QRectF(left, y, width, 42)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(theme.AMBER_TINT))
        self.painter.drawRoundedRect(box, 8, 8)
        self._text(box, self.chart.mark, 21, theme.AMBER_TEXT, Qt.AlignmentFlag.AlignCenter, bold=True)

    def _ends(self) -> None:
        """The totals at the lines' ends with what they are, kept apart where the lines are not."""
        due = (self.chart.due_fen[-1], self.chart.due_name, theme.RED_TEXT)
        paid = (self.chart.collected_fen[-1], self.chart.collected_name, theme.GREEN_DARK)
        lowest = PLOT.bottom() - END_HEIGHT / 3
        for fen, name, colour in sorted((due, paid), key=lambda one: one[0]):
            y = min(self._y(fen), lowest)
            box = QRectF(PLOT.right() + 18, y - 24, WIDTH - PLOT.right() - 30, 32)
            self._text(box, grouped(fen), 25, colour, bold=True)
            self._text(box.translated(0, 28), name, 18, theme.SOFT)
            lowest = y - END_HEIGHT

    def _legend(self) -> None:
        right = PLOT.right()
        for name, colour in ((self.chart.collected_name, theme.GREEN), (self.chart.due_name, theme.RED)):
            width = self._width(name, 21)
            y = PLOT.top() - 35
            self._text(QRectF(right - width - 4, y - 17, width + 8, 34), name, 21, theme.INK)
            self._stroke(QPointF(right - width - 58, y), QPointF(right - width - 16, y), colour, LINE_WIDTH)
            right -= width + 92

    def _point(self, at: int, fen: int) -> QPointF:
        return QPointF(self._x(at + 1), self._y(fen))

    def _x(self, month: int) -> float:
        return PLOT.left() + PLOT.width() * (month - 1) / max(self.months - 1, 1)

    def _y(self, fen: int) -> float:
        return PLOT.bottom() - PLOT.height() * fen / self.top_fen

    def _stroke(self, start: QPointF, end: QPointF, colour: str, width: float) -> None:
        self.painter.setPen(QPen(QColor(colour), width))
        self.painter.drawLine(start, end)

    def _text(
        self,
        box: QRectF,
        text: str,
        size: int,
        colour: str,
        flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
        *,
        bold: bool = False,
    ) -> None:
        """Text in a box, drawn smaller where it would not fit."""
        while size > theme.TINY and self._width(text, size, bold=bold) > box.width():
            size -= 1
        self.painter.setFont(_font(size, bold=bold))
        self.painter.setPen(QColor(colour))
        self.painter.drawText(box, int(flags), text)

    def _width(self, text: str, size: int, *, bold: bool = False) -> float:
        return QFontMetricsF(_font(size, bold=bold)).horizontalAdvance(text)


def _font(size: int, *, bold: bool) -> QFont:
    font = QFont(list(theme.FONT_FAMILIES))
    font.setPixelSize(size)
    font.setBold(bold)
    return font


def tick_step(top_fen: int) -> int:
    """The distance of lines across: 1, 2 or 5 times a power of ten, for at most `TICKS_MAX` of them."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * TICKS_MAX >= top_fen:
                return digit * power
        power *= 10


def months_between(months: int) -> int:
    """How many months lie between two that are named."""
    return next((every for every in MONTHS_BETWEEN if months / every <= MONTH_TICKS_MAX), MONTHS_BETWEEN[-1])


def grouped(fen: int) -> str:
    """Whole yuan with commas, for a reader at some distance."""
    return f"{(fen + FEN // 2) // FEN:,}"
