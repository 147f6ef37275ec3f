"""What must hold of the hub's books in the end, read with plain SQL beside the tills' own bytes."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.simulation.codes.model import Violation


def check_books(hub: Path, tills: list[Path], paid: dict[str, bytes]) -> None:
    """Every paid sale once, every unit's accounts at zero, and till and hub at the same totals.

    Two copies of a till give two sales one number: they are told apart by their bytes.

    Raises:
        Violation: with what does not hold.

    """
    with closing(sqlite3.connect(f"file:{hub}?mode=ro", uri=True)) as books:
        times = Counter(
            body
            for (body,) in books.execute(
                "SELECT e.body FROM receipts r JOIN journal_entries e ON e.id = r.entry_id"
            )
        )
        sums = books.execute("SELECT unit, sum(amount) FROM balances GROUP BY unit").fetchall()
    sold = _sold(tills)
    for number, body in paid.items():
        if body in sold and times[body] != 1:
            raise Violation(f"{number} was paid and is booked {times[body]} times")
    if uneven := [unit for unit, total in sums if total]:
        raise Violation(f"the accounts of {uneven} do not add up to nothing")
    ours = sum(_cash(body) for body in sold)
    theirs = sum(_cash(body) * count for body, count in times.items() if body in sold)
    if ours != theirs:
        raise Violation(f"the drawers took {ours} fen, the hub booked {theirs}")


def _sold(tills: list[Path]) -> set[bytes]:
    """Every receipt that any disk has."""
    found: set[bytes] = set()
    for till in tills:
        with closing(sqlite3.connect(f"file:{till}/journal.db?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT body FROM journal WHERE receipt_no IS NOT NULL").fetchall()
        found.update(bytes(body) for (body,) in rows)
    return found


def _cash(body: bytes) -> int:
    entry = json.loads(body)
    if entry["kind"] == "refund":
        return -int(entry["result"]["cash_back_fen"])
    return sum(int(one["amount_fen"]) for one in entry["tenders"]) - int(entry["change_fen"])
