"""Commands of a hub that a test plays."""

from __future__ import annotations

from pos.usecases.ports import TillLock
from sync.protocol.commands import Command, CommandDone


class FakeOrders:
    """`locked` and `version` are for tests to set; `done` is what was settled."""

    def __init__(self) -> None:
        self.locked: TillLock | None = None
        self.version: str | None = None
        self.done: dict[str, CommandDone] = {}

    def settled(self, command_id: str) -> bool:
        return command_id in self.done

    def settle(self, command: Command, done: CommandDone, *, receipt_seq: int | None = None) -> None:
        self.done[command.id] = done

    def lock(self) -> TillLock | None:
        return self.locked

    def unlock(self) -> None:
        self.locked = None

    def wanted_version(self) -> str | None:
        return self.version
