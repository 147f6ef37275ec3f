"""A posting with its reason, and what people type beside what they do: who, why, under which number."""

from __future__ import annotations

from pos.domain.ledger import Posting
from sync.hub.words import Told, Words

BY_LENGTH_MAX = 60
REASON_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 60


class Corrected(Posting, frozen=True):
    """Takes something back; `reason` is a person's words, kept with the transfer."""

    reason: str


def known_by(by: str) -> str:
    """Who does something, as it is kept.

    Raises:
        Told: nobody, or nothing that a person could read.

    """
    return _said(by, BY_LENGTH_MAX, Words("请写明经办人", "Say who does this"))


def known_reason(reason: str) -> str:
    """Why something is refused or taken back.

    Raises:
        Told: there is none.

    """
    return _said(reason, REASON_LENGTH_MAX, Words("请写明原因", "Give a reason"))


def known_reference(reference: str) -> str:
    """A number by which asking again is known to be the same.

    Raises:
        Told: there is none.

    """
    return _said(reference, REFERENCE_LENGTH_MAX, Words("请给出编号", "Give a reference"))


def _said(text: str, length_max: int, wanted: Words) -> str:
    said = text.strip()
    if not said or len(said) > length_max or not said.isprintable():
        raise Told(
            Words(wanted.zh + "（1–{max} 个字）。", wanted.en + " (1 to {max} characters)."), max=length_max
        )
    return said
