"""A till with its store in memory, and a hub to bend."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from sync.client.session import SyncSession
from sync.client.transport import HubTransport, Limits
from sync.protocol.request_signing import key_id
from tests.sync.client.hub_simulator import HubSimulator
from tests.sync.client.memory import INCARNATION, TERMINAL_KEY, MemoryOutbox, MemoryReplica, TillClock

settings.register_profile("till", deadline=None, max_examples=60)
settings.load_profile("till")

# Patient, so that a busy machine is no reason for a red test; short where the hub hangs or drips.
PATIENT = Limits(connect_s=5, read_s=10, total_s=20, answer_bytes_max=200_000)
SHORT = Limits(connect_s=5, read_s=0.3, total_s=0.6, answer_bytes_max=200_000)


class Till:
    """One enrolled till."""

    def __init__(self, hub: HubSimulator) -> None:
        self.hub = hub
        self.clock = TillClock()
        self.outbox = MemoryOutbox()
        self.replica = MemoryReplica()
        self.newest: dict[str, int] = {}
        self.transport = self.connect()
        self.session = self.restart()

    def connect(self, limits: Limits = PATIENT) -> HubTransport:
        return HubTransport(self.hub.url, self.outbox.identity, TERMINAL_KEY, now=self.clock, limits=limits)

    def restart(self) -> SyncSession:
        """A new program on the same data."""
        self.session = SyncSession(
            self.transport,
            self.outbox,
            self.replica,
            TERMINAL_KEY,
            self.hub.key_list(),
            hub_epoch=self.outbox.hub_epoch,
            newest_pack=lambda pack_id: self.newest.get(pack_id, 0),
            now=self.clock,
        )
        return self.session


@pytest.fixture
def hub() -> Iterator[HubSimulator]:
    simulator = HubSimulator()
    simulator.terminals[key_id("S1-1", INCARNATION)] = TERMINAL_KEY.public_key().public_bytes_raw()
    with simulator.running():
        yield simulator


@pytest.fixture
def till(hub: HubSimulator) -> Iterator[Till]:
    one = Till(hub)
    yield one
    one.transport.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for something that another thread brings about."""

    def wait(holds: Callable[[], bool]) -> None:
        tick = threading.Event()
        for _ in range(1000):
            if holds():
                return
            tick.wait(0.01)
        raise AssertionError("it did not come about in ten seconds")

    return wait
