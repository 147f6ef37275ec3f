"""Draws an audit's chart: puts it into words and hands it to Qt, which only this command needs."""

from __future__ import annotations

from pathlib import Path

from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import yuan
from pos.domain.programme.audit_projection import TURNOVER_YUAN
from pos.domain.programme.audit_words import Findings
from pos.domain.programme.spoken import figure
from pos.words import Words

SUFFIXES = (".png", ".svg")


def draw_audit(path: Path, findings: Findings, words: Words) -> None:
    """Draws collected against due, cumulative, as PNG or SVG by the file's suffix.

    Raises:
        Refusal: `file`: another suffix, or the file cannot be written.

    """
    if path.suffix.lower() not in SUFFIXES:
        raise Refusal("file", say("图只能画成 .png 或 .svg，不是 {path}", path=str(path)))
    from pos.ui.audit_chart import Chart, draw_chart  # noqa: PLC0415 - Qt, for this command alone

    months = findings.projection.months
    start = findings.projection.cannot_be_paid_from
    chart = Chart(
        title=words(say("{pack}：到期要付的与商家所交的", pack=named(findings.audit.pack.name))),
        subtitle=words(_subtitle(findings)),
        money_axis=words(say("累计金额（元）")),
        month_axis=words(say("第几个月")),
        due_name=words(say("到期要付")),
        collected_name=words(say("商家所交")),
        verdict=words(_verdict(findings)),
        mark=words(say("第 {month} 个月起付不出", month=start or 0)),
        due_fen=tuple(month.due_fen for month in months),
        collected_fen=tuple(month.collected_fen for month in months),
        cannot_be_paid_from=start,
    )
    try:
        draw_chart(path, chart)
    except OSError as error:
        raise Refusal(
            "file", say("写不了文件 {path}：{detail}", path=str(path), detail=error.strerror or "")
        ) from error


def _subtitle(findings: Findings) -> Message:
    turnover = yuan(TURNOVER_YUAN * 100)
    if any(one.worth.release for one in findings.audit.issues):
        return say(
            "累计；同一批商家每月会员消费 {turnover} 元，按方案的上限，平台每期都在增长", turnover=turnover
        )
    return say("累计；同一批商家每月会员消费 {turnover} 元，按方案的上限", turnover=turnover)


def _verdict(findings: Findings) -> Message:
    ratio = findings.audit.ratio
    if ratio is None:
        return say("商家不为此向联盟交钱，所以没有倍数可算。")
    if findings.audit.promises_more:
        return say("方案答应的多于收到的：最多 {ratio} 倍。", ratio=figure(ratio, 2))
    return say("方案收到的够付答应的：答应的最多是收到的 {ratio} 倍。", ratio=figure(ratio, 2))
