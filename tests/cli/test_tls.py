"""A hub with a certificate of the alliance's own authority, as a technician sets it up; real processes and ports."""

from __future__ import annotations

import json
from pathlib import Path

from pos.bootstrap.till import open_till
from pos.demo.processes import Process, run
from pos.domain.message import Message
from tests.cli.running import pos


class TlsHub:
    """`pos-hub` with its own certificate; it can be stopped and started at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        run(["sync.hub.cli", "init", "--data", str(folder), "--sample"])
        self.make_certificate()

    def make_certificate(self, *options: str) -> None:
        root = str(self.folder / "keys" / "root.pem")
        self.command("tls", "make", "--host", "127.0.0.1", "--root", root, *options)

    def command(self, *arguments: str) -> str:
        return run(["sync.hub.cli", *arguments, "--data", str(self.folder)])

    def start(self) -> Process:
        own = str(self.folder / "keys" / "tls-server.pem")
        where = ["--port", str(self.port), "--tls-cert", own, "--tls-key", own]
        process = Process(
            "hub",
            ["sync.hub.cli", "serve", "--data", str(self.folder), *where],
            self.folder.parent / "hub.log",
        )
        self.url = str(process.next_object()["url"])
        self.port = int(self.url.rpartition(":")[2])
        return process


def fetch(data: Path) -> Message | None:
    with open_till(data) as till:
        return till.hub.fetch_once()


def test_a_till_joins_learns_the_authority_and_follows_it_to_a_new_one(tmp_path: Path) -> None:
    hub, data = TlsHub(tmp_path / "hub"), tmp_path / "till"
    serving = hub.start()
    assert hub.url.startswith("https://")
    code = json.loads(hub.command("enrol-code", "--terminal", "S1-1", "--json"))["code"]
    said = pos("provision", "--data", data, "--hub", hub.url, "--code", code)
    assert (said.status, said.out.strip()) == (0, "入网成功：幸福里便利店 1 号机")
    serving.stop()

    hub.command("tls", "renew")
    serving = hub.start()
    assert fetch(data) is None
    serving.stop()

    hub.make_certificate("--new-authority")
    serving = hub.start()
    assert fetch(data) is None
    with open_till(data) as till:
        listed = till.store.keys.key_list()
    assert listed is not None
    assert (listed.version, len(listed.tls)) == (3, 1)
    serving.stop()


def test_a_hub_that_only_says_it_is_tls_gets_nothing(tmp_path: Path) -> None:
    """The root never vouched for the authority: the list was prepared and not signed yet."""
    hub, data = TlsHub(tmp_path / "hub"), tmp_path / "till"
    (hub.folder / "keys" / "tls-authority.pem").unlink()
    hub.command(
        "tls", "make", "--host", "127.0.0.1", "--new-authority", f"--prepare={tmp_path / 'to-sign.json'}"
    )
    serving = hub.start()
    code = json.loads(hub.command("enrol-code", "--terminal", "S1-1", "--json"))["code"]
    said = pos("provision", "--data", data, "--hub", hub.url, "--code", code)
    assert said.status == 1
    assert "入网码没有发出去" in said.err
    serving.stop()
