"""Logging in: a password, then a second factor where the user has one; both guarded against guessing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping

from sync.hub.hub import Hub
from sync.hub.people import audit, passwords, second_factor, sessions, users
from sync.hub.people.sessions import Stage
from sync.hub.trust import guessing
from sync.hub.trust.guessing import LOG_IN_BY_NAME, LOG_IN_BY_PEER, SECOND_FACTOR

_NAME_LENGTH_MAX = 100


class Wrong(Exception):  # noqa: N818 - an answer
    """The name, password or code is not right; which of them is not said."""


class TooLate(Exception):  # noqa: N818 - an answer
    """The log-in begun with a password is over; begin again."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where somebody logs in from: the peer, what the browser calls itself, and the token it sends."""

    peer: str
    browser: str
    token: str


class Entered(NamedTuple):
    """A session that was begun; a `half` one still wants the second factor."""

    token: str
    stage: Stage
    role: str


@dataclass(frozen=True, slots=True)
class _Who:
    """An actor for the audit log who is known, though not logged in."""

    user_id: int | None
    name: str
    at: str


def log_in(hub: Hub, name: str, password: str, machine: Machine) -> Entered:
    """Begins a session for who knows the password.

    Raises:
        Wrong: the user or the password is not right.
        guessing.MustWait: too many were wrong; nothing was looked at.
        passwords.Busy: many are being looked at.

    """
    row = checked_password(hub, name, password, machine.peer)
    outdated = passwords.is_outdated(row["password"])
    renewed = passwords.hashed(password) if outdated else row["password"]
    with hub.database.write() as connection:
        now = users.by_id(connection, row["id"])
        if now["password"] != row["password"] or now["removed_at"]:
            raise Wrong  # changed while it was looked at
        users.rehash(connection, row["id"], row["password"], renewed)
        guessing.forget(hub, connection, (LOG_IN_BY_NAME, row["name"]))
        return _enter(hub, connection, now, "half" if now["totp_secret"] else "full", machine)


def checked_password(hub: Hub, name: str, password: str, peer: str) -> RowMapping:
    """The user of a name and password.

    Raises:
        Wrong, guessing.MustWait, passwords.Busy: as `log_in`.

    """
    kept_name = users.folded(name[:_NAME_LENGTH_MAX])
    with guessing.attempt(hub, (LOG_IN_BY_NAME, kept_name), (LOG_IN_BY_PEER, peer)) as guess:
        with hub.database.read() as connection:
            row = users.find(connection, kept_name)
        try:
            right = passwords.matches(row["password"] if row else None, password)
        except passwords.Busy:
            guess.was_right()  # it was not looked at
            raise
        if row is None or not right:
            _note_failure(hub, row, "password")
            raise Wrong
        guess.was_right()
        return row


def pass_second(hub: Hub, code: str, machine: Machine) -> Entered:
    """Turns a half session into a full one with a code of the user's app, or a recovery code.

    Raises:
        Wrong: the code is not right, or was used before.
        TooLate: there is no half session any more.
        guessing.MustWait: too many were wrong.

    """
    with hub.database.read() as connection:
        row = sessions.find(connection, machine.token, "half", hub.now())
    if row is None:
        raise TooLate
    guessers = ((SECOND_FACTOR, str(row["id"])), (LOG_IN_BY_PEER, machine.peer))
    with guessing.attempt(hub, *guessers) as guess:
        with hub.database.write() as connection:
            passed = second_factor.passes(hub, connection, row["id"], code)
            entered = _enter(hub, connection, row, "full", machine) if passed else None
        if entered is None:
            _note_failure(hub, row, "second factor")
            raise Wrong
        guess.was_right()
    with hub.database.write() as connection:
        guessing.forget(hub, connection, guessers[0])
    return entered


def _enter(hub: Hub, connection: Connection, row: RowMapping, stage: Stage, machine: Machine) -> Entered:
    """A session under a new token: whatever token the browser came with is worth nothing from now on."""
    sessions.end(connection, sessions.token_hash(machine.token))
    token = sessions.begin(connection, row["id"], row["role"], stage, machine.browser, hub.now())
    if stage == "full":
        audit.note(connection, _Who(row["id"], row["name"], hub.time()), "login", f"user:{row['id']}")
    return Entered(token, stage, row["role"])


def _note_failure(hub: Hub, row: RowMapping | None, what: str) -> None:
    """Also for users that there are not, so that it takes as long; what was typed may be a password."""
    who = _Who(row["id"] if row else None, row["name"] if row else "?", hub.time())
    with hub.database.write() as connection:
        audit.note(connection, who, "login.failed", f"user:{row['id'] if row else '?'}", what)
