"""Printed coupons and their uses while receipts are booked: read at once, judged in memory, written at once.

A printed coupon is a number. The first use of a number that a sale printed is good; any other use is
booked all the same, but the clawback account bears it in the issuer's place until it turns out to be
good after all: tills upload in any order, and a full refund frees a coupon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from pos.domain.basket import HeldCoupon
from pos.domain.events import ReceiptEvent, RefundMade, SaleMade
from pos.domain.programme.rules import coupon_unit
from sync.hub.alliance.coupons import GOOD, TWICE, UNKNOWN, VOID
from sync.hub.storage import bulk, schema

_PRINTED_COLUMNS = ("number", "rule", "issuer", "receipt_no", "last_day", "taken_back")
_USE_COLUMNS = ("number", "receipt_no", "rule", "issuer", "standing", "borne_fen", "freed")


class Judged(NamedTuple):
    """A printed coupon that a sale has taken, and how good it was."""

    coupon: HeldCoupon
    standing: str


@dataclass(slots=True)
class Printed:
    """A coupon that came out with a receipt."""

    number: str
    rule: str
    issuer: str | None
    receipt_no: str
    last_day: str
    taken_back: bool = False


@dataclass(slots=True)
class Use:
    """A printed coupon as a sale took it; `entry_hash` (hexadecimal) is the sale's. A new one has no id."""

    number: str
    receipt_no: str
    rule: str
    issuer: str | None
    standing: str
    borne_fen: int
    freed: bool
    entry_hash: str
    id: int | None = None

    @property
    def unit(self) -> str:
        return coupon_unit(self.rule, self.issuer)


class CouponBook:
    """The coupons that a batch of receipts is about; what is not in it is not known to the hub."""

    def __init__(self, printed: Iterable[Printed] = (), uses: Iterable[Use] = ()) -> None:
        self._printed: dict[str, Printed] = {}
        self._of_printer: dict[str, list[Printed]] = {}
        self._of_number: dict[str, list[Use]] = {}
        self._of_sale: dict[str, list[Use]] = {}
        self._new_printed: list[Printed] = []
        self._new_uses: list[Use] = []
        self._changed: dict[int, Use] = {}
        self._taken_back: set[str] = set()
        self._look_again: set[str] = set()
        for coupon in printed:
            self._add_printed(coupon)
        for use in uses:
            self._add_use(use)

    def _add_printed(self, coupon: Printed) -> None:
        self._printed[coupon.number] = coupon
        self._of_printer.setdefault(coupon.receipt_no, []).append(coupon)

    def _add_use(self, use: Use) -> None:
        self._of_number.setdefault(use.number, []).append(use)
        self._of_sale.setdefault(use.receipt_no, []).append(use)

    @property
    def sales(self) -> set[str]:
        """The sales that took any of the coupons."""
        return set(self._of_sale)

    # --- sales

    def judged(self, used: Iterable[HeldCoupon]) -> list[Judged]:
        """How good the printed coupons are that a sale has taken, before it is booked."""
        uses: list[Judged] = []
        seen: set[str] = set()
        for one in used:
            if one.number is not None:
                standing = TWICE if one.number in seen else self._standing(one.number, one.rule, one.issuer)
                uses.append(Judged(one, standing))
                seen.add(one.number)
        return uses

    def _standing(self, number: str, rule: str, issuer: str | None) -> str:
        if self._first_standing(number) is not None:
            return TWICE
        return self._print_standing(number, rule, issuer)

    def _first_standing(self, number: str) -> Use | None:
        return next((use for use in self._of_number.get(number, ()) if not use.freed), None)

    def _print_standing(self, number: str, rule: str, issuer: str | None) -> str:
        printed = self._printed.get(number)
        if printed is None or (printed.rule, printed.issuer) != (rule, issuer):
            return UNKNOWN
        return VOID if printed.taken_back else GOOD

    def note_uses(
        self, receipt_no: str, entry_hash: str, uses: Sequence[Judged], borne_fen: Sequence[int]
    ) -> None:
        """Keeps what a sale has taken; `borne_fen` is what the clawback account pays for each of them."""
        for (coupon, standing), fen in zip(uses, borne_fen, strict=True):
            number = coupon.number or ""
            use = Use(
                number,
                receipt_no,
                coupon.rule,
                coupon.issuer,
                standing,
                fen,
                freed=False,
                entry_hash=entry_hash,
            )
            self._new_uses.append(use)
            self._add_use(use)

    def note_printed(self, sale: SaleMade) -> list[Use]:
        """Keeps the coupons that came out with a receipt; returns earlier uses that turn good by it."""
        issuers = {one.rule: one.issuer for one in sale.result.issued if one.to == "bearer"}
        turned = []
        for one in sale.printed:
            if one.number not in self._printed:
                coupon = Printed(one.number, one.rule, issuers.get(one.rule), sale.receipt_no, one.last_day)
                self._add_printed(coupon)
                self._new_printed.append(coupon)
                turned += self._reconsidered(one.number)
        return turned

    # --- refunds

    def borne_units(self, sale_no: str) -> dict[str, int]:
        """How many printed coupons of each unit the clawback account still bears for a sale."""
        uses = self._of_sale.get(sale_no, ())
        return dict(Counter(use.unit for use in uses if use.standing != GOOD and not use.freed))

    def free(self, refund: RefundMade) -> list[Use]:
        """A full refund frees what its sale had taken, and takes back what it had printed.

        Returns other sales' uses that turn good by it.
        """
        if not refund.result.complete:
            return []
        taken = self._of_sale.get(refund.of, ())
        for use in taken:
            use.freed = True
            self._note_change(use)
        numbers = dict.fromkeys(use.number for use in taken)
        turned = [use for number in numbers for use in self._reconsidered(number)]
        for coupon in self._of_printer.get(refund.of, ()):
            coupon.taken_back = True
            self._taken_back.add(refund.of)
        return turned

    def _reconsidered(self, number: str) -> list[Use]:
        """The earliest use that stands, if it was not good and the coupon is."""
        use = self._first_standing(number)
        if use is None or use.standing == GOOD:
            return []
        return [use] if self._print_standing(number, use.rule, use.issuer) == GOOD else []

    def settle(self, use: Use) -> None:
        """Its issuer has paid: from now on it is a good one, and its sale is looked at again."""
        use.standing, use.borne_fen = GOOD, 0
        self._note_change(use)
        self._look_again.add(use.receipt_no)

    def _note_change(self, use: Use) -> None:
        if use.id is not None:
            self._changed[use.id] = use

    # --- the database

    def write(self, connection: Connection) -> None:
        """Writes what is new or has changed, after the receipts that it belongs to."""
        printed, uses = schema.coupons, schema.coupon_uses
        if self._new_printed:
            rows = _values(self._new_printed, _PRINTED_COLUMNS)
            bulk.insert(connection, printed, _PRINTED_COLUMNS, rows)
        if self._new_uses:
            bulk.insert(connection, uses, _USE_COLUMNS, _values(self._new_uses, _USE_COLUMNS))
        for use in self._changed.values():
            values = {"standing": use.standing, "borne_fen": use.borne_fen, "freed": use.freed}
            connection.execute(update(uses).where(uses.c.id == use.id).values(values))
        if self._taken_back:
            back = printed.c.receipt_no.in_(sorted(self._taken_back))
            connection.execute(update(printed).where(back).values(taken_back=True))
        if self._look_again:
            done = schema.recomputations
            connection.execute(delete(done).where(done.c.receipt_no.in_(sorted(self._look_again))))


def load(connection: Connection, events: Iterable[ReceiptEvent]) -> CouponBook:
    """Every printed coupon that these receipts take, print, free or take back, with all its uses."""
    numbers, refunded = _named(events)
    uses, printed = schema.coupon_uses, schema.coupons
    taken = select(uses.c.number)
    numbers |= {row.number for row in bulk.matching(connection, taken, uses.c.receipt_no, refunded)}
    of_use = select(*(uses.c[name] for name in _USE_COLUMNS), schema.receipts.c.entry_hash, uses.c.id).join(
        schema.receipts, schema.receipts.c.receipt_no == uses.c.receipt_no
    )
    of_printed = select(*(printed.c[name] for name in _PRINTED_COLUMNS))
    found = sorted(
        (Use(*row) for row in bulk.matching(connection, of_use, uses.c.number, numbers)),
        key=lambda use: use.id or 0,
    )
    coupons = {
        row.number: Printed(*row)
        for column, values in ((printed.c.number, numbers), (printed.c.receipt_no, refunded))
        for row in bulk.matching(connection, of_printed, column, values)
    }
    return CouponBook(coupons.values(), found)


def _named(events: Iterable[ReceiptEvent]) -> tuple[set[str], set[str]]:
    """The numbers that sales name, and the sales that refunds name."""
    numbers: set[str] = set()
    refunded: set[str] = set()
    for event in events:
        if isinstance(event, SaleMade):
            numbers.update(one.number for one in event.result.coupons_used if one.number is not None)
            numbers.update(one.number for one in event.printed)
        elif isinstance(event, RefundMade):
            refunded.add(event.of)
    return numbers, refunded


def _values(rows: Iterable[object], columns: Sequence[str]) -> Iterable[tuple[object, ...]]:
    return (tuple(getattr(row, name) for name in columns) for row in rows)
