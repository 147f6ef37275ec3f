"""What every schedule is: periods that fall due, inputs that are fixed when one begins, chunks that book.

A chunk is one write transaction. It goes on from the run's cursor, so a run that was killed is completed
by the next one: what was booked stays booked, and nothing is booked twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from pos.domain.ledger import Posting
from pos.domain.programme.pack import Pack
from sync.hub.schedules.runs import Run

EXPIRED = "alliance:expired"
PROFIT = "alliance:profit"
VALUE_USED = "alliance:value_used"


class Chunk(NamedTuple):
    """What one transaction does: `postings` for the engine to book, then go on from `cursor` unless `done`.

    `booked` is what the chunk has booked by itself, per unit (number of transfers, sum); nobody needs to be
    told of it. `details` are added to the run's.
    """

    cursor: str = ""
    done: bool = False
    postings: Sequence[Posting] = ()
    booked: Mapping[str, tuple[int, int]] = {}
    details: Mapping[str, Any] = {}


class Moment(NamedTuple):
    """When a chunk runs: the alliance's date, the stamp of its transfers, and how many accounts it takes.

    `limit` where each is looked at by itself, `set_limit` where the database does all the work.
    """

    today: dt.date
    stamp: str
    limit: int
    set_limit: int


class Schedule(Protocol):
    """One schedule of a pack."""

    @property
    def name(self) -> str:
        """Unique within the pack; begins with its kind."""

    @property
    def pack(self) -> Pack:
        """The pack that asks for it."""

    @property
    def needs(self) -> str:
        """The figure that a person must give (`net_profit_fen`); empty where there is none."""

    @property
    def catches_up(self) -> bool:
        """Whether one run does all that earlier periods have left, so that missed ones need none."""

    def due(self, connection: Connection, today: dt.date) -> tuple[str, ...]:
        """The periods that are over and not finished, in the order in which they must run."""

    def inputs(self, connection: Connection, period: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Everything the period is reckoned from; read in the transaction that begins the run."""

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        """The next chunk of a run."""


def kind_of(name: str) -> str:
    """`release` of `release:points-voucher`."""
    return name.partition(":")[0]
