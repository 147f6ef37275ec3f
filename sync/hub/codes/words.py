"""Why there is no code, in words."""

from __future__ import annotations

from collections.abc import Iterable

from sync.hub.words import Words

NO_TILL = Words(
    "收银机 {terminal} 现在不能用付款码（没有入网或已停用）。请到别的收银机，或联系门店。",
    "Terminal {terminal} takes no pay codes now (not enrolled, or shut out). "
    "Use another till, or tell the shop.",
)
NO_PACK = Words(
    "联盟还没有发布方案，不能取付款码。",
    "The alliance has published no programme yet, so there are no pay codes.",
)
NO_SUCH_ASSET = Words(
    "方案里没有能付款的「{asset}」。可以用：{assets}。",
    "The programme has no {asset!r} that pays. It has: {assets}.",
)
NO_AMOUNT = Words(
    "「{amount}」不是可以预留的数量，请写大于 0 的数，最多 {scale} 位小数。",
    "{amount!r} is no amount to reserve; write a number above 0 with at most {scale} decimals.",
)
MARKS_COLLIDE = Words(
    "方案 {pack} 里有两个编号的标记相同，不能签发付款码。请改其中一个积分或等级的编号。",
    "Two ids in pack {pack} share a mark, so no code can be signed. Rename one of the assets or plans.",
)
NOT_ACTIVE = Words(
    "这张会员卡还没有启用或已停用，不能取付款码。请联系联盟。",
    "This card is not active, so there is no pay code. Please ask the alliance.",
)
PLAN_ENDED = Words(
    "会员已于 {date} 到期，续费后积分仍可使用。",
    "The membership ended on {date}; the points can be spent after renewing it.",
)
NOTHING_FREE = Words(
    "没有可用的「{asset}」。",
    "There is no {asset} to spend.",
)
TOO_MANY_OPEN = Words(
    "未用完的付款码太多了。请等收银机联网释放后再取。",
    "Too many pay codes are still open. Wait until the tills have reported, then ask again.",
)


def reserved_at(terminals: Iterable[str]) -> Words:
    """Everything is held for codes that tills have not reported yet."""
    at = "、".join(terminals)
    return Words(
        f"「{{asset}}」都已为收银机 {at} 预留。那台机联网后，没用掉的会自动退回。",
        f"All {{asset}} is reserved for terminal {at}. "
        "What is not used comes back when that till has reported.",
    )
