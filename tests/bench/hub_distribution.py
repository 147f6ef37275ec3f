"""The year's distribution to a million members, against a bare GROUP BY that inserts the same number of rows.

Both work on a copy of the same hub: a million members, two receipts each, time points for every tenth.
The floor adds up what each member consumed and puts one row a member into the very tables of transfers
and balances, indexes and checks included, in one transaction, with their triggers taken away. It splits
nothing, keeps no record and lets no upload in between.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from pos.domain.money import split
from pos.domain.schedules.distribution import Contribution, pool_of, weight_of
from sync.hub.alliance import packs
from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.schedules import reporting, running
from sync.hub.schedules.turns import Asked
from sync.hub.storage.data_folder import DataFolder
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder
from tests.sync.hub.postgres import Server

MEMBERS = 1_000_000
PROFIT = {"net_profit_fen": 1_234_567_890_12}
FLOOR = "one GROUP BY over the same receipts into transfers and balances without their triggers"
TODAY = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)

_NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :members) "
)
_FILLING = (
    "INSERT INTO members (member_no, card_code, plan, status, expires, activated) "
    + _NUMBERS
    + "SELECT CAST(20000000 + i AS TEXT), 'card' || i, CASE i % 9 WHEN 0 THEN 'co_creator' ELSE 'basic' END, "
    "'active', '2027-06-30', true FROM n",
    "INSERT INTO consumption (receipt_no, entry_id, account, date, fen) "
    + _NUMBERS
    + "SELECT 'S1-1-7K2QD-' || i || '-' || k, 0, 'member:' || (20000000 + i), "
    "CASE k WHEN 0 THEN '2026-03-14' ELSE '2026-09-01' END, (i * 7919 + k * 104729) % 1000003 "
    "FROM n CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) AS twice",
    "INSERT INTO transfers (linked, debit, credit, unit, amount, code, booked_at) "
    + _NUMBERS
    + "SELECT 'sale:' || i, 'alliance:issued', 'member:' || (20000000 + i), 'sales', 1, 'sale_counted', "
    "'2026-03-14T02:20:30.000+00:00' FROM n",
    "INSERT INTO transfers (linked, debit, credit, unit, amount, code, booked_at) "
    + _NUMBERS
    + "SELECT 'deed:' || i, 'alliance:issued', 'member:' || (20000000 + i), 'time_points', i * 7 % 90000 + 1, "
    "'earned', '2026-03-14T02:20:30.000+00:00' FROM n WHERE i % 10 = 0",
)
_ROWS = (
    (
        "INSERT INTO transfers (linked, debit, credit, unit, amount, code, booked_at) "
        "SELECT 'floor', 'alliance:profit', account, 'CNY', SUM(fen) / 10 + 1, 'distributed', "
        "'2027-02-01T00:00:00.000+00:00' FROM consumption "
        "WHERE date >= '2026-01-01' AND date <= '2026-12-31' GROUP BY account"
    ),
    (
        "INSERT INTO balances (account, unit, amount) "
        "SELECT credit, unit, SUM(amount) FROM transfers WHERE linked = 'floor' GROUP BY credit, unit "
        "UNION ALL SELECT debit, unit, -SUM(amount) FROM transfers WHERE linked = 'floor' GROUP BY debit, unit"
    ),
)


_BOOKED = "SELECT SUBSTR(credit, 8), amount FROM transfers WHERE code = 'distributed'"


def hub_distribution(n: int = 1, members: int = MEMBERS) -> Comparison:
    """On PostgreSQL, as a real alliance would."""
    return _measured("hub_distribution", n, members, _on_postgresql)


def hub_distribution_sqlite(n: int = 1, members: int = MEMBERS) -> Comparison:
    """On SQLite, as an alliance that tries things out would."""
    return _measured("hub_distribution_sqlite", n, members, _on_sqlite)


Copies = Callable[[], Iterator[Hub]]


def _measured(
    name: str, n: int, members: int, engine: Callable[[ExitStack, Path, int], Copies]
) -> Comparison:
    with disk_folder() as folder, ExitStack() as stack:
        copies = contextmanager(engine(stack, folder, members))

        def ours() -> float:
            with copies() as hub:
                took_s = timed(lambda: _distribute(hub))
                _see_that_it_is_exact(hub, members)
            return took_s

        def floor() -> float:
            with copies() as hub:
                _without_triggers(hub)
                return timed(lambda: _bare(hub, members))

        return compare(name, FLOOR, ours, floor, n=n, warm_up=0)


def _distribute(hub: Hub) -> None:
    (ran,) = running.run(hub, Asked(("distribution",), given=PROFIT))
    assert ran.run is not None
    assert ran.run.finished


def _see_that_it_is_exact(hub: Hub, members: int) -> None:
    """Everybody's amount is what the rule of all money gives, and samples' weights are the pure rule's."""
    with hub.database.read() as connection:
        pack = packs.current(connection)
        lines = list(reporting.distribution_lines(connection, 2026))
        booked = {row[0]: row[1] for row in connection.execute(text(_BOOKED))}
    assert len(lines) == members
    assert pack is not None
    assert pack.distribution is not None
    pool = pool_of(PROFIT["net_profit_fen"], pack.distribution)
    amounts = split(pool, [one.weight for one in lines])
    assert amounts == [one.amount_fen for one in lines] == [booked[one.member_no] for one in lines]
    scales = {one.id: one.scale for one in pack.assets}
    for one in lines[::97]:
        year = Contribution(one.member_no, one.plan, one.consumption_fen, one.earned)
        assert one.weight == weight_of(year, pack.distribution, scales) * 1000


def _bare(hub: Hub, members: int) -> None:
    with hub.database.write() as connection:
        assert connection.execute(text(_ROWS[0])).rowcount == members
        connection.execute(text(_ROWS[1]))


# --- the same hub on each engine -------------------------------------------------------------------


def _on_sqlite(_stack: ExitStack, folder: Path, members: int) -> Copies:
    found(folder / "hub", None)
    with opened(DataFolder(folder / "hub")) as hub:
        _fill(hub, members)

    def copies() -> Iterator[Hub]:
        path = Path(shutil.copytree(folder / "hub", folder / "copy"))
        with opened(DataFolder(path)) as hub:
            yield _in_2027(hub)
        shutil.rmtree(path)

    return copies


def _on_postgresql(stack: ExitStack, folder: Path, members: int) -> Copies:
    server = _Durable(folder / "postgres")
    stack.callback(server.stop)
    database = server.create()
    found(folder / "hub", None, database_url=server.url(database))
    with opened(DataFolder(folder / "hub")) as hub:
        _fill(hub, members)
        with hub.database.write() as connection:
            connection.execute(text("ANALYZE"))

    def copies() -> Iterator[Hub]:
        copy = server.create(database)
        (folder / "hub" / "database.url").write_text(server.url(copy), "utf-8")
        with opened(DataFolder(folder / "hub")) as hub:
            yield _in_2027(hub)
        server.drop(copy)

    return copies


class _Durable(Server):
    """A server that a power cut cannot hurt, as in operation."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = on")
        self._run("SELECT pg_reload_conf()")


def _fill(hub: Hub, members: int) -> None:
    with hub.database.write() as connection:
        for statement in _FILLING:
            connection.execute(text(statement), {"members": members})
        connection.execute(text("UPDATE packs SET published_at = '2026-01-01T00:00:00.000+00:00'"))


def _in_2027(hub: Hub) -> Hub:
    return dataclasses.replace(hub, now=lambda: TODAY)


def _without_triggers(hub: Hub) -> None:
    with hub.database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE transfers DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER transfers_booked"))
