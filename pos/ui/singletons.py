"""Keeps `None` alive under a PySide6 that forgets to.

PySide6 6.12.0 is built as if `None`, `True` and `False` were immortal, which they are from Python 3.12
on. Under 3.11 each call of a method that returns nothing (`QTimer.start()`, `QWidget.update()` ...)
takes one reference of `None` away; after some thousand calls the interpreter aborts with
"none_dealloc". 6.11 counts correctly.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

IMMORTAL = 1 << 60  # far more than a till could take away in its life, far less than an overflow
SINGLETONS = (None, True, False, NotImplemented, Ellipsis)


@cache
def keep_singletons() -> None:
    """Gives the singletons so many references that none can run out. Once per process, before Qt is used."""
    if sys.implementation.name != "cpython" or sys.version_info >= (3, 12):
        return
    for singleton in SINGLETONS:
        ctypes.c_ssize_t.from_address(id(singleton)).value += IMMORTAL
