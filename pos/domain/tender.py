"""Cash: what was given, what goes back."""

from __future__ import annotations

from pos.domain.message import Refusal, say
from pos.domain.money import yuan

CASH = "cash"
CASH_MAX_FEN = 20_000_00
CHANGE_MAX_FEN = 1_000_00
NOTES_FEN = (10_00, 20_00, 50_00, 100_00)


def cash_change(due_fen: int, given_fen: int) -> int:
    """The change for `given_fen` on `due_fen`.

    A slip of the finger must not become change: nobody hands over a thousand yuan too much, and
    more than `CASH_MAX_FEN` in notes is only believed when the sale is that large.

    Raises:
        Refusal: `too_little` or `too_much`.

    """
    if given_fen < due_fen:
        raise Refusal(
            "too_little",
            say("还差 {short} 元，请收够 {due} 元", short=yuan(due_fen - given_fen), due=yuan(due_fen)),
        )
    if given_fen - due_fen >= CHANGE_MAX_FEN or given_fen > max(CASH_MAX_FEN, due_fen):
        raise Refusal(
            "too_much",
            say(
                "收款 {given} 元比应收 {due} 元多太多，请核对后重新输入",
                given=_short(given_fen),
                due=yuan(due_fen),
            ),
        )
    return given_fen - due_fen


def suggested_notes(due_fen: int) -> tuple[int, ...]:
    """Amounts a customer is likely to hand over: exact, then the next round notes. Ascending, no repeats."""
    rounded = {-(-due_fen // note) * note for note in NOTES_FEN}
    return tuple(sorted({due_fen, *(fen for fen in rounded if fen - due_fen < CHANGE_MAX_FEN)}))[:5]


def _short(fen: int) -> str:
    text = yuan(fen)
    return text if len(text) <= 12 else text[:9] + "…"
