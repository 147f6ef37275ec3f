"""Runs the window. Called by `pos.bootstrap`, which has made everything the window needs."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from pos.ui import theme
from pos.ui.provisioning import Provision, ProvisioningWindow
from pos.ui.remote import Remote
from pos.ui.services import TillServices
from pos.ui.singletons import keep_singletons
from pos.ui.stage import WordsFor
from pos.ui.window import TillWindow
from pos.words import Words


def application() -> QApplication:
    """The running application, or a new one."""
    keep_singletons()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    return cast("QApplication", app)


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
    window = TillWindow(services, words_for)
    window.start()
    _show(window, app)
    link = Remote(window, sys.stdin, sys.stdout) if remote else None
    if link is not None:
        link.start()
    if ready is not None:
        QTimer.singleShot(0, ready)
    before = signal.signal(signal.SIGTERM, lambda *_: app.quit())
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGTERM, before)
        window.stop()
        window.close()


def run_provisioning(provision: Provision, words: Words) -> bool:
    """Shows the first-start window; true once the till has joined its alliance.

    `provision(url, code)` runs in the background; it gives the sentence of success and raises
    `Refusal` with that of failure.
    """
    application()
    return ProvisioningWindow(provision, words).run()


def _show(window: TillWindow, app: QApplication) -> None:
    """As designed where the screen is larger, over the whole screen where it is not."""
    room = app.primaryScreen().availableGeometry()
    if room.width() <= theme.DESIGN_WIDTH or room.height() <= theme.DESIGN_HEIGHT:
        window.setGeometry(room)
        window.showMaximized()
    else:
        window.show()
