"""Tables of downloads beside `feed_rows`."""

from __future__ import annotations
