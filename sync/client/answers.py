"""What the bytes of an answer mean. Anything a hub would not say becomes trouble with a reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from sync.client.trouble import HubRefused, HubTrouble
from sync.protocol.messages import HubMark, Problem

ANSWER_BYTES_MAX = 64 << 20
_JSON = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """An answer as it came, and how long it took."""

    status: int
    content_type: str
    body: bytes
    sent_at: datetime
    round_trip_ms: int


def read_answer(answer: Answer, shape: type[T]) -> T:
    """The message in an answer.

    Raises:
        HubRefused: 4xx with a `Problem`.
        HubTrouble: everything else that is not a 200 with JSON of that shape.

    """
    _see_that_it_is_a_yes(answer)
    if not _JSON.fullmatch(answer.content_type):
        raise HubTrouble(answer.status, f"not JSON: {answer.content_type[:40] or '?'}")
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise HubTrouble(answer.status, f"unreadable: {str(error)[:80]}") from error


def read_bytes(answer: Answer) -> bytes:
    """The bytes in an answer that is no message.

    Raises:
        HubRefused: 4xx with a `Problem`.
        HubTrouble: everything else that is not a 200 with bytes.

    """
    _see_that_it_is_a_yes(answer)
    if answer.content_type.partition(";")[0].strip() != "application/octet-stream":
        raise HubTrouble(answer.status, f"no bytes: {answer.content_type[:40] or '?'}")
    return answer.body


def _see_that_it_is_a_yes(answer: Answer) -> None:
    if answer.status // 100 == 4 and (problem := _problem(answer)):
        raise HubRefused(answer.status, problem)
    if answer.status // 100 != 2:
        raise HubTrouble(answer.status, "redirect" if answer.status // 100 == 3 else "error")


def hub_moment(text: str) -> datetime:
    """A time as the hub writes it.

    Raises:
        HubTrouble: not ISO 8601 with an offset.

    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise HubTrouble(None, f"no time: {text[:40]!r}")


def check_mark(mark: HubMark) -> None:
    """Sees that a mark is one.

    Raises:
        HubTrouble: a number or hash that cannot be.

    """
    high_water = mark.high_water
    hash_fits = not high_water.seq or _HASH.fullmatch(high_water.hash)
    if high_water.seq < 0 or mark.epoch < 0 or not hash_fits:
        raise HubTrouble(None, f"no mark: {high_water.seq} {high_water.hash[:16]!r}")


def _problem(answer: Answer) -> Problem | None:
    if not _JSON.fullmatch(answer.content_type):
        return None
    try:
        return msgspec.json.decode(answer.body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
