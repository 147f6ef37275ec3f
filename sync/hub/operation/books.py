"""Whether books hold: units sum to zero, and balances are what transfers and holds give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sync.hub.words import Told, Words

_Place = tuple[str, str]
"""(account, unit)"""


class BooksBroken(Told):
    """Balances differ from what was booked."""


class Tally:
    """Watches the rows of the ledger's tables go by, in any order, and then judges them."""

    def __init__(self) -> None:
        self._kept: Counter[_Place] = Counter()
        self._kept_pending: Counter[_Place] = Counter()
        self._moved: Counter[_Place] = Counter()
        self._holds: dict[str, tuple[_Place, int]] = {}
        self._ended: set[str] = set()

    def watch(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> Iterator[Sequence[Any]]:
        """Hands the rows on; those of other tables pass unseen."""
        take = getattr(self, f"_take_{table}", None)
        if take is None:
            yield from rows
            return
        for row in rows:
            take(dict(zip(columns, row, strict=True)))
            yield row

    def check(self, what: str) -> None:
        """Judges what went by.

        Raises:
            BooksBroken: a balance or a held amount is not what was booked. (A transfer cannot break the
                sum of its unit, so balances that agree sum to zero.)

        """
        pending: Counter[_Place] = Counter()
        for name, (place, amount) in self._holds.items():
            if name not in self._ended:
                pending[place] += amount
        wrong = _differing(self._kept, self._moved) | _differing(self._kept_pending, pending)
        if wrong:
            raise BooksBroken(_BROKEN, what=what, count=len(wrong), example="/".join(min(wrong)))

    def _take_transfers(self, row: dict[str, Any]) -> None:
        self._moved[row["debit"], row["unit"]] -= row["amount"]
        self._moved[row["credit"], row["unit"]] += row["amount"]

    def _take_balances(self, row: dict[str, Any]) -> None:
        self._kept[row["account"], row["unit"]] = row["amount"]
        self._kept_pending[row["account"], row["unit"]] = row.get("pending", 0)

    def _take_pending_transfers(self, row: dict[str, Any]) -> None:
        self._holds[row["id"]] = (row["debit"], row["unit"]), row["amount"]

    def _take_pending_ends(self, row: dict[str, Any]) -> None:
        self._ended.add(row["pending_id"])


def _differing(one: Counter[_Place], other: Counter[_Place]) -> set[_Place]:
    return {place for place in one.keys() | other.keys() if one[place] != other[place]}


_BROKEN = Words(
    "{what} 的账不平：{count} 个余额与转账不一致（例如 {example}）。请联系技术员，先不要删除旧备份。",
    "The books in {what} do not hold: {count} balance(s) differ from what was booked (one is {example}). "
    "Call a technician, and delete no older backup.",
)
