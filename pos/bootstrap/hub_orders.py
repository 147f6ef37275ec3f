"""What the hub commands, done at this till; and what the till reports of itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pos.bootstrap.machine import SystemClock, software
from pos.store.till_store import TillStore
from pos.usecases.obey_command import obey_command
from pos.usecases.ports import StorageTrouble
from sync.client.clock import HubClock
from sync.protocol.commands import Command, CommandDone, TerminalReport
from sync.protocol.messages import FEEDS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubOrders:
    """`sync.client.ports.Orders`. `on_done` is called when there may be something to print."""

    store: TillStore
    clock: SystemClock
    hub_clock: HubClock
    on_done: Callable[[], None]

    def carry_out(self) -> None:
        """Raises `StorageTrouble`: what is not done yet comes again with the next pass."""
        waiting = [one for one in self.store.replica.commands() if not self.store.orders.settled(one.id)]
        for command in waiting:
            self._carry_out(command)
        if waiting:
            self.on_done()

    def _carry_out(self, command: Command) -> None:
        """A command that our own fault hinders has failed: the next one, and the pass, go on."""
        store, hub_now = self.store, self._hub_now()
        try:
            store.journal_writer.run(
                lambda: obey_command(
                    command, store.orders, store.journal, self.clock, hub_now=hub_now, refill=self._refill
                )
            )
        except StorageTrouble:
            raise
        except Exception as error:
            log.exception("command %s failed", command.number)
            at = self.clock.now().isoformat(timespec="seconds")
            failed = CommandDone(command.id, "failed", at, type(error).__name__)
            store.journal_writer.run(lambda: store.orders.settle(command, failed))

    def report(self) -> TerminalReport:
        store = self.store
        pending = store.journal.pending()
        return TerminalReport(
            software=software(),
            pending=pending.entries,
            pending_since=pending.since,
            quarantined=store.outbox.quarantined_count(),
            clock_offset_ms=self.hub_clock.offset_ms,
            locked=store.orders.lock() is not None,
            last_command=store.orders.last_number(),
            done=store.orders.untold(),
        )

    def note_told(self, done: tuple[CommandDone, ...]) -> None:
        if done:
            self.store.orders.note_told(done)

    def _refill(self) -> None:
        """Every feed from its beginning; what is known serves until it has come again."""
        for feed in FEEDS:
            self.store.replica.forget(feed)

    def _hub_now(self) -> datetime:
        return self.hub_clock.hub_time(self.clock.now())
