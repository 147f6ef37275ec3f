"""What a monitor asks of a hub: whether it lives, whether it is ready, its figures; and who may ask."""

import datetime as dt
import shutil
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sync.hub.hub import Hub
from sync.hub.operation import backup, condition, routes
from sync.hub.schedules.tables import schedule_runs
from sync.hub.storage import schema
from sync.hub.web.app import make_app
from sync.hub.words import stamp
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal

FAR, NEAR = "198.51.100.7", "127.0.0.1"


@pytest.fixture
def here(app: FastAPI) -> InProcess:
    """Asks from the hub's own machine."""
    return InProcess(app, NEAR)


def figures(http: InProcess) -> dict[str, float]:
    lines = http.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (one.rpartition(" ") for one in lines if one[0] != "#")}


def test_a_day_in_figures(here: InProcess, hub: Hub, till: FakeTerminal) -> None:
    before = figures(here)
    till.write(sales.sale(till.next_receipt_no()))
    till.write(b"nonsense")
    till.upload()
    till.upload()
    backup.make(hub.folder, hub.database, hub.folder.path / "x.posbackup", hub.now() - dt.timedelta(hours=2))
    with hub.database.write() as connection:
        for hours, finished in ((5, True), (3, True), (1, False)):
            at = stamp(hub.now() - dt.timedelta(hours=hours))
            connection.execute(
                schedule_runs.insert().values(
                    dict.fromkeys(
                        ("pack", "inputs", "inputs_sha256", "cursor", "details", "amounts", "by"), ""
                    )
                    | {"schedule": "expiry", "period": str(hours), "transfers": 0, "started_at": at}
                    | {"state": "finished" if finished else "running"}
                    | {"finished_at": at if finished else None}
                )
            )
    after = figures(here)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown('pos_hub_journal_entries_total{verdict="accepted"}') == 1
    assert grown('pos_hub_journal_entries_total{verdict="exists"}') == 1
    assert grown('pos_hub_journal_entries_total{verdict="quarantined"}') == 2
    assert grown('pos_hub_requests_total{method="POST",route="/v1/journal",status="200"}') == 2
    assert grown("pos_hub_booking_seconds_count") == 2
    assert after["pos_hub_recompute_backlog"] == 0
    assert after['pos_hub_feed_rows{feed="members"}'] > 10
    assert 7200 <= after["pos_hub_backup_age_seconds"] < 7300
    assert 10_800 <= after['pos_hub_schedule_age_seconds{schedule="expiry"}'] < 10_900
    assert f'pos_hub_info{{engine="{hub.database.dialect}",schema="{condition.of(hub).schema}"}}' in after
    assert not [name for name in after if sales.MEMBER in name or "S1" in name]


def test_figures_are_for_this_machine_or_a_token(here: InProcess, http: InProcess, hub: Hub) -> None:
    assert here.get("/metrics").status_code == 200
    assert http.get("/metrics").status_code == 404
    assert here.get("/metrics", **{"X-Forwarded-For": FAR}).status_code == 404, "a proxy asks for somebody"
    assert http.get("/metrics", Authorization="Bearer ").status_code == 404
    (hub.folder.path / routes.TOKEN_FILE).write_text("open sesame\n")
    assert http.get("/metrics", Authorization="Bearer open sesam").status_code == 404
    assert http.get("/metrics", Authorization="Bearer open sesame").status_code == 200
    assert http.get("/metrics", Authorization="bearer open sesame").status_code == 200
    (hub.folder.path / routes.TOKEN_FILE).write_text("\n")
    assert http.get("/metrics", Authorization="Bearer ").status_code == 404, "an empty file opens nothing"


def test_a_strange_method_makes_no_new_row(here: InProcess) -> None:
    here.request("BREW", "http://testserver/", headers={}, data=b"")
    assert not [name for name in figures(here) if "BREW" in name]


def test_ready_says_why_not(
    here: InProcess, http: InProcess, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = here.get("/ready")
    assert (told.status_code, told.json()["ready"], told.json()["backup_age_s"]) == (200, True, None)
    assert set(http.get("/ready").json()) == {"ready", "time"}, "not everybody's business"

    with hub.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    told = here.get("/ready", **{"Accept-Language": "en"})
    assert told.status_code == 503
    assert "pos-hub migrate" in told.json()["problems"][0]
    assert http.get("/ready").json()["ready"] is False
    assert here.get("/health").json()["ok"] is True, "nobody should restart it for that"
    with hub.database.write() as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :newest"), {"newest": schema.VERSION}
        )

    usage = shutil.disk_usage(Path())._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    told = here.get("/ready", **{"Accept-Language": "en"})
    assert (told.status_code, len(told.json()["problems"])) == (503, 1)
    assert "disk" in told.json()["problems"][0]


def test_figures_of_several_apps_do_not_collide(hub: Hub) -> None:
    for _ in range(2):
        assert figures(InProcess(make_app(hub), NEAR))
