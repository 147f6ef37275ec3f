"""A till asks for a pay code over HTTP, for a member who stands before it with a card."""

from __future__ import annotations

import msgspec
from fastapi import Request, Response

from sync.hub.codes.issuing import Asked, issue
from sync.hub.feeds import reporting
from sync.hub.feeds.reporting import Reader
from sync.hub.web import edge, refusals
from sync.hub.web.edge import Body, TheHub, TheLanguage, json_response
from sync.hub.web.refusals import Refused
from sync.hub.words import Told
from sync.protocol.asking import CodeAnswer, CodeRequest


def code(request: Request, hub: TheHub, caller: Reader, body: Body, language: TheLanguage) -> Response:
    """Reserves points for the terminal that asks; the same member again gets the same number."""
    try:
        asked = msgspec.json.decode(body, type=CodeRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    questions: reporting.Asked = request.app.state.asked
    if questions.too_often(caller.terminal, hub.now()):
        raise Refused(refusals.ASKED_TOO_OFTEN)
    wanted = Asked(asked.member_no, caller.terminal, asked.asset, asked.amount, "terminal")
    try:
        with hub.database.write() as connection:
            issued = issue(hub, connection, wanted)
            told = edge.mark_for(hub, connection, caller)
    except Told as no:
        if isinstance(no, Refused):
            raise
        raise Refused(refusals.NO_CODE, why=no.say(language)) from no
    return json_response(CodeAnswer(told, issued.code, issued.amount, issued.expires_at))
