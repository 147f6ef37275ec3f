"""Setting a first password, and what users change of their own account."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from sync.hub.hub import Hub
from sync.hub.pages.account import browser_in_words
from sync.hub.people import audit, forms, passwords, roles, second_factor, sessions, users
from sync.hub.people.tables import audit_log
from sync.hub.people.visitors import Visitor, allowed, at_the_console, needs, sees_merchant
from sync.hub.words import Told
from tests.sync.hub.people.visiting import PASSWORD, Visit, make_user

OTHER = "green boat at noon 7"


@pytest.fixture
def visit(app: FastAPI) -> Visit:
    return Visit(app)


def link_for(hub: Hub, user_id: int, hours: float = 1) -> str:
    with hub.database.write() as connection:
        ends = hub.now() + dt.timedelta(hours=hours)
        return f"/setup/{users.new_link(connection, at_the_console(hub), user_id, ends)}"


def test_a_link_sets_one_password_once(visit: Visit, hub: Hub) -> None:
    user_id = make_user(hub)
    visit.log_in("wang")
    link = link_for(hub, user_id)
    assert visit.get("/me").status_code == 303, "a reset ends all sessions"
    assert Visit(visit.app).log_in("wang").status_code == 403, "and the old password"
    new = Visit(visit.app)
    assert "wang" in new.get(link).text
    assert new.fill_in(link, password=OTHER, again=PASSWORD).status_code == 422
    assert new.fill_in(link, password="short", again="short").status_code == 422
    token = new.token(link)
    set_up = new.post(link, {"csrf": token, "password": OTHER, "again": OTHER})
    assert set_up.headers["location"] == "/login?done=password"
    assert new.post(link, {"csrf": token, "password": PASSWORD, "again": PASSWORD}).status_code == 404
    assert new.log_in("wang", OTHER).status_code == 303
    with hub.database.read() as connection:
        kept = repr(connection.execute(text("SELECT * FROM setup_links")).all())
    assert link.rpartition("/")[2] not in kept


def test_links_end_and_newer_ones_void_older_ones(visit: Visit, hub: Hub) -> None:
    user_id = make_user(hub)
    older, newer = link_for(hub, user_id), link_for(hub, user_id)
    assert (visit.get(older).status_code, visit.get(newer).status_code) == (404, 200)
    assert visit.get(link_for(hub, user_id, hours=-1)).status_code == 404
    with hub.database.write() as connection:
        users.remove(connection, at_the_console(hub), "wang")
    assert visit.get(newer).status_code == 404


@pytest.mark.parametrize(
    "password",
    [
        "kitekite1",
        "",
        "password123",
        "qwertyuiop12",
        "1234567890123",
        "aaaaaaaaaaaaaa",
        "wangwangwang1",
        "abababababab",
    ],
)
def test_passwords_that_anybody_would_try(password: str) -> None:
    with pytest.raises(Told):
        passwords.check_new(password, "wang")


@pytest.mark.parametrize(
    "password", [PASSWORD, OTHER, "我爱吃红烧肉和白米饭", "Tr0ub4dor&3xyz", "  a b c d e  "]
)
def test_passwords_that_will_do(password: str) -> None:
    passwords.check_new(password, "wang")
    kept = passwords.hashed(password)
    assert passwords.matches(kept, password)
    assert not passwords.matches(kept, password.strip() + "x")
    assert not passwords.matches("no hash at all", password)
    assert not passwords.matches(None, password)


def test_a_flood_of_passwords_takes_a_bounded_part_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many at once a few are hashed, a few more wait, and the rest is told to come again."""
    at_once, seen, gate = threading.Semaphore(2), [], threading.Event()

    def slow(_hasher: PasswordHasher, _kept: str, _password: bytes) -> bool:
        seen.append(at_once.acquire(blocking=False))
        gate.wait(10)
        at_once.release()
        return True

    monkeypatch.setattr(PasswordHasher, "verify", slow)

    def check(_number: int) -> str:
        try:
            return str(passwords.matches("kept", PASSWORD))
        except passwords.Busy:
            busy.release()
            return "busy"

    busy = threading.Semaphore(0)
    with ThreadPoolExecutor(30) as callers:
        said = callers.map(check, range(30))
        for _ in range(22):
            assert busy.acquire(timeout=10)
        gate.set()
        assert sorted(said) == ["True"] * 8 + ["busy"] * 22
    assert seen == [True] * 8, "never more than two at once"
    assert passwords.matches("kept", PASSWORD), "nobody's place was lost"


def test_a_new_password_logs_all_other_browsers_out(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    other = Visit(visit.app)
    for browser in (visit, other):
        browser.log_in("wang")
    before = visit.cookies["__Host-hub-session"]
    wrong = visit.fill_in("/me", "/me/password", present=OTHER, password=OTHER, again=OTHER)
    assert wrong.status_code == 403
    assert "nothing was changed" in wrong.text
    assert (
        visit.fill_in("/me", "/me/password", present=PASSWORD, password="wang", again="wang").status_code
        == 422
    )
    changed = visit.fill_in("/me", "/me/password", present=PASSWORD, password=OTHER, again=OTHER)
    assert changed.headers["location"] == "/me?told=password"
    assert "Your password is changed" in visit.get("/me?told=password").text
    assert visit.cookies["__Host-hub-session"] != before
    assert other.get("/me").status_code == 303
    assert other.log_in("wang", PASSWORD).status_code == 403
    assert other.log_in("wang", OTHER).status_code == 303


def test_logging_out_everywhere(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    other = Visit(visit.app, agent="Mozilla/5.0 (iPhone) Safari/1")
    for browser in (visit, other):
        browser.log_in("wang")
    page = visit.get("/me").text
    assert "Android Chrome" in page
    assert "iPhone Safari" in page
    assert visit.fill_in("/me", "/me/sessions").headers["location"] == "/login"
    assert {browser.get("/me").status_code for browser in (visit, other)} == {303}


def test_the_second_factor_is_turned_on_and_off(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.log_in("wang")
    page = visit.get("/me/totp").text
    assert "<svg" in page
    secret = page.partition('<p class="code">')[2].partition("<")[0].replace(" ", "")
    assert secret == visit.get("/me/totp").text.partition('<p class="code">')[2].partition("<")[0].replace(
        " ", ""
    )
    code = pyotp.TOTP(secret).at(hub.now())
    assert visit.fill_in("/me/totp", code=code, present=OTHER).status_code == 403
    assert visit.fill_in("/me/totp", code="000000", present=PASSWORD).status_code == 403
    codes = visit.fill_in("/me/totp", code=code, present=PASSWORD).text
    recovery = codes.partition("<ul")[2].partition("<li>")[2].partition("<")[0]
    second = Visit(visit.app)
    assert "totp" in second.log_in("wang").headers["location"]
    assert second.fill_in("/login/totp", code=f" {recovery.lower()} ").status_code == 303
    third = Visit(visit.app)
    third.log_in("wang")
    assert third.fill_in("/login/totp", code=recovery).status_code == 403, "each works once"
    assert visit.fill_in("/me", "/me/totp/off", present=OTHER).status_code == 403
    assert visit.fill_in("/me", "/me/totp/off", present=PASSWORD).headers["location"] == "/me?told=off"
    assert Visit(visit.app).log_in("wang").headers["location"] == "/desk"


def test_the_language_stays_as_it_was_chosen(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.log_in("wang")
    assert "My account" in visit.get("/me").text
    visit.fill_in("/me", "/me/language", language="zh")
    assert "我的账号" in visit.get("/me").text
    assert "My account" in visit.get("/me?lang=en").text
    assert "My account" in visit.get("/me").text


# --- rights


def visitor(role: str, merchant: str | None = None) -> Visitor:
    return Visitor(7, "wang", role, merchant, (), "en", "2026-03-14T00:00:00.000+00:00")


def test_rights_are_what_the_roles_say() -> None:
    assert allowed(visitor("reviewer"), "tasks.review")
    assert not allowed(visitor("support"), "tasks.review")
    assert not allowed(visitor("a role of tomorrow"), "tasks.review")
    with pytest.raises(KeyError):
        allowed(visitor("reviewer"), "tasks.reveiw")
    with pytest.raises(KeyError):
        needs("tasks.reveiw")
    assert set().union(*(role.rights for role in roles.ROLES.values())) == set(roles.RIGHTS), (
        "no right is nobody's"
    )


def test_an_owner_sees_its_own_merchant_only() -> None:
    assert sees_merchant(visitor("owner", "M1"), "M1")
    assert not sees_merchant(visitor("owner", "M1"), "M2")
    assert sees_merchant(visitor("auditor"), "M2")


def test_a_page_of_others_is_refused_in_words(visit: Visit, hub: Hub) -> None:
    make_user(hub, "owner", "owner", "M1")
    visit.log_in("owner")
    refused = visit.get("/desk/audit")
    assert refused.status_code == 403
    assert "read the audit log" in refused.text
    visit.fill_in("/me", "/me/language", language="zh")
    assert "看操作记录" in visit.get("/desk/audit").text
    assert "不能打开" in visit.get("/desk/audit").text


def test_another_role_begins_with_another_log_in(visit: Visit, hub: Hub) -> None:
    make_user(hub, role="auditor")
    visit.log_in("wang")
    assert visit.get("/desk/audit").status_code == 200
    with hub.database.write() as connection:
        users.change(connection, at_the_console(hub), "wang", role="owner", merchant="M1")
    assert visit.get("/desk/audit").status_code == 303
    visit.log_in("wang")
    assert visit.get("/desk/audit").status_code == 403


def test_a_removed_user_is_gone_and_the_name_is_free(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.log_in("wang")
    with hub.database.write() as connection:
        users.remove(connection, at_the_console(hub), "wang")
    assert visit.get("/me").status_code == 303
    assert visit.log_in("wang").status_code == 403
    assert make_user(hub, "Wang") > 1
    assert visit.log_in("wang").status_code == 303


@pytest.mark.parametrize(
    ("name", "role", "merchant", "said"),
    [
        ("wang", "operator", None, "is taken"),
        ("WANG", "operator", None, "is taken"),
        ("x", "operator", None, "2 to 40"),
        ("a b", "operator", None, "2 to 40"),
        ("x" * 41, "operator", None, "2 to 40"),
        ("li", "king", None, "no role king"),
        ("li", "owner", None, "--merchant"),
        ("li", "owner", "M9", "M9"),
        ("li", "operator", "M1", "leave off"),
    ],
)
def test_users_that_will_not_do(hub: Hub, name: str, role: str, merchant: str | None, said: str) -> None:
    make_user(hub)
    with pytest.raises(Told, match=said), hub.database.write() as connection:
        users.add(connection, at_the_console(hub), name, role, merchant, None)


# --- the audit log


def test_the_audit_log_cannot_be_altered(hub: Hub) -> None:
    make_user(hub)
    for statement in ("UPDATE audit_log SET who = 'nobody'", "DELETE FROM audit_log"):
        with pytest.raises(DatabaseError, match="never changed"), hub.database.write() as connection:
            connection.execute(text(statement))


def test_auditors_read_page_by_page(visit: Visit, hub: Hub) -> None:
    make_user(hub, "auditor", "auditor")
    with hub.database.write() as connection:
        for number in range(audit.PAGE_ROWS + 5):
            audit.note(connection, visitor("reviewer"), "tasks.approve", f"task:{number}", "<b>10</b>")
        audit.note(connection, visitor("reviewer"), "tasks.decline", "task:1%", "x" * 2_000)
    visit.log_in("auditor")
    page = visit.get("/desk/audit?who=wang&act=tasks.&subject=").text
    assert "task:104" in page
    assert "&lt;b&gt;10&lt;/b&gt;" in page
    assert "task:0<" not in page
    older = page.partition('href="?who=')[2].partition('"')[0].replace("&amp;", "&")
    assert "task:0<" in visit.get("/desk/audit?who=" + older).text
    assert visit.get("/desk/audit?subject=task:1%25").text.count("tasks.") == 1
    assert "Nothing matches" in visit.get("/desk/audit?act=%25").text
    with hub.database.read() as connection:
        details = connection.execute(select(audit_log.c.detail)).scalars().all()
    assert max(map(len, details)) == 500


def test_small_things(hub: Hub) -> None:
    assert browser_in_words("MicroMessenger on Android").zh == "Android 微信"
    assert browser_in_words("").en == "another browser"
    fields = forms.Fields([("a", " 1 "), ("a", "2"), ("b", " x ")])
    assert (fields["a"], fields.all("a"), fields["c"], fields.exact("b"), len(fields)) == (
        "2",
        ("1", "2"),
        "",
        " x ",
        2,
    )
    with hub.database.read() as connection:
        assert sessions.find(connection, "x" * 10_000, "full", hub.now()) is None
        assert second_factor.recovery_codes_left(connection, 1) == 0
