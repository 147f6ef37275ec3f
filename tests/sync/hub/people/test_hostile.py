"""What people send who mean no good: foreign forms, markup, SQL, endless fields, other sites to be led to."""

import itertools
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from sync.hub.hub import Hub
from sync.hub.pages import login
from sync.hub.people.tables import users as users_table
from tests.sync.hub.people.visiting import PASSWORD, SITE, Visit, make_user

NASTY = (
    "'; DROP TABLE users; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% raw %}",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=y",
    "%00",
    "会员" * 50,
    "\ud7ff\u202e",
    "x" * 10_000,
    "😀",
)


@pytest.fixture
def visit(app: FastAPI, hub: Hub) -> Visit:
    make_user(hub)
    return Visit(app)


@pytest.fixture
def signed_in(visit: Visit) -> Visit:
    assert visit.log_in("wang").status_code == 303
    return visit


def is_a_calm_page(answer: httpx.Response) -> bool:
    policy = answer.headers.get("content-security-policy", "")
    return (
        answer.status_code < 500
        and answer.headers["content-type"].startswith("text/html")
        and "default-src 'none'" in policy
        and "<script>" not in answer.text
        and "Traceback" not in answer.text
    )


@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_words_in_every_field(visit: Visit, hub: Hub, nasty: str) -> None:
    token = visit.token("/login")
    answers = [visit.post("/login", {"csrf": token, "name": nasty, "password": PASSWORD, "next": nasty})]
    answers.append(visit.post("/login", {"csrf": token, "name": "wang", "password": nasty}))
    answers.append(visit.get("/setup/" + quote(nasty.replace("/", ""))))
    assert all(map(is_a_calm_page, answers)), [one.status_code for one in answers]
    assert {one.status_code for one in answers} <= {403, 404}
    visit.log_in("wang")
    token = visit.token("/me")
    fields = {
        "csrf": token,
        "present": nasty,
        "password": nasty,
        "again": nasty,
        "code": nasty,
        "language": nasty,
    }
    for path in ("/me/password", "/me/totp", "/me/totp/off"):
        assert is_a_calm_page(visit.post(path, fields))
    assert visit.get("/me").status_code == 200
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(users_table)).scalar() == 1


@pytest.mark.parametrize("field", ["who", "act", "subject"])
@pytest.mark.parametrize("nasty", NASTY)
def test_nasty_words_asked_of_the_audit_log(app: FastAPI, hub: Hub, field: str, nasty: str) -> None:
    make_user(hub, "auditor", "auditor")
    visit = Visit(app)
    visit.log_in("auditor")
    answer = visit.get("/desk/audit?" + str(httpx.QueryParams({field: nasty})))
    assert answer.status_code in {200, 422}
    assert "<script>" not in answer.text


POSTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/login", {"name": "wang", "password": PASSWORD}),
    ("/me/password", {"present": PASSWORD, "password": "another kite 99", "again": "another kite 99"}),
    ("/me/language", {"language": "en"}),
    ("/me/sessions", {}),
    ("/me/totp", {"present": PASSWORD, "code": "123456"}),
    ("/me/totp/off", {"present": PASSWORD}),
    ("/logout", {}),
)


@pytest.mark.parametrize(("path", "fields"), POSTS)
def test_every_form_needs_the_token_of_this_browser(
    signed_in: Visit, hub: Hub, path: str, fields: dict[str, str]
) -> None:
    other = Visit(signed_in.app)
    other.log_in("wang")
    for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}, {"csrf": other.token("/me")}):
        answer = signed_in.post(path, fields | token)
        assert answer.status_code == 403
        assert "current page of this site" in answer.text
    assert signed_in.get("/me").status_code == 200, "nothing was done"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://hub.example.evil.example"},
        {"Origin": "https://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused_even_with_the_token(
    signed_in: Visit, headers: dict[str, str]
) -> None:
    token = signed_in.token("/me")
    assert signed_in.post("/logout", {"csrf": token}, **headers).status_code == 403
    ours = {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}
    assert signed_in.post("/logout", {"csrf": token}, **ours).status_code == 303


def test_forms_without_a_cookie_are_refused(app: FastAPI, visit: Visit) -> None:
    token = visit.token("/login")
    blank = Visit(app)
    assert blank.post("/login", {"csrf": token, "name": "wang", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("text/plain", b"csrf=1", 415),
        ("", b"csrf=1", 415),
        ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
        ("application/x-www-form-urlencoded", b"csrf=%ff%fe", 400),
        ("application/x-www-form-urlencoded", b"csrf=a%00b", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 3_000), 400),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 300_000, 413),
        ("application/x-www-form-urlencoded", b"", 403),
    ],
)
def test_bodies_that_are_no_form(signed_in: Visit, kind: str, body: bytes, status: int) -> None:
    for path in ("/login", "/logout", "/me/password", "/setup/x"):
        answer = signed_in.request("POST", path, {"Content-Type": kind}, body)
        assert answer.status_code == status
        assert is_a_calm_page(answer)


ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/a\r\nSet-Cookie: x=y",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "evil.example", "/x" * 400, "/é",
    "http:/evil.example", "/<b>",
)  # fmt: skip


@pytest.mark.parametrize("then", ELSEWHERE)
def test_nobody_is_led_elsewhere(visit: Visit, then: str) -> None:
    asked = str(httpx.QueryParams({"next": then}))
    assert "evil" not in visit.get("/login?" + asked).text
    entered = visit.fill_in("/login", name="wang", password=PASSWORD, next=then)
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk")
    assert "x" not in {cookie.name for cookie in visit.cookies.jar}
    assert visit.get("/login?" + asked).headers["location"] == "/desk"


@pytest.mark.parametrize(
    "path", ["/", "/me", "/desk/audit?who=a&before=3", "/owner/day?date=2026-03-14", "/a%20b"]
)
def test_paths_of_ours_are_kept(path: str) -> None:
    assert login.here(path) == path


def test_what_people_typed_is_shown_and_not_obeyed(visit: Visit) -> None:
    page = visit.fill_in("/login", name='{{ 7*7 }}"><b>', password="x").text
    assert 'value="{{ 7*7 }}&#34;&gt;&lt;b&gt;"' in page


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Original-URL", "Referer"])
def test_headers_do_not_steer_where_a_log_in_leads(visit: Visit, name: str) -> None:
    sent = visit.get("/me", **{name: "https://evil.example"})
    assert sent.headers["location"] == "/login?next=/me"


@pytest.mark.parametrize("cookie", ["", "x" * 5_000, "a;b", "'--", '"', "=", ","])
def test_cookies_that_are_none_of_ours(app: FastAPI, cookie: str) -> None:
    visit = Visit(app)
    sent = visit.request("GET", "/me", {"Cookie": f"__Host-hub-session={cookie}"})
    assert sent.status_code == 303
    assert visit.request("GET", "/login", {"Cookie": f"__Host-hub-form={cookie}"}).status_code == 200


def test_pages_may_not_be_framed_cached_or_scripted(signed_in: Visit) -> None:
    pages: list[Any] = [signed_in.get(path) for path in ("/me", "/me/totp")]
    pages += [Visit(signed_in.app).get("/login"), signed_in.get("/setup/nothing")]
    for page, (header, part) in itertools.product(
        pages,
        (
            ("content-security-policy", "frame-ancestors 'none'"),
            ("content-security-policy", "base-uri 'none'"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ),
    ):
        assert part in page.headers[header]
    assert all("<script" not in page.text and "style=" not in page.text for page in pages)


@pytest.mark.parametrize(
    ("host", "cookie"),
    [
        ("[", "__Host-hub-form"),
        ("a@localhost.evil.example", "__Host-hub-form"),
        ("localhost.", "__Host-hub-form"),
        ("x" * 5_000, "__Host-hub-form"),
        ("", "__Host-hub-form"),
        ("localhost:8440", "hub-form"),
        ("[::1]:80", "hub-form"),
    ],
)
def test_cookies_go_over_tls_but_on_this_machine(visit: Visit, host: str, cookie: str) -> None:
    [given] = visit.get("/login", Host=host).headers.get_list("set-cookie")
    assert given.startswith(cookie + "=")
    assert ("Secure" in given) == cookie.startswith("__Host")
    assert "SameSite=strict" in given
    assert visit.get("/me", Host=host).status_code == 303
