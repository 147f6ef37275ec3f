"""Sessions of users: a random token in a cookie, its hash in the database, an idle and an absolute end."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets
from collections.abc import Sequence
from typing import Literal

from fastapi import Request, Response
from sqlalchemy import Connection, RowMapping, delete, select, update

from sync.hub.people import roles
from sync.hub.people.tables import user_sessions, users
from sync.hub.words import stamp

Stage = Literal["half", "full"]

_HALF_LASTS = dt.timedelta(minutes=10)
_TOKEN_BYTES = 32
_TOKEN_LENGTH_MAX = 64
_BROWSER_LENGTH_MAX = 120
_TOUCHES_PER_IDLE = 10  # a session's last page is noted this coarsely, so that reading a page seldom writes


def token_hash(token: str) -> bytes:
    """What the database keeps of a random token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def begin(  # noqa: PLR0917 - what a session is made of
    connection: Connection, user_id: int, role: str, stage: Stage, browser: str, now: dt.datetime
) -> str:
    """A new session; returns its token. Sessions that have ended are swept out on the way."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    lasts = dt.timedelta(hours=roles.role(role).hours) if stage == "full" else _HALF_LASTS
    table = user_sessions
    connection.execute(delete(table).where(table.c.expires_at <= stamp(now)))
    connection.execute(
        table.insert().values(
            token_hash=token_hash(token),
            user_id=user_id,
            stage=stage,
            browser="".join(char for char in browser[:_BROWSER_LENGTH_MAX] if char.isprintable()),
            made_at=stamp(now),
            seen_at=stamp(now),
            expires_at=stamp(now + lasts),
        )
    )
    return token


def find(connection: Connection, token: str, stage: Stage, now: dt.datetime) -> RowMapping | None:
    """The session of a token with its user's row, unless either has ended; `session` is the token's hash."""
    if not token or len(token) > _TOKEN_LENGTH_MAX:
        return None
    table = user_sessions
    query = (
        select(users, table.c.token_hash.label("session"), table.c.seen_at)
        .join(users, users.c.id == table.c.user_id)
        .where(table.c.token_hash == token_hash(token), table.c.stage == stage)
        .where(table.c.expires_at > stamp(now), users.c.removed_at.is_(None))
    )
    row = connection.execute(query).mappings().first()
    if row is None or row["role"] not in roles.ROLES:
        return None
    idle = dt.timedelta(minutes=roles.ROLES[row["role"]].idle_minutes)
    return row if dt.datetime.fromisoformat(row["seen_at"]) + idle > now else None


def is_stale(row: RowMapping, now: dt.datetime) -> bool:
    """Whether a session's last page is so long ago that this one should be noted."""
    idle = dt.timedelta(minutes=roles.ROLES[row["role"]].idle_minutes)
    return now - dt.datetime.fromisoformat(row["seen_at"]) >= idle / _TOUCHES_PER_IDLE


def touch(connection: Connection, session: bytes, now: dt.datetime) -> None:
    table = user_sessions
    connection.execute(update(table).where(table.c.token_hash == session).values(seen_at=stamp(now)))


def of_user(connection: Connection, user_id: int, now: dt.datetime) -> Sequence[RowMapping]:
    """A user's sessions, the newest first."""
    table = user_sessions
    query = select(table).where(table.c.user_id == user_id, table.c.stage == "full")
    query = query.where(table.c.expires_at > stamp(now)).order_by(table.c.made_at.desc())
    return connection.execute(query).mappings().all()


def end(connection: Connection, session: bytes) -> None:
    connection.execute(delete(user_sessions).where(user_sessions.c.token_hash == session))


def end_all(connection: Connection, user_id: int) -> None:
    """Logs a user out everywhere."""
    connection.execute(delete(user_sessions).where(user_sessions.c.user_id == user_id))


# --- the cookie


def token_of(request: Request) -> str:
    """The token that a browser sends, or nothing."""
    return request.cookies.get(_cookie_name(request), "")


def give(request: Request, response: Response, token: str) -> None:
    """Hands a token to the browser. Without an end of its own: the database knows when the session ends."""
    secure = not on_loopback(request)
    response.set_cookie(_cookie_name(request), token, httponly=True, secure=secure, samesite="lax", path="/")


def take_back(request: Request, response: Response) -> None:
    secure = not on_loopback(request)
    response.delete_cookie(_cookie_name(request), httponly=True, secure=secure, samesite="lax", path="/")


def _cookie_name(request: Request) -> str:
    """With the prefix, browsers take the cookie from this very host alone, over TLS alone."""
    return "hub-session" if on_loopback(request) else "__Host-hub-session"


def on_loopback(request: Request) -> bool:
    """Whether the browser calls us by this machine's own name: the only place where plain HTTP will do."""
    host = request.url.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
