"""`pos-hub settlement …` as the alliance's bookkeeper uses it."""

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from sync.hub.alliance import stocking
from sync.hub.hub import Hub
from sync.hub.people import audit
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from tests.sync.hub import sales
from tests.sync.hub.settlement.shops import DAY, NEXT, book, buy, of_store
from tests.sync.hub.settlement.test_comparing import export, of
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_cli import ENGLISH, HUB, ROOT, TIMEOUT_S, Done, Shell, shell

__all__ = ["shell"]


class Desk:
    """The commands for store S1 on one day."""

    def __init__(self, shell: Shell, folder: DataFolder) -> None:
        self._shell, self._of = shell, ("--data", folder.path, "--store", "S1", "--date", sales.DATE)

    def run(self, command: str, *args: str | Path) -> Done:
        return self._shell.run("settlement", command, *self._of, *args)

    def refused(self, command: str, *args: str | Path) -> str:
        return self._shell.refused("settlement", command, *self._of, *args)


@pytest.fixture
def desk(shell: Shell, folder: DataFolder) -> Desk:
    return Desk(shell, folder)


def test_a_statement_is_shown(desk: Desk, till: FakeTerminal) -> None:
    made = buy(till)
    done = desk.run("show")
    assert done.returncode == 0
    for text in ("Reimbursed by the alliance\t30.00", "Revenue share\t-3.73", made.receipt_no):
        assert text in done.stdout
    assert "Net: the alliance pays 幸福里便利店\t26.27" in done.stdout
    told = json.loads(desk.run("show", "--json").stdout)
    assert told["totals"]["net_fen"] == 2627
    assert [line["receipt_no"] for line in told["lines"]] == [made.receipt_no]


def test_a_disagreement_ends_in_exit_code_1(desk: Desk, till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    with hub.database.write() as connection:
        connection.execute(update(schema.receipts).values(share_fen=400))
    done = desk.run("show")
    assert done.returncode == 1
    assert (
        f"Share owed of receipt {made.receipt_no} is not what was booked: 4.00 on the receipt, 3.73"
        in done.stdout
    )


def test_days_are_locked_and_paid(desk: Desk, till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    payment = ("--reference", "网银 1", "--paid-on", "2026-04-01", "--by", "王")
    assert "is not locked; lock it before" in desk.refused("pay", *payment)
    locked = desk.run("lock", "--by", "王")
    [day] = of_store(hub).days
    assert locked.stdout.split() == [sales.DATE, "store:S1", "26.27", day.sha256[:16]]
    paid = desk.run("pay", *payment)
    assert paid.stdout.split()[-3:] == ["2026-04-01", "网银", "1"]
    assert desk.run("pay", *payment).stdout == paid.stdout
    other = desk.refused("pay", "--reference", "网银 2", *payment[2:])
    assert other.startswith("2026-03-14 of S1 was paid before: on 2026-04-01, reference 网银 1")
    assert json.loads(desk.run("lock", "--by", "李", "--json").stdout)[0]["locked_by"] == "王"
    assert "Standing: Locked and paid" in desk.run("show").stdout
    with hub.database.read() as connection:
        acts = {(line["act"], line["subject"]) for line in audit.lines(connection)}
    assert {("settlement.lock", "store:S1"), ("settlement.pay", "store:S1")} <= acts


@pytest.mark.parametrize("days", [("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-12-31")])
def test_days_of_no_shop_are_refused(shell: Shell, folder: DataFolder, days: tuple[str, str]) -> None:
    period = ("--data", folder.path, "--store", "S1", "--from", days[0], "--to", days[1])
    assert "its years must be right" in shell.refused("settlement", "show", *period)


def test_a_period_that_is_not_over_freezes_no_day(
    shell: Shell, folder: DataFolder, hub: Hub, till: FakeTerminal
) -> None:
    buy(till)
    with hub.database.read() as connection:
        today = stocking.today(hub, connection)
    period = ("--data", folder.path, "--store", "S1", "--from", sales.DATE, "--to", f"{today}")
    assert "is not over" in shell.refused("settlement", "lock", *period, "--by", "王")
    assert of_store(hub).days == ()


def test_files_are_written_and_not_overwritten(
    desk: Desk, till: FakeTerminal, hub: Hub, tmp_path: Path
) -> None:
    made = buy(till)
    for form in ("pdf", "xlsx", "csv"):
        file = tmp_path / f"s.{form}"
        done = desk.run("export", "--format", form, "--out", file, "--language", "zh")
        assert done.stderr.strip() == f"Written to {file}."
        before = file.read_bytes()
        assert "exists already and was left as it is" in desk.refused(
            "export", "--format", form, "--out", file
        )
        assert file.read_bytes() == before
        assert desk.run("export", "--format", form, "--out", file, "--overwrite").returncode == 0
        assert file.read_bytes() != before, "now in English"
    assert made.receipt_no in PdfReader(tmp_path / "s.pdf").pages[1].extract_text().replace("\x00", "")
    rows = list(csv.reader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig"))))
    assert rows[-1][0] == "Total"


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(desk: Desk, tmp_path: Path) -> None:
    said = desk.refused("export", "--format", "csv", "--out", tmp_path / "nowhere" / "s.csv")
    assert said.startswith("The system refused:")
    assert len(said.splitlines()) == 1


def test_a_tills_report_is_compared(
    shell: Shell, folder: DataFolder, till: FakeTerminal, tmp_path: Path
) -> None:
    one, two = sales.sale(till.next_receipt_no()), sales.walk_in(till.next_receipt_no())
    book(till, one, two)
    file = tmp_path / "till.json"
    compare = ("settlement", "compare", file, "--data", folder.path, "--store", "S1")
    file.write_bytes(export(till, of(one), of(two)))
    done = shell.run(*compare)
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "2026-03-14: both sides agree to the fen; the net is 4.32 yuan.",
    )
    file.write_bytes(export(till, of(sales.altered(one, payable_fen=8000)), of(sales.walk_in("S1-1-X"))))
    done = shell.run(*compare)
    assert done.returncode == 1
    assert f"{one.receipt_no}  payable differs: 80.00 at the till, 84.36 at the hub" in done.stdout
    assert f"{two.receipt_no}  not at the till: call the alliance" in done.stdout
    assert "S1-1-X  not at the hub: call the alliance" in done.stdout
    assert json.loads(shell.run(*compare, "--json").stdout)["missing_at_till"] == [two.receipt_no]
    file.write_bytes(b"no json")
    assert "is no till's report" in shell.refused(*compare)


def test_ranges_and_merchants(shell: Shell, folder: DataFolder, till: FakeTerminal) -> None:
    buy(till)
    buy(till, member=sales.MEMBER, day=NEXT)
    show = ("settlement", "show", "--data", folder.path, "--json")
    week = ("--from", str(DAY), "--to", str(NEXT))
    told = json.loads(shell.run(*show, "--merchant", "M1", *week).stdout)
    assert len(told["lines"]) == 2
    assert "one of the two" in shell.refused(*show, *week)
    assert "Name one day with --date, or a range" in shell.refused(*show, "--store", "S1", "--from", str(DAY))
    assert "must not end before" in shell.refused(
        *show, "--store", "S1", "--from", str(NEXT), "--to", str(DAY)
    )
    assert "no store S7" in shell.refused(*show, "--store", "S7", *week)


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_it_works_in_a_process_of_its_own(folder: DataFolder, till: FakeTerminal) -> None:
    buy(till)
    done = subprocess.run(
        [*HUB, "settlement", "show", "--data", str(folder.path), "--store", "S1", "--date", sales.DATE],
        cwd=ROOT,
        env={**ENGLISH, "POS_LANGUAGE": "zh"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "净额：联盟应付幸福里便利店\t26.27" in done.stdout
