"""Guessing is counted in the database: many at once, several workers and restarts count together."""

import datetime as dt
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import func, select

from sync.hub.hub import Hub, opened
from sync.hub.people.tables import wrong_guesses
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust import guessing
from sync.hub.trust.guessing import ENROLMENT_BY_PEER, LOG_IN_BY_NAME, Limit, MustWait, peer_group
from sync.hub.web.app import make_app
from sync.protocol import trust
from sync.protocol.messages import EnrolRequest
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal

SECOND = dt.timedelta(seconds=1)


def guess(hub: Hub, limit: Limit = LOG_IN_BY_NAME, whom: str = "wang", *, right: bool = False) -> str:
    try:
        with guessing.attempt(hub, (limit, whom)) as trying:
            if right:
                trying.was_right()
    except MustWait as must:
        return f"wait {must.seconds}"
    return "looked at"


def enrolment(hub: Hub, till: FakeTerminal) -> EnrolRequest:
    """A request with a code that nobody made, its proof in order."""
    code = trust.crockford(secrets.token_bytes(7), trust.ONE_TIME_LENGTH)
    claim = trust.enrolment_claim(code, till.public_key, till.incarnation, hub.keys.fingerprint)
    return EnrolRequest(code, till.public_key, till.incarnation, till.key.sign(claim))


def test_a_thousand_codes_are_refused_over_two_workers(folder: DataFolder) -> None:
    """Two workers on one database, four callers at each, all from one address."""
    with opened(folder) as one, opened(folder) as two:
        workers = [InProcess(make_app(hub)) for hub in (one, two)]
        till = FakeTerminal(workers[0])
        requests = [msgspec.json.encode(enrolment(one, till)) for _ in range(1_000)]

        def post(number: int) -> str:
            worker = workers[number % 2]
            answer = worker.request("POST", "http://testserver/v1/enrol", headers={}, data=requests[number])
            return str(answer.json()["error"])

        with ThreadPoolExecutor(8) as callers:
            said = Counter(callers.map(post, range(1_000)))
    assert said == {
        "code_unknown": ENROLMENT_BY_PEER.free,
        "too_many_wrong_codes": 1_000 - ENROLMENT_BY_PEER.free,
    }
    with opened(folder) as after_restart:
        assert guess(after_restart, ENROLMENT_BY_PEER, "192.0.2.1").startswith("wait")


def test_right_ones_are_forgiven_and_lift_no_lock_of_others(hub: Hub) -> None:
    for _ in range(LOG_IN_BY_NAME.free - 1):
        assert guess(hub) == "looked at"
    for _ in range(10):
        assert guess(hub, right=True) == "looked at"
    with guessing.attempt(hub, (LOG_IN_BY_NAME, "wang")) as mine:
        assert guess(hub).startswith("wait"), "an attempt counts while it is looked at"
        mine.was_right()
    assert guess(hub) == "looked at"
    assert guess(hub, right=True) == "wait 30"


def test_waits_grow_and_are_bounded() -> None:
    limit = LOG_IN_BY_NAME
    waits = [limit.shut_for(count) // SECOND for count in range(limit.free - 1, limit.free + 8)]
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert limit.shut_for(10**9) == limit.wait_max


def test_old_rows_are_swept_out(hub: Hub) -> None:
    start, later = hub.now(), hub.now() + dt.timedelta(days=3)
    for number in range(20):
        guess(hub, whom=f"name {number}")
    object.__setattr__(hub, "now", lambda: later)
    guess(hub)
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(wrong_guesses)).scalar() == 1
    assert start < later


def test_a_fault_while_looking_counts_as_wrong(hub: Hub) -> None:
    for _ in range(LOG_IN_BY_NAME.free):
        with pytest.raises(ZeroDivisionError), guessing.attempt(hub, (LOG_IN_BY_NAME, "wang")):
            raise ZeroDivisionError
    assert guess(hub) == "wait 30"


@pytest.mark.parametrize(
    ("peer", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("?", "?"),
    ],
)
def test_whose_address_it_is(peer: str, group: str) -> None:
    assert peer_group(peer) == group
