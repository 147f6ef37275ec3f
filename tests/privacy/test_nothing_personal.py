"""A till that was used, and a hub: no name, phone number or birthday of the sample is in any byte on disk."""

from __future__ import annotations

import base64
import gzip
import random
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.domain.message import Refusal
from pos.support import write_support_file
from pos.words import Words
from tests.privacy.everywhere import leaks, personal_data
from tests.simulation.codes.alliance import GOODS, MEMBERS, Clock, SimulatedHub
from tests.simulation.codes.tills import SimulatedTill, enrolled

PERSONAL = personal_data()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimulatedHub]:
    hub = SimulatedHub(tmp_path / "at-the-hub", Clock())
    yield hub
    hub.close()


@pytest.fixture
def used(hub: SimulatedHub, tmp_path: Path) -> SimulatedTill:
    """Members known, sales by card and by code, a refund, uploads, a restart; and it lies there, switched off."""
    till = enrolled(tmp_path / "at-the-till", "S1-1", hub, random.Random(1), lambda desk: desk)
    till.sync()
    receipts = []
    for number, member in enumerate(MEMBERS):
        till.scan(hub.cards[member] if number % 2 else hub.issue(member, "S1-1", 300).code)
        till.scan(GOODS[number])
        paid = till.pay()
        assert paid is not None
        receipts.append(paid[0])
    till.give_back(receipts[0])
    till.sync()
    till.restart()
    till.close()
    return till


def test_the_sample_has_what_is_looked_for() -> None:
    assert len(PERSONAL) > 300
    assert "窦墨菊" in PERSONAL
    assert "199-0000-0001" in PERSONAL


def test_a_used_till_knows_nobody(used: SimulatedTill) -> None:
    assert leaks(used.folder.path, PERSONAL) == []


def test_the_hubs_database_and_its_log_tell_nobody_without_the_key(
    hub: SimulatedHub, used: SimulatedTill
) -> None:
    assert leaks(hub.folder, PERSONAL) == []


def test_a_support_file_tells_of_the_till_and_of_nobody(used: SimulatedTill, tmp_path: Path) -> None:
    out = tmp_path / "for-support" / "till.zip"
    out.parent.mkdir()
    (used.folder.path / "till.log").write_text("2026-01-01 WARNING a line\n", "utf-8")
    write_support_file(used.folder.path, out, Words("zh"))
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"doctor.txt", "about.json", "journal.tsv", "till.log"} <= parts.keys()
    assert '"terminal": "S1-1"' in parts["about.json"]
    assert "sale" in parts["journal.tsv"]
    assert leaks(out.parent, PERSONAL) == []
    said = "".join(parts.values())
    secret = used.folder.terminal_key.read_text().splitlines()[1]
    assert secret not in said
    assert not any(member in said for member in MEMBERS)
    with pytest.raises(Refusal):
        write_support_file(used.folder.path, out, Words("zh"))


@pytest.mark.parametrize("how", ["plain", "gbk", "utf-16", "base64", "gzip", "a deleted row"])
def test_a_planted_leak_is_found(used: SimulatedTill, how: str) -> None:
    """The look itself can fail."""
    path, leak = used.folder.path / "planted", "会员窦墨菊 19900000001"
    match how:
        case "plain":
            path.write_text(leak, "utf-8")
        case "gbk" | "utf-16":
            path.write_text(leak, how)
        case "base64":
            path.write_bytes(base64.b64encode(leak.encode()))
        case "gzip":
            path.write_bytes(b"header" + gzip.compress(leak.encode()))
        case _:
            connection = sqlite3.connect(path)
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute("CREATE TABLE t (a TEXT)")
            connection.execute("INSERT INTO t VALUES (?)", (leak,))
            connection.commit()
            connection.execute("DELETE FROM t")
            connection.commit()
            connection.close()
    assert leaks(used.folder.path, PERSONAL)
