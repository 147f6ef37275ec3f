"""A till asks over HTTP whether it may use a once-only right."""

from __future__ import annotations

import msgspec
from fastapi import Request, Response

from sync.hub.feeds import reporting
from sync.hub.feeds.reporting import Reader
from sync.hub.rights import claiming
from sync.hub.web import edge, refusals
from sync.hub.web.edge import Body, TheHub, json_response
from sync.hub.web.refusals import Refused
from sync.protocol.asking import RightAnswer, RightRequest


def right(request: Request, hub: TheHub, caller: Reader, body: Body) -> Response:
    """Keeps other tills off a right while the one that asks uses it."""
    try:
        asked = msgspec.json.decode(body, type=RightRequest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    if not (asked.key.isascii() and asked.key.isprintable()):
        raise Refused(refusals.BAD_REQUEST, detail="key")
    questions: reporting.Asked = request.app.state.asked
    if questions.too_often(caller.terminal, hub.now()):
        raise Refused(refusals.ASKED_TOO_OFTEN)
    entries: tuple[bytes, ...] = ()
    with hub.database.write() as connection:
        match asked.kind:
            case "coupon":
                claiming.claim_coupon(hub, connection, caller.terminal, asked.key)
            case "refund":
                entries = claiming.claim_refund(hub, connection, caller.terminal, asked.key)
        told = edge.mark_for(hub, connection, caller)
    return json_response(RightAnswer(told, entries))
