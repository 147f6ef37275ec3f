"""Labels that speak the language in use and grow with the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from pos.domain.message import Message
from pos.ui import theme
from pos.ui.stage import Stage
from pos.ui.widgets.painting import LEFT


class Text(QLabel):
    """A sentence or a figure. Call `say` to change what it says."""

    def __init__(
        self,
        stage: Stage,
        message: Message | str = "",
        *,
        size: int = theme.TEXT,
        bold: bool = False,
        colour: str = theme.INK,
        align: Qt.AlignmentFlag = LEFT,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._message = message
        self._size = size
        self._bold = bold
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(align)
        self.setWordWrap(wrap)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.colour(colour)
        stage.changed.connect(self.dress)
        self.dress()

    def show_words(self, message: Message | str) -> None:
        if message != self._message:
            self._message = message
            self.setText(self._stage(message))

    def colour(self, colour: str) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
        self.setPalette(palette)

    def dress(self) -> None:
        self.setFont(self._stage.font(self._size, bold=self._bold))
        self.setText(self._stage(self._message))
