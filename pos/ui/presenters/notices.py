"""Short sentences for the cashier, and how a failure becomes one."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from pos.domain.message import Message, Refusal, say
from pos.usecases.ports import StorageTrouble

Tone = Literal["good", "warn", "bad"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence and how loud it is: `good` news, `warn` (the till said no), `bad` (something broke)."""

    tone: Tone
    message: Message


def nothing_booked() -> Message:
    """For a deed that broke before it was on disk."""
    return say("出错了，这一单没有记账，购物车没有变。请再试一次；还不行请联系技术员")


def finish_first(*, paying: bool) -> Message:
    """A scan came while a sheet was open that takes none."""
    return say("请先完成或取消收款") if paying else say("请先完成或取消当前窗口，再扫码")


def did_not_work() -> Message:
    """For everything that books no money."""
    return say("出错了，没有完成。请再试一次；还不行请联系技术员")


def notice_of(error: BaseException, *, otherwise: Message) -> Notice:
    """What to tell a cashier. A fault of the program is logged, and `otherwise` stands for it."""
    if isinstance(error, Refusal):
        return Notice("warn", error.message)
    if isinstance(error, StorageTrouble):
        return Notice("bad", error.message)
    log.error("an operation at the till failed", exc_info=error)
    return Notice("bad", otherwise)
