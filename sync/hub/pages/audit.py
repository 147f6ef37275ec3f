"""The audit log as auditors read it: who did what to what, the newest first."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from sync.hub.hub import setting
from sync.hub.pages import framing
from sync.hub.people import audit
from sync.hub.people.visitors import Visitor, needs
from sync.hub.web.edge import TheHub
from sync.hub.words import Words

ROUTES = APIRouter(include_in_schema=False)

_ID_MAX = (1 << 63) - 1
_LENGTH_MAX = 80

_ACTS = {
    "login": Words("登录", "Logged in"),
    "login.failed": Words("登录失败", "Log-in failed"),
    "user.add": Words("新建用户", "Added a user"),
    "user.set": Words("改角色", "Changed a role"),
    "user.link": Words("发设置链接", "Made a set-up link"),
    "user.password": Words("设密码", "Set a password"),
    "user.unlock": Words("解锁", "Unlocked"),
    "user.totp_on": Words("开启验证码", "Second factor on"),
    "user.totp_off": Words("关闭验证码", "Second factor off"),
    "user.log_out": Words("全部退出", "Logged out everywhere"),
    "user.remove": Words("删除用户", "Removed a user"),
    "member.new_link": Words("换会员卡链接", "New card link"),
    "dispute.open": Words("提出申诉", "Filed a dispute"),
    "dispute.corrected": Words("申诉：已更正", "Dispute: corrected"),
    "dispute.dismissed": Words("申诉：不更正", "Dispute: dismissed"),
    "terminal.code": Words("发入网码", "Made an enrolment code"),
    "terminal.revoke": Words("停用收银机", "Revoked a till"),
    "terminal.lock": Words("锁收银机屏幕", "Locked a till's screen"),
    "terminal.unlock": Words("解锁收银机屏幕", "Unlocked a till's screen"),
    "terminal.print_text": Words("让收银机打印文字", "Had a till print a text"),
    "terminal.print_receipt": Words("让收银机重印小票", "Had a till print a receipt again"),
    "terminal.resync": Words("让收银机重新下载", "Had a till fetch its data anew"),
    "terminal.upgrade": Words("提示收银机升级", "Asked for a till's upgrade"),
    "settlement.lock": Words("锁定结算日", "Locked days of settlement"),
    "settlement.pay": Words("登记付款", "Noted a payment"),
    "tasks.approve": Words("任务：通过", "Task: approved"),
    "tasks.reject": Words("任务：退回", "Task: sent back"),
    "pack.publish": Words("发布方案", "Published a pack"),
}
"""What the page calls the acts that it knows; every act is shown by its own word as well."""

Auditor = Annotated[Visitor, Depends(needs("audit.read"))]
Asked = Annotated[str, Query(max_length=_LENGTH_MAX)]


@ROUTES.get("/desk/audit")
def audit_page(  # noqa: PLR0917 - the form's fields
    request: Request,
    hub: TheHub,
    visitor: Auditor,
    who: Asked = "",
    act: Asked = "",
    subject: Asked = "",
    before: Annotated[int | None, Query(ge=1, le=_ID_MAX)] = None,
) -> Response:
    """A page of lines; `before` is the line below which it begins."""
    asked = {"who": _text(who), "act": _text(act), "subject": _text(subject)}
    with hub.database.read() as connection:
        lines = audit.lines(connection, before=before, limit=audit.PAGE_ROWS + 1, **asked)
        timezone = setting(connection, "timezone")
    shown: list[dict[str, Any]] = [
        {**line, "at": _on_the_clock(line["at"], timezone), "words": _ACTS.get(line["act"])}
        for line in lines[: audit.PAGE_ROWS]
    ]
    more = {**asked, "before": shown[-1]["id"]} if len(lines) > audit.PAGE_ROWS else None
    return framing.page(
        request,
        visitor,
        "audit.html",
        place="audit",
        lines=shown,
        asked=asked,
        more=None if more is None else urlencode(more),
    )


def _on_the_clock(stamp: str, timezone: str) -> str:
    """To the second, and with the year: the log is read years later."""
    local = dt.datetime.fromisoformat(stamp).astimezone(ZoneInfo(timezone))
    return f"{local:%Y-%m-%d %H:%M:%S}"


def _text(asked: str) -> str:
    """Without what no database keeps."""
    return asked.strip().replace("\0", "")
