"""`pos doctor`: is this till well, and if not, what to do. Reads only; a running till is not disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from drivers.printer.fonts import find_font
from pos.bootstrap.looking import TillReader, projections_match, read_till, verify_journal
from pos.bootstrap.till import backup_folder, read_settings
from pos.domain.message import Message, Refusal, say
from pos.store.backups import late
from pos.store.folder import DataFolder
from pos.usecases.desk import business_date
from pos.usecases.ports import StorageTrouble
from pos.usecases.print_receipts import printer_sentence
from sync.client.trouble import HubFailure
from sync.protocol.trust import Untrusted, read_key_list

CLOCK_WARN_S = 60
YEARS = range(2025, 2100)

State = Literal["fine", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name for programs, its title and verdict for people."""

    check: str
    title: Message
    state: State
    text: Message

    @property
    def mark(self) -> str:
        return {"fine": "✓", "warn": "!", "bad": "✗"}[self.state]


def examine(data: Path) -> list[Finding]:
    """Every check, in the order a technician would make them."""
    findings = [_database(data), _font()]
    try:
        with read_till(data) as reader:
            findings += [*_hub_and_clock(reader), _printer(reader), _backup(data, reader)]
    except (Refusal, StorageTrouble) as trouble:
        findings.append(Finding("till", say("收银机"), "bad", trouble.message))
    return findings


def _database(data: Path) -> Finding:
    title = say("数据库")
    try:
        verdict, holds = verify_journal(data)
        matching = projections_match(data) if holds else False
    except (Refusal, StorageTrouble) as trouble:
        return Finding("database", title, "bad", trouble.message)
    if not holds:
        return Finding(
            "database",
            title,
            "bad",
            say("流水不完整：{why}。请停用本机，把数据目录交给技术支持", why=verdict),
        )
    if not matching:
        return Finding(
            "database",
            title,
            "bad",
            say("流水完整，但小票清单与它不符；关闭收银窗口后运行 pos journal rebuild"),
        )
    return Finding("database", title, "fine", say("流水完整（{verdict}）", verdict=verdict))


def _hub_and_clock(reader: TillReader) -> Iterator[Finding]:
    hub = say("总部")
    if reader.hub is None:
        yield Finding("hub", hub, "warn", say("没有加入联盟，销售只存在本机；入网请用 pos provision"))
        yield _clock_alone()
        return
    transport = reader.hub.transport()
    try:
        known = transport.introduce()
        read_key_list(known.keys, reader.hub.enrolment.fingerprint)
        transport.day(business_date(reader.desk))
    except Untrusted:
        yield Finding("hub", hub, "bad", say("{url} 不是本机入网的那个总部，请联系联盟", url=transport.url))
    except HubFailure as trouble:
        yield Finding("hub", hub, "bad", trouble.message)
    else:
        yield Finding("hub", hub, "fine", say("{url} 有应答，认得本机", url=transport.url))
    finally:
        transport.close()
    yield _clock_beside(transport.clock.offset_ms)


def _clock_beside(offset_ms: int | None) -> Finding:
    if offset_ms is None:
        return _clock_alone()
    offset_s = abs(offset_ms) // 1000
    if offset_s > CLOCK_WARN_S:
        text = say("本机时间与总部相差 {n} 秒，请打开系统的自动校时", n=offset_s)
        return Finding("clock", say("时钟"), "bad", text)
    return Finding("clock", say("时钟"), "fine", say("与总部相差不到 {n} 秒", n=offset_s + 1))


def _clock_alone() -> Finding:
    now = datetime.now(UTC)
    if now.year in YEARS:
        text = say("{time}，没有总部可对照", time=now.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z"))
        return Finding("clock", say("时钟"), "fine", text)
    return Finding("clock", say("时钟"), "bad", say("系统日期是 {year} 年，请先校准日期", year=now.year))


def _printer(reader: TillReader) -> Finding:
    state = reader.printer.status()
    problem = printer_sentence(state)
    if problem is None:
        return Finding("printer", say("打印机"), "fine", say("就绪（{where}）", where=reader.printer_address))
    text = say("{where}：{problem}", where=reader.printer_address, problem=problem)
    return Finding("printer", say("打印机"), "warn" if state.can_print else "bad", text)


def _backup(data: Path, reader: TillReader) -> Finding:
    folder = DataFolder(data)
    problem = late(backup_folder(folder, read_settings(folder)), reader.desk.clock.now())
    return Finding("backup", say("备份"), "warn" if problem else "fine", problem or say("最近一天有流水备份"))


def _font() -> Finding:
    font = find_font()
    if font is None:
        return Finding("font", say("字体"), "bad", say("没有中文字体，请安装 fonts-noto-cjk"))
    return Finding("font", say("字体"), "fine", say("{font}", font=font.name))
