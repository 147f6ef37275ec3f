"""Which bundles can gain anything over leaving their pieces to the other rules."""

from __future__ import annotations

from collections.abc import Sequence

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.offer import BundleOffer, Offer, OfferedLine


def margins(lines: Sequence[OfferedLine]) -> dict[int, int]:
    """What one more piece of each line saves at least without bundles, in fen.

    A rule without a cap takes any further piece; a percentage of it may be rounded down.
    """
    return {
        line.index: max((_by_itself(offer) for offer in line.offers if _takes_any(offer, line)), default=0)
        for line in lines
    }


def gain(bundle: BundleOffer, lines: dict[int, OfferedLine], alone: dict[int, int]) -> int:
    """The most that a set of a bundle can gain over its pieces' `margins`, in whole fen rounded up.

    Where it is below zero no set is worth it, and more sets are worth even less.
    """
    rate = BASIS_POINTS if bundle.off_bp is None else bundle.off_bp
    whole = -(bundle.price_fen or 0) * BASIS_POINTS
    # a percentage may be rounded up by half a fen
    whole += BASIS_POINTS // 2 if bundle.off_bp is not None else 0
    for item in bundle.items:
        best = max(lines[index].list_fen * rate - alone[index] * BASIS_POINTS for index in item.lines)
        whole += item.quantity * best
    return -(-whole // BASIS_POINTS)


def _takes_any(offer: Offer, line: OfferedLine) -> bool:
    return offer.n == 1 and not offer.shared and (offer.cap is None or offer.cap >= line.units)


def _by_itself(offer: Offer) -> int:
    if offer.cut_fen is not None:
        return offer.cut_fen
    return offer.list_fen * offer.off_bp // BASIS_POINTS
