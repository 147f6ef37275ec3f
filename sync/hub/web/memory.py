"""When a serving process looks for garbage."""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 100_000


def collect_rarely() -> None:
    """Once the application is made: what is there stays, and a batch of sales is read without a search.

    A batch makes some hundred thousand objects that all live until it is booked; by default the collector
    walked through them again and again, and that took half of an upload's time.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 20)
