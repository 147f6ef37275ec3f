"""What a reviewer does: approves with the minutes granted, rejects with a reason, takes an approval back."""

from __future__ import annotations

from sqlalchemy import Connection

from pos.domain.ledger import ALLIANCE_ISSUED, Posting, member_account
from sync.hub.alliance import stocking
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth import board, rates, states, submissions
from sync.hub.growth.posting import Corrected, known_by, known_reason
from sync.hub.growth.submissions import Submission
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.words import Told, Words


def approve(
    hub: Hub, connection: Connection, submission: int, *, by: str, minutes: int | None = None
) -> Submission:
    """Grants the minutes (None: all that were handed in) and books the points at the current pack's rate.

    Approved already with the same minutes, it stays as it is and nothing is booked again.

    Raises:
        Told: no such submission, not to be reviewed, the reviewer is the member, more than was handed in,
            or so little that it makes no point.

    """
    one, doer = submissions.known(connection, submission), known_by(by)
    _not_by_the_member(one, doer)
    granted = _granted(one, minutes)
    if one.standing == states.APPROVED:
        if granted != one.granted_minutes:
            raise Told(_APPROVED_OTHERWISE, id=one.id)
        return one
    pack = stocking.current_pack(connection)
    activity = board.activity_of(pack, one.activity)
    points = rates.points_for(activity, pack.asset(activity.asset), minutes=granted, people=one.people)
    if points == 0:
        raise Told(_NO_POINT, id=one.id)
    done = submissions.move(
        connection,
        one,
        "approve",
        at=hub.time(),
        by=doer,
        granted_minutes=granted,
        asset=activity.asset,
        points=points,
    )
    account = member_account(one.member_no)
    _book(hub, connection, done, Posting(ALLIANCE_ISSUED, account, activity.asset, points, "earned"))
    return done


def reject(hub: Hub, connection: Connection, submission: int, *, by: str, reason: str) -> Submission:
    """Sends a submission back; the member reads the reason and may hand it in again.

    Raises:
        Told: no such submission, not to be reviewed, the reviewer is the member, or no reason.

    """
    one, doer = submissions.known(connection, submission), known_by(by)
    _not_by_the_member(one, doer)
    return submissions.move(connection, one, "reject", at=hub.time(), by=doer, reason=known_reason(reason))


def withdraw(hub: Hub, connection: Connection, submission: int, *, by: str, reason: str) -> Submission:
    """Takes an approval back by a correcting transfer; points that were spent leave the balance negative.

    Raises:
        Told: no such submission, not approved, the reviewer is the member, or no reason.

    """
    one, doer, why = submissions.known(connection, submission), known_by(by), known_reason(reason)
    _not_by_the_member(one, doer)
    asset, points = one.asset or "", one.points or 0
    done = submissions.move(
        connection,
        one,
        "withdraw",
        at=hub.time(),
        by=doer,
        reason=why,
        granted_minutes=None,
        asset=None,
        points=None,
    )
    account = member_account(one.member_no)
    _book(hub, connection, one, Corrected(account, ALLIANCE_ISSUED, asset, points, "earned_back", why))
    return done


def _book(hub: Hub, connection: Connection, one: Submission, posting: Posting) -> None:
    accounts.post(connection, one.linked, (posting,), hub.time())
    tell_tills(connection, (posting.debit, posting.credit), stocking.today(hub, connection))


def _not_by_the_member(one: Submission, by: str) -> None:
    if by in (one.member_no, member_account(one.member_no)):
        raise Told(_OWN)


def _granted(one: Submission, minutes: int | None) -> int | None:
    if one.minutes is None:
        if minutes is not None:
            raise Told(_PIECE, id=one.id)
        return None
    if minutes is not None and not 1 <= minutes <= one.minutes:
        raise Told(_GRANTED, max=rates.hours_text(one.minutes))
    if minutes is None and one.standing == states.APPROVED:
        return one.granted_minutes
    return one.minutes if minutes is None else minutes


_OWN = Words(
    "自己的提交不能由自己审核，请换一位审核人。",
    "Nobody reviews what they handed in themselves; have someone else do it.",
)
_APPROVED_OTHERWISE = Words(
    "提交 {id} 已按另一时长通过；要改请先撤销，再重新提交。",
    "Submission {id} is approved with other hours; to change it, withdraw the approval and hand it in again.",
)
_NO_POINT = Words(
    "提交 {id} 的时长不足以得到积分，请驳回并说明原因。",
    "The hours of submission {id} make no point; reject it with a reason.",
)
_PIECE = Words("提交 {id} 按篇计，不写时长。", "Submission {id} is a piece of work; give no hours.")
_GRANTED = Words(
    "核准的时长要大于 0，不超过所提交的 {max} 小时。",
    "Grant more than 0 hours and at most the {max} that were handed in.",
)
