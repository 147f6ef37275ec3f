"""Brings callbacks from any thread to the screen's."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Courier(QObject):
    """Call it from anywhere: the callback runs on the thread this object lives on, in order."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._closed = False
        self._posted.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def __call__(self, callback: Callable[[], None], /) -> None:
        if not self._closed:
            self._posted.emit(callback)

    def close(self) -> None:
        """What arrives from now on is dropped: the window is gone."""
        self._closed = True

    @Slot(object)
    def _hand_over(self, callback: Callable[[], None]) -> None:
        if not self._closed:
            callback()
