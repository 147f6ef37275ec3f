"""What may become of a submission: each deed, and from where to where it leads. Pure data."""

from __future__ import annotations

from types import MappingProxyType

from sync.hub.words import Told, Words

NEW, SIGNED_UP, LEFT, SUBMITTED = "new", "signed_up", "left", "submitted"
APPROVED, REJECTED, WITHDRAWN = "approved", "rejected", "withdrawn"

STANDINGS = MappingProxyType(
    {
        NEW: Words("没有报名", "not signed up"),
        SIGNED_UP: Words("已报名", "signed up"),
        LEFT: Words("已退出", "left"),
        SUBMITTED: Words("待审核", "to be reviewed"),
        APPROVED: Words("已通过", "approved"),
        REJECTED: Words("未通过", "rejected"),
        WITHDRAWN: Words("已撤销", "withdrawn"),
    }
)

MOVES = MappingProxyType(
    {
        "sign_up": {NEW: SIGNED_UP, LEFT: SIGNED_UP},
        "leave": {SIGNED_UP: LEFT},
        "submit": {
            NEW: SUBMITTED,
            SIGNED_UP: SUBMITTED,
            LEFT: SUBMITTED,
            REJECTED: SUBMITTED,
            WITHDRAWN: SUBMITTED,
        },
        "approve": {SUBMITTED: APPROVED},
        "reject": {SUBMITTED: REJECTED},
        "withdraw": {APPROVED: WITHDRAWN},
    }
)

DEEDS = MappingProxyType(
    {
        "sign_up": Words("报名", "sign up"),
        "leave": Words("退出", "leave"),
        "submit": Words("提交", "hand in"),
        "approve": Words("通过", "approve"),
        "reject": Words("驳回", "reject"),
        "withdraw": Words("撤销通过", "withdraw the approval"),
    }
)


def after(standing: str, deed: str) -> str:
    """What a deed makes of a standing.

    Raises:
        Told: it is not possible now; the sentence says what stands.

    """
    to = MOVES[deed].get(standing)
    if to is None:
        now, what = STANDINGS[standing], DEEDS[deed]
        raise Told(
            Words(f"现在是「{now.zh}」，不能{what.zh}。", f"This is {now.en}; one cannot {what.en} now.")
        )
    return to
