"""The risk report in words: each line says what happened, who bears it, and what to do."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from pos.domain.language import Language
from pos.domain.money import yuan
from sync.hub.pages.spoken import Naming
from sync.hub.risk.report import Quota, RiskReport
from sync.hub.words import Words


class Section(NamedTuple):
    """One kind of risk: its title, who bears it, and its lines; none is good news."""

    title: str
    bearer: str
    lines: tuple[str, ...]


def sections(found: RiskReport, naming: Naming) -> tuple[Section, ...]:
    """The whole report, also what is empty."""
    language = naming.language
    kinds: tuple[tuple[Words, Words, list[tuple[Words, msgspec.Struct]]], ...] = (
        (_OVER, _ALLIANCE, [(_BORNE, one) for one in found.borne]),
        (_HELD, _NOBODY, [(_RESERVED, one) for one in found.reserved]),
        (_ODD, _ALLIANCE, [(_CODES[one.standing], one) for one in found.odd_codes]),
        (_COPIES, _ALLIANCE, [(_COPIED, one) for one in found.copied]),
        (_COUPONS, _ALLIANCE, [(_COUPON, one) for one in found.odd_coupons]),
        (_ORDERS, _STORE, [(_AGAIN, one) for one in found.handed_over_again]),
        (_SILENCE, _ALLIANCE, [(_SILENT, one) for one in found.silent]),
        (
            _BOUNDS,
            _AS_SAID,
            [
                *((_LIMIT_OUTAGE if one.outage_fen is not None else _LIMIT, one) for one in found.limits),
                *((_QUOTA, one) for one in found.quotas),
            ],
        ),
    )
    return tuple(
        Section(
            title.say(language),
            bearer.say(language),
            tuple(words.say(language, **_facts(one, naming, language)) for words, one in lines),
        )
        for title, bearer, lines in kinds
    )


def _facts(one: msgspec.Struct, naming: Naming, language: Language) -> dict[str, object]:
    """A line's facts as people read them: amounts in whole units with their names, money in yuan."""
    facts: dict[str, object] = {name: getattr(one, name) for name in one.__struct_fields__}
    asset = facts.get("asset")
    for name, value in list(facts.items()):
        if name.endswith("_fen") and isinstance(value, int):
            facts[name] = yuan(value)
        elif name in {"remaining", "amount", "used"} and isinstance(asset, str) and isinstance(value, int):
            facts[name] = naming.amount(asset, value)
        elif name in {"oldest", "last_seen"}:
            facts[name] = str(value)[:16].replace("T", " ") if value else _NEVER.say(language)
        elif name == "pending" and value is None:
            facts[name] = "?"
    if isinstance(asset, str):
        facts["asset"] = naming.unit(asset)
    if isinstance(one, Quota):
        facts |= {"name": naming.of(one.rule), "most": one.units * one.tills}
    if "standing" in facts:
        standing = str(facts["standing"])
        facts["standing"] = _STANDINGS[standing].say(language) if standing in _STANDINGS else standing
    return facts


_BORNE = Words(
    "收银机 {terminal}：{receipts} 张小票多抵了 {remaining} {asset}；退货时自动冲回。"
    "次数多请查这台机是否常断网。",
    "Terminal {terminal}: {receipts} receipts took {remaining} {asset} too much; refunds make it good. "
    "If it grows, look whether that till is often offline.",
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
    "小票 {receipt_no}：纸券 {number} {standing}，联盟承担 {borne_fen} 元。同一家店多次出现请查。",
    "Receipt {receipt_no}: coupon {number} {standing}; the alliance bears {borne_fen} yuan. "
    "Look into a store where this recurs.",
)
_LIMIT = Words(
    "不扫付款码：每位会员每台机在总部听到之前最多抵 {member_fen} 元的{asset}，不超过会员当时的余额。",
    "Without a pay code: at most {member_fen} yuan of {asset} a member and till before the hub hears of it, "
    "and never more than the balance the till knew.",
)
_LIMIT_OUTAGE = Words(
    "不扫付款码：每位会员每台机在总部听到之前最多抵 {member_fen} 元的{asset}，"
    "每台机合计最多 {outage_fen} 元。",
    "Without a pay code: at most {member_fen} yuan of {asset} a member and till before the hub hears "
    "of it, and {outage_fen} yuan a till in all.",
)
_QUOTA = Words(
    "限量价「{name}」：每台机各数 {units} 件，{tills} 台机一期最多 {most} 件；多出的由规则的出资方承担。",
    "Quota price “{name}”: each till counts its own {units}, so {tills} till(s) sell at most {most} in a "
    "period; the rule's funder bears what is more.",
)
_AGAIN = Words(
    "订单 {order_no} 交货 {times} 次（{terminals}）；请到店查明，收银机数据可能被复制过。",
    "Order {order_no} went out {times} times ({terminals}); find out at the store, a till may have "
    "been copied.",
)
_SILENT = Words(
    "收银机 {terminal} 最后联系 {last_seen}，当时待上传 {pending} 条；请派人查看。"
    "机器丢了请报失：pos-hub terminal lost。",
    "Terminal {terminal} was last heard of {last_seen} with {pending} entries pending; have somebody look. "
    "If it is gone: pos-hub terminal lost.",
)
_NEVER = Words("从未", "never")
_STANDINGS = {
    "twice": Words("用了第二次", "was used a second time"),
    "unknown": Words("不是联盟印发的", "is none that the alliance printed"),
    "void": Words("对应的销售已全退", "came with a sale that was returned"),
}
_OVER = Words("多抵的余额", "Spent beyond the balance")
_HELD = Words("付款码预留中", "Reserved by pay codes")
_ODD = Words("异常的付款码", "Odd pay codes")
_COPIES = Words("被复制或恢复过的收银机", "Tills that were copied or restored")
_COUPONS = Words("无效的纸券", "Coupons that were not good")
_ORDERS = Words("重复交货", "Orders that went out twice")
_SILENCE = Words("失联的收银机", "Tills not heard of for a day")
_BOUNDS = Words("断网时最多能多出多少", "The most that tills without the hub can exceed")
_ALLIANCE = Words("由联盟承担", "the alliance bears it")
_STORE = Words("由门店承担", "the store bears it")
_NOBODY = Words("没有损失，用掉或关闭后释放", "no loss; freed when used or closed")
_AS_SAID = Words("按每条所写承担", "borne as each line says")
