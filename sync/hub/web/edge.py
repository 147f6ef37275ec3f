"""The edge of the HTTP side: bodies of bounded size, who signed a request, and how a "no" looks.

Whatever goes wrong, the answer is a `Problem` with the hub's time, never a traceback.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import select
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pos.domain.language import Language
from sync.hub.hub import Hub, mark
from sync.hub.operation import metrics
from sync.hub.storage import schema
from sync.hub.web import logs, outages, refusals
from sync.hub.web.refusals import Refused
from sync.hub.words import preferred
from sync.protocol import request_signing
from sync.protocol.messages import HighWater, HubMark, Problem
from sync.protocol.request_signing import SKEW_MAX

BODY_LENGTH_MAX = 8 << 20

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_response(content: Any, status: int = 200, **kwargs: Any) -> Response:
    """An answer whose body is a message, or JSON bytes that are ready."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, status, media_type="application/json", headers=dict(_HEADERS), **kwargs)


def bytes_response(content: bytes) -> Response:
    return Response(content, media_type="application/octet-stream", headers=dict(_HEADERS))


def hub_of(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def language_of(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", ""))


async def raw_body(request: Request) -> bytes:
    """The exact bytes of the body.

    Raises:
        Refused: they are more than `BODY_LENGTH_MAX`, or packed (what unpacks to how much is unknown).

    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refused(refusals.BODY_ENCODED)
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdecimal() and int(declared[:20]) > BODY_LENGTH_MAX:
        raise Refused(refusals.TOO_LARGE)
    chunks, length = [], 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > BODY_LENGTH_MAX:
            raise Refused(refusals.TOO_LARGE)
        chunks.append(chunk)
    return b"".join(chunks)


TheHub = Annotated[Hub, Depends(hub_of)]
Body = Annotated[bytes, Depends(raw_body)]
TheLanguage = Annotated[Language, Depends(language_of)]


@dataclass(frozen=True, slots=True)
class Caller:
    """The enrolled terminal that signed a request, by its newest epoch.

    `backed_up`: up to which number of that chain a backup holds it.
    """

    terminal: str
    incarnation: str
    epoch: int
    store: str
    standing: str
    backed_up: int


def signed_by(request: Request, hub: TheHub, body: Body) -> Caller:
    """Who signed, at whatever time: for uploads.

    Raises:
        Refused: not signed by an enrolled terminal that was not revoked.

    """
    return _signed(request, hub, body)[0]


def current_reader(request: Request, hub: TheHub, body: Body) -> Caller:
    """Who signed, lately and as the terminal's newest incarnation: for reads.

    Raises:
        Refused: as `signed_by`; or the clock is off, or the terminal was enrolled anew elsewhere.

    """
    caller, signer = _signed(request, hub, body)
    if abs(signer.created - hub.now()) > SKEW_MAX:
        raise Refused(refusals.CLOCK_SKEW)
    if caller.standing != "current":
        raise Refused(refusals.REPLACED)
    return caller


def _signed(request: Request, hub: Hub, body: bytes) -> tuple[Caller, request_signing.Signer]:
    found: list[Any] = []
    failed: list[Exception] = []  # the library takes whatever a look-up raises for a bad signature

    def public_key(key_id: str) -> bytes | None:
        try:
            found.append(_chain_of(hub, key_id))
        except Exception as error:
            failed.append(error)
            raise
        return None if found[-1] is None else bytes(found[-1].public_key)

    message = request_signing.Request(request.method, str(request.url), dict(request.headers), body)
    try:
        signer = request_signing.verify(message, public_key)
    except request_signing.BadSignature as error:
        if failed:
            raise failed[0] from error
        if None in found:
            raise Refused(refusals.UNKNOWN_TERMINAL) from error
        raise Refused(refusals.UNSIGNED, detail=str(error)[:200]) from error
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        # The library lets some malformed headers through to Python's own errors.
        raise Refused(refusals.UNSIGNED, detail="malformed") from error
    chain = found[-1]
    if chain.standing == "revoked":
        raise Refused(refusals.REVOKED)
    request.app.state.terminal_limit.check(chain.terminal)
    caller = Caller(
        chain.terminal,
        chain.incarnation,
        chain.epoch,
        chain.store,
        chain.standing,
        chain.backed_up_seq,
    )
    return caller, signer


def _chain_of(hub: Hub, key_id: str) -> Any:
    terminal, _, incarnation = key_id.partition("/")
    table = schema.chains
    query = select(table).where(table.c.terminal == terminal, table.c.incarnation == incarnation)
    with hub.database.read() as connection:
        return connection.execute(query.order_by(table.c.epoch.desc()).limit(1)).first()


def high_water(connection: Any, caller: Caller) -> HighWater:
    """Up to where the hub holds the caller's newest chain, as of the connection's moment."""
    table = schema.chains
    row = connection.execute(
        select(table.c.high_seq, table.c.high_hash).where(
            table.c.terminal == caller.terminal, table.c.epoch == caller.epoch
        )
    ).one()
    return HighWater(row.high_seq, row.high_hash.hex())


def mark_for(hub: Hub, connection: Any, caller: Caller) -> HubMark:
    """The mark of the caller's newest chain."""
    return mark(hub, connection, high_water(connection, caller), terminal=caller.terminal, epoch=caller.epoch)


def problem(hub: Hub, refused: Refused, language: Language) -> Response:
    """A "no" as the protocol words it."""
    answer = refused.answer
    told = Problem(answer.error, refused.say(language), answer.hint.say(language), hub.time())
    response = json_response(told, answer.status)
    if "wait_s" in refused.params:
        response.headers["Retry-After"] = str(refused.params["wait_s"])
    return response


_HTTP_ANSWERS = {404: refusals.NOT_HERE, 405: refusals.WRONG_METHOD}


def install(app: FastAPI) -> None:
    """Makes every refusal, also the framework's own, a `Problem`."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return problem(hub_of(request), error, language_of(request))

    def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = _HTTP_ANSWERS.get(
            error.status_code, refusals.HTTP_REFUSED._replace(status=error.status_code)
        )
        return problem(hub_of(request), Refused(answer, detail=error.detail), language_of(request))

    def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        detail = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())[:200]
        return problem(hub_of(request), Refused(refusals.MALFORMED, detail=detail), language_of(request))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(RequestValidationError, malformed)
    outages.install(app, refused)


class Watch:
    """Logs and counts each request by its route, not its path: that may hold a token. Answers our faults.

    A request's id stands in the answer's `X-Request-Id` and in every line that was logged on its behalf.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        with logs.of_request(request_id):
            await self._watched(scope, receive, send, request_id)

    async def _watched(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.monotonic_ns(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            if _holds_nul(scope):
                refused = Refused(refusals.NOT_HERE)
                await problem(self._hub, refused, _language(scope))(scope, receive, watched)
            else:
                await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the last door: a fault of ours is told as a Problem
            incident = secrets.token_hex(4)
            logs.fault("our_fault", error, incident=incident)
            if status == 0:
                refused = Refused(refusals.OUR_FAULT, incident=incident)
                await problem(self._hub, refused, _language(scope))(scope, receive, watched)
        took_ns = time.monotonic_ns() - started
        route = getattr(scope.get("route"), "path", "?")
        metrics.request(route, scope["method"], status, took_ns)
        logs.note("request", method=scope["method"], route=route, status=status, took_ms=round(took_ns / 1e6))


def _holds_nul(scope: Scope) -> bool:
    """Whether an address holds U+0000, which nothing here is called and PostgreSQL cannot even look for."""
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def _language(scope: Scope) -> Language:
    return preferred(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1"))
