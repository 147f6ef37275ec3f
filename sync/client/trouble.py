"""What can go wrong between till and hub: one small family, each with a sentence for people.

None of these ever stops a sale. The till stays offline, says why, and tries again.
"""

from __future__ import annotations

from datetime import datetime

from pos.domain.message import Message, say
from sync.protocol.messages import Problem

_TEXT_LENGTH_MAX = 200


class HubFailure(Exception):  # noqa: N818 - the environment failed, not the program
    """An exchange with the hub that did not come about. `message` says what happened and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class HubAway(HubFailure):
    """Nobody answered: no network, no such host, a hub that is switched off, or silence."""

    def __init__(self, what: str) -> None:
        super().__init__(say("连不上总部，收银照常。请检查网线或 Wi-Fi，恢复后会自动上传"))
        self.what = what


class HubTrouble(HubFailure):
    """Something answered, but not as a hub does: an error page, garbage, too much, a redirect.

    `status` is the HTTP status, or None when the answer could not be read that far.
    """

    def __init__(self, status: int | None, what: str) -> None:
        where = "" if status is None else f"HTTP {status}, "
        super().__init__(
            say("总部的回答不对（{what}），收银照常，稍后自动重试。一直这样请联系技术员", what=where + what)
        )
        self.status = status
        self.what = what


class NotTrusted(HubTrouble):
    """The certificate at the hub's address is not to be believed; nothing was sent there. `what` says why."""

    def __init__(self, what: str) -> None:
        super().__init__(None, what)
        self.message = say(
            "总部的 TLS 证书不可信（{what}），什么都没有发出去，收银照常。"
            "请核对本机日期和总部地址；一直这样请联系技术员",
            what=what,
        )


class HubRefused(HubFailure):
    """The hub understood and said no. `problem` carries its word and its sentences."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(
            say(
                "总部拒绝了本机的请求：{message} {hint}",
                message=problem.message[:_TEXT_LENGTH_MAX],
                hint=problem.hint[:_TEXT_LENGTH_MAX],
            )
        )
        self.status = status
        self.problem = problem


class ClockSkew(HubFailure):
    """The hub refuses a request because of when it says it was made; `hub_time` is its own time, UTC."""

    def __init__(self, hub_time: datetime) -> None:
        super().__init__(say("本机时间和总部差得太多，请校准本机的日期和时间。收银照常"))
        self.hub_time = hub_time


class PlainHttpRefused(HubFailure):
    """A hub address without encryption that is not this very machine."""

    def __init__(self, host: str) -> None:
        super().__init__(
            say("总部地址 {host} 没有加密。请用 https:// 开头的地址；http:// 只能用于本机", host=host)
        )
        self.host = host


class BadAddress(HubFailure):
    """Text that is no address of a hub."""

    def __init__(self) -> None:
        super().__init__(say("总部地址不对，应像 https://hub.example.cn，请核对后重新输入"))
