"""Cashier number and PIN. Attempts are journaled; wrong ones slow down."""

from __future__ import annotations

from datetime import timedelta

from pos.domain.events import LoggedIn
from pos.domain.message import Refusal, say
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember

FREE_TRIES = 3
WINDOW = timedelta(minutes=5)


def log_in(number: str, pin: str, desk: Desk) -> StaffMember:
    """Who is at the till. On the journal's writer thread (the PIN check takes about 0.1 s).

    Raises:
        Refusal: `wrong_pin` (also for an unknown number) or `too_many_tries`.
        StorageTrouble: the attempt could not be journaled.

    """
    now = desk.clock.now()
    if desk.journal.failed_log_ins(number, now - WINDOW) >= FREE_TRIES:
        raise Refusal(
            "too_many_tries",
            say(
                "工号 {number} 连续输错，请 {minutes} 分钟后再试",
                number=number[:8],
                minutes=WINDOW.seconds // 60,
            ),
        )
    person = desk.staff.by_number(number)
    right = person is not None and desk.pin_check(person.pin_hash, pin)
    with desk.journal.transaction() as transaction:
        transaction.append(LoggedIn(at=now.isoformat(timespec="seconds"), number=number[:8], ok=right))
    desk.hub.nudge()
    if person is None or not right:
        raise Refusal("wrong_pin", say("工号或密码不对，请重新输入"))
    return person
