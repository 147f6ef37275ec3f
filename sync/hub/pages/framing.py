"""The frame around the pages of who is signed in: where they are, can go, and what has just happened."""

from __future__ import annotations

from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import Path, Request, Response
from fastapi.responses import RedirectResponse

from sync.hub.pages import rendering
from sync.hub.people import forms, roles
from sync.hub.people.visitors import Visitor, allowed
from sync.hub.words import Told, Words

Number = Annotated[int, Path(ge=1, le=(1 << 63) - 1)]
"""A number in an address: any that a table may hold."""


class Place(NamedTuple):
    """A part of the site: its name, address and picture, and the right that it needs.

    `first` ones have a place on a phone's bar; the others are reached from the desk's first page.
    """

    name: str
    words: Words
    href: str
    right: str
    first: bool = True


OWNERS = (
    Place("takings", Words("营业", "Takings"), "/owner/day", "shop.read"),
    Place("statements", Words("结算单", "Statements"), "/owner/statements", "shop.read"),
    Place("goods", Words("商品", "Goods"), "/owner/goods", "shop.read"),
    Place("matters", Words("待查", "To look at"), "/owner/matters", "shop.read"),
    Place("disputes", Words("申诉", "Disputes"), "/owner/disputes", "shop.read"),
)
DESK = (
    Place("home", Words("总览", "Overview"), "/desk", "alliance.read"),
    Place("disputes", Words("申诉", "Disputes"), "/desk/disputes", "alliance.read"),
    Place("tasks", Words("任务", "Tasks"), "/desk/tasks", "tasks.review"),
    Place("terminals", Words("收银机", "Tills"), "/desk/terminals", "alliance.read"),
    Place("merchants", Words("商家", "Merchants"), "/desk/merchants", "alliance.read"),
    Place("settlement", Words("结算", "Settlement"), "/desk/settlement", "alliance.read", first=False),
    Place("quarantine", Words("待查", "To look at"), "/desk/quarantine", "alliance.read", first=False),
    Place("risk", Words("风险", "Risk"), "/desk/risk", "alliance.read", first=False),
    Place("packs", Words("方案", "Programmes"), "/desk/packs", "alliance.read", first=False),
    Place(
        "distribution", Words("年度分配", "Distribution"), "/desk/distribution", "alliance.read", first=False
    ),
    Place("audit", Words("操作记录", "Audit log"), "/desk/audit", "audit.read", first=False),
)

DONE = {
    "opened": Words(
        "申诉已提交，48 小时内会有答复。", "The dispute is filed; it is answered within 48 hours."
    ),
    "corrected": Words("已更正入账，并通知了对方。", "The correction is booked."),
    "dismissed": Words("已答复，不作更正。", "Answered; nothing was corrected."),
    "revoked": Words(
        "收银机已停用，重新入网前不能再上传下载。", "The till is shut out until it is enrolled anew."
    ),
    "published": Words(
        "方案已签名发布，收银机会自动取用。", "The programme is signed and published; tills fetch it."
    ),
    "locked": Words("已锁定。", "The days are locked."),
    "paid": Words("付款已登记。", "The payment is noted."),
    "sent": Words(
        "指令已发出，收银机下次联系时执行。", "The command is sent; the till does it with its next pass."
    ),
    "approved": Words("已通过，积分已入账。", "Approved; the points are booked."),
    "declined": Words("已退回，成员会看到原因。", "Sent back with your reason."),
}
"""What a page says after a form was sent and the browser was led on."""


def places_of(visitor: Visitor) -> tuple[Place, ...]:
    """The parts of the site that a visitor may go to."""
    site = OWNERS if visitor.merchant is not None else DESK
    return tuple(one for one in site if allowed(visitor, one.right))


def page(
    request: Request,
    visitor: Visitor,
    template: str,
    *,
    place: str,
    status: int = 200,
    mistake: Told | None = None,
    **values: object,
) -> Response:
    """A page in its frame. `mistake` is told above it, in one sentence."""
    done = DONE.get(request.query_params.get("done", ""))
    return rendering.page(
        template,
        visitor.language,
        status=status,
        forms=True,
        visitor=visitor,
        role=roles.ROLES[visitor.role].name.words,
        places=places_of(visitor),
        place=place,
        csrf=forms.csrf_token(request),
        other_language=_in_the_other_language(request, visitor),
        done=done,
        mistake=None if mistake is None else mistake.say(visitor.language),
        can=lambda right: allowed(visitor, right),
        **values,
    )


def led_on(path: str, done: str = "", **query: str) -> Response:
    """After a form: the browser goes on to a page, which says what was done."""
    asked = {**query, **({"done": done} if done else {})}
    return RedirectResponse(f"{path}?{urlencode(asked)}" if asked else path, status_code=303)


def _in_the_other_language(request: Request, visitor: Visitor) -> str:
    """This page again, and every later one, in the other language; what answers a form is not found again."""
    asked = {key: value for key, value in request.query_params.items() if key not in {"lang", "done"}}
    asked["lang"] = "zh" if visitor.language == "en" else "en"
    if request.method != "GET":
        return f"{places_of(visitor)[0].href}?lang={asked['lang']}"
    return f"{request.url.path}?{urlencode(asked)}"
