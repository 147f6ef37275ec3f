"""A hub link whose state tests set."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pos.domain.message import Message
from pos.usecases.ports import HubState


class FakeHubLink:
    def __init__(self) -> None:
        self.now = HubState(provisioned=True, online=True, clock_offset_ms=0)
        self.nudges = 0

    def state(self) -> HubState:
        return self.now

    def nudge(self) -> None:
        self.nudges += 1

    def go_offline(self, since: datetime) -> None:
        self.now = msgspec.structs.replace(self.now, online=False, offline_since=since)

    def go_online(self) -> None:
        self.now = msgspec.structs.replace(self.now, online=True, offline_since=None)

    def have_problem(self, problem: Message | None) -> None:
        self.now = msgspec.structs.replace(self.now, problem=problem)
