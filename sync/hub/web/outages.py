"""When the database is away or its disk is full: an answer in words, after which a till tries again later.

A transaction that could not end has left nothing behind, so sending the same again is always right.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import psycopg
from fastapi import FastAPI, Request, Response
from filelock import Timeout
from sqlalchemy import exc

from pos.domain.language import Language
from sync.hub.web import logs, refusals
from sync.hub.web.refusals import Answer, Refused
from sync.hub.words import preferred

WAIT_S = 10
_FULL = {sqlite3.SQLITE_FULL}
_AWAY = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY_CODE = 0xFF  # the rest of an extended code says more precisely what we tell alike

Refuse = Callable[[Request, Refused], Response]


def install(app: FastAPI, refuse: Refuse) -> None:
    """Answers for the database where it cannot answer; what is a fault of ours stays one."""

    def answer(request: Request, error: Exception) -> Response:
        found = outage(error)
        if found is None:
            raise error
        logs.warn(found.error, detail=logs.struck_out(str(getattr(error, "orig", None) or error))[:200])
        refused = Refused(found, wait_s=WAIT_S)
        if "text/html" in request.headers.get("accept", ""):
            return _page(refused, preferred(request.headers.get("accept-language", "")))
        return refuse(request, refused)

    # Bulk writes go past SQLAlchemy, so the drivers' own exceptions arrive too.
    for kind in (exc.DBAPIError, exc.TimeoutError, Timeout, psycopg.Error, sqlite3.Error):
        app.add_exception_handler(kind, answer)


def _page(refused: Refused, language: Language) -> Response:
    said = f"{refused.say(language)}{' ' * (language == 'en')}{refused.answer.hint.say(language)}"
    headers = {"Retry-After": str(WAIT_S), "Cache-Control": "no-store"}
    return Response(said, refused.answer.status, headers, media_type="text/plain")


def outage(error: Exception) -> Answer | None:
    """What an exception says of the database's state; None where it says that we are wrong."""
    match error.orig if isinstance(error, exc.DBAPIError) else error:
        case exc.TimeoutError() | Timeout():
            return refusals.BUSY
        case psycopg.errors.DiskFull():
            return refusals.STORAGE_FULL
        case psycopg.OperationalError() | psycopg.errors.ReadOnlySqlTransaction():
            return refusals.DATABASE_AWAY
        case sqlite3.OperationalError() as cause:
            return _of_sqlite(cause.sqlite_errorcode & _PRIMARY_CODE)
    lost = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    return refusals.DATABASE_AWAY if lost else None


def _of_sqlite(code: int) -> Answer | None:
    for codes, found in (
        (_FULL, refusals.STORAGE_FULL),
        (_BUSY, refusals.BUSY),
        (_AWAY, refusals.DATABASE_AWAY),
    ):
        if code in codes:
            return found
    return None
