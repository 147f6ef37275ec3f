"""What the top line says of the hub and the printer: calm unless a person is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pos.domain.message import Message, say
from pos.ui.presenters.figures import since
from pos.usecases.ports import HubState, Pending

CLOCK_OFF_MS = 120_000

BadgeTone = Literal["calm", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Badge:
    """`waiting` tells how many receipts wait for the hub where `text` does not; it is never cut short."""

    tone: BadgeTone
    text: Message
    waiting: Message | None = None


def hub_badge(state: HubState, pending: Pending, now: datetime) -> Badge:
    """`red` only where somebody must act; being offline is amber, because all goes on as usual."""
    waiting = say("{n} 单待上传", n=pending.receipts) if pending.receipts else None
    if not state.provisioned:
        return Badge("red", say("本机还没有接入联盟，请技术员开通"), waiting)
    if state.problem is not None:
        return Badge("red", state.problem, waiting)
    if state.quarantined:
        return Badge("red", say("{n} 笔记录要人工核对，请联系联盟", n=state.quarantined), waiting)
    if not state.online:
        return Badge(
            "amber", say("离线 {lasted} · 一切照常", lasted=since(state.offline_since, now)), waiting
        )
    if state.clock_offset_ms is not None and abs(state.clock_offset_ms) > CLOCK_OFF_MS:
        minutes = abs(state.clock_offset_ms) // 60_000
        return Badge("amber", say("本机时间差 {minutes} 分钟，请校准 · 照常收银", minutes=minutes), waiting)
    if pending.receipts:
        return Badge("calm", say("在线 · {n} 单正在上传", n=pending.receipts))
    return Badge("calm", say("在线"))
