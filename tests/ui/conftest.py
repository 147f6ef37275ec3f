"""The window on fakes, without a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from pos.ui.window import TillWindow
from tests.fakes.till_services import FakeServices
from tests.ui.hands import Hands

os.environ["QT_QPA_PLATFORM"] = "offscreen"

OpenTill = Callable[..., Hands]


@pytest.fixture
def fakes() -> FakeServices:
    return FakeServices()


@pytest.fixture
def open_till(qtbot: QtBot) -> Iterator[OpenTill]:
    """Opens a window on fakes; somebody is logged in unless `person` is None."""
    windows: list[TillWindow] = []

    def opened(
        fakes: FakeServices, *, person: str | None = "03", size: tuple[int, int] = (1280, 800)
    ) -> Hands:
        window = TillWindow(fakes.services)
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(*size)
        window.start()
        window.show()
        hands = Hands(window, fakes)
        if person is not None:
            hands.log_in(person)
        return hands

    yield opened
    for window in windows:
        window.stop()


@pytest.fixture
def till(fakes: FakeServices, open_till: OpenTill) -> Hands:
    """A cashier at an empty till."""
    return open_till(fakes)
