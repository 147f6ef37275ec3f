"""Users: who may log in, in which role. Passwords are set through a link that works once."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from pos.domain.language import Language
from sync.hub.alliance import merchants
from sync.hub.hub import Hub
from sync.hub.people import audit, passwords, roles, second_factor, sessions
from sync.hub.people.audit import Actor
from sync.hub.people.tables import setup_links, users
from sync.hub.trust import guessing
from sync.hub.words import Told, Words, stamp

_NAME = re.compile(r"[\w.\-]{2,40}")
_TOKEN_BYTES = 32
_TOKEN_LENGTH_MAX = 64


def folded(name: str) -> str:
    """A name as it is kept: typed in any case and width, it is the same user's."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def find(connection: Connection, name: str) -> RowMapping | None:
    query = select(users).where(users.c.name == folded(name), users.c.removed_at.is_(None))
    return connection.execute(query).mappings().first()


def known(connection: Connection, name: str) -> RowMapping:
    """Like `find`.

    Raises:
        Told: there is no such user.

    """
    row = find(connection, name)
    if row is None:
        raise Told(_UNKNOWN, name=name[:40])
    return row


def by_id(connection: Connection, user_id: int) -> RowMapping:
    return connection.execute(select(users).where(users.c.id == user_id)).mappings().one()


def all_of(connection: Connection) -> Sequence[RowMapping]:
    query = select(users).where(users.c.removed_at.is_(None)).order_by(users.c.name)
    return connection.execute(query).mappings().all()


def add(  # noqa: PLR0917 - what a user is made of
    connection: Connection,
    actor: Actor,
    name: str,
    role: str,
    merchant: str | None,
    language: Language | None,
) -> int:
    """A new user, who cannot log in before a password is set; returns its id.

    Raises:
        Told: the name is taken or will not do; there is no such role or merchant, or they do not fit.

    """
    kept = folded(name)
    if not _NAME.fullmatch(kept):
        raise Told(_BAD_NAME)
    if find(connection, kept) is not None:
        raise Told(_TAKEN, name=kept)
    _check_role(connection, role, merchant)
    made = users.insert().values(name=kept, role=role, merchant=merchant, language=language, made_at=actor.at)
    key = connection.execute(made).inserted_primary_key
    assert key is not None
    user_id = int(key[0])
    audit.note(connection, actor, "user.add", f"user:{user_id}", f"{role} {merchant or ''}".strip())
    return user_id


def change(
    connection: Connection, actor: Actor, name: str, *, role: str | None, merchant: str | None
) -> None:
    """Gives a user another role or merchant; its sessions end, because they were begun with other rights.

    Raises:
        Told: as `add`.

    """
    row = known(connection, name)
    new_role = role or row["role"]
    new_merchant = merchant if merchant is not None else row["merchant"]
    if not roles.role(new_role).of_merchant and merchant is None:
        new_merchant = None
    _check_role(connection, new_role, new_merchant)
    _put(connection, row["id"], role=new_role, merchant=new_merchant)
    sessions.end_all(connection, row["id"])
    detail = f"{new_role} {new_merchant or ''}".strip()
    audit.note(connection, actor, "user.set", f"user:{row['id']}", detail)


def set_language(connection: Connection, user_id: int, language: Language | None) -> None:
    _put(connection, user_id, language=language)


def remove(connection: Connection, actor: Actor, name: str) -> None:
    """Shuts a user out for good; its name is free, its acts stay in the audit log under its number."""
    row = known(connection, name)
    _shut_out(connection, row["id"])
    second_factor.turn_off(connection, row["id"])
    _put(connection, row["id"], removed_at=actor.at)
    audit.note(connection, actor, "user.remove", f"user:{row['id']}")


def turn_totp_off(connection: Connection, actor: Actor, name: str) -> None:
    """For who has lost phone and recovery codes."""
    row = known(connection, name)
    second_factor.turn_off(connection, row["id"])
    sessions.end_all(connection, row["id"])
    audit.note(connection, actor, "user.totp_off", f"user:{row['id']}")


def unlock(hub: Hub, connection: Connection, actor: Actor, name: str) -> None:
    """Forgets a user's wrong guesses."""
    row = known(connection, name)
    guessing.forget(
        hub,
        connection,
        (guessing.LOG_IN_BY_NAME, row["name"]),
        (guessing.SECOND_FACTOR, str(row["id"])),
    )
    audit.note(connection, actor, "user.unlock", f"user:{row['id']}")


# --- setting a password


def new_link(connection: Connection, actor: Actor, user_id: int, expires_at: dt.datetime) -> str:
    """The token of a link under which the user sets a password, once; earlier links are void.

    Until then nobody logs in as this user: the old password and all sessions are void as well.
    """
    _shut_out(connection, user_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        setup_links.insert().values(
            token_hash=sessions.token_hash(token), user_id=user_id, expires_at=stamp(expires_at)
        )
    )
    audit.note(connection, actor, "user.link", f"user:{user_id}")
    return token


def of_link(connection: Connection, token: str, now: dt.datetime) -> RowMapping | None:
    """The user whose password a link sets, while it holds."""
    if len(token) > _TOKEN_LENGTH_MAX:
        return None
    table = setup_links
    query = (
        select(users)
        .join(table, table.c.user_id == users.c.id)
        .where(table.c.token_hash == sessions.token_hash(token), table.c.expires_at > stamp(now))
        .where(users.c.removed_at.is_(None))
    )
    return connection.execute(query).mappings().first()


def set_password(connection: Connection, actor: Actor, user_id: int, kept: str, how: str) -> None:
    """Keeps a new hash (from `passwords.hashed`), ends all sessions and voids all links of the user."""
    _shut_out(connection, user_id)
    _put(connection, user_id, password=kept)
    audit.note(connection, actor, "user.password", f"user:{user_id}", how)


def rehash(connection: Connection, user_id: int, before: str, after: str) -> None:
    """Keeps the same password's hash under today's parameters, unless it was changed meanwhile."""
    here = (users.c.id == user_id) & (users.c.password == before)
    connection.execute(update(users).where(here).values(password=after))


def checked_hash(name: str, password: str) -> str:
    """The hash of a new password.

    Raises:
        Told: the password will not do.

    """
    passwords.check_new(password, name)
    return passwords.hashed(password)


def _shut_out(connection: Connection, user_id: int) -> None:
    sessions.end_all(connection, user_id)
    connection.execute(delete(setup_links).where(setup_links.c.user_id == user_id))
    _put(connection, user_id, password=None)


def _check_role(connection: Connection, role: str, merchant: str | None) -> None:
    if roles.role(role).of_merchant and merchant is None:
        raise Told(_WHOSE, role=role)
    if not roles.role(role).of_merchant and merchant is not None:
        raise Told(_NOBODYS, role=role)
    if merchant is not None:
        merchants.known(connection, merchant)


def _put(connection: Connection, user_id: int, **values: Any) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(values))


_UNKNOWN = Words(
    "没有用户 {name}。用 pos-hub user list 查看。", "There is no user {name}. See pos-hub user list."
)
_TAKEN = Words("用户名 {name} 已经有了，请换一个。", "The user name {name} is taken; choose another.")
_BAD_NAME = Words(
    "用户名不行：2 到 40 个字母、汉字、数字，中间可用点和短横。",
    "The user name will not do: 2 to 40 letters or digits, with dots and dashes.",
)
_WHOSE = Words(
    "角色 {role} 属于某个商家，请用 --merchant 写明。",
    "The role {role} belongs to a merchant; name it with --merchant.",
)
_NOBODYS = Words(
    "角色 {role} 属于联盟，不属于某个商家，请不要写 --merchant。",
    "The role {role} is the alliance's, not a merchant's; leave off --merchant.",
)
