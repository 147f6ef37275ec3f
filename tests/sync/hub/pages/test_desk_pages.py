import datetime as dt
import re

import httpx

from pos.domain.schedules.distribution import Contribution
from sync.hub.alliance import merchants, packs, stocking
from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested
from sync.hub.growth import tasks
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.people import audit
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.codes.phones import issue
from tests.sync.hub.pages.conftest import Visit
from tests.sync.hub.schedules.alliance import publish, run
from tests.sync.hub.schedules.test_distribution import FEBRUARY, PROFIT, book
from tests.sync.hub.terminals import FakeTerminal

BOUNDARY = "a-boundary-of-a-form"


def acts(hub: Hub) -> list[tuple[str, str]]:
    """What the audit log says was done at the desk, in order."""
    with hub.database.read() as connection:
        lines = audit.lines(connection)
    return [(one["act"], one["subject"]) for one in reversed(lines) if not one["act"].startswith("user.")]


def contested(hub: Hub, till: FakeTerminal, *, hours_ago: int = 1) -> int:
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload(till.entries[-1])
    with hub.database.write() as connection:
        return disputes.open_one(
            connection,
            Contested(receipt_no=made.receipt_no),
            party="store:S1",
            reason="秤多记了",
            opened_by="owner",
            now=hub.now() - dt.timedelta(hours=hours_ago),
        )


def with_file(visitor: Visit, content: bytes, token: str | None = None) -> httpx.Response:
    """Sends a file to be checked, as a browser does."""
    csrf = token if token is not None else visitor.csrf("/desk/packs")
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="p.toml"\r\n'
        "Content-Type: application/toml\r\n\r\n"
    ).encode() + content
    headers = {
        "Cookie": visitor.cookie,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Accept-Language": "zh",
    }
    return visitor.http.request(
        "POST",
        "http://testserver/desk/packs/check",
        headers=headers,
        data=body + f"\r\n--{BOUNDARY}--\r\n".encode(),
    )


# --- overview, merchants, tills ------------------------------------------------------------------


def test_the_first_page_says_what_needs_somebody(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    assert "收银机一小时没有联系" in desk.text("/desk")
    contested(hub, till, hours_ago=50)
    till.write(b"{}")
    till.upload()
    page = desk.text("/desk")
    for shown in ("申诉已超过 48 小时", "记录被隔离", "同壹联盟"):
        assert shown in page
    assert "Disputes past 48 hours" in desk.text("/desk", "en")


def test_merchants_with_what_they_owe_and_hold(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    contested(hub, till)
    page = desk.text("/desk/merchants")
    assert "幸福里商贸" in page
    assert "4.47" in page, "owed to it, whatever the month"
    with hub.database.write() as connection:
        pack = packs.publish(hub, connection, sales.pack_bytes("gongxianggou"))
        assert pack.gates
    with hub.database.write() as connection:
        merchants.deposit(connection, "M1", pack, asset="share_points", amount="500", booked_at=hub.time())
    page = desk.text("/desk/merchants")
    assert "会员消费开放" in page
    assert "500" in page
    correction = {
        "unit": "share_points",
        "amount": 501 * 10 ** pack.asset("share_points").scale,
        "reason": "a test",
        "booked_at": hub.time(),
    }
    with hub.database.write() as connection:
        accounts.correct(connection, "x", debit="merchant:M1", credit="alliance:issued", **correction)
    assert "押金不足，会员消费停止" in desk.text("/desk/merchants")


def test_a_code_is_shown_once_and_enrols_a_till(desk: Visit, hub: Hub) -> None:
    answer = desk.send("/desk/terminals/S1-1/code", "/desk/terminals/S1-1")
    assert answer.status_code == 200
    found = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{4,5}){3,}", answer.text)
    assert found is not None
    till = FakeTerminal(desk.http)
    assert till.enrol(found.group()).terminal == "S1-1"
    assert found.group() not in desk.text("/desk/terminals/S1-1")
    assert ("terminal.code", "terminal:S1-1") in acts(hub)
    assert all(found.group() not in str(one) for one in acts(hub))
    assert "第 1 世代" in desk.text("/desk/terminals/S1-1")


def test_a_till_is_shut_out_only_when_its_id_is_repeated(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    page = "/desk/terminals/S1-1"
    wrong = desk.send(f"{page}/revoke", page, confirm="S1-2")
    assert wrong.status_code == 422
    assert "请原样输入" in wrong.text
    till.feed("packs")
    answer = desk.send(f"{page}/revoke", page, confirm="s1-1", reason="被盗")
    assert answer.status_code == 303
    assert "已停用" in desk.text(answer.headers["location"])
    assert till.call("GET", "/v1/feeds/packs").status_code == 403
    assert acts(hub) == [("terminal.revoke", "terminal:S1-1")]


def test_a_till_that_is_not_there(desk: Visit) -> None:
    assert desk.get("/desk/terminals/S7-7").status_code == 404
    for act in ("code", "revoke"):
        answer = desk.send(f"/desk/terminals/S7-7/{act}", "/desk/disputes", confirm="S7-7")
        assert answer.status_code == 404
        assert "没有收银机 S7-7" in answer.text


# --- packs ---------------------------------------------------------------------------------------


def test_a_pack_is_read_in_plain_words(desk: Visit) -> None:
    link = re.search(r'href="(/desk/packs/[0-9a-f]{64})"', desk.text("/desk/packs"))
    assert link is not None
    page = desk.text(link.group(1))
    for shown in ("基础会员", "会员等级", "审计", "商家的约定"):
        assert shown in page
    english = desk.text(link.group(1), "en")
    for shown in ("Plans", "Audit", "Basic"):
        assert shown in english
    assert desk.get("/desk/packs/" + "0" * 64).status_code == 404


def test_a_pack_with_mistakes_is_told_all_of_them(desk: Visit) -> None:
    wrong = sales.PACK_BYTES.replace(b"floor_bp = 9000", b'floor_bp = "deep"').replace(
        b"format = 1", b"format = 7"
    )
    answer = with_file(desk, wrong)
    assert answer.status_code == 422
    assert "有 2 处要改" in answer.text
    assert "floor_bp" in answer.text
    assert "format" in answer.text


def test_a_pack_is_checked_then_published(desk: Visit, hub: Hub) -> None:
    newer = sales.PACK_BYTES.replace(b"version = 2\n", b"version = 3\n")
    shown = with_file(desk, newer)
    assert shown.status_code == 200, shown.text[-500:]
    assert "文件没有错误" in shown.text
    with hub.database.read() as connection:
        current = packs.current(connection)
        assert current is not None
        assert current.version == 2, "checking keeps nothing"
    answer = desk.send("/desk/packs", "/desk/packs", source=newer.decode().replace("\n", "\r\n"))
    assert answer.status_code == 303
    assert "已签名发布" in desk.text(answer.headers["location"])
    with hub.database.read() as connection:
        current = packs.current(connection)
        assert current is not None
        assert current.version == 3
    assert acts(hub) == [("pack.publish", "pack:tongyi")]
    again = desk.send("/desk/packs", "/desk/packs", source=newer.decode())
    assert again.status_code == 422
    assert "不高于" in again.text


def test_a_file_from_elsewhere_or_of_another_kind_is_refused(desk: Visit) -> None:
    assert with_file(desk, sales.PACK_BYTES, token="00").status_code == 403
    assert with_file(desk, b" ").status_code == 422
    assert with_file(desk, b"#" * (65 << 10)).status_code == 413
    assert with_file(desk, b"\xff\xfe\x00").status_code == 422
    headers = {"Cookie": desk.cookie, "Content-Type": "multipart/form-data"}
    for body in (b"", b"--x\r\n\r\n"):
        answer = desk.http.request("POST", "http://testserver/desk/packs/check", headers=headers, data=body)
        assert answer.status_code == 400


# --- tasks ---------------------------------------------------------------------------------------


def handed_in(hub: Hub, minutes: int = 150) -> int:
    with hub.database.write() as connection:
        new = tasks.NewTask(
            "volunteer", "社区清洁日", stocking.today(hub, connection).isoformat(), minutes_max=240, places=3
        )
        task = tasks.add_task(hub, connection, new, by="admin")
        tasks.sign_up(hub, connection, task, sales.MEMBER, by=sales.MEMBER)
        return tasks.submit(hub, connection, task, sales.MEMBER, by=sales.MEMBER, minutes=minutes).id


def test_a_task_is_approved_with_the_time_granted(desk: Visit, hub: Hub) -> None:
    before = balances(hub).get((f"member:{sales.MEMBER}", "time_points"), 0)
    number = handed_in(hub)
    page = desk.text("/desk/tasks")
    assert "社区清洁日" in page
    assert "25 时间积分" in page
    assert "25 Time points" in desk.text("/desk/tasks", "en")
    wrong = desk.send(f"/desk/tasks/{number}", "/desk/tasks", deed="approve", time="soon")
    assert wrong.status_code == 422
    assert "时长读不懂" in wrong.text
    answer = desk.send(f"/desk/tasks/{number}", "/desk/tasks", deed="approve", time="2:00")
    assert answer.status_code == 303
    assert "没有等待审核的任务" in desk.text(answer.headers["location"])
    assert balances(hub)[f"member:{sales.MEMBER}", "time_points"] == before + 2000
    assert acts(hub) == [("tasks.approve", f"submission:{number}")]


def test_a_task_is_sent_back_with_a_reason(desk: Visit, hub: Hub) -> None:
    before, number = balances(hub), handed_in(hub)
    empty = desk.send(f"/desk/tasks/{number}", "/desk/tasks", deed="reject", reason="")
    assert empty.status_code == 422
    answer = desk.send(f"/desk/tasks/{number}", "/desk/tasks", deed="reject", reason="没有签到记录")
    assert "已退回" in desk.text(answer.headers["location"])
    assert balances(hub) == before
    assert acts(hub) == [("tasks.reject", f"submission:{number}")]
    nonsense = desk.send(f"/desk/tasks/{number}", "/desk/tasks", deed="explode")
    assert nonsense.status_code == 422


# --- disputes ------------------------------------------------------------------------------------


def test_a_dispute_is_answered_with_a_correction(
    desk: Visit, owner: Visit, hub: Hub, till: FakeTerminal
) -> None:
    number = contested(hub, till, hours_ago=50)
    assert "已超时" in desk.text("/desk/disputes")
    before = balances(hub)["store:S1", "CNY"]
    page = f"/desk/disputes/{number}"
    fields = {"how": "correct", "unit": "CNY", "towards": "them", "answer": "核对了电子秤，退分成"}
    for amount in ("", "0", "-1", "1.234", "很多", "10000.01", "99999999"):
        wrong = desk.send(page, page, amount=amount, **fields)
        assert wrong.status_code == 422, amount
        assert "核对了电子秤" in wrong.text, "what was typed is kept"
    for odd in ({"unit": "gold"}, {"unit": "points"}, {"towards": ""}, {"how": "zzz"}, {"how": ""}):
        assert desk.send(page, page, amount="1", **{**fields, **odd}).status_code == 422, odd
    assert balances(hub)["store:S1", "CNY"] == before
    answer = desk.send(page, page, amount="1.20", **fields)
    assert answer.status_code == 303
    assert "已更正入账" in desk.text(answer.headers["location"])
    assert balances(hub)["store:S1", "CNY"] == before + 120
    told = owner.text(f"/owner/disputes/{number}")
    assert "核对了电子秤，退分成" in told
    assert "1.20" in told
    assert "答复晚了" in told
    assert acts(hub) == [("dispute.corrected", f"dispute:{number}")]
    today = hub.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    statement = owner.text(f"/owner/statement?first={today}&last={today}")
    assert "核对了电子秤，退分成" in statement, "the correction stands on the statement"
    assert desk.send(page, "/desk/disputes", amount="1.20", **fields).status_code == 422


def test_a_member_s_dispute_is_taken_down_and_dismissed(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload()
    form = {"receipt_no": made.receipt_no.lower(), "reason": "积分少了"}
    for wrong in ("30007572", "40000000", ""):
        answer = desk.send("/desk/disputes", "/desk/disputes", member_no=wrong, **form)
        assert answer.status_code == 422, wrong
    answer = desk.send("/desk/disputes", "/desk/disputes", member_no=sales.MEMBER, **form)
    assert answer.status_code == 303
    path = answer.headers["location"].partition("?")[0]
    page = desk.text(path)
    assert f"会员 {sales.MEMBER}" in page
    assert "积分" in page
    before = balances(hub)
    done = desk.send(path, path, how="dismiss", answer="按规则，抵扣的部分不得积分")
    assert "不作更正" in desk.text(done.headers["location"])
    assert balances(hub) == before
    assert [act for act, _ in acts(hub)] == ["dispute.open", "dispute.dismissed"]


def test_a_correction_in_points_reaches_the_tills(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload()
    answer = desk.send(
        "/desk/disputes", "/desk/disputes", member_no=sales.MEMBER, receipt_no=made.receipt_no, reason="少了"
    )
    path = answer.headers["location"].partition("?")[0]
    before = till.points(sales.MEMBER)
    desk.send(path, path, how="correct", unit="points", amount="3", towards="them", answer="补给三个积分")
    assert till.points(sales.MEMBER) == before + 300


def test_quarantine_says_why(desk: Visit, till: FakeTerminal) -> None:
    assert "所有记录都读通了" in desk.text("/desk/quarantine")
    till.write(sales.altered(sales.sale(till.next_receipt_no()), payable_fen=8437))
    till.write(b"{}")
    till.upload()
    page = desk.text("/desk/quarantine")
    assert "总部读不懂这条记录" in page
    assert "收银机算的金额和总部不一样" in page


def test_risk_says_who_bears_what(desk: Visit, hub: Hub, till: FakeTerminal) -> None:
    assert "多抵的余额" in desk.text("/desk/risk")
    issue(hub, 2000)
    till.write(sales.sale(till.next_receipt_no(), redeem=700))
    till.upload()
    page = desk.text("/desk/risk")
    assert "收银机 S1-1：1 张小票多抵了 7 积分" in page
    assert "1 个付款码预留 20 积分" in page
    assert "由联盟承担" in page


def test_the_distribution_of_the_domain_s_example(desk: Visit, hub: Hub) -> None:
    assert "还没有分配过" in desk.text("/desk/distribution")
    publish(hub, "tongyi", "2026-01-01")
    a, b = "20000001", "20000002"
    earned = ({"time_points": 200_00, "referral_points": 100_00}, {"referral_points": 250_00})
    book(
        hub,
        [Contribution(a, "basic", 10_000_00, earned[0]), Contribution(b, "basic", 5_000_00, earned[1])],
    )
    run(hub, FEBRUARY, "distribution", given=PROFIT)
    page = desk.text("/desk/distribution")
    for shown in ("2026", "125,000.00", "80%", "100,000.00", "分给会员"):
        assert shown in page
    line = desk.text(f"/desk/distribution?year=2026&member={a}")
    assert "66,809." in line
    assert "3120." in line
    assert desk.get("/desk/distribution?year=1999").status_code == 404
    assert "没有贡献值" in desk.text("/desk/distribution?member=40000000")
    assert "Net profit" in desk.text("/desk/distribution", "en")
