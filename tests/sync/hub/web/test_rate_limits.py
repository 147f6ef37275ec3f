"""Requests per peer and terminal: a till with a long backlog is never held up, a flood is."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

from sync.hub.web import rate_limits
from sync.hub.web.rate_limits import Buckets, Rate, RateLimits, peer_of, trusted_proxies
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo

SECOND = 1_000_000_000
SLOW = Rate(burst=3, per_s=1)


class Clock:
    """Nanoseconds that tests move."""

    now = 10 * SECOND

    def __call__(self) -> int:
        return self.now


def test_a_burst_then_a_steady_rate() -> None:
    clock = Clock()
    buckets = Buckets(Rate(burst=3, per_s=2), clock)
    assert [buckets.wait_s("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert buckets.wait_s("b") == 0, "each has its own"
    clock.now += SECOND // 2
    assert [buckets.wait_s("a") for _ in range(2)] == [0, 1]
    clock.now += 60 * SECOND
    assert [buckets.wait_s("a") for _ in range(4)] == [0, 0, 0, 1], "never more than a burst"


def test_what_was_promised_holds() -> None:
    clock = Clock()
    buckets = Buckets(Rate(burst=1, per_s=1), clock)
    buckets.wait_s("a")
    for _ in range(100):
        wait_s = buckets.wait_s("a")
        clock.now += wait_s * SECOND
        assert buckets.wait_s("a") == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "KEYS_MAX", 100)
    buckets = Buckets(SLOW, Clock())
    for number in range(1_000):
        buckets.wait_s(str(number % 900))
    assert len(buckets) == 100


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_a_flood_is_told_when_to_come_again(http: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MESSAGES_OF_PEER", SLOW)
    monkeypatch.setattr(rate_limits, "PAGES_OF_PEER", SLOW)
    elsewhere = InProcess(http.app, peer="198.51.100.9")
    for path, accept in (("/v1/hub", "*/*"), ("/", "text/html")):
        assert [http.get(path, Accept=accept).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = http.get(path, **{"Accept": accept, "Accept-Language": "en"})
        assert refused.headers["retry-after"] == "1"
        assert "Too many requests" in refused.text
        assert elsewhere.get(path).status_code == 200
    assert http.get("/v1/hub").json()["error"] == "too_many_requests"
    assert refused.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_one_terminal_is_limited_after_its_signature(
    till: FakeTerminal, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "OF_TERMINAL", SLOW)
    app.state.terminal_limit = rate_limits.TerminalLimit()
    stranger = FakeTerminal(InProcess(app))
    stranger.terminal, stranger.incarnation = till.terminal, till.incarnation
    for _ in range(10):
        with pytest.raises(HubSaidNo, match="bad_signature"):
            stranger.feed("staff")
    for _ in range(3):
        till.feed("staff")
    with pytest.raises(HubSaidNo, match="too_many_requests"):
        till.feed("staff")


def test_a_till_as_fast_as_it_can_is_not_held_up() -> None:
    """A round trip and the hub's own work take longer than a hundredth of a second; here none does."""
    clock = Clock()
    terminal, market = Buckets(rate_limits.OF_TERMINAL, clock), Buckets(rate_limits.MESSAGES_OF_PEER, clock)
    for _ in range(20_000):
        assert terminal.wait_s("S1-1") == 0
        assert market.wait_s("192.0.2.1") == market.wait_s("192.0.2.1") == 0, "two tills behind one address"
        clock.now += SECOND // 100


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_uploads_one_after_the_other(till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    batch = till.batch(till.entries)
    assert {till.post_batch(batch).status_code for _ in range(100)} == {200}


def scope(peer: str | None, forwarded: list[str], trusted: tuple[str, ...] = ()) -> dict[str, Any]:
    app = SimpleNamespace(state=SimpleNamespace(trusted_proxies=trusted_proxies(trusted)))
    headers = [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded]
    return {"type": "http", "client": peer and (peer, 1), "headers": headers, "app": app}


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("192.0.2.1", ["203.0.113.9"], (), "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], ("10.0.0.0/8",), "192.0.2.1"),
        ("10.1.2.3", ["203.0.113.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6, 203.0.113.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.1.2.3", ["6.6.6.6", "203.0.113.9, 10.9.9.9"], ("10.0.0.0/8",), "203.0.113.9"),
        ("10.1.2.3", [], ("10.0.0.0/8",), "10.1.2.3"),
        ("10.1.2.3", ["<script>"], ("10.0.0.0/8",), "10.1.2.3"),
        ("10.1.2.3", ["203.0.113.9, rubbish"], ("10.0.0.0/8",), "10.1.2.3"),
        ("10.1.2.3", ["10.0.0.1, 10.0.0.2"], ("10.0.0.0/8",), "10.0.0.1"),
        ("10.1.2.3", [",".join(["10.0.0.1"] * 5_000)], ("10.0.0.0/8",), "10.0.0.1"),
        ("::1", ["2001:db8::5"], ("::1",), "2001:db8::5"),
        (None, ["203.0.113.9"], ("10.0.0.0/8",), "?"),
    ],
)
def test_who_the_peer_is(
    peer: str | None, forwarded: list[str], trusted: tuple[str, ...], found: str
) -> None:
    assert peer_of(scope(peer, forwarded, trusted)) == found


def test_a_proxy_that_is_no_address() -> None:
    with pytest.raises(Told, match=r"proxy\.example"):
        trusted_proxies(["127.0.0.1", "proxy.example"])


def test_this_machine_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "PAGES_OF_PEER", Rate(1, 1))
    limits = RateLimits(SimpleNamespace(), SimpleNamespace())  # type: ignore[arg-type]
    assert {limits._wait_s({**scope("127.0.0.1", []), "path": "/"}) for _ in range(50)} == {0}
