"""Logging in as people do it, and as people try who should not."""

import datetime as dt
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from fastapi import FastAPI
from sqlalchemy import select, update

from sync.hub.hub import Hub
from sync.hub.people import passwords, second_factor, users
from sync.hub.people.tables import audit_log, user_sessions, wrong_guesses
from sync.hub.people.tables import users as users_table
from sync.hub.people.visitors import at_the_console
from sync.hub.trust.guessing import LOG_IN_BY_NAME, LOG_IN_BY_PEER, SECOND_FACTOR
from sync.hub.web.app import make_app
from tests.sync.hub.people.visiting import PASSWORD, Visit, make_user


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 3, 14, 2, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.moment

    def on(self, **by: float) -> None:
        self.moment += dt.timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(hub: Hub, clock: Clock) -> Hub:
    """The hub with a clock that tests move."""
    object.__setattr__(hub, "now", clock)
    return hub


@pytest.fixture
def app(timed: Hub) -> FastAPI:
    return make_app(timed)


@pytest.fixture
def visit(app: FastAPI) -> Visit:
    return Visit(app)


def rows(hub: Hub, table: Any) -> list[Any]:
    with hub.database.read() as connection:
        return list(connection.execute(select(table)).mappings())


def acts(hub: Hub) -> list[str]:
    return [row["act"] for row in rows(hub, audit_log)]


def test_a_page_leads_to_the_log_in_and_back(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    sent = visit.get("/me?told=x&y=%2F")
    assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/me%3Ftold%3Dx%26y%3D%252F")
    page = visit.get(sent.headers["location"])
    assert page.status_code == 200
    assert 'name="next" value="/me?told=x&amp;y=%2F"' in page.text
    entered = visit.fill_in(
        sent.headers["location"], name="WANG ", password=PASSWORD, next="/me?told=x&y=%2F"
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/me?told=x&y=%2F")
    cookie = next(one for one in entered.headers.get_list("set-cookie") if "session" in one)
    assert cookie.startswith("__Host-hub-session=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie
    assert "wang" in visit.get("/me").text
    assert visit.get("/login").headers["location"] == "/desk"
    assert "login" in acts(hub)


def test_what_the_database_keeps_opens_nothing(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.log_in("wang")
    token = visit.cookies["__Host-hub-session"]
    [session] = rows(hub, user_sessions)
    assert token.encode() not in bytes(session["token_hash"])
    assert len(token) >= 43
    [user] = rows(hub, users_table)
    assert user["password"].startswith("$argon2id$")
    thief = Visit(visit.app)
    thief.cookies.set("__Host-hub-session", bytes(session["token_hash"]).hex())
    assert thief.get("/me").status_code == 303


def test_wrong_is_wrong_whether_or_not_the_user_exists(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    said = []
    for name, password in (
        ("wang", "kite over river 89"),
        ("nobody", PASSWORD),
        ("wang", ""),
        ("", PASSWORD),
    ):
        answer = visit.log_in(name, password)
        assert answer.status_code == 403
        assert "session" not in answer.headers.get("set-cookie", "")
        said.append(answer.text.partition('role="alert">')[2].partition("<")[0])
    assert len(set(said)) == 1
    failures = [(row["who"], row["subject"]) for row in rows(hub, audit_log) if row["act"] == "login.failed"]
    assert sorted(failures) == [("?", "user:?"), ("?", "user:?"), ("wang", "user:1"), ("wang", "user:1")]


def test_nobodys_password_takes_as_long_to_check(
    visit: Visit, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(hub)
    seen: list[str] = []

    def verify(_hasher: PasswordHasher, kept: str, _password: bytes) -> bool:
        seen.append(kept)
        raise VerificationError

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    visit.log_in("wang")
    visit.log_in("nobody")
    assert len(seen) == 2
    assert seen[0].rpartition("$")[0].rpartition("$")[0] == seen[1].rpartition("$")[0].rpartition("$")[0]


def test_guessing_a_password_gets_slower_and_slower(visit: Visit, timed: Hub, clock: Clock) -> None:
    make_user(timed)
    for _ in range(LOG_IN_BY_NAME.free):
        assert visit.log_in("wang", "wrong wrong wrong").status_code == 403
    locked = visit.log_in("wang")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "30")
    assert "30 seconds" in locked.text
    elsewhere = Visit(visit.app, peer="198.51.100.9")
    assert elsewhere.log_in("wang").status_code == 429, "the name is locked wherever it is tried"
    clock.on(seconds=31)
    assert visit.log_in("wang", "wrong wrong wrong").status_code == 403
    assert visit.log_in("wang").headers["retry-after"] == "60"
    clock.on(days=2)
    assert visit.log_in("wang").status_code == 303
    clock.on(seconds=1)
    assert Visit(visit.app).log_in("wang", "wrong wrong wrong").status_code == 403, "it begins anew"


def test_one_peer_cannot_try_many_names(visit: Visit, timed: Hub, clock: Clock) -> None:
    make_user(timed)
    for number in range(LOG_IN_BY_PEER.free):
        assert visit.log_in(f"name{number}").status_code == 403
    assert visit.log_in("wang").status_code == 429
    assert Visit(visit.app, peer="198.51.100.9").log_in("wang").status_code == 303
    clock.on(minutes=11)
    assert visit.log_in("wang").status_code == 303
    assert Visit(visit.app).log_in("wang").status_code == 303, "who was right is not shut out again"


def test_locks_outlast_a_restart_and_the_operator_lifts_them(visit: Visit, timed: Hub) -> None:
    make_user(timed)
    for _ in range(LOG_IN_BY_NAME.free):
        visit.log_in("wang", "wrong wrong wrong")
    again = Visit(make_app(timed))
    assert again.log_in("wang").status_code == 429
    with timed.database.write() as connection:
        users.unlock(timed, connection, at_the_console(timed), "wang")
    assert again.log_in("wang").status_code == 303
    assert "user.unlock" in acts(timed)


def test_names_and_peers_are_not_kept_with_the_guesses(visit: Visit, hub: Hub) -> None:
    visit.log_in("secret-typed-as-name", "x")
    kept = repr(rows(hub, wrong_guesses))
    assert "secret" not in kept
    assert "192.0.2" not in kept


def test_a_session_ends_when_idle_and_at_last(visit: Visit, timed: Hub, clock: Clock) -> None:
    make_user(timed, role="auditor")  # 30 minutes, 10 hours
    visit.log_in("wang")
    clock.on(minutes=29)
    assert visit.get("/me").status_code == 200
    clock.on(minutes=29)
    assert visit.get("/me").status_code == 200
    clock.on(minutes=31)
    assert visit.get("/me").status_code == 303
    visit.log_in("wang")
    for _ in range(20):
        clock.on(minutes=29)
        assert visit.get("/me").status_code == 200
    clock.on(minutes=29)
    assert visit.get("/me").status_code == 303, "ten hours are over"


def test_logging_out_ends_the_session_itself(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.log_in("wang")
    stolen = visit.cookies["__Host-hub-session"]
    assert visit.fill_in("/me", "/logout").headers["location"] == "/login"
    assert visit.get("/me").status_code == 303
    thief = Visit(visit.app)
    thief.cookies.set("__Host-hub-session", stolen)
    assert thief.get("/me").status_code == 303


def test_a_token_planted_before_is_not_the_session_after(visit: Visit, hub: Hub) -> None:
    make_user(hub)
    visit.cookies.set("__Host-hub-session", "chosen-by-an-attacker")
    visit.log_in("wang")
    tokens = {cookie.value for cookie in visit.cookies.jar if cookie.name == "__Host-hub-session"}
    attacker = Visit(visit.app)
    attacker.cookies.set("__Host-hub-session", "chosen-by-an-attacker")
    assert attacker.get("/me").status_code == 303
    assert tokens - {"chosen-by-an-attacker"}


def test_a_hash_of_old_parameters_is_renewed(visit: Visit, hub: Hub) -> None:
    user_id = make_user(hub)
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD.encode())
    with hub.database.write() as connection:
        connection.execute(update(users_table).where(users_table.c.id == user_id).values(password=weak))
    assert visit.log_in("wang").status_code == 303
    [user] = rows(hub, users_table)
    assert user["password"] != weak
    assert not passwords.is_outdated(user["password"])
    assert Visit(visit.app).log_in("wang").status_code == 303


def test_too_many_at_once_are_told_to_come_again(
    visit: Visit, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(hub)

    def busy(_kept: str | None, _password: str) -> bool:
        raise passwords.Busy

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", busy)
        for _ in range(LOG_IN_BY_NAME.free + 1):
            assert visit.log_in("wang").status_code == 503
    assert visit.log_in("wang").status_code == 303, "nothing was looked at, nothing counts"


# --- the second factor


@pytest.fixture
def secret(timed: Hub) -> str:
    """The second factor of wang."""
    user_id = make_user(timed)
    with timed.database.write() as connection:
        secret = second_factor.offer(timed, connection, user_id)
        code = pyotp.TOTP(secret).at(timed.now())
        assert second_factor.confirm(timed, connection, user_id, code)
    return secret


def code_at(secret: str, clock: Clock) -> str:
    return pyotp.TOTP(secret).at(clock.moment)


def test_the_password_alone_lets_nobody_in(visit: Visit, secret: str, clock: Clock) -> None:
    half = visit.log_in("wang", then="/desk/audit")
    assert half.headers["location"] == "/login/totp?next=%2Fdesk%2Faudit"
    assert visit.get("/me").status_code == 303
    clock.on(seconds=30)
    before = visit.cookies["__Host-hub-session"]
    page = half.headers["location"]
    assert visit.fill_in(page, code="000000").status_code == 403
    entered = visit.fill_in(page, code=code_at(secret, clock), next="/desk/audit")
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk/audit")
    assert visit.cookies["__Host-hub-session"] != before
    assert visit.get("/me").status_code == 200


def test_a_code_works_once(visit: Visit, secret: str, clock: Clock) -> None:
    clock.on(seconds=30)
    code = code_at(secret, clock)
    for browser, status in ((visit, 303), (Visit(visit.app), 403)):
        browser.log_in("wang")
        assert browser.fill_in("/login/totp", code=code).status_code == status
    clock.on(seconds=30)
    late = Visit(visit.app)
    late.log_in("wang")
    assert late.fill_in("/login/totp", code=code).status_code == 403, "within the window, but used"


def test_a_phone_half_a_minute_off_is_taken_and_two_minutes_are_not(
    visit: Visit, secret: str, clock: Clock
) -> None:
    clock.on(minutes=10)
    visit.log_in("wang")
    far = pyotp.TOTP(secret).at(clock.moment - dt.timedelta(minutes=2))
    assert visit.fill_in("/login/totp", code=far).status_code == 403
    near = pyotp.TOTP(secret).at(clock.moment - dt.timedelta(seconds=30))
    assert visit.fill_in("/login/totp", code=near).status_code == 303


def test_guessing_codes_is_slowed_down(visit: Visit, secret: str, clock: Clock) -> None:
    clock.on(seconds=30)
    visit.log_in("wang")
    token = visit.token("/login/totp")
    for _ in range(SECOND_FACTOR.free):
        assert visit.post("/login/totp", {"csrf": token, "code": "000000"}).status_code == 403
    locked = visit.post("/login/totp", {"csrf": token, "code": code_at(secret, clock)})
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "60")
    clock.on(seconds=61)
    assert visit.post("/login/totp", {"csrf": token, "code": code_at(secret, clock)}).status_code == 303


def test_the_second_step_does_not_wait_for_ever(visit: Visit, secret: str, clock: Clock) -> None:
    visit.log_in("wang")
    token = visit.token("/login/totp")
    clock.on(minutes=11)
    late = visit.post("/login/totp", {"csrf": token, "code": code_at(secret, clock), "next": "/me"})
    assert late.headers["location"] == "/login?next=%2Fme"
    assert visit.get("/login/totp").headers["location"] == "/login"


def test_secret_and_recovery_codes_are_sealed(timed: Hub, secret: str) -> None:
    [user] = rows(timed, users_table)
    assert secret.encode() not in bytes(user["totp_secret"])
    with timed.database.write() as connection:
        connection.execute(update(users_table).values(id=user["id"] + 0, totp_secret=b"x" * 40))
        assert not second_factor.passes(timed, connection, user["id"], "123456"), "not ours: nobody passes"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "abcdef", "'; --", "0" * 5000])
def test_what_is_no_code(visit: Visit, secret: str, code: str) -> None:
    visit.log_in("wang")
    assert visit.fill_in("/login/totp", code=code).status_code == 403
