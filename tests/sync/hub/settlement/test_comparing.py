"""A till's own report against the hub's books: what either lacks, and which figures differ."""

import json
from typing import Any

import msgspec
import pytest

from pos.domain.day import Figures, ReceiptFigures, figures_of
from pos.usecases.report_day import plain_figures
from sync.hub.hub import Hub
from sync.hub.settlement.comparing import Comparison, compare, read_report
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.settlement.shops import DAY, book, buy, dated, give_back, of_store
from tests.sync.hub.terminals import FakeTerminal


def export(till: FakeTerminal, *receipts: ReceiptFigures) -> bytes:
    """As `pos report day --json` prints it."""
    return json.dumps(
        {
            "date": sales.DATE,
            "agree": None,
            "receipt_prefix": f"{till.terminal}-{till.identity.short}-",
            "receipts": [
                {"receipt_no": one.receipt_no, "figures": plain_figures(one.figures)} for one in receipts
            ],
        }
    ).encode()


def of(event: Any) -> ReceiptFigures:
    return ReceiptFigures(event.receipt_no, figures_of(dated(event, DAY)))


def compared(till: FakeTerminal, hub: Hub, *receipts: ReceiptFigures) -> Comparison:
    return compare(read_report(export(till, *receipts), "day.json"), of_store(hub).receipts)


def test_both_sides_agree_to_the_fen(till: FakeTerminal, hub: Hub) -> None:
    made = sales.sale(till.next_receipt_no())
    book(till, made)
    back = give_back(till, made)
    found = compared(till, hub, of(made), of(back))
    assert found.agree
    assert found.till == found.hub == of_store(hub).figures
    assert found.hub.points_earned == 0


def test_points_are_read_in_whole_units_with_their_sign(till: FakeTerminal, hub: Hub) -> None:
    made = sales.sale(till.next_receipt_no())
    book(till, made)
    assert '"points_redeemed": "7"' in export(till, of(made)).decode()
    assert compared(till, hub, of(made)).agree
    less = ReceiptFigures("S1", Figures(points_earned=-47))
    assert read_report(export(till, less), "x").receipts == (less,)


def test_what_a_side_lacks_and_what_differs_is_named(till: FakeTerminal, hub: Hub) -> None:
    same, different, hubs_only = (
        buy(till, member=one) for one in (sales.MEMBER, sales.FRIEND, sales.NEWCOMER)
    )
    ours = of(different)
    ours = msgspec.structs.replace(ours, figures=msgspec.structs.replace(ours.figures, share_fen=1, sales=2))
    waiting = of(sales.walk_in(till.next_receipt_no()))
    found = compared(till, hub, of(same), ours, waiting)
    assert not found.agree
    assert found.missing_at_hub == (waiting.receipt_no,)
    assert found.missing_at_till == (hubs_only.receipt_no,)
    [one] = found.different
    assert (one.receipt_no, one.names) == (different.receipt_no, ("sales", "share_fen"))


def test_other_tills_receipts_are_nobodys_fault(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    report = read_report(export(till, of(made)), "day.json")
    other = ReceiptFigures("S1-2-AAAAA-0001", Figures(sales=1))
    assert compare(report, (*of_store(hub).receipts, other)).agree


def test_what_is_not_uploaded_yet_is_waiting_and_not_different(till: FakeTerminal, hub: Hub) -> None:
    made, waiting = buy(till), sales.walk_in(till.next_receipt_no())
    plain = json.loads(export(till, of(made), of(waiting))) | {"waiting": [waiting.receipt_no]}
    found = compare(read_report(json.dumps(plain).encode(), "day.json"), of_store(hub).receipts)
    assert (found.agree, found.waiting, found.missing_at_hub) == (None, (waiting.receipt_no,), ())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"date": "2026-03-14"}',
        b'{"date": "2026-03-14", "receipt_prefix": "S1", "receipts": [{"receipt_no": "1", "figures": {"points_earned": "x"}}]}',
        b'{"date": "2026-03-14", "receipt_prefix": "S1", "receipts": [{"receipt_no": "1", "figures": {"cash_fen": 1.5}}]}',
        b'{"date": "14.3.", "receipt_prefix": "S1", "receipts": []}',
    ],
)
def test_something_else_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Told, match=r"day\.json is no till's report"):
        read_report(content, "day.json")


def test_a_byte_order_mark_is_no_mistake(till: FakeTerminal) -> None:
    assert read_report(b"\xef\xbb\xbf" + export(till), "day.json").receipts == ()
