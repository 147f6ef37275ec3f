"""Whose phone it is: a cookie that the member's own signed link leaves; it holds as long as the link."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import Connection

from sync.hub.alliance import members
from sync.hub.alliance.members import Member
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.people import sessions

_MAX_AGE_S = 180 * 24 * 3600


def remember(request: Request, response: Response, token: str) -> None:
    """Leaves the link's token, which voiding the member's links voids too; scripts cannot read it."""
    response.set_cookie(
        _name(request),
        token,
        max_age=_MAX_AGE_S,
        httponly=True,
        secure=not sessions.on_loopback(request),
        samesite="lax",
        path="/",
    )


def forget(request: Request, response: Response) -> None:
    secure = not sessions.on_loopback(request)
    response.delete_cookie(_name(request), httponly=True, secure=secure, samesite="lax", path="/")


def owner(request: Request, hub: Hub, connection: Connection) -> Member | None:
    """The member whose phone this is; None for one that has not opened a link, or whose link is void."""
    token = request.cookies.get(_name(request), "")
    member_no = member_card.holder(hub, connection, token) if token else None
    return None if member_no is None else members.find(connection, member_no)


def _name(request: Request) -> str:
    return "member-phone" if sessions.on_loopback(request) else "__Host-member-phone"
