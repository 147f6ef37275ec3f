"""How many requests one peer or terminal may send, and who the peer is when a proxy stands before the hub.

Kept in memory, per worker, for a bounded number of peers. The limits keep one broken or hostile machine from
taking everybody's turn; a till that drains a backlog of weeks stays far below them. Wrong guesses are counted
elsewhere (`sync.hub.trust.guessing`).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from fastapi import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.hub.hub import Hub
from sync.hub.trust.guessing import peer_group
from sync.hub.web import edge, refusals
from sync.hub.web.refusals import Refused
from sync.hub.words import Told, Words, preferred

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

KEYS_MAX = 20_000
_SECOND_NS = 1_000_000_000
_MESSAGES = "/v1/"
_PROXIES_MAX = 10


class Rate(NamedTuple):
    """So many requests at once, and so many a second after that."""

    burst: int
    per_s: int


# A backlog of a year's sales is about 500 uploads, a first snapshot of 200 000 members 100 downloads. All
# tills of a market may share one address, and so may all members on one carrier's phones.
MESSAGES_OF_PEER = Rate(4_000, 200)
PAGES_OF_PEER = Rate(400, 20)
OF_TERMINAL = Rate(2_000, 100)


class Buckets:
    """Token buckets by key: of each, only the moment (ns) at which it will be full again is kept."""

    def __init__(self, rate: Rate, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._apart_ns = _SECOND_NS // rate.per_s
        self._burst_ns = self._apart_ns * rate.burst
        self._clock = clock
        self._turn = threading.Lock()
        self._full_at: OrderedDict[str, int] = OrderedDict()

    def wait_s(self, key: str) -> int:
        """Takes a token: 0, or after how many whole seconds there will be one."""
        with self._turn:
            now = self._clock()
            full_at = max(self._full_at.pop(key, 0), now) + self._apart_ns
            short_ns = full_at - now - self._burst_ns
            self._full_at[key] = full_at if short_ns <= 0 else full_at - self._apart_ns
            if len(self._full_at) > KEYS_MAX:
                self._full_at.popitem(last=False)
        return max(0, -(-short_ns // _SECOND_NS))

    def __len__(self) -> int:
        return len(self._full_at)


class RateLimits:
    """Middleware: answers 429 to a peer that asks too often. This machine itself is not counted."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub
        self._messages, self._pages = Buckets(MESSAGES_OF_PEER), Buckets(PAGES_OF_PEER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self._wait_s(scope) if scope["type"] == "http" else 0
        if wait_s:
            await _refusal(self._hub, scope, wait_s)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> int:
        peer = peer_of(scope)
        if _is_loopback(peer):
            return 0  # a proxy without --trust-proxy: it stands for everybody
        buckets = self._messages if scope["path"].startswith(_MESSAGES) else self._pages
        return buckets.wait_s(peer_group(peer))


class TerminalLimit:
    """The same for one terminal, after its signature was checked: nobody uses up another's turn."""

    def __init__(self) -> None:
        self._buckets = Buckets(OF_TERMINAL)

    def check(self, terminal: str) -> None:
        """Raises `Refused` (429) when a terminal asks too often."""
        wait_s = self._buckets.wait_s(terminal)
        if wait_s:
            raise Refused(refusals.TOO_MANY_REQUESTS, wait_s=wait_s)


def peer_of(scope: Scope) -> str:
    """The address that a request comes from.

    `X-Forwarded-For` is believed from proxies in `app.state.trusted_proxies` alone, from the right: whoever
    sent the request may have written the left part.
    """
    client = scope.get("client")
    peer = client[0] if client else "?"
    trusted: tuple[Network, ...] = getattr(scope["app"].state, "trusted_proxies", ())
    if not trusted or not _is_one_of(peer, trusted):
        return peer
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    for hop in reversed(hops[-_PROXIES_MAX:]):
        address = hop.strip()
        if not _is_address(address):
            return peer
        peer = address
        if not _is_one_of(address, trusted):
            return peer
    return peer


def trusted_proxies(named: Iterable[str]) -> tuple[Network, ...]:
    """The proxies' addresses or networks, as the operator names them.

    Raises:
        Told: one is no address.

    """
    found = []
    for name in named:
        try:
            found.append(ipaddress.ip_network(name, strict=False))
        except ValueError as error:
            raise Told(_NO_ADDRESS, name=name[:60]) from error
    return tuple(found)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_one_of(peer: str, networks: tuple[Network, ...]) -> bool:
    return _is_address(peer) and any(ipaddress.ip_address(peer) in network for network in networks)


def _is_loopback(peer: str) -> bool:
    return _is_address(peer) and ipaddress.ip_address(peer).is_loopback


def _refusal(hub: Hub, scope: Scope, wait_s: int) -> Response:
    headers = Headers(scope=scope)
    language = preferred(headers.get("accept-language", ""))
    refused = Refused(refusals.TOO_MANY_REQUESTS, wait_s=wait_s)
    if "text/html" not in headers.get("accept", ""):
        return edge.problem(hub, refused, language)
    said = f"{refused.say(language)}{refused.answer.hint.say(language)}"
    kept: dict[str, Any] = {"Retry-After": str(wait_s), "Cache-Control": "no-store"}
    return Response(said, 429, kept, media_type="text/plain")


_NO_ADDRESS = Words(
    "{name} 不是地址或网段。例如：--trust-proxy 127.0.0.1。",
    "{name} is no address or network. An example: --trust-proxy 127.0.0.1.",
)
