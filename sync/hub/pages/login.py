"""Logging in and out, setting a first password, and what a browser sees when it may not see a page."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from sync.hub.hub import Hub, setting
from sync.hub.pages import rendering
from sync.hub.people import audit, forms, logging_in, passwords, roles, sessions, users
from sync.hub.people.forms import CheckedForm
from sync.hub.people.logging_in import Entered, Machine
from sync.hub.people.visitors import NotSignedIn, PageRefused, Visitor, language_for, signed_in
from sync.hub.trust import guessing
from sync.hub.web.edge import TheHub
from sync.hub.web.rate_limits import peer_of
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)

_NEXT_LENGTH_MAX = 500
_HERE = re.compile(r"/(?!/)[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")
_SECONDS_TOLD_MAX = 90


def install(app: FastAPI) -> None:
    """Sends browsers that are not signed in to the log-in page, and tells every other "no" as a page."""

    def away(_request: Request, error: Exception) -> Response:
        assert isinstance(error, NotSignedIn)
        return _led_to(error.location)

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, PageRefused)
        language = language_for(request, error.language)
        return rendering.page(
            "login_no.html", language, status=error.status, sentence=error.say(language), other=""
        )

    app.add_exception_handler(NotSignedIn, away)
    app.add_exception_handler(PageRefused, refused)


@ROUTES.get("/login")
def login_page(request: Request, hub: TheHub) -> Response:
    """Asks for name and password; leads on whoever is signed in already."""
    then = here(request.query_params.get("next", ""))
    try:
        visitor = signed_in(request, hub)
    except NotSignedIn:
        return _login(request, hub, then)
    return _led_to(then or roles.ROLES[visitor.role].home)


@ROUTES.post("/login")
def log_in(request: Request, hub: TheHub, form: CheckedForm) -> Response:
    then = here(form["next"])
    try:
        entered = logging_in.log_in(hub, form["name"], form.exact("password"), machine_of(request))
    except (logging_in.Wrong, guessing.MustWait, passwords.Busy) as error:
        return _login(request, hub, then, why_not(error, WRONG_PASSWORD), form["name"])
    return _entered(request, entered, then)


@ROUTES.get("/login/totp")
def second_page(request: Request, hub: TheHub) -> Response:
    """Asks for the second factor of whoever has given a right password."""
    then = here(request.query_params.get("next", ""))
    with hub.database.read() as connection:
        row = sessions.find(connection, sessions.token_of(request), "half", hub.now())
    return _led_to(login_path(then)) if row is None else _second(request, then)


@ROUTES.post("/login/totp")
def pass_second(request: Request, hub: TheHub, form: CheckedForm) -> Response:
    then = here(form["next"])
    try:
        entered = logging_in.pass_second(hub, form["code"], machine_of(request))
    except logging_in.TooLate:
        return _led_to(login_path(then))
    except (logging_in.Wrong, guessing.MustWait) as error:
        return _second(request, then, why_not(error, WRONG_CODE))
    return _entered(request, entered, then)


@ROUTES.post("/logout")
def log_out(request: Request, hub: TheHub, _form: CheckedForm) -> Response:
    token = sessions.token_of(request)
    with hub.database.write() as connection:
        sessions.end(connection, sessions.token_hash(token))
    response = _led_to("/login")
    sessions.take_back(request, response)
    return response


@ROUTES.get("/setup/{token}")
def setup_page(token: str, request: Request, hub: TheHub) -> Response:
    """Asks for a first or new password; the link works once."""
    with hub.database.read() as connection:
        row = users.of_link(connection, token, hub.now())
    if row is None:
        raise PageRefused(404, _NO_LINK)
    return _setup(request, row["name"])


@ROUTES.post("/setup/{token}")
def set_up(token: str, request: Request, hub: TheHub, form: CheckedForm) -> Response:
    with hub.database.read() as connection:
        row = users.of_link(connection, token, hub.now())
    if row is None:
        raise PageRefused(404, _NO_LINK)
    try:
        kept = new_hash(row["name"], form.exact("password"), form.exact("again"))
    except Told as told:
        return _setup(request, row["name"], PageRefused(422, told.words, **told.params))
    with hub.database.write() as connection:
        row = users.of_link(connection, token, hub.now())  # somebody may have used it meanwhile
        if row is None:
            raise PageRefused(404, _NO_LINK)
        actor = _by_link(request, row["id"], row["name"], hub.time())
        users.set_password(connection, actor, row["id"], kept, "link")
    return _led_to("/login?" + urlencode({"done": "password"}))


# --- what other pages of an account share


def here(path: str) -> str:
    """A path on this site, or nothing: nobody is led elsewhere after a log-in."""
    good = len(path) <= _NEXT_LENGTH_MAX and _HERE.fullmatch(path)
    return path if good else ""


def machine_of(request: Request) -> Machine:
    peer = guessing.peer_group(peer_of(request.scope))
    return Machine(peer, request.headers.get("user-agent", ""), sessions.token_of(request))


def new_hash(name: str, password: str, again: str) -> str:
    """The hash of a password typed twice.

    Raises:
        Told: it will not do, the two differ, or too many are being looked at.

    """
    if password != again:
        raise Told(_NOT_TWICE)
    try:
        return users.checked_hash(name, password)
    except passwords.Busy as error:
        raise Told(_BUSY) from error


def why_not(error: Exception, wrong: Words) -> PageRefused:
    """What somebody is told whose password or code was not taken."""
    if isinstance(error, guessing.MustWait):
        if error.seconds <= _SECONDS_TOLD_MAX:
            return PageRefused(429, _WAIT_SECONDS, wait_s=error.seconds)
        return PageRefused(429, _WAIT_MINUTES, minutes=-(-error.seconds // 60), wait_s=error.seconds)
    if isinstance(error, passwords.Busy):
        return PageRefused(503, _BUSY)
    return PageRefused(403, wrong)


def login_path(then: str) -> str:
    return "/login" + ("?" + urlencode({"next": then}) if then else "")


# --- pages


def _login(
    request: Request, hub: Hub, then: str, refused: PageRefused | None = None, name: str = ""
) -> Response:
    with hub.database.read() as connection:
        alliance = setting(connection, "alliance_name")
    done = request.query_params.get("done") == "password"
    return _page(
        request, "login.html", refused, then=then, name=name[:40], alliance=alliance, password_set=done
    )


def _second(request: Request, then: str, refused: PageRefused | None = None) -> Response:
    return _page(request, "login_totp.html", refused, then=then)


def _setup(request: Request, name: str, refused: PageRefused | None = None) -> Response:
    return _page(request, "login_setup.html", refused, name=name, length=passwords.LENGTH_MIN)


def _page(request: Request, template: str, refused: PageRefused | None, **values: object) -> Response:
    """A page outside the frame, with the cookie that its form belongs to."""
    language = language_for(request, None)
    response = rendering.page(
        template,
        language,
        status=refused.status if refused else 200,
        forms=True,
        csrf=forms.csrf_token(request),
        mistake=refused.say(language) if refused else "",
        other=urlencode({"lang": "zh" if language == "en" else "en", "next": values.get("then") or ""}),
        **values,
    )
    if refused and "wait_s" in refused.params:
        response.headers["Retry-After"] = str(refused.params["wait_s"])
    forms.plant(request, response)
    return response


def _entered(request: Request, entered: Entered, then: str) -> Response:
    if entered.stage == "half":
        response = _led_to("/login/totp" + ("?" + urlencode({"next": then}) if then else ""))
    else:
        response = _led_to(then or roles.ROLES[entered.role].home)
    sessions.give(request, response, entered.token)
    return response


def _led_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _by_link(request: Request, user_id: int, name: str, at: str) -> audit.Actor:
    return Visitor(user_id, name, "", None, (), language_for(request, None), at)


WRONG_PASSWORD = Words(
    "用户名或密码不对。忘记密码请联系联盟，换一个设置链接。",
    "The name or the password is not right. If you forgot it, ask the alliance for a new set-up link.",
)
WRONG_CODE = Words(
    "验证码不对或已用过。请等应用显示下一个码再输入；手机丢了可用恢复码。",
    "The code is not right or was used. Wait for the app's next one; without the phone use a recovery code.",
)
_WAIT_SECONDS = Words(
    "输错次数太多，请等 {wait_s} 秒再试。", "Too many wrong tries: wait {wait_s} seconds, then try again."
)
_WAIT_MINUTES = Words(
    "输错次数太多，请等 {minutes} 分钟再试，或请联盟管理员解锁。",
    "Too many wrong tries: wait {minutes} minutes, or ask the alliance's administrator to unlock you.",
)
_BUSY = Words(
    "现在登录的人太多，请过几秒再试。", "Many people are logging in just now. Try again in a few seconds."
)
_NO_LINK = Words(
    "这个设置链接不完整、已用过或已过期。请联系联盟换一个新的。",
    "This set-up link is not complete, was used, or has expired. Ask the alliance for a new one.",
)
_NOT_TWICE = Words("两次输入的密码不一样，请再输一遍。", "The two passwords differ; type them again.")
