"""Asking the hub for a day's figures, for people who wait for the answer."""

from __future__ import annotations

from typing import Protocol

from pos.domain.message import Message
from sync.client.trouble import HubFailure
from sync.protocol.messages import DayStatement


class Days(Protocol):
    """See `transport.HubTransport`; use one of its own, the sync thread has its own too."""

    def day(self, date: str) -> DayStatement: ...


def ask_day(hub: Days, date: str) -> DayStatement | Message:
    """The hub's statement of a business date (ISO), or a sentence why it cannot be had now."""
    try:
        return hub.day(date)
    except HubFailure as failure:
        return failure.message
