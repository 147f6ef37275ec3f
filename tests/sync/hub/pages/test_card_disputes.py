import re
from urllib.parse import urlencode

import httpx
import pytest

from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Correction
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal


@pytest.fixture
def path(hub: Hub) -> str:
    with hub.database.read() as connection:
        return member_card.path_of(hub, connection, sales.MEMBER) + "/disputes"


@pytest.fixture
def receipt(till: FakeTerminal) -> str:
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload()
    return made.receipt_no


def send(http: InProcess, path: str, **fields: str) -> httpx.Response:
    """What a browser sends that has opened the page: its cookie, and the form with its token."""
    page = http.get(path)
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert token is not None
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": page.headers["set-cookie"].partition(";")[0],
    }
    data = urlencode({"csrf": token.group(1), **fields}).encode()
    return http.request("POST", "http://testserver" + path, headers=headers, data=data)


def test_a_member_contests_a_receipt_and_reads_the_answer(
    http: InProcess, hub: Hub, path: str, receipt: str
) -> None:
    assert path in http.get(path.removesuffix("/disputes")).text, "the card leads here"
    answer = send(http, path, receipt_no=receipt.lower(), reason="<b>少了积分</b>")
    assert answer.status_code == 303
    page = http.get(answer.headers["location"]).text
    assert "48 小时内答复" in page
    assert "&lt;b&gt;少了积分" in page
    with hub.database.write() as connection:
        [one] = disputes.listed(connection)
        assert one.party == f"member:{sales.MEMBER}"
        disputes.answer(
            connection,
            one.id,
            "补给三个",
            answered_by="desk",
            now=hub.now(),
            correction=Correction("points", 300),
        )
    page = http.get(path + "?lang=en").text
    assert "Corrected" in page
    assert "补给三个" in page
    assert "(3 Points)" in page


def test_only_the_member_s_own_receipts(http: InProcess, hub: Hub, path: str, till: FakeTerminal) -> None:
    other = sales.walk_in(till.next_receipt_no())
    till.write(other)
    till.upload()
    for number in (other.receipt_no, "S1-1-XXXXX-0001", ""):
        answer = send(http, path, receipt_no=number, reason="不对")
        assert answer.status_code == 422
        assert "请核对小票号" in answer.text
    with hub.database.read() as connection:
        assert disputes.listed(connection) == []


def test_without_the_link_or_the_form_nothing_happens(
    http: InProcess, hub: Hub, path: str, receipt: str
) -> None:
    wrong = path.replace(sales.MEMBER, "30007572")
    assert http.get(wrong).status_code == 404
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    data = urlencode({"csrf": "00", "receipt_no": receipt, "reason": "不对"}).encode()
    assert http.request("POST", "http://testserver" + path, headers=headers, data=data).status_code == 403
    with hub.database.read() as connection:
        assert disputes.listed(connection) == []
