"""`settings.toml`: what a technician sets at one till. Everything has a default."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from pos.domain.message import Message, say

Language = Literal["zh", "en"]


class PrinterSettings(msgspec.Struct, frozen=True):
    """The receipt printer in the network; paper 58 or 80 mm wide."""

    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 9100
    paper_mm: Literal[58, 80] = 58


class ScannerSettings(msgspec.Struct, frozen=True):
    """The keyboard scanner: keys closer together than `gap_ms` are a scan, not typing."""

    gap_ms: Annotated[int, Meta(ge=5, le=500)] = 35


class BackupSettings(msgspec.Struct, frozen=True):
    """Copies of the journal: into which folder (empty: `backups` in the data folder), and how often."""

    folder: str = ""
    every_minutes: Annotated[int, Meta(ge=5, le=1_440)] = 60


class Settings(msgspec.Struct, frozen=True):
    """All settings of a till."""

    language: Language = "zh"
    printer: PrinterSettings = PrinterSettings()
    scanner: ScannerSettings = ScannerSettings()
    backup: BackupSettings = BackupSettings()


class Mistake(msgspec.Struct, frozen=True):
    """One thing that is wrong: in which file, under which key, and why."""

    file: str
    key: str
    reason: Message | str

    def message(self) -> Message:
        return say(
            "设置文件 {file} 的 {key} 不对：{reason}", file=self.file, key=self.key, reason=self.reason
        )


class SettingsMistakes(Exception):  # noqa: N818 - says what it carries
    """The settings cannot be used; `mistakes` lists every one that was found."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("; ".join(f"{one.file}: {one.key}: {one.reason}" for one in mistakes))
        self.mistakes = mistakes


def read_settings(content: bytes, *, file: str) -> Settings:
    """The settings in a file's content.

    Raises:
        SettingsMistakes: unknown keys, wrong values, or no TOML: all of them at once.

    """
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))  # Windows editors put a mark before the text
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = say("读不懂（{detail}）；请改正，或删掉此文件恢复默认设置", detail=str(error))
        raise SettingsMistakes((Mistake(file, "TOML", reason),)) from error
    if mistakes := _mistakes(table, Settings, file, ""):
        raise SettingsMistakes(tuple(mistakes))
    return msgspec.convert(table, Settings)


def settings_text(settings: Settings) -> str:
    """The file that says these settings."""
    return _TEMPLATE.format(
        language=settings.language,
        host=_quoted(settings.printer.host),
        port=settings.printer.port,
        paper_mm=settings.printer.paper_mm,
        gap_ms=settings.scanner.gap_ms,
        folder=_quoted(settings.backup.folder),
        every_minutes=settings.backup.every_minutes,
    )


def _mistakes(table: Mapping[str, Any], kind: type[msgspec.Struct], file: str, prefix: str) -> list[Mistake]:
    """Every mistake in a table: msgspec names only the first, so each key is tried alone."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    mistakes: list[Mistake] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        if name not in fields:
            known = "、".join(fields)
            mistakes.append(Mistake(file, key, say("没有这一项，可用的有 {known}", known=known)))
        elif isinstance(fields[name].default, msgspec.Struct) and isinstance(value, dict):
            mistakes += _mistakes(value, type(fields[name].default), file, f"{key}.")
        else:
            mistakes += _value_mistake(value, fields[name].type, file, key)
    return mistakes


def _value_mistake(value: object, kind: Any, file: str, key: str) -> list[Mistake]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        allowed = ", ".join(str(one) for one in get_args(kind)) if get_origin(kind) is Literal else ""
        reason = say("不能是 {value}，只能是 {allowed}", value=str(value)[:40], allowed=allowed)
        return [Mistake(file, key, reason if allowed else str(error))]
    return []


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are a part of TOML's."""
    return msgspec.json.encode(text).decode()


_TEMPLATE = """\
# 收银机设置。改完后重新启动收银程序。
# Settings of this till. Restart the till after a change.

# "zh" 或 "en"
language = "{language}"

[printer]
host = {host}
port = {port}
# 58 或 80
paper_mm = {paper_mm}

[scanner]
# 两次按键间隔小于这个毫秒数就当作扫码枪
gap_ms = {gap_ms}

[backup]
# 流水备份到哪个目录；空：数据目录下的 backups。建议放到 U 盘或另一块硬盘
# Where copies of the journal go; empty: backups in the data folder. Another disk is better
folder = {folder}
every_minutes = {every_minutes}
"""
