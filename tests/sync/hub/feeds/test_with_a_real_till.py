"""The till's own code against the hub's own code, over HTTP: first filling, commands, members of elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pos.bootstrap.setting_up import join
from pos.bootstrap.till import OpenTill, open_till
from pos.store.snapshots import CacheSnapshots
from sync.client.transport import HubTransport
from sync.hub.feeds import commands, snapshots
from sync.hub.hub import Hub
from sync.hub.trust.enrolment import make_code
from sync.hub.web import app
from sync.hub.web.app import make_app
from sync.protocol.commands import Lock, PrintText, Resync
from tests.sync.hub import sales
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.web.on_a_port import on_a_port


@pytest.fixture
def url(hub: Hub) -> Iterator[str]:
    with on_a_port(make_app(hub)) as url:
        yield url


@pytest.fixture
def real(hub: Hub, url: str, tmp_path: Path) -> Iterator[OpenTill]:
    join(tmp_path / "till", url, str(make_code(hub, "S1-1", HOUR)[0]))
    with open_till(tmp_path / "till") as till:
        yield till


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the sample's members are more than a page."""
    monkeypatch.setattr(app, "FEED_ROWS_MAX", 10)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the till asks for, in order."""
    seen: list[str] = []
    send = HubTransport._request

    def noted(self: HubTransport, method: str, path: str, body: bytes = b"") -> object:
        seen.append(path.partition("?")[0])
        return send(self, method, path, body)

    monkeypatch.setattr(HubTransport, "_request", noted)
    return seen


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def points(till: OpenTill, member_no: str = sales.MEMBER) -> int | None:
    known = till.desk.members.by_number(member_no)
    assert known is not None
    return known.balances.get("points", 0) if known.balances_told else None


@pytest.mark.usefixtures("small_pages")
def test_a_first_filling_comes_as_a_file(hub: Hub, real: OpenTill, asked: list[str]) -> None:
    made = snapshots.make(hub)
    assert real.hub.fetch_once() is None
    assert f"/v1/snapshots/members/{made.sha256}" in asked
    assert asked.count("/v1/feeds/members") == 2
    assert real.store.replica.cursor("members") == made.change
    assert points(real) == 2000
    assert len(real.desk.goods.search("69", 500)) > 10, "goods came before it and are there still"
    asked.clear()
    assert real.hub.fetch_once() is None
    assert [path for path in asked if "snapshot" in path] == []


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("oddity", ["none made", "not taken", "bent"])
def test_it_is_paged_where_there_is_no_file_to_trust(
    hub: Hub, real: OpenTill, monkeypatch: pytest.MonkeyPatch, oddity: str
) -> None:
    if oddity != "none made":
        made = snapshots.make(hub)
        file = hub.folder.path / "snapshots" / f"members-{made.sha256}.zst"
        if oddity == "bent":
            file.write_bytes(file.read_bytes()[:-1] + b"\0")
        else:
            monkeypatch.setattr(CacheSnapshots, "take", lambda *_: 1 / 0)
    assert real.hub.fetch_once() is None
    assert points(real) == 2000
    assert real.desk.members.by_number(sales.FRIEND) is not None


@pytest.mark.usefixtures("small_pages")
def test_filling_anew_takes_the_file_again(hub: Hub, real: OpenTill, asked: list[str]) -> None:
    snapshots.make(hub)
    assert real.hub.fetch_once() is None
    with hub.database.write() as connection:
        sent = commands.send(hub, connection, "S1-1", Resync())
    asked.clear()
    assert real.hub.fetch_once() is None
    assert any(path.startswith("/v1/snapshots/members/") for path in asked)
    assert real.hub.fetch_once() is None
    with hub.database.read() as connection:
        (found,) = commands.listed(hub, connection, "S1-1")
    assert (found.command.id, found.standing) == (sent.id, "done")
    assert points(real) == 2000
    asked.clear()
    assert real.hub.fetch_once() is None
    assert [path for path in asked if "snapshot" in path] == [], "once"


def test_commands_reach_the_till_and_their_outcomes_the_hub(hub: Hub, real: OpenTill) -> None:
    with hub.database.write() as connection:
        for deed in (PrintText("一"), Lock("盘点")):
            commands.send(hub, connection, "S1-1", deed)
    for _ in range(2):
        assert real.hub.fetch_once() is None
    with hub.database.read() as connection:
        found = commands.listed(hub, connection, "S1-1")
    assert [one.standing for one in found] == ["done", "done"]
    assert real.store.print_queue.unprinted() == 1
    assert real.store.orders.lock() is not None
    assert real.store.replica.commands() == ()


def test_a_member_of_elsewhere_is_told_once_asked_about(
    hub: Hub, url: str, neighbour: FakeTerminal, tmp_path: Path
) -> None:
    join(tmp_path / "s2", url, str(make_code(hub, "S2-1", HOUR)[0]))
    with open_till(tmp_path / "s2") as till:
        assert till.hub.fetch_once() is None
        assert points(till) is None
        till.hub.start()
        try:
            until(lambda: till.hub.state().online)
            assert till.hub.ask_member(sales.MEMBER)
            until(lambda: points(till) == 2000)
        finally:
            till.hub.stop()
