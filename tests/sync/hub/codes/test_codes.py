"""Pay codes at the hub: what is held, what a sale takes of it, and what frees the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text

from pos.domain.events import CodesClosed
from pos.domain.ledger import member_account
from pos.domain.member_codes import card_hash
from pos.domain.pay_codes import member_tag, read_pay_code, terminal_mark
from sync.hub.alliance import members
from sync.hub.codes import fencing, issuing, losing
from sync.hub.codes.tables import code_uses, pay_codes
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.ledger.audit import audit
from sync.hub.operation import restore
from sync.hub.words import Told
from sync.protocol import trust
from sync.protocol.asking import CodeAnswer, CodeRequest
from sync.protocol.messages import ReportReply, TerminalReport
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.codes.phones import issue, later, sell, with_code
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo, read

AT = "2026-03-14T10:20:30+08:00"
MINUTE = dt.timedelta(minutes=1)
ACCOUNT = member_account(sales.MEMBER)


def free(hub: Hub, member: str = sales.MEMBER) -> int:
    with hub.database.read() as connection:
        return accounts.free(connection, member_account(member), "points")


def state(hub: Hub, number: int) -> str:
    with hub.database.read() as connection:
        query = select(pay_codes.c.state).where(pay_codes.c.number == number)
        return str(connection.execute(query).scalar_one())


def standings(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        return list(
            connection.execute(select(code_uses.c.standing).order_by(code_uses.c.receipt_no)).scalars()
        )


def check(hub: Hub) -> None:
    """Everything kept follows from what was received."""
    with hub.database.read() as connection:
        assert audit(connection).differences == ()


# --- issuing ------------------------------------------------------------------------------------------


def test_a_code_holds_and_says_what_a_till_needs(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    signed = read_pay_code(issued.code)
    assert signed is not None
    key = trust.key_of(hub.keys.listed, signed.code.key_id, "codes")
    assert trust.verify(key.public, signed.signature, signed.signed_bytes)
    assert signed.code.terminal_mark == terminal_mark(till.terminal, till.incarnation)
    assert (signed.code.epoch, signed.code.number, signed.code.amount) == (till.epoch, issued.number, 700)
    assert signed.code.bought
    assert free(hub) == 2000 - 700
    check(hub)


def test_asking_again_renews_the_same_number(hub: Hub, till: FakeTerminal) -> None:
    first = issue(hub, 700)
    again = issue(later(hub, 4 * MINUTE), 700)
    assert again.number == first.number
    assert again.expires_at > first.expires_at
    assert free(hub) == 1300


def test_asking_for_more_holds_more_under_the_same_number(hub: Hub, till: FakeTerminal) -> None:
    first, more, less = issue(hub, 700), issue(hub, 1500), issue(hub, 300)
    assert {first.number} == {more.number, less.number}
    assert (more.amount, less.amount) == (1500, 300)
    assert free(hub) == 500
    check(hub)


def test_no_more_than_is_free_in_whole_points(hub: Hub, till: FakeTerminal) -> None:
    assert issue(hub, 99_999).amount == 2000
    with hub.database.write() as connection:
        connection.execute(text("UPDATE code_books SET fence = last_number"))
    with pytest.raises(Told, match=r"reserved for terminal S1-1"):
        issue(hub, 100)


@pytest.mark.parametrize("amount", [99, 1])
def test_less_than_a_step_is_nothing(hub: Hub, till: FakeTerminal, amount: int) -> None:
    with pytest.raises(Told, match=r"no .* to spend"):
        issue(hub, amount)


def test_who_gets_no_code(hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        member = members.known(connection, sales.FRIEND)
        members.put(connection, msgspec.structs.replace(member, expires="2020-01-01"))
    for refused in (
        {"member": sales.FRIEND},
        {"member": "nobody"},
        {"terminal": "S9-9"},
        {"member": sales.NEWCOMER},
    ):
        with pytest.raises(Told):
            issue(hub, 100, **refused)
    assert free(hub) == 2000


def test_a_till_that_is_not_enrolled_has_no_codes(hub: Hub) -> None:
    with pytest.raises(Told, match="no pay codes now"):
        issue(hub, 100)


def test_numbers_rise_and_are_never_drawn_again_by_a_restored_hub(hub: Hub, till: FakeTerminal) -> None:
    first = issue(hub, 100)
    with hub.database.write() as connection:
        connection.execute(text("DELETE FROM pay_codes"))
        connection.execute(text("DELETE FROM code_books"))
        restore.begin_anew(connection, "2026-01-01T00:00:00Z", hub.now())
    again = issue(later(hub, dt.timedelta(seconds=1)), 100)
    assert again.number > first.number


# --- a sale comes -------------------------------------------------------------------------------------


def test_a_sale_takes_what_it_used_and_frees_the_rest(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 2000)
    sold = sell(till, issued, redeem=700)
    till.upload()
    assert state(hub, issued.number) == "spent"
    earned = sum(one.amount for one in sold.result.outcome.earned if one.role == "member")
    assert balances(hub)[(ACCOUNT, "points")] == 2000 - 700 + earned
    assert free(hub) == 2000 - 700 + earned
    assert standings(hub) == ["good"]
    check(hub)


def test_a_sale_by_card_cannot_take_what_is_held_for_a_code(hub: Hub, till: FakeTerminal) -> None:
    """Whoever arrives first: the code's points are there for the code."""
    issued = issue(hub, 2000)
    card = sales.sale(till.next_receipt_no(), redeem=700)
    till.write(card)
    code = sell(till, issued, redeem=700)
    till.upload()
    kept = balances(hub)
    earned = sum(
        one.amount for sold in (card, code) for one in sold.result.outcome.earned if one.role == "member"
    )
    assert kept[("alliance:clawback", "points")] == -700, "the sale without a code is borne"
    assert kept[(ACCOUNT, "points")] == 2000 - 700 + earned
    check(hub)


def test_a_refund_elsewhere_does_not_turn_a_code_into_an_overdraft(hub: Hub, till: FakeTerminal) -> None:
    earned_first = sales.sale(till.next_receipt_no(), redeem=0)
    till.write(earned_first)
    till.upload()
    issued = issue(hub, 99_900)
    till.write(sales.give_back(till.next_receipt_no(), earned_first, *sales_lines(earned_first)))
    sell(till, issued, redeem=700)
    till.upload()
    assert ("alliance:clawback", "points") not in balances(hub)
    check(hub)


def sales_lines(sold: Any) -> tuple[Any, ...]:
    from pos.domain.refund import ReturnedLine  # noqa: PLC0415

    return tuple(ReturnedLine(index, line.quantity) for index, line in enumerate(sold.result.lines))


def test_the_same_code_twice_is_honoured_once_from_the_hold(hub: Hub, till: FakeTerminal) -> None:
    """As two copies of a till would send it."""
    issued = issue(hub, 2000)
    sell(till, issued, redeem=700)
    sell(till, issued, redeem=700)
    till.upload()
    assert standings(hub) == ["good", "twice"]
    check(hub)


@pytest.mark.parametrize("wrong", ["another member", "a changed digit", "more than it was good for"])
def test_a_code_that_is_not_what_the_till_says_reserves_nothing(
    hub: Hub, till: FakeTerminal, wrong: str
) -> None:
    issued = issue(hub, 100, member=sales.FRIEND) if wrong == "another member" else issue(hub, 100)
    if wrong == "a changed digit":
        issued = msgspec.structs.replace(issued, number=issued.number + 1)
    sold = sales.sale(till.next_receipt_no(), redeem=700)
    till.write(with_code(sold, issued))
    till.upload()
    assert standings(hub) == ["forged"]
    check(hub)


@pytest.mark.parametrize("used", [-1, -(10**15), 701, 10**15])
def test_an_amount_that_no_till_writes_holds_up_nothing(hub: Hub, till: FakeTerminal, used: int) -> None:
    """One bad entry never holds up the next."""
    issued = issue(hub, 700)
    till.write(with_code(sales.sale(till.next_receipt_no(), redeem=700), issued, used))
    till.write(sales.walk_in(till.next_receipt_no()))
    assert [one.verdict for one in till.upload().results] == ["accepted", "accepted"]
    assert standings(hub) == ["forged"]
    assert state(hub, issued.number) == "open"
    check(hub)


def test_a_code_that_a_restored_hub_has_forgotten_is_honoured_by_its_signature(
    hub: Hub, till: FakeTerminal
) -> None:
    issued = issue(hub, 700)
    with hub.database.write() as connection:
        connection.execute(text("DELETE FROM pay_codes"))
    sell(till, issued, redeem=700)
    till.upload()
    assert standings(hub) == ["forgotten"]


def test_a_member_whom_the_till_knew_by_tag_is_booked_under_their_number(
    hub: Hub, till: FakeTerminal
) -> None:
    issued = issue(hub, 700)
    with hub.database.read() as connection:
        card = members.known(connection, sales.MEMBER).card_code
    tag = f"tag:{member_tag(card_hash(card))}"
    sold = with_code(sales.sale(till.next_receipt_no(), member=tag, redeem=700), issued)
    till.write(sold)
    till.write(sales.give_back(till.next_receipt_no(), sold, *sales_lines(sold)))
    before = balances(hub)
    till.upload()
    assert standings(hub) == ["good"]
    assert balances(hub) == before, "given back whole, everything is as it was"
    check(hub)


# --- closing and freeing ------------------------------------------------------------------------------


def test_the_fence_rises_only_over_codes_that_are_past(hub: Hub, till: FakeTerminal) -> None:
    first, other = issue(hub, 100), issue(hub, 100, member=sales.FRIEND)
    issue(later(hub, 10 * MINUTE), 100, member=sales.FRIEND)  # renewed
    with hub.database.write() as connection:
        assert fencing.raise_fence(hub, connection, "S1-1", 1) == 0
        soon = later(hub, 16 * MINUTE)
        assert fencing.raise_fence(soon, connection, "S1-1", 1) == min(first.number, other.number)
        assert fencing.due(soon, connection, "S1-1", 1) is None


def test_a_report_is_answered_with_the_fence_and_closing_frees(
    hub: Hub, till: FakeTerminal, new_code: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(later(hub, -30 * MINUTE), 700)
    assert free(hub) == 1300
    report = msgspec.json.encode(TerminalReport("test"))
    reply = read(till.call("POST", "/v1/report", report), ReportReply)
    assert reply.hub.fence == issued.number
    till.write(CodesClosed(AT, reply.hub.fence))
    till.upload()
    assert state(hub, issued.number) == "released"
    assert free(hub) == 2000
    check(hub)


def test_a_sale_before_the_closing_in_one_batch_is_settled_from_its_hold(
    hub: Hub, till: FakeTerminal
) -> None:
    spent, idle = issue(hub, 700), issue(hub, 100, member=sales.FRIEND)
    sell(till, spent)
    till.write(CodesClosed(AT, max(spent.number, idle.number)))
    till.upload()
    assert (state(hub, spent.number), state(hub, idle.number)) == ("spent", "released")
    check(hub)


def test_a_closing_on_another_branch_frees_nothing(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    first = till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    till.entries.clear()
    fork = till.write(CodesClosed(AT, issued.number))
    assert fork.seq == first.seq
    assert till.upload().results[0].verdict == "exists_with_different_content"
    assert state(hub, issued.number) == "open"


def test_a_lost_terminal_gives_everything_back_and_is_shut_out(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    with hub.database.write() as connection:
        assert losing.declare_lost(hub, connection, "S1-1") == {"points": 700}
        assert losing.declare_lost(hub, connection, "S1-1") == {}
    assert state(hub, issued.number) == "lost"
    assert free(hub) == 2000
    with pytest.raises(HubSaidNo) as no:
        till.feed("packs")
    assert no.value.problem.error == "terminal_revoked"


def test_codes_of_a_replaced_machine_stay_until_somebody_lets_them_go(
    hub: Hub, till: FakeTerminal, http: InProcess, new_code: Callable[..., str]
) -> None:
    old = issue(hub, 700)
    machine = FakeTerminal(http)
    machine.enrol(new_code())
    fresh = issue(later(hub, MINUTE), 300)
    assert fresh.epoch == old.epoch + 1
    assert free(hub) == 1000
    with hub.database.write() as connection:
        assert losing.declare_lost(hub, connection, "S1-1", replaced_only=True) == {"points": 700}
    assert (state(hub, old.number), state(hub, fresh.number)) == ("lost", "open")
    machine.feed("packs")


# --- a till asks --------------------------------------------------------------------------------------


def test_a_till_asks_for_a_member_with_a_card(hub: Hub, till: FakeTerminal) -> None:
    asked = msgspec.json.encode(CodeRequest(sales.MEMBER, "points", 700))
    first = read(till.call("POST", "/v1/codes", asked), CodeAnswer)
    second = read(till.call("POST", "/v1/codes", asked), CodeAnswer)
    codes = [read_pay_code(one.code) for one in (first, second)]
    assert {one.code.number for one in codes if one is not None} == {codes[0].code.number if codes[0] else 0}
    assert first.amount == 700
    assert free(hub) == 1300


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (b"{}", "bad_request"),
        (msgspec.json.encode(CodeRequest("nobody", "points", 700)), "no_code"),
        (msgspec.json.encode(CodeRequest(sales.MEMBER, "nothing", 700)), "no_code"),
        (msgspec.json.encode(CodeRequest(sales.NEWCOMER, "points", 700)), "no_code"),
    ],
)
def test_a_till_that_asks_in_vain_is_told_why(till: FakeTerminal, asked: bytes, error: str) -> None:
    with pytest.raises(HubSaidNo) as no:
        read(till.call("POST", "/v1/codes", asked), CodeAnswer)
    assert no.value.problem.error == error
    assert no.value.problem.message


def test_what_is_open_can_be_listed(hub: Hub, till: FakeTerminal) -> None:
    issued = issue(hub, 700)
    with hub.database.read() as connection:
        (one,) = issuing.all_open(connection, terminal="S1-1", member_no=sales.MEMBER)
        assert issuing.all_open(connection, member_no=sales.FRIEND) == ()
    assert (one.number, one.amount) == (issued.number, 700)
