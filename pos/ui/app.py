"""Runs the window. Called by `pos.bootstrap`, which has made everything the window needs."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QMessageBox

from pos.ui import theme
from pos.ui.provisioning import Provision, ProvisioningWindow
from pos.ui.remote import Remote
from pos.ui.services import TillServices
from pos.ui.stage import WordsFor
from pos.ui.window import TillWindow
from pos.words import Words

log = logging.getLogger(__name__)


def application() -> QApplication:
    """The running application, or a new one."""
    app = cast("QApplication", QApplication.instance() or QApplication(sys.argv[:1]))
    app.setStyle("Fusion")  # the same on every desktop
    return app


def run_till(
    services: TillServices,
    *,
    remote: bool = False,
    ready: Callable[[], None] | None = None,
    words_for: WordsFor = Words,
) -> int:
    """Shows the till until somebody leaves it, and gives the exit code.

    `remote` takes commands as JSON lines on stdin (see `pos.ui.remote`). `ready` is called once the
    window is on the screen.
    """
    app = application()
    app.setQuitOnLastWindowClosed(True)
    window = TillWindow(services, words_for)
    window.start()
    _show(window, app)
    link = Remote(window, sys.stdin, sys.stdout) if remote else None
    if link is not None:
        link.start()
    if ready is not None:
        QTimer.singleShot(0, ready)
    before = signal.signal(signal.SIGTERM, lambda *_: app.quit()), sys.excepthook
    sys.excepthook = partial(_fault, window)
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        sys.excepthook = before[1]
        window.stop()
        window.close()


def run_provisioning(provision: Provision, words: Words) -> bool:
    """Shows the first-start window; true once the till has joined its alliance.

    `provision(url, code)` runs in the background; it gives the sentence of success and raises
    `Refusal` with that of failure.
    """
    application().setQuitOnLastWindowClosed(False)  # the till's window comes right behind
    return ProvisioningWindow(provision, words).run()


def show_trouble(sentence: str) -> None:
    """Why the till did not open, for somebody who clicked an icon. Waits until it was read.

    Without a screen nobody could close it, so nothing is shown there.
    """
    if application().platformName() == "offscreen":
        return
    box = QMessageBox(QMessageBox.Icon.Warning, "联盟收银机 · Alliance POS", sentence)
    font = QFont(list(theme.FONT_FAMILIES))
    font.setPixelSize(theme.TITLE)
    box.setFont(font)
    box.exec()


def _fault(
    window: TillWindow, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception that nobody expected: into the log, and one calm sentence on the screen."""
    log.critical("an unexpected fault", exc_info=(kind, error, trace))
    window.show_fault()


def _show(window: TillWindow, app: QApplication) -> None:
    """As designed where the screen is larger, over the whole screen where it is not."""
    room = app.primaryScreen().availableGeometry()
    if room.width() <= theme.DESIGN_WIDTH or room.height() <= theme.DESIGN_HEIGHT:
        window.setGeometry(room)
        window.showMaximized()
    else:
        window.show()
