"""Batches of twenty-line member sales, sent by a terminal to a hub that serves in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import msgspec
import requests
from sqlalchemy import func, select

from pos.domain.basket import Basket, BasketLine, MemberInput
from pos.domain.events import SaleMade
from pos.domain.journal import Entry
from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.protocol.messages import BATCH_ENTRIES_MAX, UploadReply
from tests.bench.measure import timed
from tests.bench.shops import MEMBERS, SALE_LINES
from tests.sync.hub import sales
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal, read


@dataclass
class Uploads:
    """An enrolled terminal, its hub, and what it sends."""

    hub: Hub
    till: FakeTerminal
    url: str
    _sales: Iterator[SaleMade]

    def next_batch(self, size: int = BATCH_ENTRIES_MAX) -> tuple[Entry, ...]:
        """New entries of the terminal's chain."""
        made = islice(self._sales, size)
        return tuple(
            self.till.write(msgspec.structs.replace(sale, receipt_no=self.till.next_receipt_no()))
            for sale in made
        )

    def send(self, entries: tuple[Entry, ...], verdict: str) -> float:
        """From the first byte of the request until the answer is read, in seconds; what follows is waited for."""
        body = msgspec.json.encode(self.till.batch(entries))
        message = self.till.signed("POST", "/v1/journal", body)
        replies: list[UploadReply] = []
        took_s = timed(lambda: replies.append(read(self.till.send(message), UploadReply)))
        assert {one.verdict for one in replies[0].results} == {verdict}
        self._wait_until_recomputed()
        return took_s

    def _wait_until_recomputed(self) -> None:
        receipts, done = schema.receipts, schema.recomputations
        query = select(
            select(func.count()).select_from(receipts).scalar_subquery()
            - select(func.count()).select_from(done).scalar_subquery()
        )
        while True:
            with self.hub.database.read() as connection:
                if not connection.execute(query).scalar():
                    return
            time.sleep(0.05)


@contextmanager
def uploads(folder: Path, server: Server | None) -> Iterator[Uploads]:
    """The sample hub on SQLite, or in a database of the server, with terminal S1-1 enrolled."""
    data = folder / "hub"
    found(data, None, database_url=server.url(server.create()) if server else None)
    with opened(DataFolder(data)) as hub, _served(data) as url, requests.Session() as http:
        till = FakeTerminal(http, url)
        till.enrol(str(make_code(hub, "S1-1", HOUR)[0]))
        yield Uploads(hub, till, url, _twenty_lines())


@contextmanager
def on_postgres(folder: Path) -> Iterator[Server]:
    """A server that syncs as it would for a real alliance, its data on the folder's disk."""
    server = Server(folder / "postgres", durable=True)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _served(data: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "sync.hub.cli", "serve", "--data", str(data), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        yield json.loads(server.stdout.readline())["url"]
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def _twenty_lines() -> Iterator[SaleMade]:
    """Twenty different goods for one member after another, each priced once by the till's own code."""
    goods = [one for one in sales.GOODS.values() if not one.weighed][:SALE_LINES]
    lines = tuple(BasketLine(product, 2) for product in goods)
    assert len(lines) == SALE_LINES
    members = (MemberInput(number, "basic", {"points": 2000}, home_store="S1") for number in MEMBERS)
    return cycle(
        [sales.sold("", Basket(lines=lines, member=member, redeem={"points": 200})) for member in members]
    )
