import datetime as dt

import pytest
from sqlalchemy import select

from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested, Correction
from sync.hub.hub import Hub
from sync.hub.storage import schema
from sync.hub.words import Told, stamp
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.terminals import FakeTerminal

NOW = dt.datetime(2026, 3, 15, 1, 0, tzinfo=dt.UTC)
HOURS = dt.timedelta(hours=1)


@pytest.fixture
def receipt(till: FakeTerminal) -> str:
    """The worked sale of the member, uploaded."""
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload()
    return made.receipt_no


def opened(
    hub: Hub, about: Contested, party: str = "store:S1", reason: str = "金额不对", now: dt.datetime = NOW
) -> int:
    with hub.database.write() as connection:
        return disputes.open_one(connection, about, party=party, reason=reason, opened_by="owner", now=now)


def answered(hub: Hub, number: int, correction: Correction | None = None, text: str = "核对过了") -> None:
    with hub.database.write() as connection:
        disputes.answer(
            connection, number, text, answered_by="desk", now=NOW + 3 * HOURS, correction=correction
        )


def read(hub: Hub, number: int) -> disputes.Dispute:
    with hub.database.read() as connection:
        return disputes.known(connection, number)


def test_it_must_be_answered_within_48_hours(hub: Hub, receipt: str) -> None:
    one = read(hub, opened(hub, Contested(receipt_no=receipt)))
    assert one.due_at == stamp(NOW + 48 * HOURS)
    assert not one.overdue(stamp(NOW + 48 * HOURS))
    assert one.overdue(stamp(NOW + 49 * HOURS))
    assert not one.late


def test_overdue_ones_come_first_and_ended_ones_last(hub: Hub, receipt: str) -> None:
    period = Contested(first_day="2026-03-01", last_day="2026-03-14", line="share")
    late = opened(hub, Contested(receipt_no=receipt), now=NOW - 60 * HOURS)
    young = opened(hub, period)
    ended = opened(hub, Contested(receipt_no=receipt), party=f"member:{sales.MEMBER}", now=NOW - 90 * HOURS)
    answered(hub, ended)
    with hub.database.read() as connection:
        assert [one.id for one in disputes.listed(connection)] == [late, young, ended]
        assert [one.id for one in disputes.listed(connection, ["store:S1"])] == [late, young]
        assert [one.id for one in disputes.listed(connection, limit=1)] == [late]
        assert disputes.waiting(connection, stamp(NOW)) == (2, 1)
        assert disputes.waiting(connection, stamp(NOW), ["store:S9"]) == (0, 0)
    assert read(hub, ended).late


def test_a_correction_moves_money_to_the_store_in_the_answers_words(hub: Hub, receipt: str) -> None:
    before = balances(hub)["store:S1", "CNY"]
    number = opened(hub, Contested(receipt_no=receipt))
    answered(hub, number, Correction("CNY", 120), "秤多记了，退分成 1.20")
    assert balances(hub)["store:S1", "CNY"] == before + 120
    one = read(hub, number)
    assert (one.state, one.unit, one.amount, one.answered_by) == ("corrected", "CNY", 120, "desk")
    table = schema.transfers
    with hub.database.read() as connection:
        row = connection.execute(select(table).where(table.c.linked == f"dispute:{number}")).one()
    assert (row.code, row.reason, row.debit) == ("correction", "秤多记了，退分成 1.20", "alliance:share")


def test_a_correction_may_go_the_other_way_and_in_points(hub: Hub, receipt: str) -> None:
    before = balances(hub)[f"member:{sales.MEMBER}", "points"]
    number = opened(hub, Contested(receipt_no=receipt), party=f"member:{sales.MEMBER}")
    answered(hub, number, Correction("points", -300))
    assert balances(hub)[f"member:{sales.MEMBER}", "points"] == before - 300


def test_a_dismissal_moves_nothing(hub: Hub, receipt: str) -> None:
    before = balances(hub)
    number = opened(hub, Contested(receipt_no=receipt))
    answered(hub, number)
    assert balances(hub) == before
    assert read(hub, number).state == "dismissed"


def test_it_is_answered_once(hub: Hub, receipt: str) -> None:
    number = opened(hub, Contested(receipt_no=receipt))
    answered(hub, number, Correction("CNY", 120))
    before = balances(hub)
    with pytest.raises(Told, match="answered already"):
        answered(hub, number, Correction("CNY", 120))
    assert balances(hub) == before


@pytest.mark.parametrize(
    ("correction", "text"),
    [(Correction("CNY", 0), "核对过了"), (Correction("CNY", 10**13), "核对过了"), (None, " ")],
)
def test_an_answer_that_will_not_do_ends_nothing(
    hub: Hub, receipt: str, correction: Correction | None, text: str
) -> None:
    number = opened(hub, Contested(receipt_no=receipt))
    with pytest.raises(Told):
        answered(hub, number, correction, text)
    assert read(hub, number).state == "open"


def test_only_ones_own_receipts_can_be_contested(hub: Hub, receipt: str) -> None:
    for party in ("store:S2", "member:30007572", "member:", "alliance:share"):
        with pytest.raises(Told, match="no receipt"):
            opened(hub, Contested(receipt_no=receipt), party=party)
    with pytest.raises(Told, match="no receipt"):
        opened(hub, Contested(receipt_no="S1-1-XXXXX-9999"))


def test_the_same_thing_is_contested_once_at_a_time(hub: Hub, receipt: str) -> None:
    number = opened(hub, Contested(receipt_no=receipt))
    with pytest.raises(Told, match=f"no. {number}"):
        opened(hub, Contested(receipt_no=receipt))
    answered(hub, number)
    assert opened(hub, Contested(receipt_no=receipt)) != number


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (Contested(first_day="2026-03-14", last_day="2026-03-01"), "金额不对"),
        (Contested(), "金额不对"),
        (Contested(first_day="2026-03-01", last_day="abc"), "金额不对"),
        (Contested(first_day="<b>", last_day="<i>"), "金额不对"),
        (Contested(first_day="20260301", last_day="20260314"), "金额不对"),
        (Contested(first_day="9999-11-01", last_day="9999-12-31"), "金额不对"),
        (Contested(first_day="2026-03-01", last_day="2026-03-14"), " "),
        (Contested(first_day="2026-03-01", last_day="2026-03-14"), "长" * 1001),
    ],
)
def test_what_makes_no_sense_is_refused(hub: Hub, about: Contested, reason: str) -> None:
    with pytest.raises(Told):
        opened(hub, about, reason=reason)


def test_there_is_an_end_to_contesting(hub: Hub) -> None:
    for day in range(disputes.OPEN_PER_PARTY_MAX):
        opened(hub, Contested(first_day="2026-01-01", last_day="2026-03-14", line=str(day)))
    with pytest.raises(Told, match="50"):
        opened(hub, Contested(first_day="2026-01-01", last_day="2026-03-14", line="one more"))
