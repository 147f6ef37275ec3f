"""The hub over HTTP: routes as `sync.protocol.messages` words them, and two pages for people."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.background import BackgroundTask

from sync.hub.alliance import terms
from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub, mark, setting
from sync.hub.journal import days, ingest, recompute
from sync.hub.pages import card
from sync.hub.trust import enrolment
from sync.hub.trust.guessing import WrongCodes
from sync.hub.web import edge, logs, openapi, refusals
from sync.hub.web.edge import Body, Caller, TheHub, TheLanguage, json_response
from sync.hub.web.refusals import Refused
from sync.protocol.messages import (
    FEED_ROWS_MAX,
    FEEDS,
    PROTOCOL,
    DayStatement,
    EnrolRequest,
    Feed,
    FeedPage,
    Health,
    HubIntroduction,
    SignedBytes,
    UploadBatch,
    UploadReply,
)

_CHANGE_MAX = (1 << 63) - 1

PAGES = (card.ROUTES,)

ENROL_PROBLEMS = (
    refusals.BAD_REQUEST,
    refusals.BODY_ENCODED,
    refusals.CODE_EXPIRED,
    refusals.CODE_UNKNOWN,
    refusals.CODE_USED,
    refusals.INCARNATION_TAKEN,
    refusals.PROOF_WRONG,
    refusals.TOO_LARGE,
    refusals.TOO_MANY_WRONG,
)
UPLOAD_PROBLEMS = (refusals.BAD_BATCH, refusals.BAD_HEAD, refusals.NOT_SIGNERS)

Uploader = Annotated[Caller, Depends(edge.signed_by)]
Reader = Annotated[Caller, Depends(edge.current_reader)]


def make_app(hub: Hub) -> FastAPI:
    """The application for an open hub."""
    app = FastAPI(title="Alliance hub", version=str(PROTOCOL), docs_url=None, redoc_url=None)
    app.state.hub = hub
    app.state.wrong_codes = WrongCodes()
    app.state.recompute_turn = threading.Lock()
    edge.install(app)
    app.add_middleware(edge.Watch, hub=hub)
    _add_messages(app)
    for routes in PAGES:
        app.include_router(routes)
    openapi.describe(app)
    return app


def _add_messages(app: FastAPI) -> None:
    add = app.add_api_route
    add("/health", health, methods=["GET"], **openapi.route(Health))
    add("/v1/hub", introduce, methods=["GET"], **openapi.route(HubIntroduction))
    add(
        "/v1/enrol",
        enrol,
        methods=["POST"],
        **openapi.route(SignedBytes, *ENROL_PROBLEMS, takes=EnrolRequest),
    )
    add(
        "/v1/journal",
        upload,
        methods=["POST"],
        **openapi.uploaded(UploadReply, *UPLOAD_PROBLEMS, takes=UploadBatch),
    )
    add(
        "/v1/feeds/{feed}",
        feed_page,
        methods=["GET"],
        **openapi.read(FeedPage, refusals.NO_SUCH_FEED, refusals.MALFORMED),
    )
    add("/v1/days/{date}", day, methods=["GET"], **openapi.read(DayStatement, refusals.MALFORMED))


def health(hub: TheHub) -> Response:
    """Whether the hub and its database answer."""
    with hub.database.read() as connection:
        epoch = int(setting(connection, "hub_epoch"))
    return json_response(Health(ok=True, protocols=(PROTOCOL,), epoch=epoch, time=hub.time()))


def introduce(hub: TheHub) -> Response:
    """Which versions are spoken here, and the alliance's keys."""
    with hub.database.read() as connection:
        epoch = int(setting(connection, "hub_epoch"))
    return json_response(HubIntroduction((PROTOCOL,), epoch, hub.time(), hub.keys.signed_list))


def enrol(request: Request, hub: TheHub, body: Body) -> Response:
    """Makes a machine a terminal of the alliance."""
    peer = request.client.host if request.client else "?"
    wrong_codes: WrongCodes = request.app.state.wrong_codes
    if wrong_codes.too_many(peer, hub.now()):
        raise Refused(refusals.TOO_MANY_WRONG)
    try:
        asked = msgspec.json.decode(body, type=EnrolRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    try:
        return json_response(enrolment.enrol(hub, asked))
    except Refused as refused:
        if refused.answer is refusals.CODE_UNKNOWN:
            wrong_codes.count(peer, hub.now())
        raise


def upload(request: Request, hub: TheHub, caller: Uploader, body: Body, language: TheLanguage) -> Response:
    """Takes journal entries; a wrong clock or a replaced terminal never stops a sale from arriving."""
    batch, entries = ingest.read_batch(body)
    if (batch.terminal, batch.incarnation) != (caller.terminal, caller.incarnation):
        raise Refused(refusals.NOT_SIGNERS)
    reply = ingest.take(hub, batch, entries, language)
    return json_response(reply, background=BackgroundTask(_recompute, request.app))


def _recompute(app: FastAPI) -> None:
    """One at a time; whoever comes meanwhile leaves the work to the one who is at it or comes next."""
    turn: threading.Lock = app.state.recompute_turn
    with turn:
        try:
            recompute.catch_up(app.state.hub)
        except Exception as error:  # noqa: BLE001 - the till was answered; the receipts wait for the next run
            logs.fault("recompute_failed", error)


def feed_page(
    feed: str,
    hub: TheHub,
    caller: Reader,
    after: Annotated[int, Query(ge=0, le=_CHANGE_MAX)] = 0,
    limit: Annotated[int, Query(ge=1)] = FEED_ROWS_MAX,
) -> Response:
    """What changed in a feed after a change number, and the caller's high-water of the same moment."""
    if _feed(feed) == "terms":
        terms.catch_up(hub, caller.store)
    with hub.database.read() as connection:
        rows, more = feed_rows.after(
            connection, _feed(feed), store=caller.store, change=after, limit=min(limit, FEED_ROWS_MAX)
        )
        told = mark(hub, connection, edge.high_water(connection, caller))
    last = rows[-1].change if rows else after
    return json_response(FeedPage(told, _feed(feed), rows, last, more))


def _feed(name: str) -> Feed:
    for feed in FEEDS:
        if feed == name:
            return feed
    raise Refused(refusals.NO_SUCH_FEED, feed=name[:40])


def day(request: Request, date: str, hub: TheHub, caller: Reader, language: TheLanguage) -> Response:
    """What is booked for the caller's store on a business date, every receipt reckoned again."""
    try:
        asked = dt.date.fromisoformat(date).isoformat()
    except ValueError as error:
        raise Refused(refusals.MALFORMED, detail="date") from error
    _recompute(request.app)
    with hub.database.read() as connection:
        found = days.day_of(connection, caller.store, asked, language)
        told = mark(hub, connection, edge.high_water(connection, caller))
    statement = DayStatement(
        hub=told,
        store=found.store,
        date=found.date,
        receipts=found.receipts,
        clawback=found.clawback,
        recomputed_differently=found.recomputed_differently,
        quarantined=found.quarantined,
    )
    return json_response(statement)


def start_up(app: FastAPI) -> Any:
    """Finishes what a crash interrupted; returns the thread that does it."""
    worker = threading.Thread(target=_recompute, args=(app,), name="recompute", daemon=True)
    worker.start()
    return worker
