"""A store's month as a settlement statement, against reading the same receipts and transfers and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, select

from pos.domain.day import FIGURE_NAMES
from pos.domain.programme.part import CNY
from sync.hub.alliance import places
from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.settlement.statement import statement
from sync.hub.storage import bulk, schema
from sync.hub.storage.data_folder import DataFolder
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder

PAIRS = 7
DAYS, STORES, RECEIPTS_A_DAY = 31, 10, 200
FLOOR = "one SELECT of the month's receipts with their transfers"
_FIRST = dt.date(2026, 3, 1)


def hub_settlement(n: int = PAIRS, days: int = DAYS) -> Comparison:
    """On SQLite, in an alliance of ten stores; a quarter of the sales pay the next store a commission."""
    with disk_folder() as folder:
        found(folder / "hub", None)
        with opened(DataFolder(folder / "hub")) as hub, hub.database.write() as connection:
            _fill(hub, connection, days)
        last = _FIRST + dt.timedelta(days=days - 1)
        with opened(DataFolder(folder / "hub")) as hub, hub.database.read() as connection:

            def ours() -> float:
                return timed(lambda: statement(connection, store="S1", first=_FIRST, last=last))

            def select_all() -> float:
                return timed(lambda: connection.execute(_everything(last)).all())

            return compare("hub_settlement", FLOOR, ours, select_all, n=n, warm_up=1)


def _everything(last: dt.date) -> Select[Any]:
    receipts, transfers = schema.receipts, schema.transfers
    return (
        select(receipts, transfers)
        .join(transfers, transfers.c.linked == receipts.c.entry_hash)
        .where(receipts.c.store == "S1", receipts.c.date.between(str(_FIRST), str(last)))
        .where(transfers.c.unit == CNY)
    )


def _fill(hub: Hub, connection: Connection, days: int) -> None:
    for number in range(2, STORES + 1):
        shop = places.Store(f"S{number}", f"M{number}", f"M{number}", f"S{number}", "", "Asia/Shanghai")
        places.add_store(connection, shop, ())
    sold = list(_sold(days))
    entries, receipts, transfers = schema.journal_entries, schema.receipts, schema.transfers
    now = hub.time()
    bulk.insert(
        connection,
        entries,
        [column.name for column in entries.columns],
        (
            (number, f"{store}-1", "0" * 16, 1, number, b"", b"", b"{}", "sale", "accepted", "", "", now)
            for number, store, _ in sold
        ),
    )
    facts = (
        "receipt_no",
        "entry_id",
        "entry_hash",
        "terminal",
        "incarnation",
        "epoch",
        "store",
        "date",
        "kind",
    )
    bulk.insert(
        connection,
        receipts,
        (*facts, *FIGURE_NAMES),
        (
            (
                *(f"{store}-1-00000-{number}", number, f"{number:064x}", f"{store}-1", "0" * 16, 1),
                *(store, date, "sale"),
                *(
                    {"sales": 1, "share_fen": 30, "reimbursements_fen": 50}.get(name, 0)
                    for name in FIGURE_NAMES
                ),
            )
            for number, store, date in sold
        ),
    )
    bulk.insert(
        connection,
        transfers,
        ("linked", "debit", "credit", "unit", "amount", "code", "booked_at"),
        ((f"{number:064x}", *moved, now) for number, store, _ in sold for moved in _moved(number, store)),
    )


def _sold(days: int) -> Iterator[tuple[int, str, str]]:
    number = 0
    for day in range(days):
        for store in range(1, STORES + 1):
            for _ in range(RECEIPTS_A_DAY):
                number += 1
                yield number, f"S{store}", str(_FIRST + dt.timedelta(days=day))


def _moved(number: int, store: str) -> Iterator[tuple[str, str, str, int, str]]:
    account = f"store:{store}"
    yield account, "alliance:share", CNY, 30, "share"
    yield "alliance:reimbursement", account, CNY, 50, "reimbursement"
    if number % 4 == 0:
        yield account, f"store:S{int(store[1:]) % STORES + 1}", CNY, 10, "commission"
