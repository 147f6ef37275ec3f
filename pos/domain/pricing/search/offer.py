"""What rules offer to lines, to sets of lines, and to the basket: reductions in fen, nothing else."""

from __future__ import annotations

import msgspec

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.cost import cost


class Offer(msgspec.Struct, frozen=True):
    """One unit rule for one line.

    Of every `n` units one is reduced: by `cut_fen`, or by `off_bp` of its list price `list_fen`.
    At most `cap` units; with `shared` that cap is one for all lines. The alliance bears the part of it
    down to the member price (`member_cut_fen` a unit below list), or the part below, or both.
    """

    position: int
    list_fen: int
    cut_fen: int | None = None
    off_bp: int = 0
    n: int = 1
    cap: int | None = None
    shared: bool = False
    single_use: bool = False
    alliance_to_member: bool = False
    alliance_below_member: bool = False
    member_cut_fen: int = 0

    def saved(self, units: int) -> int:
        """What `units` (a multiple of `n`) save: percentages on their total, rounded half up once."""
        reduced = units // self.n
        if self.cut_fen is not None:
            return self.cut_fen * reduced
        return percent_of(self.list_fen * reduced, self.off_bp)

    def alliance(self, saved_fen: int, units: int) -> int:
        """The part of what `units` save that the alliance bears."""
        if self.alliance_to_member and self.alliance_below_member:
            return saved_fen
        below_fen = max(0, saved_fen - self.member_cut_fen * units)
        if self.alliance_to_member:
            return saved_fen - below_fen
        return below_fen if self.alliance_below_member else 0

    def cost(self, units: int) -> int:
        if not units:
            return 0
        saved_fen = self.saved(units)
        return cost(
            saved_fen,
            single=units if self.single_use else 0,
            alliance_fen=self.alliance(saved_fen, units),
            rules=1,
            order=self.position,
        )

    def most(self, units: int) -> int:
        """How many of `units` may take it."""
        most = units if self.cap is None else min(units, self.cap)
        return most - most % self.n


class Item(msgspec.Struct, frozen=True):
    """`quantity` pieces of a bundle, from any of the lines named by their index."""

    quantity: int
    lines: tuple[int, ...]


class BundleOffer(msgspec.Struct, frozen=True):
    """A bundle rule: `off_bp` of the list total of all its sets, or `price_fen` a set; at most `cap` sets."""

    position: int
    items: tuple[Item, ...]
    off_bp: int | None
    price_fen: int | None
    cap: int | None = None
    alliance: bool = False

    @property
    def pieces(self) -> int:
        """Pieces in one set."""
        return sum(item.quantity for item in self.items)

    def saved(self, list_fen: int, sets: int) -> int:
        if self.off_bp is not None:
            return percent_of(list_fen, self.off_bp)
        return max(0, list_fen - (self.price_fen or 0) * sets)


class OfferedLine(msgspec.Struct, frozen=True):
    """A line of the basket as the search sees it. `kind` tells which basket rules count it."""

    index: int
    units: int
    list_fen: int
    gross_fen: int
    offers: tuple[Offer, ...]
    kind: int = 0


class BasketOffer(msgspec.Struct, frozen=True):
    """A basket rule that may be used: over which kinds of lines, from what total, for how much."""

    position: int
    group: str
    kinds: frozenset[int]
    gross_fen: int
    min_fen: int
    off_fen: int | None
    off_bp: int | None
    max_fen: int | None
    single_use: bool
    alliance: bool

    def saved(self, total_fen: int) -> int:
        """What it takes off a total (of its goods, after unit rules); never falls when the total rises."""
        off_fen = (self.off_fen or 0) if self.off_bp is None else percent_of(total_fen, self.off_bp)
        if self.max_fen is not None and self.max_fen < off_fen:
            off_fen = self.max_fen
        return min(off_fen, total_fen)

    def cost(self, saved_fen: int) -> int:
        return cost(
            saved_fen,
            single=1 if self.single_use else 0,
            alliance_fen=saved_fen if self.alliance else 0,
            rules=1,
            order=self.position,
        )


def percent_of(amount_fen: int, rate_bp: int) -> int:
    """`money.share_of` for amounts that are not negative, without fractions: this runs very often."""
    return (amount_fen * rate_bp * 2 + BASIS_POINTS) // (2 * BASIS_POINTS)
