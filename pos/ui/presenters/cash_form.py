"""Taking cash: the amount typed, the change it makes, and notes to choose from."""

from __future__ import annotations

from pos.domain.message import Message, Refusal
from pos.domain.money import plain_text
from pos.domain.tender import NOTES_FEN, cash_change, suggested_notes
from pos.ui.presenters.typed_number import TypedNumber


class CashForm:
    """With nothing typed, Enter takes the exact amount."""

    def __init__(self, due_fen: int) -> None:
        self.due_fen = due_fen
        self.typed = TypedNumber(decimals=2)

    @property
    def given_fen(self) -> int | None:
        """What would be taken now; None while the text is no amount."""
        return self.typed.minor if self.typed.text else self.due_fen

    @property
    def change_fen(self) -> int | None:
        """The change; None while the amount does not do."""
        given_fen = self.given_fen
        if given_fen is None or self.problem is not None:
            return None
        return given_fen - self.due_fen

    @property
    def short_fen(self) -> int:
        """What is still missing."""
        return max(0, self.due_fen - (self.given_fen or 0))

    @property
    def problem(self) -> Message | None:
        """Why the amount would not be taken."""
        if self.given_fen is None:
            return None
        try:
            cash_change(self.due_fen, self.given_fen)
        except Refusal as refusal:
            return refusal.message
        return None

    @property
    def notes_fen(self) -> tuple[int, ...]:
        return suggested_notes(self.due_fen)

    def choose(self, note_fen: int) -> None:
        """Fills in a suggested amount; the next key replaces it."""
        self.typed.set(plain_text(note_fen))


def likely_note(due_fen: int) -> int:
    """What a customer most likely hands over, of what the sheet offers: the exact amount if it is round in
    notes, otherwise the next round one.
    """
    if due_fen % NOTES_FEN[0] == 0:
        return due_fen
    return next((fen for fen in suggested_notes(due_fen) if fen > due_fen), due_fen)
