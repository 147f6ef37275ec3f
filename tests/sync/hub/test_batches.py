"""A batch is booked in memory: it must leave what the same entries leave when they come one by one."""

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pos.domain.basket import HeldCoupon
from pos.domain.events import PrintedCoupon, ReceiptEvent
from pos.domain.membership import MembershipDeal
from pos.domain.refund import ReturnedLine
from sync.hub.hub import Hub, opened
from sync.hub.ledger.audit import audit
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances
from tests.sync.hub.conftest import HOUR, Sample
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal

PACK = sales.PACKS["tianshang"]
TABLES = (
    *(schema.journal_entries, schema.receipts, schema.transfers, schema.balances, schema.overdrafts),
    *(schema.coupons, schema.coupon_uses, schema.members, schema.chains, schema.recomputations),
)


@pytest.fixture
def other_folder(request: pytest.FixtureRequest, folder: DataFolder, tmp_path: Path) -> Iterator[DataFolder]:
    """Another copy of the sample hub, on the same engine."""
    if not folder.database_url.is_file():
        sample: Path = request.getfixturevalue("sample")
        yield DataFolder(Path(shutil.copytree(sample, tmp_path / "other")))
        return
    server: Server = request.getfixturevalue("postgres")
    model: Sample = request.getfixturevalue("postgres_sample")
    other = DataFolder(Path(shutil.copytree(model.path, tmp_path / "other")))
    database = server.create(model.database)
    other.database_url.write_text(server.url(database), "utf-8")
    yield other
    server.drop(database)


def enrolled(hub: Hub, twin: FakeTerminal | None = None) -> FakeTerminal:
    """Terminal S1-1, or the same machine enrolled at another hub."""
    http = InProcess(make_app(hub))
    till = FakeTerminal(http, key=twin.key, incarnation=twin.incarnation) if twin else FakeTerminal(http)
    till.enrol(str(make_code(hub, "S1-1", HOUR)[0]))
    return till


def everything(till: FakeTerminal) -> list[ReceiptEvent]:
    """Receipts that depend on one another in every way that books know."""
    number = till.next_receipt_no
    first = sales.sale(number(), member=sales.NEWCOMER, believed=0, redeem=0)
    undone = sales.give_back(number(), first, *sales.whole(first))
    overdrawn = sales.sale(number(), believed=99_000)
    part = sales.give_back(number(), overdrawn, ReturnedLine(0, 1))
    rest = sales.give_back(number(), overdrawn, *sales.whole(overdrawn, part), earlier=(part,))
    plan = MembershipDeal("upgrade", "co_creator", 90_000, 0, "2026-03-14", "2027-03-13")
    printed = HeldCoupon("neighbour_30_3", "00112233445566aa", "M1")
    basket = honest.basket(till, sales.FRUIT_LINES, sales.FRIEND, printed=(printed,))
    early, twice = sales.sold(number(), basket, PACK), sales.sold(number(), basket, PACK)
    assert printed in early.result.coupons_used
    plain = honest.basket(till, sales.FRUIT_LINES, sales.MEMBER)
    printing = sales.sold(
        number(), plain, PACK, printed=(PrintedCoupon(printed.rule, "00112233445566aa", "c", "2026-12-31"),)
    )
    return [
        *(first, sales.walk_in(number()), undone, overdrawn, part),
        *(sales.membership(number(), plan, member=sales.MEMBER), rest, early, twice, printing),
        sales.give_back(number(), early, *sales.whole(early)),
        sales.give_back(number(), printing, *sales.whole(printing)),
        sales.sale(number(), member=sales.NEWCOMER, believed=0, redeem=0),
        sales.sale(number(), member="unknown", believed=0, redeem=0),
    ]


def content(hub: Hub) -> dict[str, list[dict[str, Any]]]:
    with hub.database.read() as connection:
        return {
            table.name: sorted((_told(row) for row in connection.execute(select(table)).mappings()), key=str)
            for table in TABLES
        }


def _told(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"done_at", "enrolled_at"}}


def test_all_at_once_is_the_same_as_one_by_one(folder: DataFolder, other_folder: DataFolder) -> None:
    with opened(folder) as one, opened(other_folder) as other:
        now = dt.datetime.now(dt.UTC)  # reads must be signed lately
        hub, slow = replace(one, now=lambda: now), replace(other, now=lambda: now)
        till = enrolled(hub)
        twin = enrolled(slow, till)
        for event in everything(till):
            till.write(event)
        assert {row.verdict for row in till.upload().results} == {"accepted"}
        for entry in till.entries:
            assert twin.upload(entry).results[0].verdict == "accepted"
        assert balances(hub) == balances(slow)
        assert content(hub) == content(slow)
        for member_no in (sales.MEMBER, sales.NEWCOMER, sales.FRIEND):
            assert honest.member_row(till, member_no) == honest.member_row(twin, member_no)
        with hub.database.read() as connection:
            found = audit(connection)
            standings = connection.execute(
                select(schema.coupon_uses.c.standing).order_by(schema.coupon_uses.c.id)
            )
            assert list(standings.scalars()) == ["good", "good"], "the second took the first one's place"
        assert (found.differences, found.receipts) == ((), len(till.entries))
