import csv
import io

import msgspec
import openpyxl
import pypdf

from pos.domain.basket import BasketLine
from sync.hub.alliance import packs, places, stocking
from sync.hub.disputes import disputes
from sync.hub.feeds import terminals_seen
from sync.hub.hub import Hub
from sync.hub.people import audit
from sync.protocol.commands import TerminalReport
from tests.sync.hub import sales
from tests.sync.hub.pages.conftest import SignIn, Visit
from tests.sync.hub.terminals import FakeTerminal

DAY = f"date={sales.DATE}"
DAYS = f"first={sales.DATE}&last={sales.DATE}"


def sell(till: FakeTerminal, store: str = "S1") -> str:
    made = sales.sale(till.next_receipt_no(), store=store)
    till.write(made)
    till.upload(till.entries[-1])
    return made.receipt_no


def test_the_day_week_and_month_show_the_worked_sale(owner: Visit, till: FakeTerminal) -> None:
    sell(till)
    for kind in ("day", "week", "month"):
        page = owner.text(f"/owner/{kind}?{DAY}")
        for shown in (
            "84.36",
            "86.30",
            "−2.53",
            "7.00",
            "77.36",
            "现金",
            "烟草",
            "收银员 03",
            "1 号机",
            "<svg",
        ):
            assert shown in page, (kind, shown)
        assert "联盟应付本店" in page
        assert "4.47" in page, "7.00 reimbursed less 2.53 share"
    english = owner.text(f"/owner/day?{DAY}", "en")
    for shown in ("Takings", "Sat 14 Mar", "Cash", "The alliance owes the shop"):
        assert shown in english


def test_a_chart_has_its_numbers_as_text(owner: Visit, till: FakeTerminal) -> None:
    sell(till)
    page = owner.text(f"/owner/day?{DAY}")
    assert "10:00–11:00  84.36 · 1 单" in page
    assert '<th scope="row">10:00–11:00</th><td class="n">84.36</td>' in page


def test_a_day_without_sales_is_calm(owner: Visit) -> None:
    page = owner.text("/owner/day?date=2026-01-01")
    assert "0.00" in page
    assert "还没有收款" in page


def test_nonsense_in_the_address_is_passed_over(owner: Visit) -> None:
    for query in (
        "date=0001-01-01",
        "date='",
        "date=9999-12-31",
        "date=2026-02-30",
        "first=x&last=y&after=-1",
    ):
        for path in ("/owner/day", "/owner/month", "/owner/receipts", "/owner/statements"):
            assert owner.get(f"{path}?{query}").status_code == 200
    assert owner.get("/owner/day?store=%3Cb%3E").status_code == 404
    assert owner.get("/owner/statement?first=2026-03-14&last=2026-03-01").status_code == 422
    assert owner.get("/owner/disputes/99999999999999999999").status_code in {404, 422}


def test_several_stores_are_shown_together_and_apart(
    owner: Visit, hub: Hub, till: FakeTerminal, new_code: object
) -> None:
    with hub.database.write() as connection:
        shop = places.Store("S3", "M1", "幸福里商贸", "幸福里早餐店", "", "Asia/Shanghai")
        places.add_store(connection, shop, (places.Terminal("S3-1", "早餐台"),))
    breakfast = FakeTerminal(till.http)
    breakfast.enrol(new_code("S3-1"))  # type: ignore[operator]
    sell(till)
    sell(breakfast, "S3")
    assert "168.72" in owner.text(f"/owner/day?{DAY}")
    assert "168.72" not in owner.text(f"/owner/day?{DAY}&store=S3")
    both = owner.text(f"/owner/statement?{DAYS}")
    assert "幸福里商贸" in both
    assert "168.72" in both


def test_what_is_not_uploaded_and_what_does_not_fit_is_told(
    owner: Visit, hub: Hub, till: FakeTerminal
) -> None:
    sell(till)
    till.write(b"{}")
    wrong = sales.altered(sales.sale(till.next_receipt_no()), payable_fen=8437)
    till.write(wrong)
    till.upload()
    with hub.database.write() as connection:
        report = msgspec.convert(
            {
                "software": "0.1.0",
                "pending": 12,
                "pending_since": "2026-03-14T09:00:00+08:00",
                "clock_offset_ms": 5,
                "locked": False,
                "last_command": 0,
            },
            TerminalReport,
            strict=False,
        )
        terminals_seen.note_report(hub, connection, "S1-1", report)
    day = owner.text(f"/owner/day?{DAY}")
    assert "还有 12 条记录在收银机上没有上传" in day
    page = owner.text("/owner/matters")
    assert "12 条" in page
    assert "总部读不懂这条记录" in page
    assert wrong.receipt_no in page
    assert "收银机算的金额和总部不一样" in page
    assert "The till reckoned another amount" in owner.text("/owner/matters", "en")
    assert "payable_fen" in owner.text(f"/owner/receipts/{wrong.receipt_no}"), "for a technician"


def test_a_statement_can_be_taken_along(owner: Visit, till: FakeTerminal) -> None:
    receipt_no = sell(till)
    page = owner.text(f"/owner/statement?{DAYS}")
    for shown in ("84.36", "7.00", "−2.53", "4.47", "还没有锁定"):
        assert shown in page
    table = owner.get(f"/owner/statement.csv?{DAYS}")
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert any(receipt_no in row for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(owner.get(f"/owner/statement.xlsx?{DAYS}").content))
    assert any(receipt_no in str(cell.value) for sheet in book for row in sheet for cell in row)
    paper = pypdf.PdfReader(io.BytesIO(owner.get(f"/owner/statement.pdf?{DAYS}").content))
    assert receipt_no in "".join(one.extract_text() for one in paper.pages).replace("\0", "")
    assert owner.get(f"/owner/statement.exe?{DAYS}").status_code == 422
    assert "2026年3月" in owner.text("/owner/statements")


def test_goods_outside_of_the_promise_are_named(owner: Visit, hub: Hub) -> None:
    water = sales.GOODS[sales.WATER]
    with hub.database.write() as connection:
        stocking.put_goods(
            connection,
            "S1",
            [msgspec.structs.replace(water, price_fen=200, member_price_fen=198, cost_fen=100)],
        )
    page = owner.text("/owner/goods")
    assert water.name in page
    assert "会员价只比标价低 1%，约定不少于 5%" in page
    assert "毛利率 49.49%，约定不多于 15%" in page
    assert "Margin 49.49 %; promised at most 15 %" in owner.text("/owner/goods", "en")


def test_a_price_that_moved_is_told_and_what_is_not_watched_too(
    owner: Visit, hub: Hub, till: FakeTerminal
) -> None:
    today = hub.now().astimezone().date().isoformat()
    sold = msgspec.structs.replace(sales.walk_in(till.next_receipt_no()), date=today)
    till.write(sold)
    till.upload()
    water = sales.GOODS[sales.WATER]
    with hub.database.write() as connection:
        packs.publish(hub, connection, sales.pack_bytes("community_groupbuy"))
        dearer = msgspec.structs.replace(water, price_fen=200, member_price_fen=200)
        stocking.put_goods(connection, "S1", [dearer])
    page = owner.text("/owner/goods")
    assert "从 1.70 涨到 2.00（17.65%）" in page
    assert "收银机还不报存货" in page


def test_a_receipt_is_contested(owner: Visit, hub: Hub, till: FakeTerminal) -> None:
    receipt_no = sell(till)
    page = f"/owner/receipts/{receipt_no}"
    answer = owner.send("/owner/disputes", page, receipt_no=receipt_no, store="S1", reason="数量不对")
    assert answer.status_code == 303
    told = owner.text(answer.headers["location"])
    assert "48 小时内会有答复" in told
    assert "数量不对" in told
    assert receipt_no in owner.text("/owner/disputes")
    assert "等待答复" in owner.text(page)
    again = owner.send("/owner/disputes", page, receipt_no=receipt_no, store="S1", reason="还是不对")
    assert again.status_code == 422
    assert "已经提过申诉" in again.text
    assert "还是不对" in again.text, "what was typed is kept"
    with hub.database.read() as connection:
        assert [one["act"] for one in audit.lines(connection, act="dispute")] == ["dispute.open"]
        assert disputes.listed(connection)[0].opened_by == "owner-m1"


def test_a_statement_is_contested(owner: Visit, hub: Hub, till: FakeTerminal) -> None:
    sell(till)
    fields = {"first": sales.DATE, "last": sales.DATE, "line": "分成", "reason": "比合同高", "store": "S1"}
    answer = owner.send("/owner/disputes", f"/owner/statement?{DAYS}", **fields)
    assert answer.status_code == 303
    assert "分成" in owner.text(answer.headers["location"])
    for first in ("", "yesterday", "2026-03-99"):
        wrong = owner.send("/owner/disputes", "/owner/disputes", **{**fields, "first": first})
        assert wrong.status_code == 422, first


def test_markup_is_shown_not_obeyed(sign_in: SignIn, hub: Hub, till: FakeTerminal, new_code: object) -> None:
    """In every name and sentence that comes from outside."""
    nasty = "<img src=x onerror=alert(1)>"
    with hub.database.write() as connection:
        shop = places.Store("S9", "M9", nasty, nasty, "", "Asia/Shanghai")
        places.add_store(connection, shop, (places.Terminal("S9-1", nasty),))
        good = msgspec.structs.replace(
            sales.GOODS[sales.WATER], name=nasty, category=nasty, spec=nasty, unit=nasty, cost_fen=1
        )
        stocking.put_goods(connection, "S9", [good])
    shop_till = FakeTerminal(till.http)
    shop_till.enrol(new_code("S9-1"))  # type: ignore[operator]
    sale = sales.sale(shop_till.next_receipt_no(), store="S9", lines=(BasketLine(good, 1),), member=None)
    sale = msgspec.structs.replace(sale, cashier=nasty)
    shop_till.write(sale)
    shop_till.write(f'{{"kind":"{nasty}"}}'.encode())
    shop_till.upload()
    visitor, desk = sign_in("owner", "M9"), sign_in("administrator")
    visitor.send("/owner/disputes", "/owner/disputes", receipt_no=sale.receipt_no, reason=nasty, store="S9")
    own = (
        "day",
        "month",
        "receipts",
        f"receipts/{sale.receipt_no}",
        "goods",
        "matters",
        "disputes",
        "statement",
    )
    for path in own:
        page = visitor.text(f"/owner/{path}?{DAY}&{DAYS}")
        assert "<img" not in page, path
        assert "&lt;img" in page, path
    for path in ("disputes", "disputes/1", "terminals", "terminals/S9-1", "merchants", "quarantine"):
        page = desk.text(f"/desk/{path}")
        assert "<img" not in page, path
        assert "&lt;img" in page, path


def test_the_other_language_is_one_link_away_and_kept(owner: Visit) -> None:
    page = owner.text("/owner/week?date=2026-03-14")
    assert "营业额" in page
    link = "/owner/week?date=2026-03-14&amp;lang=en"
    assert f'href="{link}"' in page
    assert "Takings" in owner.text(link.replace("&amp;", "&"))
    assert "Takings" in owner.text("/owner/day")
