"""Slows down whoever guesses: enrolment codes, passwords, second factors.

Counted in the database, so that several workers and restarts count together. An attempt is counted before
it is looked at and forgiven when it proves right: many at once find no gap between the two.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from sync.hub.hub import Hub
from sync.hub.people.tables import wrong_guesses
from sync.hub.words import stamp

_PURPOSE = "guess"
_IPV6_OF_ONE_SUBSCRIBER = 64  # bits


@dataclass(frozen=True, slots=True)
class Limit:
    """How many guesses may be wrong before a guesser has to wait.

    First `wait`, then twice as long each time, up to `wait_max`; it is forgotten `memory` after the last one.
    """

    kind: str
    free: int
    wait: dt.timedelta
    wait_max: dt.timedelta
    memory: dt.timedelta

    def shut_for(self, count: int) -> dt.timedelta:
        doublings = min(count - self.free, 32)
        return min(self.wait * 2**doublings, self.wait_max) if count >= self.free else dt.timedelta()


_TEN_MINUTES = dt.timedelta(minutes=10)
_DAY = dt.timedelta(days=1)

ENROLMENT_BY_PEER = Limit("enrolment", 10, _TEN_MINUTES, _TEN_MINUTES, _TEN_MINUTES)
LOG_IN_BY_PEER = Limit("log-in from", 20, _TEN_MINUTES, _TEN_MINUTES, _TEN_MINUTES)
LOG_IN_BY_NAME = Limit("log-in of", 5, dt.timedelta(seconds=30), dt.timedelta(minutes=15), _DAY)
SECOND_FACTOR = Limit("second factor of", 5, dt.timedelta(minutes=1), dt.timedelta(hours=4), 7 * _DAY)


class MustWait(Exception):  # noqa: N818 - an answer: there were too many wrong guesses
    """Nothing was looked at; `seconds` is how long this guesser has to wait."""

    def __init__(self, wait: dt.timedelta) -> None:
        super().__init__(str(wait))
        self.seconds = max(1, -(-wait // dt.timedelta(seconds=1)))


class Attempt:
    """One attempt, counted as wrong until `was_right` is called."""

    def __init__(self) -> None:
        self.right = False

    def was_right(self) -> None:
        self.right = True


@contextmanager
def attempt(hub: Hub, *guessers: tuple[Limit, str]) -> Iterator[Attempt]:
    """Counts an attempt against each guesser (a limit and whom it is for) around looking at it.

    Raises:
        MustWait: one of them is shut out; then the attempt is not counted, and the block is not entered.

    """
    now = hub.now()
    hashes = [(limit, hub.keys.seal(_PURPOSE, f"{limit.kind}\0{whom}")) for limit, whom in guessers]
    with hub.database.read() as connection:
        _pass(connection, hashes, now)
    with hub.database.write() as connection:
        _pass(connection, hashes, now)
        _sweep(connection, now)
        counts = [_count(connection, limit, guesser, now) for limit, guesser in hashes]
    trying = Attempt()
    try:
        yield trying
    finally:
        if trying.right:
            with hub.database.write() as connection:
                for (limit, guesser), count in zip(hashes, counts, strict=True):
                    _forgive(connection, limit, guesser, count)


def forget(hub: Hub, connection: Connection, *guessers: tuple[Limit, str]) -> None:
    """Lets guessers begin anew, as after a right password or by the operator's word."""
    for limit, whom in guessers:
        guesser = hub.keys.seal(_PURPOSE, f"{limit.kind}\0{whom}")
        connection.execute(delete(wrong_guesses).where(wrong_guesses.c.guesser == guesser))


def wait_of(hub: Hub, connection: Connection, limit: Limit, whom: str) -> dt.timedelta:
    """How long a guesser still has to wait."""
    row = _row(connection, hub.keys.seal(_PURPOSE, f"{limit.kind}\0{whom}"))
    return _left(row, hub.now())


def peer_group(peer: str) -> str:
    """Whose address it is: an IPv6 subscriber has a whole network of them."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_OF_ONE_SUBSCRIBER), strict=False))
    return str(address)


def _pass(connection: Connection, hashes: list[tuple[Limit, bytes]], now: dt.datetime) -> None:
    longest = max(_left(_row(connection, guesser), now) for _, guesser in hashes)
    if longest > dt.timedelta():
        raise MustWait(longest)


def _count(connection: Connection, limit: Limit, guesser: bytes, now: dt.datetime) -> int:
    row = _row(connection, guesser)
    count = 1 + (row["count"] if row else 0)
    shut_for = limit.shut_for(count)
    shut_until = stamp(now + shut_for) if shut_for else ""
    values = {"count": count, "shut_until": shut_until, "forget_at": stamp(now + limit.memory + shut_for)}
    if row:
        connection.execute(_of(guesser).values(values))
    else:
        connection.execute(wrong_guesses.insert().values(guesser=guesser, **values))
    return count


def _forgive(connection: Connection, limit: Limit, guesser: bytes, counted: int) -> None:
    """Takes one attempt back. Whom others have shut out meanwhile stays so."""
    row = _row(connection, guesser)
    if row:
        lifted = row["count"] == counted or row["count"] <= limit.free
        shut_until = "" if lifted else row["shut_until"]
        connection.execute(_of(guesser).values(count=row["count"] - 1, shut_until=shut_until))


def _sweep(connection: Connection, now: dt.datetime) -> None:
    connection.execute(delete(wrong_guesses).where(wrong_guesses.c.forget_at <= stamp(now)))


def _of(guesser: bytes) -> Any:
    return update(wrong_guesses).where(wrong_guesses.c.guesser == guesser)


def _row(connection: Connection, guesser: bytes) -> RowMapping | None:
    table = wrong_guesses
    return connection.execute(select(table).where(table.c.guesser == guesser)).mappings().first()


def _left(row: RowMapping | None, now: dt.datetime) -> dt.timedelta:
    if row is None or not row["shut_until"]:
        return dt.timedelta()
    return max(dt.datetime.fromisoformat(row["shut_until"]) - now, dt.timedelta())
