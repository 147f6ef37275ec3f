import datetime as dt

from sync.hub.alliance import stocking
from sync.hub.feeds import commands
from sync.hub.hub import Hub
from sync.hub.people import audit
from sync.hub.settlement.statement import statement
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.pages.conftest import SignIn, Visit
from tests.sync.hub.pages.test_desk_pages import acts
from tests.sync.hub.terminals import FakeTerminal

LAST = dt.date.fromisoformat(sales.DATE) + dt.timedelta(days=2)


def sold(till: FakeTerminal) -> None:
    """The worked sale: 7.00 owed to the store, 2.53 owed by it."""
    till.write(sales.sale(till.next_receipt_no()))
    till.upload(till.entries[-1])


def test_days_are_locked_and_paid_at_the_desk(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    sold(till)
    text = desk.text("/desk/settlement")
    assert sales.DATE in text
    assert "已锁定未付" not in text
    form = {"last": LAST.isoformat()}
    assert desk.send("/desk/settlement/M1/lock", "/desk/settlement", **form).status_code == 303
    text = desk.text("/desk/settlement")
    assert f"{sales.DATE} – {LAST}" in text
    assert "4.47" in text
    seen = {"first": sales.DATE, "until": LAST.isoformat(), "fen": "447"}
    paid = seen | {"reference": "ICBC 42", "paid_on": LAST.isoformat()}
    assert desk.send("/desk/settlement/M1/pay", "/desk/settlement", **paid).status_code == 303
    assert ("store:S1", "CNY") not in balances(hub)
    with hub.database.read() as connection:
        told = statement(connection, merchant="M1", first=LAST, last=LAST)
    assert (told.outstanding_fen, told.days[0].reference) == (0, "ICBC 42")
    assert acts(hub) == [("settlement.lock", "merchant:M1"), ("settlement.pay", "merchant:M1")]
    period = f"store=S1&first={sales.DATE}&last={LAST}"
    shown = desk.text(f"/owner/statement?{period}")
    assert "凭证 ICBC 42" in shown
    assert "付款" in desk.text("/desk/audit")
    again = desk.send("/desk/settlement/M1/pay", "/desk/settlement", **paid)
    assert again.status_code == 422
    assert "请先锁定" in again.text


def test_what_will_not_do_is_said_in_a_sentence(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    sold(till)
    with hub.database.read() as connection:
        today = stocking.today(hub, connection)
    for last, sentence in (("", "不是日期"), (f"{today}", "还没有过完"), ("2026-01-01", "早已锁定")):
        answer = desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=last)
        assert (answer.status_code, sentence in answer.text) == (422, True), last
    desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=LAST.isoformat())
    seen = {"first": sales.DATE, "until": LAST.isoformat(), "fen": "447"}
    for paid_on, reference, sentence in (
        ("x", "1", "不是日期"),
        (sales.DATE, " ", "凭证号"),
        ("1999-01-01", "1", "早于账期"),
        ("2999-01-01", "1", "还没有到"),
    ):
        form = seen | {"paid_on": paid_on, "reference": reference}
        answer = desk.send("/desk/settlement/M1/pay", "/desk/settlement", **form)
        assert (answer.status_code, sentence in answer.text) == (422, True), sentence
    assert desk.send("/desk/settlement/M9/lock", "/desk/settlement", last=sales.DATE).status_code == 404
    assert desk.send("/desk/settlement/M9/pay", "/desk/settlement").status_code == 404


def test_what_was_not_shown_is_not_paid(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    """Somebody locks one more day between the look and the press of the button."""
    sold(till)
    desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=sales.DATE)
    seen = {"first": sales.DATE, "until": sales.DATE, "fen": "447"}
    desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=LAST.isoformat())
    form = seen | {"reference": "ICBC 42", "paid_on": LAST.isoformat()}
    answer = desk.send("/desk/settlement/M1/pay", "/desk/settlement", **form)
    assert answer.status_code == 422
    assert "没有登记" in answer.text
    with hub.database.read() as connection:
        assert statement(connection, merchant="M1", first=LAST, last=LAST).outstanding_fen == 4_47


def test_a_day_that_is_not_over_freezes_none_before_it(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    sold(till)
    with hub.database.read() as connection:
        today = stocking.today(hub, connection)
    answer = desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=f"{today}")
    assert answer.status_code == 422
    assert "已锁定未付" not in desk.text("/desk/settlement")
    assert acts(hub) == []


def test_many_days_are_locked_a_week_at_a_time(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    sold(till)
    last = LAST + dt.timedelta(days=14)
    assert desk.send("/desk/settlement/M1/lock", "/desk/settlement", last=f"{last}").status_code == 303
    with hub.database.read() as connection:
        lines = [one["detail"] for one in audit.lines(connection) if one["act"] == "settlement.lock"]
        told = statement(connection, store="S1", first=LAST, last=last)
    assert lines[::-1] == ["2026-03-14 – 2026-03-20", "2026-03-21 – 2026-03-27", f"2026-03-28 – {last}"]
    assert told.frozen


def test_an_address_with_nul_is_nowhere(desk: Visit) -> None:
    for path in ("/owner/receipts/%00", "/desk/terminals/a%00b", "/owner/day?store=%00"):
        assert desk.get(path).status_code == 404, path
    answer = desk.send_raw("/desk/settlement/%00/lock", csrf=desk.csrf("/desk/settlement"), last=sales.DATE)
    assert answer.status_code == 404


def test_a_reviewer_settles_nothing(sign_in: SignIn, desk: Visit, till: FakeTerminal) -> None:
    sold(till)
    reviewer = sign_in("reviewer")
    assert "锁定到" not in reviewer.text("/desk/settlement")
    token = reviewer.csrf("/desk/settlement")
    answer = reviewer.send_raw("/desk/settlement/M1/lock", csrf=token, last=sales.DATE)
    assert answer.status_code == 403


def test_commands_are_sent_and_their_outcome_is_shown(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    page = "/desk/terminals/S1-1"
    for deed, text in (("lock", "盘点中"), ("print_text", "下午三点断电"), ("resync", "")):
        assert desk.send(f"{page}/send", page, deed=deed, text=text).status_code == 303
    waiting = [row.body["deed"]["do"] for row in till.feed("commands").rows]
    assert waiting == ["lock", "print_text", "resync"]
    shown = desk.text(page)
    assert shown.count("等待执行") == 3
    for deed, text in (("lock", ""), ("lock", "字" * 121), ("explode", "x")):
        assert desk.send(f"{page}/send", page, deed=deed, text=text).status_code == 422
    with hub.database.read() as connection:
        assert len(commands.listed(hub, connection, "S1-1")) == 3
    assert [act for act, _ in acts(hub)] == ["terminal.lock", "terminal.print_text", "terminal.resync"]
