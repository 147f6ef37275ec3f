"""Who may see and do what: every route of the site, for everybody."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested
from sync.hub.hub import Hub
from sync.hub.pages import site
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.pages.conftest import SignIn, Visit
from tests.sync.hub.terminals import FakeTerminal

ROUTES = [
    route
    for router in site.ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and not route.path.startswith(("/card/", "/t/"))
]
OF_M1 = ("幸福里", "S1-1")


def paths(method: str, beginning: str = "/") -> list[str]:
    found = [one.path for one in ROUTES if method in (one.methods or ()) and one.path.startswith(beginning)]
    assert found
    return found


def filled(path: str, **values: str) -> str:
    """The path with something in its places."""
    return re.sub(r"\{(\w+)\}", lambda place: values.get(place.group(1), "1"), path)


@pytest.fixture
def shops(hub: Hub, till: FakeTerminal, neighbour: FakeTerminal) -> dict[str, str]:
    """A receipt and a dispute of each of two merchants, by the names of their places in paths."""
    values: dict[str, str] = {"terminal": "S1-1", "form": "csv"}
    for shop, store in ((till, "S1"), (neighbour, "S2")):
        made = sales.sale(shop.next_receipt_no(), store=store)
        shop.write(made)
        shop.write(b"{}")
        shop.upload()
        with hub.database.write() as connection:
            number = disputes.open_one(
                connection,
                Contested(receipt_no=made.receipt_no),
                party=f"store:{store}",
                reason=f"reason of {store}",
                opened_by="x",
                now=hub.now(),
            )
        values |= {f"{store}_receipt_no": made.receipt_no, f"{store}_number": str(number)}
    values |= {"receipt_no": values["S1_receipt_no"], "number": values["S1_number"]}
    return values


def test_nobody_sees_a_page_without_signing_in(http: InProcess) -> None:
    for path in paths("GET"):
        answer = http.get(filled(path, form="csv"))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith(("/login", "/owner/day")), path


def test_nobody_sends_a_form_without_signing_in(http: InProcess) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in paths("POST"):
        answer = http.request("POST", "http://testserver" + filled(path), headers=headers, data=b"csrf=00")
        assert answer.status_code in {303, 403}, path
        assert "done=" not in answer.headers.get("location", ""), path


def test_a_form_without_its_token_is_refused(desk: Visit, owner: Visit, shops: dict[str, str]) -> None:
    for path in paths("POST"):
        visitor = owner if path.startswith("/owner") else desk
        for token in ("", "00", "é"):
            answer = visitor.send_raw(
                filled(path, **shops), csrf=token, reason="x", answer="x", how="dismiss"
            )
            assert answer.status_code in {403, 415}, (path, answer.status_code)


def test_an_owner_sees_its_own_pages(owner: Visit, shops: dict[str, str]) -> None:
    for path in paths("GET", "/owner"):
        answer = owner.get(filled(path, **shops) + f"?first={sales.DATE}&last={sales.DATE}&date={sales.DATE}")
        assert answer.status_code in {200, 303}, path
        if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
            assert "幸福里" in answer.text, path
            assert "邻家" not in answer.text, path


def test_an_owner_sees_nothing_of_another_merchant(sign_in: SignIn, shops: dict[str, str]) -> None:
    """Whether asked for by store, receipt, dispute or not at all: M2 gets a 404, or a page without M1."""
    stranger = sign_in("owner", "M2")
    days = f"first={sales.DATE}&last={sales.DATE}&date={sales.DATE}"
    for path in paths("GET", "/owner"):
        of_m1 = stranger.get(f"{filled(path, **shops)}?store=S1&{days}")
        assert of_m1.status_code in {404, 303} or path == "/owner/disputes", path
        for answer in (of_m1, stranger.get(f"{filled(path, **shops)}?{days}")):
            for word in (*OF_M1, "reason of S1"):
                asked_for = word in answer.request.url.path
                assert asked_for or word not in answer.text, (path, word)
    assert stranger.get(f"/owner/receipts/{shops['S1_receipt_no']}").status_code == 404
    assert stranger.get(f"/owner/disputes/{shops['S1_number']}").status_code == 404
    assert stranger.get(f"/owner/receipts/{shops['S2_receipt_no']}").status_code == 200
    assert stranger.get(f"/owner/disputes/{shops['S2_number']}").status_code == 200


def test_an_owner_contests_nothing_of_another_merchant(
    sign_in: SignIn, hub: Hub, shops: dict[str, str]
) -> None:
    stranger = sign_in("owner", "M2")
    for fields in (
        {"receipt_no": shops["S1_receipt_no"]},
        {"receipt_no": shops["S1_receipt_no"], "store": "S1"},
        {"first": "2026-03-01", "last": "2026-03-14", "store": "S1"},
    ):
        answer = stranger.send("/owner/disputes", "/owner/disputes", reason="mine!", **fields)
        assert answer.status_code in {404, 422}, fields
    with hub.database.read() as connection:
        assert len(disputes.listed(connection)) == 2


def test_an_owner_has_no_business_at_the_desk(owner: Visit, shops: dict[str, str]) -> None:
    for path in paths("GET", "/desk"):
        assert owner.get(filled(path, **shops)).status_code == 403, path
    for path in paths("POST", "/desk"):
        answer = owner.send(filled(path, **shops), "/owner/disputes", answer="x", how="dismiss")
        assert answer.status_code in {403, 415}, path


# What a role may send; every other form of the desk is refused.
MAY_SEND: dict[str, set[str]] = {
    "reviewer": {"/desk/tasks/{number}"},
    "auditor": set(),
    "support": {
        "/desk/terminals/{terminal}/code",
        "/desk/terminals/{terminal}/revoke",
        "/desk/terminals/{terminal}/send",
    },
    "operator": {
        "/desk/settlement/{merchant}/lock",
        "/desk/settlement/{merchant}/pay",
        "/desk/terminals/{terminal}/send",
        "/desk/terminals/{terminal}/code",
        "/desk/terminals/{terminal}/revoke",
        "/desk/packs",
        "/desk/packs/check",
        "/desk/disputes",
        "/desk/disputes/{number}",
    },
}


@pytest.mark.parametrize("role", MAY_SEND)
def test_a_role_does_only_what_it_may(sign_in: SignIn, shops: dict[str, str], role: str) -> None:
    visitor = sign_in(role)
    for path in paths("POST", "/desk"):
        answer = visitor.send(filled(path, **shops), "/desk")
        refused = answer.status_code == 403
        assert refused == (path not in MAY_SEND[role]), (role, path, answer.status_code)


def test_the_desk_may_look_at_every_store(desk: Visit, shops: dict[str, str]) -> None:
    for store, name in (("S1", "幸福里便利店"), ("S2", "邻家水果店")):
        assert name in desk.text(f"/owner/day?store={store}&date={sales.DATE}")
        assert name in desk.text(f"/owner/statement?store={store}&first={sales.DATE}&last={sales.DATE}")
    page = desk.text(f"/owner/receipts/{shops['S2_receipt_no']}")
    assert 'action="/owner/disputes"' not in page, "the desk contests nothing in a store's place"


def test_pages_say_what_they_are_to_browsers(owner: Visit, desk: Visit, shops: dict[str, Any]) -> None:
    for path in paths("GET"):
        visitor = owner if path.startswith("/owner") else desk
        answer = visitor.get(filled(path, **shops))
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text
        assert " style=" not in answer.text, "the policy would drop it"
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", answer.text), "nothing comes from elsewhere"


def test_in_english_only_names_are_chinese(owner: Visit, desk: Visit, shops: dict[str, Any]) -> None:
    """What the shop, its goods and the programme are called stays as it is."""
    goods = {text for one in sales.GOODS.values() for text in (one.name, one.spec, one.unit, one.category)}
    names = {
        "同壹联盟 (示例)",
        "幸福里便利店",
        "幸福里商贸",
        "邻家水果店",
        "邻家水果",
        "1 号机",
        "同壹",
        "中文",
    }
    known = sorted(goods | names, key=len, reverse=True)
    for path in paths("GET"):
        visitor = owner if path.startswith("/owner") else desk
        query = f"?first={sales.DATE}&last={sales.DATE}&date={sales.DATE}"
        answer = visitor.get(filled(path, **shops) + query, "en")
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        text = re.sub(r"<style.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
        for name in known:
            text = text.replace(name, "")
        assert re.findall(r"[^\s]*[\u4e00-\u9fff]+[^\s]*", text) == [], path
