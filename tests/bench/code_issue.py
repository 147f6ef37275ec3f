"""A pay code issued by one worker of the hub, against the same rows written by bare SQL."""

from __future__ import annotations

import secrets
from contextlib import ExitStack

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from sync.hub.alliance.founding import found
from sync.hub.codes import issuing
from sync.hub.codes.issuing import Asked
from sync.hub.hub import Hub, opened
from sync.hub.storage.data_folder import DataFolder
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder
from tests.bench.uploads import on_postgres

PAIRS = 200
FLOOR = "the same hold, code row and book row in one transaction of bare SQL, and a signature"
_MEMBERS = ("30006012", "30007572", "30005542")
_HOLD = text(
    "INSERT INTO pending_transfers (id, debit, credit, unit, amount, code, made_at)"
    " VALUES (:id, :debit, 'alliance:redeemed', 'points', 100, 'redeemed', '2026-01-01')"
)
_CODE = text(
    "INSERT INTO pay_codes (terminal, epoch, number, member_no, member_tag, asset, amount, hold_id, state,"
    " asked_by, issued_at, expires_at) VALUES ('FLOOR', 1, :number, :member, '0', 'points', 100, :id, 'spent',"
    " 'phone', '2026-01-01', '2026-01-01')"
)
_FREE = text(
    "INSERT INTO pending_ends (pending_id, posted, linked, ended_at) VALUES (:id, 0, 'bench', '2026-01-01')"
)


def code_issue_sqlite(n: int = PAIRS) -> Comparison:
    return _measured("code_issue_sqlite", n, postgres=False)


def code_issue(n: int = PAIRS) -> Comparison:
    return _measured("code_issue", n, postgres=True)


def _measured(name: str, n: int, *, postgres: bool) -> Comparison:
    """Each code is a new one: the one before is freed in between, which is not timed."""
    with ExitStack() as stack:
        folder = stack.enter_context(disk_folder())
        url = None
        if postgres:
            server = stack.enter_context(on_postgres(folder))
            url = server.url(server.create())
        found(folder / "hub", None, database_url=url)
        hub = stack.enter_context(opened(DataFolder(folder / "hub")))
        _enrol(hub)
        numbers = iter(range(n * 4 + 100))
        key = Ed25519PrivateKey.generate()

        def ours() -> float:
            member = _MEMBERS[next(numbers) % len(_MEMBERS)]
            took = timed(lambda: _issue(hub, member))
            with hub.database.write() as connection:
                for one in issuing.all_open(connection):
                    connection.execute(_FREE, {"id": one.hold_id})
                connection.execute(text("UPDATE pay_codes SET state = 'released' WHERE state = 'open'"))
            return took

        def bare() -> float:
            number = next(numbers)
            took = timed(lambda: _write(hub, number, key))
            with hub.database.write() as connection:
                connection.execute(_FREE, {"id": f"floor:{number}"})
            return took

        return compare(name, FLOOR, ours, bare, n=n)


def _issue(hub: Hub, member: str) -> None:
    with hub.database.write() as connection:
        issuing.issue(hub, connection, Asked(member, "S1-1", "points", 100, "phone"))


def _write(hub: Hub, number: int, key: Ed25519PrivateKey) -> None:
    row = {"id": f"floor:{number}", "debit": "member:30005542", "member": "30005542", "number": number}
    with hub.database.write() as connection:
        connection.execute(_HOLD, row)
        connection.execute(_CODE, row)
        connection.execute(text("UPDATE counters SET value = value WHERE name = 'feed_change'"))
        key.sign(bytes(64))


def _enrol(hub: Hub) -> None:
    with hub.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO chains (terminal, epoch, incarnation, public_key, store, standing, enrolled_at,"
                " high_seq, high_hash) VALUES ('S1-1', 1, :incarnation, :key, 'S1', 'current', '2026', 0, :hash)"
            ),
            {"incarnation": secrets.token_hex(8), "key": bytes(32), "hash": bytes(32)},
        )
