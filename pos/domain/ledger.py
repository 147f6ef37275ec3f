"""Double entry: what a sale or refund moves between accounts.

A posting moves an amount of one unit from one account to another, so every unit sums to zero.
An account's balance is what was credited minus what was debited. Points of a member are
`member:<number>`; what a redemption takes beyond the balance is borne by `alliance:clawback`.
"""

from __future__ import annotations

import msgspec

from pos.domain.events import RefundMade, SaleMade

CNY = "CNY"
ALLIANCE_ISSUED = "alliance:issued"
ALLIANCE_REDEEMED = "alliance:redeemed"
ALLIANCE_CLAWBACK = "alliance:clawback"
ALLIANCE_SHARE = "alliance:share"
ALLIANCE_REIMBURSEMENT = "alliance:reimbursement"


class Posting(msgspec.Struct, frozen=True):
    """`amount` (above 0, minor units of `unit`) leaves `debit` and reaches `credit`; `code` says why."""

    debit: str
    credit: str
    unit: str
    amount: int
    code: str


def member_account(member_no: str) -> str:
    return f"member:{member_no}"


def store_account(store: str) -> str:
    """The store's settlement with the alliance: reimbursements come in, the share goes out."""
    return f"store:{store}"


def sale_postings(sale: SaleMade, balances: dict[str, int]) -> tuple[Posting, ...]:
    """What a sale books. `balances` is the member's balance per asset before it, minor units."""
    result = sale.result
    postings = [
        *_settlement(sale.store, result.outcome.share_fen, result.outcome.reimbursement_fen),
    ]
    if sale.basket.member is not None:
        account = member_account(sale.basket.member.member_no)
        for redeemed in result.redeemed:
            held = min(max(0, balances.get(redeemed.asset, 0)), redeemed.amount)
            postings += [
                Posting(account, ALLIANCE_REDEEMED, redeemed.asset, held, "redeemed"),
                Posting(
                    ALLIANCE_CLAWBACK, ALLIANCE_REDEEMED, redeemed.asset, redeemed.amount - held, "overdrawn"
                ),
            ]
        postings += [
            Posting(ALLIANCE_ISSUED, account, earned.asset, earned.amount, "earned")
            for earned in result.outcome.earned
        ]
    return tuple(posting for posting in postings if posting.amount > 0)


def refund_postings(refund: RefundMade, overdrawn: dict[str, int]) -> tuple[Posting, ...]:
    """What a refund books. `overdrawn` is what the sale still owes the clawback account per asset.

    Points given back first make good what the sale had overdrawn: a full refund returns every
    account to where it was. Earned points may leave the balance negative (rule 8 of the domain).
    """
    result = refund.result
    postings = [*_settlement(refund.store, result.share_change_fen, result.reimbursement_change_fen)]
    if refund.member_no is not None:
        account = member_account(refund.member_no)
        for back in result.points_back:
            owed = min(overdrawn.get(back.asset, 0), back.amount)
            postings += [
                Posting(ALLIANCE_REDEEMED, ALLIANCE_CLAWBACK, back.asset, owed, "clawback_returned"),
                Posting(ALLIANCE_REDEEMED, account, back.asset, back.amount - owed, "redeemed_back"),
            ]
        postings += [
            Posting(account, ALLIANCE_ISSUED, earned.asset, -earned.amount, "earned_back")
            for earned in result.earned_change
        ]
    return tuple(posting for posting in postings if posting.amount > 0)


def _settlement(store: str, share_fen: int, reimbursement_fen: int) -> tuple[Posting, ...]:
    """Share and reimbursement of a sale; negative amounts (a refund's) go the other way."""
    account = store_account(store)
    return (
        _signed(account, ALLIANCE_SHARE, share_fen, "share"),
        _signed(ALLIANCE_REIMBURSEMENT, account, reimbursement_fen, "reimbursement"),
    )


def _signed(debit: str, credit: str, amount_fen: int, code: str) -> Posting:
    if amount_fen >= 0:
        return Posting(debit, credit, CNY, amount_fen, code)
    return Posting(credit, debit, CNY, -amount_fen, f"{code}_back")
