"""Waiting for another thread."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 10.0


def wait_until(holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Returns as soon as it holds; fails the test if it does not in time."""
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.005)
