"""One JSON object per line on stderr. No bodies, codes, keys, tokens or member numbers go in."""

from __future__ import annotations

import json
import logging
import sys

from sync.hub.words import stamp, utc_now

LOGGER = logging.getLogger("sync.hub")


def note(event: str, **facts: object) -> None:
    """Writes down that something happened; `facts` are plain values."""
    LOGGER.info(event, extra={"facts": facts})


def fault(event: str, error: Exception, **facts: object) -> None:
    """Writes down a fault of this program with its traceback."""
    LOGGER.error(event, exc_info=error, extra={"facts": facts})


def start() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(logging.INFO)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": stamp(utc_now()),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
