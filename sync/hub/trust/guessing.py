"""Slows down whoever tries enrolment codes: so many wrong ones per peer address and while."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque

WRONG_MAX = 10
WINDOW = dt.timedelta(minutes=10)
PEERS_MAX = 10_000


class WrongCodes:
    """Wrong codes by peer, in memory: a restart forgives, which fifty random bits can afford."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._by_peer: dict[str, deque[dt.datetime]] = {}

    def too_many(self, peer: str, now: dt.datetime) -> bool:
        with self._turn:
            return len(self._recent(peer, now)) >= WRONG_MAX

    def count(self, peer: str, now: dt.datetime) -> None:
        with self._turn:
            recent = self._recent(peer, now)
            recent.append(now)
            self._by_peer.pop(peer, None)
            self._by_peer[peer] = recent  # the latest peer last, so that the oldest is let go
            if len(self._by_peer) > PEERS_MAX:
                del self._by_peer[next(iter(self._by_peer))]

    def _recent(self, peer: str, now: dt.datetime) -> deque[dt.datetime]:
        return deque(moment for moment in self._by_peer.get(peer, ()) if now - moment < WINDOW)
