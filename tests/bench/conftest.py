"""Without a screen, whatever the one who runs the tests has."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
