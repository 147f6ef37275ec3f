from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.cli.running import command, environment, is_one_sentence, pos
from tests.usecases.sample_till import APPLES, COLA, DOU_CARD, TOBACCO, WATER

WORKED = f"MEMBER:{DOU_CARD} {WATER} {WATER} {WATER} {COLA} {COLA} {TOBACCO} {APPLES}@1234"
PAID = re.compile(r"PAID (S1-1-[0-9A-Z]{5}-\d{4}) (\d+) ([0-9a-f]{64})")


def baskets(folder: Path, *lines: str) -> Path:
    file = folder / "baskets.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_sample_shop_sells_at_once(tmp_path: Path) -> None:
    data = tmp_path / "new" / "till"
    made = pos("sample", "--data", data)
    assert made.status == 0
    assert str(data) in made.out
    assert data.stat().st_mode & 0o077 == 0
    said = pos("replay", "--data", data, "--baskets", baskets(tmp_path, WORKED))
    assert said.status == 0
    assert [bool(PAID.fullmatch(line)) for line in said.lines] == [True]


def test_a_sample_is_not_made_over_a_till(data: Path) -> None:
    before = pos("journal", "verify", "--data", data).out
    said = pos("sample", "--data", data)
    assert said.status == 1
    assert is_one_sentence(said.err)
    assert pos("journal", "verify", "--data", data).out == before


def test_odoo_71455_two_tills_of_one_name_print_different_numbers(tmp_path: Path) -> None:
    numbers = set()
    for name in ("one", "two"):
        pos("sample", "--data", tmp_path / name)
        said = pos("replay", "--data", tmp_path / name, "--baskets", baskets(tmp_path, WATER))
        numbers.add(said.out.split()[1])
    assert len(numbers) == 2


def test_paid_names_number_place_and_hash_as_the_journal_does(data: Path, tmp_path: Path) -> None:
    said = pos("replay", "--data", data, "--baskets", baskets(tmp_path, WORKED, "", WATER, "   "))
    listed = [line.split("\t") for line in pos("journal", "list", "--data", data).lines]
    sales = [(row[2], row[0], row[3]) for row in listed if row[1] == "sale"]
    assert [line.split()[1:] for line in said.lines] == [list(sale) for sale in sales]
    assert len(sales) == 2


def test_a_bad_line_is_named_and_the_others_go_on(data: Path, tmp_path: Path) -> None:
    file = baskets(tmp_path, WATER, "6900000000007", COLA, f"{APPLES}", "junk", WATER)
    said = pos("replay", "--data", data, "--baskets", file)
    assert said.status == 1
    assert len(said.lines) == 3
    named = [line.split(": ")[0] for line in said.err.splitlines()]
    assert named == ["baskets.txt:2", "baskets.txt:4", "baskets.txt:5"]
    assert "6900000000007" in said.err
    assert pos("journal", "verify", "--data", data).status == 0


def test_paid_is_said_as_soon_as_it_is_true(data: Path, tmp_path: Path) -> None:
    """Into a pipe, where output would wait: the first line is there while the last is not yet paid."""
    file = baskets(tmp_path, *[WORKED] * 3_000)
    running = subprocess.Popen(
        command("replay", "--data", data, "--baskets", file), stdout=subprocess.PIPE, env=environment()
    )
    with running:
        assert running.stdout is not None
        first = running.stdout.readline()
        still_running = running.poll() is None
        running.kill()
    assert PAID.fullmatch(first.decode().strip())
    assert still_running


def test_an_empty_file_of_baskets(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.touch()
    said = pos("replay", "--data", data, "--baskets", file)
    assert (said.status, said.out, said.err) == (0, "", "")


def test_a_file_that_is_not_there(data: Path, tmp_path: Path) -> None:
    assert pos("replay", "--data", data, "--baskets", tmp_path / "nowhere.txt").status == 2


def test_a_file_that_is_not_text(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "baskets.txt"
    file.write_bytes(f"{WATER}\n\xff\xfe\n{COLA}\n".encode("latin-1"))
    said = pos("replay", "--data", data, "--baskets", file)
    assert said.status == 1
    assert len(said.lines) == 2


def test_a_file_with_a_byte_order_mark(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "baskets.txt"
    file.write_text(WATER, encoding="utf-8-sig")
    assert pos("replay", "--data", data, "--baskets", file).status == 0
