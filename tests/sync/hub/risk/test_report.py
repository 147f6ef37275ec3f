from __future__ import annotations

import datetime as dt

import pytest

from pos.domain.events import OrderHandedOver
from pos.domain.language import Language
from sync.hub.hub import Hub
from sync.hub.pages.spoken import Naming
from sync.hub.risk import wording
from sync.hub.risk.report import RiskReport, report
from tests.sync.hub import sales
from tests.sync.hub.codes.phones import issue, later, sell
from tests.sync.hub.terminals import FakeTerminal


def risks(hub: Hub) -> RiskReport:
    with hub.database.read() as connection:
        return report(hub, connection)


def test_a_quiet_hub_has_limits_alone(hub: Hub) -> None:
    found = risks(hub)
    assert (found.borne, found.reserved, found.odd_codes, found.copied, found.odd_coupons) == ((),) * 5
    assert {one.asset: one.member_fen for one in found.limits} == {"points": 400_00, "voucher": 400_00}


def test_what_is_reserved_and_for_how_long(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    till.feed("packs")
    (one,) = risks(hub).reserved
    assert (one.terminal, one.asset, one.codes, one.amount) == ("S1-1", "points", 1, 700)
    apart = dt.datetime.fromisoformat(one.oldest) - dt.datetime.fromisoformat(issued.issued_at)
    assert abs(apart) < dt.timedelta(seconds=10)
    sell(till, issued)
    till.upload()
    assert risks(hub).reserved == ()


def test_what_was_taken_beyond_what_was_there(hub: Hub, till: FakeTerminal) -> None:
    issue(hub, 2000)
    till.write(sales.sale(till.next_receipt_no(), redeem=700))
    till.upload()
    (one,) = risks(hub).borne
    assert (one.terminal, one.asset, one.receipts, one.remaining) == ("S1-1", "points", 1, 700)


def test_a_code_twice_and_a_copied_till(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 2000)
    sell(till, issued)
    till.upload()
    till.entries.clear()
    sell(till, issued)
    till.upload()
    found = risks(hub)
    assert [(one.number, one.standing) for one in found.odd_codes] == [(issued.number, "twice")]
    assert [(one.terminal, one.entries) for one in found.copied] == [("S1-1", 1)]


def test_an_order_twice_a_silent_till_and_quotas(hub: Hub, till: FakeTerminal) -> None:
    till.feed("packs")
    for _ in range(2):
        till.write(OrderHandedOver(sales.DATE + "T10:00:00+08:00", sales.DATE, "03", "A1"))
    till.upload()
    found = risks(later(hub, dt.timedelta(days=2)))
    assert [(one.order_no, one.times) for one in found.handed_over_again] == [("A1", 2)]
    assert [one.terminal for one in found.silent] == ["S1-1"]
    assert risks(hub).silent == ()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_is_a_sentence(hub: Hub, till: FakeTerminal, language: Language) -> None:
    issued = issue(hub, 2000)
    for _ in range(2):
        sell(till, issued)
        till.upload()
        till.entries.clear()
    issue(hub, 500)
    for _ in range(2):
        till.write(OrderHandedOver(sales.DATE + "T10:00:00+08:00", sales.DATE, "03", "A1"))
    with hub.database.read() as connection:
        told = wording.sections(
            report(later(hub, dt.timedelta(days=2)), connection), Naming(connection, language)
        )
    lines = [line for section in told for line in section.lines]
    assert len(lines) >= 5
    assert not any("{" in line or "None" in line for line in lines)
    assert any("400.00" in line for line in lines)
