"""A plan is sold, renewed or upgraded: the fee is the alliance's money, and the till only collects it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain import membership
from pos.domain.events import MembershipSold, Tender
from pos.domain.ledger import member_changes
from pos.domain.membership import MembershipDeal, PointsForFee, Standing
from pos.domain.message import Refusal, say
from pos.domain.tender import CASH, cash_change
from pos.usecases.complete_sale import balances_after, note_configuration
from pos.usecases.desk import Desk, business_date, current_pack
from pos.usecases.ports import KnownMember
from pos.usecases.roles import check_leave


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """A deal with what points pay of it; `due_fen` is for tenders."""

    deal: MembershipDeal
    paid_in_points: tuple[PointsForFee, ...]

    @property
    def due_fen(self) -> int:
        return self.deal.price_fen - sum(one.value_fen for one in self.paid_in_points)


@dataclass(frozen=True, slots=True)
class CompletedMembership:
    """A membership that is on disk."""

    sold: MembershipSold
    seq: int
    hash: bytes
    job_id: int


def membership_deals(member: KnownMember, desk: Desk) -> tuple[MembershipDeal, ...]:
    """What can be sold to a member today.

    Raises:
        Refusal: `no_pack`, or `member_blocked`.

    """
    if member.status == "blocked":
        raise Refusal(
            "member_blocked",
            say("会员 {tail} 已被停用，不能办理；请联系联盟", tail=member.member_no[-4:]),
        )
    standing = Standing(member.plan if member.status == "active" else "", member.expires)
    return membership.deals(standing, current_pack(desk).pack, desk.clock.now().date())


def quote_fee(member: KnownMember, plan: str, wishes: dict[str, int], desk: Desk) -> FeeQuote:
    """What a plan costs this member when `wishes` (minor units per asset) go towards the fee.

    Raises:
        Refusal: `no_such_deal`, `no_pack`.

    """
    pack = current_pack(desk).pack
    deal = membership.deal_for(plan, membership_deals(member, desk), pack)
    usable, paid = member.usable(business_date(desk)), []
    left = deal
    for asset, wish in wishes.items():
        one = membership.points_for_fee(left, pack, asset, wish, usable.get(asset, 0))
        if one is not None and one.amount:
            paid.append(one)
            left = membership.less(left, one.value_fen)
    return FeeQuote(deal, tuple(paid))


def sell_membership(
    member_no: str,
    plan: str,
    wishes: dict[str, int],
    desk: Desk,
    *,
    given_fen: int,
    cashier: str,
    shown_due_fen: int,
) -> CompletedMembership:
    """Books a membership. On the journal's writer thread; when it returns, the plan is the member's.

    Raises:
        Refusal: `unknown_member`, `no_such_deal`, `price_changed`, `too_little`, `too_much`, `no_right`.
        StorageTrouble: nothing was booked.

    """
    check_leave(cashier, "sell", desk)
    member = desk.members.by_number(member_no)
    if member is None:
        raise Refusal("unknown_member", say("没有找到这张会员卡，请重扫"))
    loaded, state = current_pack(desk), desk.hub.state()
    with desk.journal.transaction() as transaction:
        fee = quote_fee(member, plan, wishes, desk)
        if fee.due_fen != shown_due_fen:
            raise Refusal("price_changed", say("应收金额刚刚变了，请按新的金额收款"))
        change_fen = cash_change(fee.due_fen, given_fen)
        note_configuration(loaded, transaction, desk)
        sold = MembershipSold(
            receipt_no=transaction.next_receipt_no(),
            at=desk.clock.now().isoformat(timespec="seconds"),
            date=business_date(desk),
            store=desk.journal.store.store,
            cashier=cashier,
            pack=loaded.ref,
            member_no=member_no,
            deal=fee.deal,
            paid_in_points=fee.paid_in_points,
            due_fen=fee.due_fen,
            tenders=(Tender(CASH, given_fen),) if given_fen else (),
            change_fen=change_fen,
            online=state.online,
            clock_offset_ms=state.clock_offset_ms,
        )
        entry = transaction.append(sold)
        job_id = transaction.queue_receipt(entry.seq, balances_after(member, loaded, member_changes(sold)))
    desk.hub.nudge()
    return CompletedMembership(sold, entry.seq, entry.hash, job_id)
