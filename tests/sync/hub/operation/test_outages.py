"""The database away, its disk full, somebody else's long turn: refused in words, nothing half stored."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from sqlalchemy import event, exc, text

from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.pages import member_card
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web import outages, refusals
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo
from tests.sync.hub.test_cli import TIMEOUT_S, Served

only_sqlite = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


def refused(till: FakeTerminal) -> HubSaidNo:
    with pytest.raises(HubSaidNo) as no:
        till.upload()
    assert no.value.status == 503
    return no.value


@pytest.fixture
def own_server() -> Iterator[tuple[Server, Path]]:
    """A PostgreSQL server that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="hub-postgres-") as folder:
        server = Server(Path(folder))
        yield server, Path(folder)
        server.stop()


def test_postgresql_goes_away_and_comes_back(
    own_server: tuple[Server, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The hub's own processes go on all the while."""
    server, place = own_server
    folder = tmp_path / "hub"
    found(folder, None, database_url=server.url(server.create()))
    with opened(DataFolder(folder)) as hub:
        code = str(make_code(hub, "S1-1", HOUR)[0])
        with hub.database.read() as connection:
            card = member_card.path_of(hub, connection, sales.MEMBER)
    served = Served(folder, "--workers", "2")
    request.addfinalizer(served.process.kill)  # nobody's when all is well
    till = FakeTerminal(requests.Session(), served.url)
    till.enrol(code)
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()

    server.stop()
    till.write(sales.walk_in(till.next_receipt_no()))
    no = refused(till)
    assert no.problem.error == "database_away"
    assert "does not answer" in no.problem.message or "连不上" in no.problem.message
    answer = till.post_batch(till.batch(till.entries))
    assert isinstance(answer, requests.Response)
    assert answer.headers["Retry-After"] == str(outages.WAIT_S)
    assert requests.get(served.url + "/health", timeout=TIMEOUT_S).status_code == 200
    assert requests.get(served.url + "/ready", timeout=TIMEOUT_S).status_code == 503
    page = requests.get(served.url + card, headers={"Accept": "text/html"}, timeout=TIMEOUT_S)
    assert page.status_code == 503
    assert not page.text.startswith("{"), "a sentence for whoever looks at a page"

    Server(place)
    assert [one.verdict for one in till.upload().results] == ["exists", "accepted"]
    assert requests.get(served.url + "/ready", timeout=TIMEOUT_S).status_code == 200
    log = [json.loads(line) for line in served.stop().splitlines()]
    assert {"database_away"} <= {line["event"] for line in log if line["level"] == "warning"}
    assert not [line for line in log if line["level"] == "error" and line["event"] != "recompute_failed"]


@only_sqlite
def test_a_full_disk_stores_nothing_and_goes_on_when_there_is_room(hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    before = balances(hub)
    for _ in range(40):
        till.write(sales.walk_in(till.next_receipt_no()))

    pages: list[int] = []

    def limit(connection: Any, *_: object) -> None:
        if pages:
            connection.execute(f"PRAGMA max_page_count={pages[0]}")
        else:
            connection.execute(f"PRAGMA max_page_count={1 << 30}")

    event.listen(hub.database._engine, "checkout", limit)
    with hub.database.read() as connection:
        pages.append(connection.execute(text("PRAGMA page_count")).scalar_one())
    no = refused(till)
    assert no.problem.error == "storage_full"
    assert "nothing was stored" in no.problem.message or "没有保存" in no.problem.message
    assert balances(hub) == before
    pages.clear()
    assert {one.verdict for one in till.upload().results} == {"exists", "accepted"}
    assert till.upload().hub.high_water.seq == 41


@only_sqlite
def test_somebody_elses_long_turn(hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    turn: Any = hub.database._kind
    turn._process_turn.timeout = 0.05
    with opened(hub.folder) as other, other.database.write():
        assert refused(till).problem.error == "busy"
    assert till.upload().results[0].verdict == "accepted"


@pytest.mark.parametrize(
    ("cause", "answer"),
    [
        (psycopg.errors.DiskFull("no space left"), refusals.STORAGE_FULL),
        (psycopg.errors.AdminShutdown("terminating"), refusals.DATABASE_AWAY),
        (psycopg.errors.ReadOnlySqlTransaction("a standby"), refusals.DATABASE_AWAY),
        (psycopg.errors.UndefinedTable("no such table"), None),
        (psycopg.errors.UniqueViolation("twice"), None),
    ],
)
def test_what_an_exception_says(cause: Exception, answer: object) -> None:
    assert outages.outage(exc.DBAPIError("SELECT 1", None, cause)) is answer


def test_a_mistake_of_ours_is_no_outage(http: InProcess, hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        connection.execute(text("ALTER TABLE receipts RENAME TO mislaid"))
    till.write(sales.walk_in(till.next_receipt_no()))
    with pytest.raises(HubSaidNo, match="our_fault"):
        till.upload()
    with hub.database.write() as connection:
        connection.execute(text("ALTER TABLE mislaid RENAME TO receipts"))
    assert till.upload().results[0].verdict == "accepted"
