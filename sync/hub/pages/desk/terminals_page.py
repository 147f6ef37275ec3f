"""Tills at the desk: how each is, a code that enrols a new machine, and shutting one out."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, select

from sync.hub.alliance import places
from sync.hub.feeds import commands, terminals_seen
from sync.hub.feeds.terminals_seen import TerminalState
from sync.hub.hub import Hub, setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing, rendering
from sync.hub.pages.desk.rights import Reader, Technician
from sync.hub.people import audit
from sync.hub.people.forms import CheckedForm
from sync.hub.people.visitors import PageRefused, Visitor
from sync.hub.storage import schema
from sync.hub.trust import enrolment
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words
from sync.protocol.commands import Deed

ROUTES = APIRouter(include_in_schema=False)

CODE_VALID_FOR = dt.timedelta(hours=24)
SILENT_AFTER = dt.timedelta(hours=1)
LATE_AFTER = dt.timedelta(hours=24)

STANDINGS = {
    "not_enrolled": Words("未入网", "not enrolled"),
    "current": Words("在用", "in use"),
    "replaced": Words("已换机", "replaced"),
    "revoked": Words("已停用", "revoked"),
}


class DeedShown(NamedTuple):
    """A command that the desk can send; `needs` is the field that the typed text goes to, if any."""

    words: Words
    needs: str = ""


DEEDS = {
    "lock": DeedShown(Words("锁屏（屏上显示文字）", "Lock its screen, showing the text"), "sentence"),
    "unlock": DeedShown(Words("解锁", "Unlock its screen")),
    "print_text": DeedShown(Words("打印文字", "Print the text"), "text"),
    "print_receipt": DeedShown(Words("重印小票（填小票号）", "Print a receipt again (number)"), "receipt_no"),
    "resync": DeedShown(Words("重新下载全部资料", "Fetch all its data anew")),
    "upgrade": DeedShown(Words("提示升级（填版本号）", "Ask for an upgrade (the version)"), "version"),
}
STANDINGS_OF_COMMANDS = {
    "waiting": Words("等待执行", "waiting"),
    "lapsed": Words("过期未执行", "not done in time"),
    "done": Words("已执行", "done"),
    "failed": Words("未成功", "failed"),
    "expired": Words("过期未执行", "not done in time"),
}


class TillShown(NamedTuple):
    """A till with its store's name; `silent` says that it is in use and was not heard of for an hour."""

    state: TerminalState
    store: str
    silent: bool


@ROUTES.get("/desk/terminals")
def terminals(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        timezone = setting(connection, "timezone")
        return framing.page(
            request,
            visitor,
            "desk/terminals.html",
            place="terminals",
            alliance=setting(connection, "alliance_name"),
            tills=tills(hub, connection),
            standings=STANDINGS,
            moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
        )


def tills(hub: Hub, connection: Connection) -> list[TillShown]:
    table = schema.stores
    stores = {row.id: row.name for row in connection.execute(select(table.c.id, table.c.name))}
    return [
        TillShown(one, stores.get(one.store, one.store), _is_silent(hub, one))
        for one in terminals_seen.overview(connection)
    ]


def _is_silent(hub: Hub, one: TerminalState) -> bool:
    if one.standing != "current":
        return False
    return one.last_seen is None or dt.datetime.fromisoformat(one.last_seen) < hub.now() - SILENT_AFTER


@ROUTES.get("/desk/terminals/{terminal}")
def terminal(terminal: str, request: Request, hub: TheHub, visitor: Reader) -> Response:
    """One till, with what can be done about it."""
    with hub.database.read() as connection:
        return _shown(request, hub, connection, visitor, terminal)


@ROUTES.post("/desk/terminals/{terminal}/code")
def make_code(
    terminal: str, request: Request, hub: TheHub, visitor: Technician, _form: CheckedForm
) -> Response:
    """A new one-time code, shown this once: it is not kept, so the answer cannot lead on to another page."""
    url = f"{request.url.scheme}://{request.url.netloc}"
    with hub.database.write() as connection:
        _known(connection, terminal)
        audit.note(connection, visitor, "terminal.code", f"terminal:{terminal}")
        timezone = setting(connection, "timezone")
        card = places.store_card(connection, terminal)
        alliance = setting(connection, "alliance_name")
    code, expires_at = enrolment.make_code(hub, terminal, CODE_VALID_FOR)
    return framing.page(
        request,
        visitor,
        "desk/code.html",
        place="terminals",
        alliance=alliance,
        terminal=terminal,
        card=card,
        url=url,
        code=str(code),
        picture=rendering.qr_svg(f"{url} {code}"),
        until=words.moment(expires_at, timezone, visitor.language),
    )


@ROUTES.post("/desk/terminals/{terminal}/revoke")
def revoke(terminal: str, request: Request, hub: TheHub, visitor: Technician, form: CheckedForm) -> Response:
    """Shuts a till out; the form must repeat its id, so that no slip of the finger does it."""
    with hub.database.write() as connection:
        _known(connection, terminal)
        if form["confirm"].upper() == terminal:
            enrolment.revoke(connection, terminal)
            audit.note(connection, visitor, "terminal.revoke", f"terminal:{terminal}", form["reason"])
            return framing.led_on(f"/desk/terminals/{terminal}", "revoked")
    with hub.database.read() as connection:
        return _shown(request, hub, connection, visitor, terminal, mistake=Told(_NOT_REPEATED, id=terminal))


@ROUTES.post("/desk/terminals/{terminal}/send")
def send(terminal: str, request: Request, hub: TheHub, visitor: Technician, form: CheckedForm) -> Response:
    """Sends a till a command: `deed` is one of `DEEDS`, `text` what it needs."""
    with hub.database.read() as connection:
        _known(connection, terminal)
    try:
        deed = _deed(form["deed"], form["text"])
    except Told as told:
        with hub.database.read() as connection:
            return _shown(request, hub, connection, visitor, terminal, mistake=told)
    with hub.database.write() as connection:
        commands.send(hub, connection, terminal, deed)
        audit.note(connection, visitor, f"terminal.{form['deed']}", f"terminal:{terminal}")
    return framing.led_on(f"/desk/terminals/{terminal}", "sent")


def _deed(name: str, text: str) -> Deed:
    """What a form asks of a till.

    Raises:
        Told: it is none of `DEEDS`, or the text that goes with it is missing or too long.

    """
    if name not in DEEDS:
        raise Told(_NO_DEED)
    needs = DEEDS[name].needs
    try:
        deed: Deed = msgspec.convert({"do": name, **({needs: text} if needs else {})}, type=Deed)
    except msgspec.ValidationError as error:
        raise Told(_TEXT_WILL_NOT_DO) from error
    return deed


def _known(connection: Connection, terminal: str) -> None:
    try:
        places.known_terminal(connection, terminal)
    except Told as told:
        raise PageRefused(404, _UNKNOWN, id=terminal[:40]) from told


def _shown(
    request: Request,
    hub: Hub,
    connection: Connection,
    visitor: Visitor,
    terminal: str,
    *,
    mistake: Told | None = None,
) -> Response:
    found = next((one for one in tills(hub, connection) if one.state.terminal == terminal), None)
    if found is None:
        raise PageRefused(404, _UNKNOWN, id=terminal[:40])
    timezone = setting(connection, "timezone")
    chains = schema.chains
    query = select(chains).where(chains.c.terminal == terminal).order_by(chains.c.epoch.desc())
    return framing.page(
        request,
        visitor,
        "desk/terminal.html",
        place="terminals",
        status=200 if mistake is None else 422,
        mistake=mistake,
        alliance=setting(connection, "alliance_name"),
        one=found,
        chains=connection.execute(query).all(),
        standings=STANDINGS,
        deeds=DEEDS,
        sent=commands.listed(hub, connection, terminal, limit=8),
        deed_of=_deed_name,
        outcomes=STANDINGS_OF_COMMANDS,
        moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
    )


def _deed_name(deed: Deed) -> Words:
    return DEEDS[str(type(deed).__struct_config__.tag)].words


_NO_DEED = Words("请选择要做什么。", "Choose what the till is to do.")
_TEXT_WILL_NOT_DO = Words(
    "文字没有填或太长，没有发出。请改好再发。",
    "The text is missing or too long; nothing was sent. Correct it and send it again.",
)
_UNKNOWN = Words("没有收银机 {id}，请核对编号。", "There is no terminal {id}; check the id.")
_NOT_REPEATED = Words(
    "没有停用：请原样输入收银机编号 {id} 确认。",
    "Nothing was shut out: repeat the till's id {id} to confirm.",
)
