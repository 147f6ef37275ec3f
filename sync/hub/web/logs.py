"""One JSON object per line on stderr, with the worker's process id and the request that it belongs to.

No bodies, codes, keys, tokens, names or member numbers go in. What other people's exceptions say is not
in our hand, so of their words only first lines are kept, and whatever looks like a number or token of
somebody is struck out.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sync.hub.words import stamp, utc_now

LOGGER = logging.getLogger("sync.hub")
_REQUEST: ContextVar[str | None] = ContextVar("request", default=None)

# Five digits in a row, or twelve characters of which one is a digit: numbers of people, codes, hashes.
_SOMEBODYS = re.compile(r"\d{5,}|(?=[\w-]*\d)[\w-]{12,}", re.ASCII)
# Where databases repeat the row that they refused.
_REPEATS_DATA = re.compile(r"^(DETAIL|CONTEXT|LINE \d+|\[parameters|\[SQL|\s+\^)")


def note(event: str, **facts: object) -> None:
    """Writes down that something happened; `facts` are plain values."""
    LOGGER.info(event, extra={"facts": facts})


def warn(event: str, **facts: object) -> None:
    """Writes down what somebody may have to look into; `facts` are plain values."""
    LOGGER.warning(event, extra={"facts": facts})


def fault(event: str, error: Exception, **facts: object) -> None:
    """Writes down a fault of this program with its traceback."""
    LOGGER.error(event, exc_info=error, extra={"facts": facts})


@contextmanager
def of_request(request_id: str) -> Iterator[None]:
    """Everything that is written down inside the block carries the request's id."""
    token = _REQUEST.set(request_id)
    try:
        yield
    finally:
        _REQUEST.reset(token)


def struck_out(words: str) -> str:
    """Words of others without what may be somebody's number, code or row."""
    lines = (line for line in words.splitlines() if not _REPEATS_DATA.match(line))
    return _SOMEBODYS.sub("…", "\n".join(lines))


def start(level: str = "info") -> None:
    """From now on this process writes its lines to stderr; libraries from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOGGER.setLevel(level.upper())


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        ours = record.name == LOGGER.name
        line: dict[str, object] = {
            "time": stamp(utc_now()),
            "level": record.levelname.lower(),
            "event": record.getMessage() if ours else struck_out(record.getMessage()),
            "pid": os.getpid(),
        }
        if not ours:
            line["logger"] = record.name
        if (request_id := _REQUEST.get()) is not None:
            line["request"] = request_id
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["traceback"] = struck_out(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
