"""The commands as people run them: in processes of their own."""

import datetime as dt
import errno
import ipaddress
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from sqlalchemy.exc import OperationalError

from sync.hub.alliance import founding
from sync.hub.cli import main
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust import enrolment
from sync.protocol.messages import Problem
from sync.protocol.trust import read_enrolment_code
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "resources" / "sample"
HUB = (sys.executable, "-m", "sync.hub.cli")
ENGLISH = {**os.environ, "POS_LANGUAGE": "en"}
TIMEOUT_S = 30


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*args: str | Path) -> Done:
    """Runs a command in a process of its own."""
    done = subprocess.run(
        [*HUB, *map(str, args)],
        cwd=ROOT,
        env=ENGLISH,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Shell:
    """Runs commands in this process, through the same entry point."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setenv("POS_LANGUAGE", "en")

    def run(self, *args: str | Path) -> Done:
        self._monkeypatch.setattr(sys, "argv", ["pos-hub", *map(str, args)])
        self._capsys.readouterr()
        umask = os.umask(0o022)
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            os.umask(umask)
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, *self._capsys.readouterr())

    def refused(self, *args: str | Path) -> str:
        """What a command that must fail says."""
        done = self.run(*args)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.strip()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


class Served:
    """`pos-hub serve` in a process."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.process = subprocess.Popen(
            [*HUB, "serve", "--data", str(folder), "--port", "0", *args],
            cwd=ROOT,
            env=ENGLISH,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def stop(self) -> str:
        """Asks it to end; returns its log. An open TLS connection would be given its seconds of grace."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=TIMEOUT_S)
        assert self.process.returncode == 0, log
        return log


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def test_from_an_empty_folder_to_a_booked_day(tmp_path: Path, http: requests.Session, shell: Shell) -> None:
    folder = tmp_path / "hub"
    made = run("init", "--data", folder, "--sample")
    assert made.returncode == 0
    assert "USB stick in a safe" in made.stderr
    (folder / "keys" / "root.pem").unlink()

    served = Served(folder)
    code = json.loads(run("enrol-code", "--data", folder, "--terminal", "S1-1", "--json").stdout)
    assert code["terminal"] == "S1-1"
    till = FakeTerminal(http, served.url)
    assert till.enrol(code["code"]).terminal == "S1-1"
    sale = sales.sale(till.next_receipt_no())
    till.write(sale)
    assert [one.verdict for one in till.upload().results] == ["accepted"]
    assert till.points(sales.MEMBER) == 2900

    second = shell.refused("serve", "--data", folder, "--port", "0")
    assert second == f"Another pos-hub is serving {folder}. Stop it first, or choose another data folder."
    unsigned = http.post(served.url + "/v1/journal", data=b"{}", timeout=TIMEOUT_S)
    assert (unsigned.status_code, Problem(**unsigned.json()).error) == (401, "bad_signature")

    path = shell.run("member", "card", "--data", folder, "--member", sales.MEMBER).stdout.strip()
    page = http.get(served.url + path, timeout=TIMEOUT_S)
    assert ">29<" in page.text
    assert http.get(served.url + "/", timeout=TIMEOUT_S).status_code == 200
    log = served.stop()
    for private in (path, "91368861958193196424478", code["code"], sales.MEMBER, "PRIVATE KEY"):
        assert private not in log
    assert all(json.loads(line)["event"] for line in log.splitlines())

    again = Served(folder)
    till.url = again.url
    assert [one.verdict for one in till.upload().results] == ["exists"]
    again.stop()

    day = json.loads(shell.run("report", "day", "--data", folder, "--date", sales.DATE, "--json").stdout)
    assert (day["figures"]["payable_fen"], day["figures"]["share_fen"]) == (8436, 253)
    assert day["recomputed_differently"] == []
    words = shell.run("report", "day", "--data", folder, "--date", sales.DATE).stdout
    assert re.search(r"payable +84\.36", words)
    assert "agree" in shell.run("report", "ledger", "--data", folder).stderr


def test_what_a_server_refuses_to_do(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    assert "--tls-cert" in shell.refused("serve", "--data", folder.path, "--host", "0.0.0.0", "--port", "0")
    assert "together" in shell.refused("serve", "--data", folder.path, "--tls-cert", __file__)
    assert "pos-hub init" in shell.refused("serve", "--data", tmp_path / "nothing")


def test_codes_and_terminals(shell: Shell, folder: DataFolder) -> None:
    typed = shell.run("enrol-code", "--data", folder.path, "--terminal", "S1-1").stdout.strip()
    assert read_enrolment_code(typed) is not None
    assert shell.refused("enrol-code", "--data", folder.path, "--terminal", "S8-8") == (
        "There is no terminal S8-8; check the id."
    )
    assert shell.run("terminal", "revoke", "--data", folder.path, "--terminal", "S1-1").returncode == 0


def test_a_second_store(shell: Shell, folder: DataFolder) -> None:
    where = ("store", "add", "--data", folder.path, "--store", "S2", "--name", "二店")
    whose = ("--merchant-id", "M1", "--merchant", "幸福里商贸")
    assert shell.run(*where, *whose, "--terminal", "S2-1=二店 1 号机").returncode == 0
    assert "exists already" in shell.refused(*where, *whose)
    other = ("store", "add", "--data", folder.path, "--store", "S3", "--name", "三店", *whose)
    assert "capital letters" in shell.refused(*other, "--terminal", "s3 1")
    assert "time zone" in shell.refused(*other, "--timezone", "Mars/Olympus")
    goods = SAMPLE / "goods.csv"
    assert shell.run("import", "goods", goods, "--data", folder.path, "--store", "S2").returncode == 0
    assert "no store S3" in shell.refused("import", "goods", goods, "--data", folder.path, "--store", "S3")
    staff = SAMPLE / "staff.csv"
    assert (
        "4 read, 4 changed"
        in shell.run("import", "staff", staff, "--data", folder.path, "--store", "S2").stderr
    )


def test_bad_files_name_every_mistake_and_change_nothing(
    shell: Shell, folder: DataFolder, tmp_path: Path
) -> None:
    bad = tmp_path / "members.csv"
    bad.write_text(
        "member_no,card_code,name,phone,birthday,plan,expires_in_days,status,points\nx,,,,,,,,\ny\n"
    )
    said = shell.refused("import", "members", bad, "--data", folder.path)
    assert "2 mistake(s)" in said
    assert "members.csv:2" in said
    assert "members.csv:3" in said
    pack = tmp_path / "pack.toml"
    pack.write_bytes(sales.PACK_BYTES)
    assert "not above the published 2" in shell.refused("pack", "publish", pack, "--data", folder.path)
    pack.write_bytes(sales.PACK_BYTES.replace(b"version = 2", b"version = 3"))
    assert shell.run("pack", "publish", pack, "--data", folder.path).returncode == 0


@pytest.mark.parametrize(
    "args",
    [("enrol-code",), ("gossip",), ("init", "--data"), ("report", "day", "--data", "x", "--date", "soon")],
)
def test_a_slip_of_the_finger_gets_one_sentence(shell: Shell, args: tuple[str, ...]) -> None:
    assert len(shell.refused(*args).splitlines()) == 1


def test_chinese_is_the_language_of_the_house(
    shell: Shell, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POS_LANGUAGE", "zh_CN.UTF-8")
    assert shell.run("report", "ledger", "--data", folder.path).stderr.startswith("账平")


@pytest.mark.parametrize(
    ("set_to", "starts"),
    [("zh_CN.UTF-8", "账平"), ("C.UTF-8", "账平"), ("en_US.UTF-8", "The ledger"), ("fr_FR", "The ledger")],
)
def test_unasked_the_system_decides_the_language(
    shell: Shell, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, set_to: str, starts: str
) -> None:
    monkeypatch.setenv("POS_LANGUAGE", "xx")
    monkeypatch.setenv("LC_ALL", set_to)
    assert shell.run("report", "ledger", "--data", folder.path).stderr.startswith(starts)


@pytest.mark.parametrize("url", ["", "https://hub.example:8440"])
def test_an_enrolment_code_can_be_scanned_off_the_screen(shell: Shell, folder: DataFolder, url: str) -> None:
    asked = ("enrol-code", "--data", folder.path, "--terminal", "S1-1")
    done = shell.run(*asked, "--url", url)
    code = done.stdout.strip()
    assert read_enrolment_code(code) is not None
    [found] = zxingcpp.read_barcodes(drawn(done.stderr))
    assert found.text == f"{url} {code}".strip()
    assert shell.run(*asked, "--json").stderr == ""


def drawn(screen: str) -> Image.Image:
    """What half blocks look like on a dark screen: each character is two modules, one above the other."""
    lines = screen.strip("\n").splitlines()
    image = Image.new("L", (max(map(len, lines)), 2 * len(lines)), 0)
    for row, line in enumerate(lines):
        for column, char in enumerate(line):
            image.putpixel((column, 2 * row), 255 if char in "█▀" else 0)
            image.putpixel((column, 2 * row + 1), 255 if char in "█▄" else 0)
    return image.resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)


@pytest.mark.parametrize(
    "full",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OperationalError("", None, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_a_full_disk_gets_a_whole_sentence(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: Exception
) -> None:
    def fail(*_: object) -> None:
        raise full

    monkeypatch.setattr(founding, "make_keys", fail)
    said = shell.refused("init", "--data", tmp_path / "hub")
    assert said.startswith(f"The hub was not made, because {tmp_path / 'hub'} cannot be written: ")
    assert "free disk space" in said
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_is_a_whole_sentence(
    shell: Shell, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(enrolment, "make_code", fail)
    said = shell.refused("enrol-code", "--data", folder.path, "--terminal", "S1-1")
    assert said == (
        "The system refused: No space left on device. "
        "Check disk space and the folder's permissions, then run it again."
    )


def test_a_port_that_is_taken(shell: Shell, folder: DataFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"127.0.0.1:{port}" in shell.refused("serve", "--data", folder.path, "--port", port)


def test_with_a_certificate_it_serves_tls(folder: DataFolder, tmp_path: Path, http: requests.Session) -> None:
    certificate, key = self_signed(tmp_path)
    served = Served(folder.path, "--tls-cert", str(certificate), "--tls-key", str(key))
    assert served.url.startswith("https://127.0.0.1:")
    assert http.get(served.url + "/health", verify=str(certificate), timeout=TIMEOUT_S).status_code == 200
    http.close()
    served.stop()


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    today = dt.datetime.now(dt.UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(loopback, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths
