"""Up to where the hub holds this till's chain, as it last said."""

from __future__ import annotations

import msgspec

from pos.store import facts
from pos.store.sqlite import Connection, Readers

_NAME = "hub_mark"


class HubSaid(msgspec.Struct, frozen=True):
    """The hub's mark (`hash` is hexadecimal), and in which of the hub's epochs it said so."""

    seq: int
    hash: str
    hub_epoch: int


def last_said(readers: Readers) -> HubSaid | None:
    """The hub's last word, or None if it never spoke."""
    return facts.read(readers, _NAME, HubSaid)


def confirmed_seq(readers: Readers) -> int:
    """The entry up to which the hub holds the chain; 0 at first."""
    said = last_said(readers)
    return 0 if said is None else said.seq


def note(connection: Connection, said: HubSaid) -> None:
    """Remembers what the hub said, also a lower mark than before (it was restored)."""
    facts.put(connection, _NAME, said)
