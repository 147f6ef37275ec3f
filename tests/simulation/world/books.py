"""What must hold of the hub's books in the end, read with plain SQL beside the tills' own bytes."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path

from tests.simulation.codes.model import Violation


def check_books(hub: Path, tills: list[Path], paid: dict[str, bytes]) -> None:
    """Every paid sale once, every unit's accounts at zero, and till and hub at the same totals.

    Two copies of a till give two sales one number; the hub keeps both and books the first. Those numbers are left
    out here, and only those.

    Raises:
        Violation: with what does not hold.

    """
    with closing(sqlite3.connect(f"file:{hub}?mode=ro", uri=True)) as books:
        booked = dict(
            books.execute(
                "SELECT r.receipt_no, e.body FROM receipts r JOIN journal_entries e ON e.id = r.entry_id"
            ).fetchall()
        )
        times = Counter(
            body
            for (body,) in books.execute(
                "SELECT e.body FROM receipts r JOIN journal_entries e ON e.id = r.entry_id"
            )
        )
        sums = books.execute("SELECT unit, sum(amount) FROM balances GROUP BY unit").fetchall()
    sold = _sold(tills)
    shared = {number for number, bodies in sold.items() if len(bodies) > 1}
    for number, body in paid.items():
        if number in shared or number not in sold:
            continue
        if booked.get(number) != body:
            raise Violation(
                f"{number} was paid and is {'booked otherwise' if number in booked else 'not booked'}"
            )
        if times[body] != 1:
            raise Violation(f"{number} was booked {times[body]} times")
    if uneven := [unit for unit, total in sums if total]:
        raise Violation(f"the accounts of {uneven} do not add up to nothing")
    _totals_agree(booked, sold, shared)


def _sold(tills: list[Path]) -> dict[str, set[bytes]]:
    """Receipt number to the different bodies that any disk has under it."""
    found: dict[str, set[bytes]] = defaultdict(set)
    for till in tills:
        with closing(sqlite3.connect(f"file:{till}/journal.db?mode=ro", uri=True)) as journal:
            for number, body in journal.execute(
                "SELECT receipt_no, body FROM journal WHERE receipt_no IS NOT NULL"
            ):
                found[number].add(bytes(body))
    return found


def _totals_agree(booked: dict[str, bytes], sold: dict[str, set[bytes]], shared: set[str]) -> None:
    """What the drawers took by the tills' bytes, and by what the hub booked of the same receipts."""
    ours = sum(_cash(body) for number, bodies in sold.items() if number not in shared for body in bodies)
    theirs = sum(
        _cash(bytes(body)) for number, body in booked.items() if number in sold and number not in shared
    )
    if ours != theirs:
        raise Violation(f"the drawers took {ours} fen, the hub booked {theirs}")


def _cash(body: bytes) -> int:
    entry = json.loads(body)
    if entry["kind"] == "refund":
        return -int(entry["result"]["cash_back_fen"])
    return sum(int(one["amount_fen"]) for one in entry["tenders"]) - int(entry["change_fen"])
