"""Receipts as the hub has booked them, without what does not matter to schedules."""

from __future__ import annotations

import hashlib

from pos.domain.day import FIGURE_NAMES
from sync.hub.hub import Hub
from sync.hub.storage import schema


def turnover(hub: Hub, payable_fen: dict[str, int]) -> None:
    """One walk-in receipt a day."""
    with hub.database.write() as connection:
        for date, fen in payable_fen.items():
            digest = hashlib.sha256(date.encode()).digest()
            entry = connection.execute(
                schema.journal_entries.insert()
                .values(
                    terminal="S1-1",
                    incarnation="made up",
                    epoch=1,
                    seq=int(date.replace("-", "")),
                    prev_hash=digest,
                    hash=digest,
                    body=b"{}",
                    kind="sale",
                    verdict="accepted",
                    reason="",
                    detail="",
                    received_at=date,
                )
                .returning(schema.journal_entries.c.id)
            ).scalar_one()
            connection.execute(
                schema.receipts.insert().values(
                    receipt_no=f"walk-in {date}",
                    entry_id=entry,
                    entry_hash=digest.hex(),
                    terminal="S1-1",
                    incarnation="made up",
                    epoch=1,
                    store="S1",
                    date=date,
                    kind="sale",
                    **(dict.fromkeys(FIGURE_NAMES, 0) | {"payable_fen": fen}),
                )
            )
