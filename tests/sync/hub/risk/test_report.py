from __future__ import annotations

from sync.hub.hub import Hub
from sync.hub.risk.report import RiskReport, report
from tests.sync.hub import sales
from tests.sync.hub.codes.phones import issue, sell
from tests.sync.hub.terminals import FakeTerminal


def risks(hub: Hub) -> RiskReport:
    with hub.database.read() as connection:
        return report(connection)


def test_a_quiet_hub_has_limits_alone(hub: Hub) -> None:
    found = risks(hub)
    assert (found.borne, found.reserved, found.odd_codes, found.copied, found.odd_coupons) == ((),) * 5
    assert {one.asset: one.member_fen for one in found.limits} == {"points": 400_00, "voucher": 400_00}


def test_what_is_reserved_and_for_how_long(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    till.feed("packs")
    (one,) = risks(hub).reserved
    assert (one.terminal, one.asset, one.codes, one.amount) == ("S1-1", "points", 1, 700)
    assert one.oldest == issued.issued_at[:19] + one.oldest[19:]
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
