"""What users see and set of their own account: password, second factor, sessions, language."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from sync.hub.hub import Hub, setting
from sync.hub.pages import figures_in_words, framing, login, rendering
from sync.hub.people import audit, logging_in, passwords, second_factor, sessions, users
from sync.hub.people.forms import CheckedForm
from sync.hub.people.visitors import PageRefused, SignedIn, Visitor
from sync.hub.trust import guessing
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)

_NOTICES = {
    "password": Words(
        "密码已换，其他设备都已退出。", "Your password is changed; all other devices are logged out."
    ),
    "off": Words("验证码已关闭。", "The second factor is off."),
    "language": Words("语言已换。", "The language is changed."),
}
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("MicroMessenger", Words("微信", "WeChat")), ("Edg", Words("Edge", "Edge")),
    ("Firefox", Words("Firefox", "Firefox")), ("Chrome", Words("Chrome", "Chrome")),
    ("Safari", Words("Safari", "Safari")),
)  # fmt: skip
_UNKNOWN = Words("其他浏览器", "another browser")


class SessionShown(NamedTuple):
    """One session as the page lists it."""

    browser: Words
    seen: str
    this: bool


@ROUTES.get("/me")
def me(request: Request, hub: TheHub, visitor: SignedIn) -> Response:
    return _me(request, hub, visitor)


@ROUTES.post("/me/password")
def change_password(request: Request, hub: TheHub, visitor: SignedIn, form: CheckedForm) -> Response:
    """Ends every session of the user; this browser gets a new one."""
    try:
        _check_present(request, hub, visitor, form.exact("present"))
        kept = login.new_hash(visitor.name, form.exact("password"), form.exact("again"))
    except Told as told:
        return _me(request, hub, visitor, told)
    with hub.database.write() as connection:
        users.set_password(connection, visitor, _id(visitor), kept, "own page")
        token = _new_session(request, hub, connection, visitor)
    return _led_back(request, "password", token)


@ROUTES.post("/me/language")
def change_language(request: Request, hub: TheHub, visitor: SignedIn, form: CheckedForm) -> Response:
    chosen = form["language"]
    with hub.database.write() as connection:
        users.set_language(connection, _id(visitor), "en" if chosen == "en" else "zh")
    return _led_back(request, "language")


@ROUTES.post("/me/sessions")
def end_sessions(request: Request, hub: TheHub, visitor: SignedIn, _form: CheckedForm) -> Response:
    """Logs the user out everywhere, here too."""
    with hub.database.write() as connection:
        sessions.end_all(connection, _id(visitor))
        audit.note(connection, visitor, "user.log_out", f"user:{visitor.user_id}", "everywhere")
    response = RedirectResponse("/login", 303)
    sessions.take_back(request, response)
    return response


@ROUTES.get("/me/totp")
def authenticator(request: Request, hub: TheHub, visitor: SignedIn) -> Response:
    return _authenticator(request, hub, visitor)


@ROUTES.post("/me/totp")
def turn_on(request: Request, hub: TheHub, visitor: SignedIn, form: CheckedForm) -> Response:
    """Turns the second factor on and shows the recovery codes, once."""
    try:
        _check_present(request, hub, visitor, form.exact("present"))
    except Told as told:
        return _authenticator(request, hub, visitor, told)
    with hub.database.write() as connection:
        codes = second_factor.confirm(hub, connection, _id(visitor), form["code"])
        if codes:
            sessions.end_all(connection, _id(visitor))
            token = _new_session(request, hub, connection, visitor)
            audit.note(connection, visitor, "user.totp_on", f"user:{visitor.user_id}")
    if not codes:
        return _authenticator(request, hub, visitor, PageRefused(403, login.WRONG_CODE))
    response = framing.page(request, visitor, "login_codes.html", place="me", codes=codes)
    sessions.give(request, response, token)
    return response


@ROUTES.post("/me/totp/off")
def turn_off(request: Request, hub: TheHub, visitor: SignedIn, form: CheckedForm) -> Response:
    try:
        _check_present(request, hub, visitor, form.exact("present"))
    except Told as told:
        return _me(request, hub, visitor, told)
    with hub.database.write() as connection:
        second_factor.turn_off(connection, _id(visitor))
        audit.note(connection, visitor, "user.totp_off", f"user:{visitor.user_id}", "own page")
    return _led_back(request, "off")


def _me(request: Request, hub: Hub, visitor: Visitor, mistake: Told | None = None) -> Response:
    with hub.database.read() as connection:
        row = users.by_id(connection, _id(visitor))
        values: dict[str, Any] = {
            "notice": _NOTICES.get(request.query_params.get("told", "")),
            "length": passwords.LENGTH_MIN,
            "totp_on": row["totp_secret"] is not None,
            "codes_left": second_factor.recovery_codes_left(connection, row["id"]),
            "sessions": _sessions(hub, connection, visitor),
        }
    status = _status(mistake)
    return framing.page(
        request, visitor, "login_me.html", place="me", status=status, mistake=mistake, **values
    )


def _authenticator(request: Request, hub: Hub, visitor: Visitor, mistake: Told | None = None) -> Response:
    with hub.database.write() as connection:
        secret = second_factor.offer(hub, connection, _id(visitor))
        alliance = setting(connection, "alliance_name")
    picture = rendering.qr_svg(second_factor.address(secret, visitor.name, alliance))
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return framing.page(
        request,
        visitor,
        "login_authenticator.html",
        place="me",
        status=_status(mistake),
        mistake=mistake,
        picture=picture,
        secret=groups,
    )


def _check_present(request: Request, hub: Hub, visitor: Visitor, password: str) -> None:
    """Raises `PageRefused` unless the visitor knows the password: a browser left open is not enough."""
    try:
        logging_in.checked_password(hub, visitor.name, password, login.machine_of(request).peer)
    except (logging_in.Wrong, guessing.MustWait, passwords.Busy) as error:
        raise login.why_not(error, _WRONG_PRESENT) from error


def _new_session(request: Request, hub: Hub, connection: Connection, visitor: Visitor) -> str:
    browser = request.headers.get("user-agent", "")
    return sessions.begin(connection, _id(visitor), visitor.role, "full", browser, hub.now())


def _led_back(request: Request, told: str, token: str = "") -> Response:
    response = RedirectResponse(f"/me?told={told}", 303)
    if token:
        sessions.give(request, response, token)
    return response


def _sessions(hub: Hub, connection: Connection, visitor: Visitor) -> list[SessionShown]:
    timezone = setting(connection, "timezone")
    return [
        SessionShown(
            browser_in_words(row["browser"]),
            figures_in_words.moment(row["seen_at"], timezone, visitor.language),
            bytes(row["token_hash"]) == visitor.session,
        )
        for row in sessions.of_user(connection, _id(visitor), hub.now())
    ]


def browser_in_words(agent: str) -> Words:
    """What a browser calls itself, in the few words that its owner knows it by."""
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    name = next((words for mark, words in _BROWSERS if mark in agent), _UNKNOWN)
    return Words(f"{system} {name.zh}".strip(), f"{system} {name.en}".strip())


def _id(visitor: Visitor) -> int:
    assert visitor.user_id is not None
    return visitor.user_id


def _status(mistake: Told | None) -> int:
    if mistake is None:
        return 200
    return mistake.status if isinstance(mistake, PageRefused) else 422


_WRONG_PRESENT = Words(
    "现在的密码不对，什么也没有改。", "Your present password is not right; nothing was changed."
)
