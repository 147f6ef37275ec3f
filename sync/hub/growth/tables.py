"""Tables of growth."""

from __future__ import annotations
