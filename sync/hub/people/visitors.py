"""Who opens a page: the visitor of a session, what they may do, and how a page says no."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from sqlalchemy import Connection, RowMapping, select

from pos.domain.language import Language
from sync.hub.hub import Hub
from sync.hub.people import roles, sessions, users
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub, language_of
from sync.hub.words import Told, Words, system_language


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in. `merchant` and its `stores` are an owner's; the alliance's desk has none.

    `at` is the moment of the request as it stands in tables, `session` the hash of the session's token.
    """

    user_id: int | None
    name: str
    role: str
    merchant: str | None
    stores: tuple[str, ...]
    language: Language
    at: str
    session: bytes = b""


class NotSignedIn(Exception):  # noqa: N818 - an answer: the browser is sent to the log-in page
    """Nobody is signed in; `then` is where to go after the log-in."""

    def __init__(self, then: str) -> None:
        super().__init__(then)
        self.then = then

    @property
    def location(self) -> str:
        return "/login" + (f"?next={quote(self.then, safe='/')}" if self.then else "")


class PageRefused(Told):
    """A "no" that is shown to a browser as a page, with its status; `language` is its reader's, if known."""

    language: Language | None = None

    def __init__(self, status: int, words: Words, **params: object) -> None:
        super().__init__(words, **params)
        self.status = status


def signed_in(request: Request, hub: TheHub) -> Visitor:
    """The visitor of this request's session.

    Raises:
        NotSignedIn: there is none that still holds.

    """
    now = hub.now()
    with hub.database.read() as connection:
        row = sessions.find(connection, sessions.token_of(request), "full", now)
        visitor = None if row is None else _visitor(request, hub, connection, row)
    if row is None or visitor is None:
        raise NotSignedIn(_asked_for(request))
    switched = visitor.language != row["language"] and "lang" in request.query_params
    if switched or sessions.is_stale(row, now):
        with hub.database.write() as connection:
            sessions.touch(connection, row["session"], now)
            if switched:
                users.set_language(connection, row["id"], visitor.language)
    return visitor


SignedIn = Annotated[Visitor, Depends(signed_in)]


def allowed(visitor: Visitor, right: str) -> bool:
    """Whether a visitor may do something; the rights stand in `roles.toml`."""
    if right not in roles.RIGHTS:
        raise KeyError(right)
    return right in roles.rights_of(visitor.role)


def needs(right: str) -> Callable[[Visitor], Visitor]:
    """A dependency: the visitor, who must have a right. `Annotated[Visitor, Depends(needs("tasks.review"))]`.

    Raises:
        KeyError: at once, for a right that `roles.toml` does not know.
        NotSignedIn, PageRefused: when a page is asked for.

    """
    if right not in roles.RIGHTS:
        raise KeyError(right)

    def permitted(visitor: SignedIn) -> Visitor:
        if not allowed(visitor, right):
            what = roles.RIGHTS[right].words.say(visitor.language)
            refused = PageRefused(403, _NOT_YOURS, what=what)
            refused.language = visitor.language
            raise refused
        return visitor

    return permitted


def sees_merchant(visitor: Visitor, merchant: str) -> bool:
    """Whether a visitor may see a merchant's figures: its own, or everybody's with `alliance.read`."""
    return allowed(visitor, "alliance.read") or (
        visitor.merchant == merchant and allowed(visitor, "shop.read")
    )


def at_the_console(hub: Hub) -> Visitor:
    """Who runs a command, for the audit log."""
    name = f"pos-hub:{getpass.getuser()}"
    return Visitor(None, name, "", None, (), system_language(), hub.time())


def language_for(request: Request, stored: str | None) -> Language:
    """`?lang=` before what the user has chosen before what the browser asks for."""
    for asked in (request.query_params.get("lang"), stored):
        if asked == "zh":
            return "zh"
        if asked == "en":
            return "en"
    return language_of(request)


def _visitor(request: Request, hub: Hub, connection: Connection, row: RowMapping) -> Visitor:
    return Visitor(
        user_id=row["id"],
        name=row["name"],
        role=row["role"],
        merchant=row["merchant"],
        stores=_stores(connection, row["merchant"]),
        language=language_for(request, row["language"]),
        at=hub.time(),
        session=bytes(row["session"]),
    )


def _stores(connection: Connection, merchant: str | None) -> tuple[str, ...]:
    if merchant is None:
        return ()
    table = schema.stores
    query: Any = select(table.c.id).where(table.c.merchant_id == merchant).order_by(table.c.id)
    return tuple(connection.execute(query).scalars())


def _asked_for(request: Request) -> str:
    """Where a browser wanted to go; what it wanted to send is lost."""
    if request.method != "GET":
        return ""
    path = request.url.path
    return f"{path}?{request.url.query}" if request.url.query else path


_NOT_YOURS = Words(
    "您的账号没有这项权限：{what}。需要的话请联系联盟管理员。",
    "Your account may not do this: {what}. Ask the alliance's administrator if you need it.",
)
