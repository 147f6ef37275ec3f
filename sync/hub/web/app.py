"""The hub over HTTP: routes as `sync.protocol.messages` words them, and two pages for people."""

from __future__ import annotations

import threading
import time
from typing import Annotated, Any

import msgspec
from fastapi import Depends, FastAPI, Path, Query, Request, Response
from starlette.background import BackgroundTask

from sync.hub.alliance import terms
from sync.hub.codes import routes as code_routes
from sync.hub.feeds import commands, feed_rows, first_filling, reporting
from sync.hub.feeds.reporting import Reader
from sync.hub.feeds.terminals_seen import LastSeen
from sync.hub.feeds.upkeep import Upkeep
from sync.hub.hub import Hub, setting
from sync.hub.journal import days, ingest, judging, recompute
from sync.hub.operation import metrics
from sync.hub.operation import routes as operation
from sync.hub.pages import account, audit, card, login, site
from sync.hub.rights import routes as right_routes
from sync.hub.trust import enrolment, guessing
from sync.hub.web import edge, logs, openapi, rate_limits, refusals
from sync.hub.web.edge import Body, Caller, TheHub, TheLanguage, json_response
from sync.hub.web.refusals import Refused
from sync.protocol.asking import CodeAnswer, CodeRequest, RejoinRequest, RightAnswer, RightRequest
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
    MemberAnswer,
    ReportReply,
    SignedBytes,
    SnapshotOffer,
    TerminalReport,
    UploadBatch,
    UploadReply,
)

_CHANGE_MAX = (1 << 63) - 1

PAGES = (
    card.ROUTES,
    login.ROUTES,
    account.ROUTES,
    audit.ROUTES,
    operation.ROUTES,
    *site.ROUTERS,
)

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

FeedName = Annotated[str, Path(json_schema_extra={"enum": list(FEEDS)})]
BusinessDate = Annotated[str, Path(json_schema_extra={"format": "date"})]
Uploader = Annotated[Caller, Depends(edge.signed_by)]


def make_app(hub: Hub) -> FastAPI:
    """The application for an open hub."""
    app = _bare_app()
    app.state.hub = hub
    app.state.trusted_proxies = ()
    app.state.terminal_limit = rate_limits.TerminalLimit()
    app.state.last_seen = LastSeen()
    app.state.upkeep = Upkeep()
    app.state.asked = reporting.Asked()
    app.state.recompute_queue = threading.Semaphore(2)
    edge.install(app)
    login.install(app)
    app.add_middleware(rate_limits.RateLimits, hub=hub)
    app.add_middleware(edge.Watch, hub=hub)
    for routes in PAGES:
        app.include_router(routes)
    return app


def described() -> dict[str, Any]:
    """The OpenAPI description, which no hub has to be open for."""
    return _bare_app().openapi()


def _bare_app() -> FastAPI:
    app = FastAPI(title="Alliance hub", version=str(PROTOCOL), docs_url=None, redoc_url=None)
    _add_messages(app)
    openapi.describe(app)
    return app


def _add_open_messages(app: FastAPI) -> None:
    """What is asked by whoever is no terminal yet."""
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
        "/v1/rejoin",
        rejoin,
        methods=["POST"],
        **openapi.route(
            Health,
            *(refusals.BAD_REQUEST, refusals.UNKNOWN_TERMINAL, refusals.PROOF_WRONG, refusals.TOO_LARGE),
            takes=RejoinRequest,
        ),
    )


def _add_messages(app: FastAPI) -> None:
    _add_open_messages(app)
    add = app.add_api_route
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
    add(
        "/v1/snapshots/{feed}",
        first_filling.offer,
        methods=["GET"],
        **openapi.read(SnapshotOffer, refusals.NO_SNAPSHOT, refusals.MALFORMED),
    )
    add(
        "/v1/snapshots/{feed}/{sha256}",
        first_filling.piece,
        methods=["GET"],
        **openapi.read_bytes("Packed bytes.", refusals.NO_SNAPSHOT, refusals.MALFORMED),
    )
    add(
        "/v1/members/{member_no}",
        reporting.member,
        methods=["GET"],
        **openapi.read(MemberAnswer, refusals.NO_SUCH_MEMBER, refusals.MALFORMED, refusals.ASKED_TOO_OFTEN),
    )
    add(
        "/v1/report",
        reporting.report,
        methods=["POST"],
        **openapi.read(ReportReply, refusals.BAD_REQUEST, takes=TerminalReport),
    )
    add(
        "/v1/codes",
        code_routes.code,
        methods=["POST"],
        **openapi.read(
            CodeAnswer, refusals.BAD_REQUEST, refusals.NO_CODE, refusals.ASKED_TOO_OFTEN, takes=CodeRequest
        ),
    )
    add(
        "/v1/rights",
        right_routes.right,
        methods=["POST"],
        **openapi.read(
            RightAnswer,
            refusals.BAD_REQUEST,
            *(refusals.RIGHT_USED, refusals.RIGHT_CLAIMED, refusals.NO_SUCH_SALE),
            *(refusals.OTHER_MERCHANTS_SALE, refusals.ASKED_TOO_OFTEN),
            takes=RightRequest,
        ),
    )
    add("/v1/days/{date}", day, methods=["GET"], **openapi.read(DayStatement, refusals.MALFORMED))


def health(hub: TheHub) -> Response:
    """That this process answers; whether it can do its work is `/ready`'s to say."""
    return json_response(Health(ok=True, protocols=(PROTOCOL,), time=hub.time()))


def introduce(hub: TheHub) -> Response:
    """Which versions are spoken here, and the alliance's keys."""
    with hub.database.read() as connection:
        epoch = int(setting(connection, "hub_epoch"))
    return json_response(HubIntroduction((PROTOCOL,), epoch, hub.time(), hub.keys.signed_list))


def enrol(request: Request, hub: TheHub, body: Body) -> Response:
    """Makes a machine a terminal of the alliance."""
    try:
        asked = msgspec.json.decode(body, type=EnrolRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    peer = guessing.peer_group(rate_limits.peer_of(request.scope))
    try:
        with guessing.attempt(hub, (guessing.ENROLMENT_BY_PEER, peer)) as guess:
            return json_response(_enrolled(hub, asked, guess))
    except guessing.MustWait as must:
        raise Refused(refusals.TOO_MANY_WRONG, wait_s=must.seconds) from must


def rejoin(hub: TheHub, body: Body) -> Response:
    """Takes in a terminal again that a restored hub has forgotten."""
    try:
        asked = msgspec.json.decode(body, type=RejoinRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    enrolment.rejoin(hub, asked)
    return json_response(Health(ok=True, protocols=(PROTOCOL,), time=hub.time()))


def _enrolled(hub: Hub, asked: EnrolRequest, guess: guessing.Attempt) -> bytes:
    """The reply; whatever else is wrong, only a code that nobody made is a wrong guess."""
    try:
        reply = enrolment.enrol(hub, asked)
    except Refused as refused:
        if refused.answer is not refusals.CODE_UNKNOWN:
            guess.was_right()
        raise
    guess.was_right()
    return reply


def upload(request: Request, hub: TheHub, caller: Uploader, body: Body, language: TheLanguage) -> Response:
    """Takes journal entries; a wrong clock or a replaced terminal never stops a sale from arriving."""
    batch, entries = ingest.read_batch(body)
    own = (batch.terminal, batch.incarnation) == (caller.terminal, caller.incarnation)
    if not own and not ingest.hands_over(hub, batch, caller.store):
        raise Refused(refusals.NOT_SIGNERS)
    started = time.monotonic_ns()
    reply = ingest.take(hub, batch, entries, language)
    metrics.upload((one.verdict for one in reply.results), time.monotonic_ns() - started)
    if own and batch.epoch == caller.epoch:
        reply = msgspec.structs.replace(reply, backed_up=caller.backed_up)
    return json_response(reply, background=BackgroundTask(_recompute_soon, request.app))


def _recompute_soon(app: FastAPI) -> None:
    """One is at it and one waits to be next; whoever comes then leaves the work to that one."""
    queue: threading.Semaphore = app.state.recompute_queue
    if queue.acquire(blocking=False):
        try:
            _recompute(app)
        finally:
            queue.release()


def _recompute(app: FastAPI) -> None:
    """One worker at a time."""
    hub: Hub = app.state.hub
    try:
        with hub.database.alone("recompute"):
            recompute.catch_up(hub)
    except Exception as error:  # noqa: BLE001 - the till was answered; the receipts wait for the next run
        logs.fault("recompute_failed", error)


def feed_page(
    feed: FeedName,
    hub: TheHub,
    caller: Reader,
    after: Annotated[int, Query(ge=0, le=_CHANGE_MAX)] = 0,
    limit: Annotated[int, Query(ge=1)] = FEED_ROWS_MAX,
) -> Response:
    """What changed in a feed after a change number, and the caller's high-water of the same moment."""
    if _feed(feed) == "terms":
        terms.catch_up(hub, caller.store)
    with hub.database.read() as connection:
        place = commands.scope(caller.terminal) if feed == "commands" else caller.store
        rows, more = feed_rows.after(
            connection, _feed(feed), store=place, change=after, limit=min(limit, FEED_ROWS_MAX)
        )
        told = edge.mark_for(hub, connection, caller)
    last = rows[-1].change if rows else after
    return json_response(FeedPage(told, _feed(feed), rows, last, more))


def _feed(name: str) -> Feed:
    for feed in FEEDS:
        if feed == name:
            return feed
    raise Refused(refusals.NO_SUCH_FEED, feed=name[:40])


def day(request: Request, date: BusinessDate, hub: TheHub, caller: Reader, language: TheLanguage) -> Response:
    """What is booked for the caller's store on a business date, every receipt reckoned again.

    Only behind a backlog that two others wait for already, receipts may be told that are reckoned later:
    nobody's question may keep a worker from taking sales.
    """
    if not judging.is_date(date):
        raise Refused(refusals.MALFORMED, detail="date")
    _recompute_soon(request.app)
    with hub.database.read() as connection:
        found = days.day_of(connection, caller.store, date, language)
        told = edge.mark_for(hub, connection, caller)
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
