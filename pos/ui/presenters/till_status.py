"""What a technician looks at first: a short list of facts, each well or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pos.domain.message import Message, say
from pos.ui.presenters.figures import since
from pos.ui.presenters.hub_badge import hub_badge
from pos.ui.services import TillServices


@dataclass(frozen=True, slots=True)
class StatusRow:
    label: Message
    value: Message | str
    well: bool = True


def till_status(services: TillServices) -> tuple[StatusRow, ...]:
    """Read-only look-ups; safe to call from the screen."""
    desk = services.desk
    identity, store, state = desk.journal.identity, desk.journal.store, desk.hub.state()
    pending, now = desk.journal.pending(), desk.clock.now()
    badge = hub_badge(state, pending, now)
    loaded, cached_at = desk.packs.current(), desk.members.cached_at()
    printer = services.printer_notice()
    offset_ms = state.clock_offset_ms
    return (
        StatusRow(say("门店"), f"{store.name} · {store.terminal_label}"),
        StatusRow(say("终端"), f"{identity.terminal} · {identity.short} · epoch {identity.epoch}"),
        StatusRow(say("总部"), badge.text, badge.tone != "red"),
        StatusRow(
            say("联盟方案"),
            f"{loaded.pack.name} {loaded.ref.id} v{loaded.ref.version}" if loaded else say("还没有收到"),
            loaded is not None,
        ),
        StatusRow(
            say("会员余额更新于"),
            say("{lasted}前", lasted=since(cached_at, now)) if cached_at else say("还没有收到"),
            cached_at is not None,
        ),
        StatusRow(say("待上传"), say("{n} 条记录", n=pending.entries), not state.quarantined),
        StatusRow(say("最后一条记录"), f"# {desk.journal.last_seq()}"),
        StatusRow(
            say("时钟差"),
            say("{ms} 毫秒", ms=offset_ms) if offset_ms is not None else say("还不知道"),
            offset_ms is None or abs(offset_ms) < 120_000,
        ),
        StatusRow(say("打印机"), printer or say("正常"), printer is None),
        *_wishes_of_the_alliance(services),
    )


def _wishes_of_the_alliance(services: TillServices) -> Iterator[StatusRow]:
    """What the hub has asked of this till and a person has to see to."""
    version, lock = services.orders.wanted_version(), services.orders.lock()
    if version is not None:
        yield StatusRow(say("请安装版本"), version, well=False)
    if lock is not None:
        yield StatusRow(say("联盟锁定"), lock.sentence, well=False)
