"""Statements as files: opened again with other programs, and read figure by figure."""

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from pos.domain.ledger import Posting
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.paper import fonts
from sync.hub.settlement.files.exporting import FORMATS, Format, exported, file_name, write_new
from sync.hub.settlement.files.neutral import neutral
from sync.hub.settlement.locking import lock
from sync.hub.settlement.statement import Statement
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.words import Told
from tests.sync.hub.settlement.shops import DAY, NEXT, buy, give_back, join, of_merchant, of_store
from tests.sync.hub.terminals import FakeTerminal

EVIL = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> DataFolder:
    """On one engine: a file knows nothing of where its figures were kept."""
    return DataFolder(Path(shutil.copytree(sample, tmp_path / "hub")))


@pytest.fixture
def told(hub: Hub, till: FakeTerminal) -> Statement:
    """A frozen day of 26.27 with a late refund, and a correction in an attacker's words."""
    made = buy(till)
    join(till)
    with hub.database.write() as connection:
        lock(hub, connection, store="S1", first=DAY, last=DAY, by=EVIL)
    give_back(till, made)
    with hub.database.write() as connection:
        connection.execute(
            schema.transfers.insert().values(
                linked="x",
                debit="alliance:share",
                credit="store:S1",
                unit="CNY",
                amount=1,
                code="correction",
                booked_at="2026-03-15T02:00:00.000+00:00",
                reason=EVIL,
            )
        )
    return of_store(hub, "S1", DAY, NEXT)


def workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def column(page: Worksheet, title: str) -> list[object]:
    [header, *rows] = list(page.iter_rows(values_only=True))
    return [row[header.index(title)] for row in rows]


def text_of(content: bytes) -> str:
    return "\n".join(pages_of(content))


def pages_of(content: bytes) -> list[str]:
    """The text of each page; the reader puts a NUL before each character of this kind of font."""
    return [page.extract_text().replace("\x00", "") for page in PdfReader(io.BytesIO(content)).pages]


def fen(value: object) -> int:
    return int((Decimal(str(value)) * 100).to_integral_exact())


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_statement_makes_the_same_bytes(told: Statement, form: Format) -> None:
    assert exported(told, form, "zh") == exported(told, form, "zh")
    assert exported(told, form, "zh") != exported(told, form, "en")


def test_a_workbook_holds_the_figures_as_numbers(told: Statement) -> None:
    book = workbook(exported(told, "xlsx", "en"))
    page = book["Lines"]
    net = column(page, "Net")
    assert [fen(value) for value in net[:-1]] == [line.net_fen for line in told.lines]
    assert fen(net[-1]) == told.totals.net_fen
    assert all(isinstance(value, int | float) for value in net)
    for title, total_fen in (
        ("Share", -told.totals.share_fen),
        ("Reimbursed", sum(told.totals.reimbursed.values())),
        ("Fees", -told.totals.fees_fen),
        ("Other", told.totals.corrections_fen),
        ("Payable", told.figures.payable_fen),
    ):
        assert fen(column(page, title)[-1]) == total_fen
    assert page.freeze_panes == "A2"
    assert page["G2"].number_format.startswith("#,##0.00")
    assert page.column_dimensions["C"].width >= 15, "a receipt number fits"
    first = book["Statement"]
    values = [row for row in first.iter_rows(values_only=True) if row[0]]
    [share] = [row for row in values if row[0] == "Revenue share"]
    assert fen(share[1]) == -told.totals.share_fen


def test_large_amounts_stay_exact(hub: Hub, till: FakeTerminal) -> None:
    amount = 999_999_999_999_999
    with hub.database.write() as connection:
        posting = Posting("alliance:profit", "store:S1", "CNY", amount, "distribution")
        accounts.post(connection, "by hand", (posting,), "2026-03-14T02:00:00.000+00:00")
    book = workbook(exported(of_store(hub), "xlsx", "en"))
    assert fen(column(book["Lines"], "Net")[0]) == amount


def test_no_cell_becomes_a_formula(told: Statement) -> None:
    book = workbook(exported(told, "xlsx", "zh"))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert sum(EVIL in str(cell.value) for cell in cells) == 2, "who locked it, and why it was corrected"
    rows = list(csv.reader(io.StringIO(exported(told, "csv", "zh").decode("utf-8-sig"))))
    assert [row[-1] for row in rows if EVIL in row[-1]] == ["'" + EVIL]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", " =1", "\r=1", "＝1", "\u3000+1"])
def test_what_begins_a_formula_is_neutralised(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize("text", ["", "S1-1-7K2QD-0042", "迟到", "1+1", "a=b"])
def test_other_text_stays_what_it_is(text: str) -> None:
    assert neutral(text) == text


def test_a_csv_file_opens_in_excel_and_adds_up(told: Statement) -> None:
    content = exported(told, "csv", "zh")
    assert content.startswith(b"\xef\xbb\xbf")
    [header, *rows, total] = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert header[:4] == ["结算日", "营业日", "小票号", "类型"]
    net = header.index("净额")
    assert [fen(row[net]) for row in rows] == [line.net_fen for line in told.lines]
    assert (total[0], fen(total[net])) == ("合计", told.totals.net_fen)
    for row in (*rows, total):
        share, last = header.index("分成"), header.index("更正及其他")
        assert sum(fen(value) for value in row[share : last + 1]) == fen(row[net]), "a line's columns add up"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("联盟结算单", "幸福里便利店", "营收分成", "迟到", "合计")),
        ("en", ("Settlement statement", "Revenue share", "Total")),
    ],
)
def test_a_pdf_can_be_read_again(told: Statement, language: str, words: tuple[str, ...]) -> None:
    content = exported(told, "pdf", language)  # type: ignore[arg-type]
    text = text_of(content)
    for word in (*words, "-3.73", "30.00", "-100.00", *(line.receipt_no for line in told.lines)):
        assert word in text
    reader = PdfReader(io.BytesIO(content))
    assert [page.mediabox.width < page.mediabox.height for page in reader.pages] == [True, False]
    assert len(content) < 300_000, "only the characters that it needs are in it"


def test_a_long_pdf_repeats_its_header(hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        for number in range(120):
            posting = Posting("alliance:profit", "store:S1", "CNY", number + 1, "distribution")
            accounts.post(connection, f"by hand {number}", (posting,), "2026-03-14T02:00:00.000+00:00")
    pages = pages_of(exported(of_store(hub), "pdf", "en"))
    assert len(pages) > 3
    assert all("Counted on" in page for page in pages[1:])
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_late_entries_are_listed_apart(hub: Hub, told: Statement) -> None:
    frozen = of_store(hub)
    book = workbook(exported(frozen, "xlsx", "zh"))
    assert book.sheetnames == ["结算单", "明细", "迟到记录"]
    assert column(book["迟到记录"], "结算日")[0] == str(NEXT)
    assert "迟到记录" in text_of(exported(frozen, "pdf", "zh"))


def test_a_merchants_lines_name_the_account(hub: Hub, told: Statement) -> None:
    book = workbook(exported(of_merchant(hub, "M1"), "xlsx", "zh"))
    assert set(column(book["明细"], "账户")[:-1]) == {"幸福里便利店"}


def test_without_a_font_it_says_what_to_install(told: Statement, monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.chinese_font.cache_clear()
    monkeypatch.setattr(fonts, "_LINUX", ("/nowhere/font.ttc",))
    monkeypatch.setattr(fonts, "_FOLDERS", ())
    with pytest.raises(Told, match="apt install fonts-noto-cjk"):
        exported(told, "pdf", "zh")
    fonts.chinese_font.cache_clear()


def test_a_font_elsewhere_is_found_in_its_chinese_form(
    told: Statement, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = fonts.chinese_font()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / known.file.name).symlink_to(known.file)
    fonts.chinese_font.cache_clear()
    monkeypatch.setattr(fonts, "_LINUX", ())
    monkeypatch.setattr(fonts, "_FOLDERS", (tmp_path,))
    assert fonts.chinese_font() == fonts.Font(tmp_path / "deep" / known.file.name, known.number)
    fonts.chinese_font.cache_clear()


def test_a_file_that_is_there_stays(told: Statement, tmp_path: Path) -> None:
    file = tmp_path / file_name(told, "csv")
    assert file.name == "settlement-S1-2026-03-14--2026-03-15.csv"
    file.write_bytes(b"mine")
    with pytest.raises(Told, match="exists already"):
        write_new(file, b"other", overwrite=False)
    assert file.read_bytes() == b"mine"
    write_new(file, b"other", overwrite=True)
    assert file.read_bytes() == b"other"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
