"""The pages and what stands behind them, on both engines and without a browser."""

from __future__ import annotations

import re

import msgspec
import pytest
from fastapi import FastAPI

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from tests.sync.hub import sales
from tests.sync.hub.codes.phones import issue
from tests.sync.hub.people.visiting import Visit
from tests.sync.hub.terminals import FakeTerminal


@pytest.fixture
def phone(app: FastAPI) -> Visit:
    visit = Visit(app)
    visit.headers["Accept-Language"] = "zh"
    return visit


def link(hub: Hub, member: str = sales.MEMBER) -> str:
    with hub.database.read() as connection:
        return member_card.path_of(hub, connection, member)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_the_way_to_a_code(hub: Hub, till: FakeTerminal, phone: Visit) -> None:
    phone.get(link(hub))
    page = phone.get("/t/S1-1")
    assert page.headers["cache-control"] == "no-store"
    answer = phone.post("/t/S1-1", {"csrf": csrf(page.text), "asset": "points", "amount": "7"})
    assert answer.status_code == 303
    answer = phone.get(answer.headers["location"])
    assert '<path d="M' in answer.text
    assert "script-src 'nonce-" in answer.headers["content-security-policy"]
    told = phone.get("/t/S1-1/state?asset=points").json()
    assert (told["state"], told["amount"]) == ("open", "7")
    assert "path" not in told
    renewed = phone.get("/t/S1-1/state?asset=points&renew=1").json()
    assert renewed["path"].startswith("M")
    assert 295 <= renewed["left_s"] <= 300


@pytest.mark.parametrize("amount", ["0", "-3", "abc", "1e9", "7.123456789", "99999999999999999999"])
def test_an_amount_that_is_none(hub: Hub, till: FakeTerminal, phone: Visit, amount: str) -> None:
    phone.get(link(hub))
    page = phone.get("/t/S1-1")
    answer = phone.post("/t/S1-1", {"csrf": csrf(page.text), "asset": "points", "amount": amount})
    assert answer.status_code in {303, 409}
    assert "Traceback" not in answer.text


def test_without_the_token_of_the_page_nothing_is_reserved(
    hub: Hub, till: FakeTerminal, phone: Visit
) -> None:
    phone.get(link(hub))
    phone.get("/t/S1-1")
    answer = phone.post("/t/S1-1", {"csrf": "00", "asset": "points", "amount": "7"})
    assert answer.status_code == 403
    assert phone.get("/t/S1-1/state?asset=points").json() == {"state": "gone"}


def test_a_void_link_voids_the_phone(hub: Hub, till: FakeTerminal, phone: Visit) -> None:
    phone.get(link(hub))
    assert "取付款码" in phone.get("/t/S1-1").text
    with hub.database.write() as connection:
        member_card.revoke_links(connection, sales.MEMBER)
    assert "还没认出您" in phone.get("/t/S1-1").text


def test_somebody_elses_phone_can_be_forgotten(hub: Hub, till: FakeTerminal, phone: Visit) -> None:
    phone.get(link(hub))
    page = phone.get("/t/S1-1")
    phone.post("/t/S1-1/forget", {"csrf": csrf(page.text)})
    assert "还没认出您" in phone.get("/t/S1-1").text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "blocked"}, "已停用"),
        ({"expires": "2020-01-01"}, "已到期"),
        ({"status": "sealed"}, "还没有启用"),
    ],
)
def test_who_may_not_spend_is_told_why(
    hub: Hub, till: FakeTerminal, phone: Visit, change: dict[str, str], words: str
) -> None:
    phone.get(link(hub))
    with hub.database.write() as connection:
        member = members.known(connection, sales.MEMBER)
        members.put(connection, msgspec.structs.replace(member, **change))
    page = phone.get("/t/S1-1").text
    assert words in page
    assert "取付款码" not in page


def test_what_is_reserved_elsewhere_is_named(
    hub: Hub, till: FakeTerminal, neighbour: FakeTerminal, phone: Visit
) -> None:
    issue(hub, 2000, terminal="S2-1")
    phone.get(link(hub))
    page = phone.get("/t/S1-1").text
    assert "S2-1" in page
    assert "取付款码" not in page


def test_a_member_with_nothing_is_shown_another_way(hub: Hub, till: FakeTerminal, phone: Visit) -> None:
    phone.get(link(hub, sales.NEWCOMER))
    assert "请出示会员卡" in phone.get("/t/S1-1").text


def test_the_card_code_is_nowhere_on_the_page(hub: Hub, till: FakeTerminal, phone: Visit) -> None:
    phone.get(link(hub))
    with hub.database.read() as connection:
        card = members.known(connection, sales.MEMBER).card_code
    assert card not in phone.get("/t/S1-1").text
    assert card not in str(phone.get("/t/S1-1").headers)
