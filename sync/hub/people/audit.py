"""The audit log: who did what to what, and when. Append-only; the database itself forbids changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, select

from sync.hub.people.tables import audit_log

_DETAIL_LENGTH_MAX = 500
PAGE_ROWS = 100


class Actor(Protocol):
    """Who acts: a visitor of the pages, or whoever runs a command. `at` is the moment of the request."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def at(self) -> str: ...


def note(connection: Connection, actor: Actor, act: str, subject: str, detail: str = "") -> None:
    """Writes one line, in the transaction of the act itself.

    `act` is a dotted word such as `tasks.approve`, `subject` what it was done to, such as `task:12`. The
    detail holds no names, phone numbers, codes or passwords: the log is kept for ever.
    """
    connection.execute(
        audit_log.insert().values(
            at=actor.at,
            user_id=actor.user_id,
            who=actor.name,
            act=act,
            subject=subject,
            detail=detail[:_DETAIL_LENGTH_MAX],
        )
    )


def lines(
    connection: Connection,
    *,
    before: int | None = None,
    act: str = "",
    who: str = "",
    subject: str = "",
    limit: int = PAGE_ROWS,
) -> Sequence[RowMapping]:
    """The newest lines first, below line `before`; `act` may be the beginning of one (`user.`)."""
    table = audit_log
    query: Any = select(table).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(table.c.id < before)
    if act:
        query = query.where(table.c.act.startswith(act, autoescape=True))
    if who:
        query = query.where(table.c.who == who)
    if subject:
        query = query.where(table.c.subject == subject)
    return connection.execute(query).mappings().all()
