"""What the alliance risks and has lost, line by line, with who bears it and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json
from sync.hub.words import Words, system_language

if TYPE_CHECKING:
    import msgspec

    from sync.hub.risk.report import RiskReport


@click.command("risk")
@DATA
@AS_JSON
def risk(*, data: Path, as_json: bool) -> None:
    """What was spent beyond what was there, what is reserved where, and what was used twice."""
    import msgspec

    from sync.hub.risk.report import report

    with opened(data) as hub, hub.database.read() as connection:
        found = report(connection)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for words, one in _lines(found):
        facts = {name: getattr(one, name) for name in one.__struct_fields__}
        click.echo(words.say(system_language(), **facts))


def _lines(found: RiskReport) -> Iterator[tuple[Words, msgspec.Struct]]:
    yield from ((_BORNE, one) for one in found.borne)
    yield from ((_RESERVED, one) for one in found.reserved)
    yield from ((_CODES[one.standing], one) for one in found.odd_codes)
    yield from ((_COPIED, one) for one in found.copied)
    yield from ((_COUPON, one) for one in found.odd_coupons)
    yield from ((_LIMIT, one) for one in found.limits)


_BORNE = Words(
    "收银机 {terminal}：{receipts} 张小票多抵了 {remaining} {asset}，由联盟承担；会员退货时自动冲回。",
    "Terminal {terminal}: {receipts} receipts took {remaining} {asset} too much, borne by the alliance; "
    "refunds make it good.",
)
_RESERVED = Words(
    "收银机 {terminal}（第 {epoch} 期）：{codes} 个付款码预留 {amount} {asset}，"
    "最早 {oldest}，最后联系 {last_seen}。"
    "长期不联系请报失：pos-hub terminal lost。",
    "Terminal {terminal} (epoch {epoch}): {codes} pay codes reserve {amount} {asset}, "
    "the oldest of {oldest}, "
    "last seen {last_seen}. If it stays away, declare it lost: pos-hub terminal lost.",
)
_CODES = {
    "twice": Words(
        "小票 {receipt_no}：付款码 {number} 被用了第二次（{used} {asset}），"
        "{terminal} 的数据可能有副本；请重新入网。",
        "Receipt {receipt_no}: pay code {number} was used a second time ({used} {asset}); "
        "{terminal} may have been copied. Enrol it anew.",
    ),
    "released": Words(
        "小票 {receipt_no}：付款码 {number} 在关闭后被使用（{used} {asset}）；请检查 {terminal} 的程序。",
        "Receipt {receipt_no}: pay code {number} was used after it was closed ({used} {asset}); "
        "look at the program of {terminal}.",
    ),
    "lost": Words(
        "小票 {receipt_no}：报失后才上传的付款码 {number}（{used} {asset}），余额不足部分由联盟承担。",
        "Receipt {receipt_no}: pay code {number} came after its till was declared lost ({used} {asset}); "
        "the alliance bears what was not there.",
    ),
    "forgotten": Words(
        "小票 {receipt_no}：总部恢复前签发的付款码 {number}（{used} {asset}），按签名承认。",
        "Receipt {receipt_no}: pay code {number} is from before the hub was restored ({used} {asset}); "
        "honoured by its signature.",
    ),
    "forged": Words(
        "小票 {receipt_no}：付款码 {number} 不是联盟签发的或不是这位会员的（{used} {asset}）；"
        "请到 {terminal} 查明。",
        "Receipt {receipt_no}: pay code {number} is not the alliance's or not this member's "
        "({used} {asset}); "
        "find out at {terminal}.",
    ),
}
_COPIED = Words(
    "收银机 {terminal}（第 {epoch} 期）：{entries} 条流水有两份，数据被复制或恢复过；"
    "请换新数据目录重新入网。",
    "Terminal {terminal} (epoch {epoch}): {entries} entries have come in two versions; its data was copied "
    "or restored. Enrol it anew with a new folder.",
)
_COUPON = Words(
    "小票 {receipt_no}：纸券 {number} 无效（{standing}），联盟承担 {borne_fen} 分。",
    "Receipt {receipt_no}: coupon {number} was not good ({standing}); the alliance bears {borne_fen} fen.",
)
_LIMIT = Words(
    "断网风险上限：每位会员每台机 {member_fen} 分（{asset}），每台机合计 {outage_fen}。",
    "Offline risk at most: {member_fen} fen of {asset} a member and till, {outage_fen} a till in all.",
)
