"""Tables of settlement."""

from __future__ import annotations
