"""Cashier number and PIN. Attempts are journaled; wrong ones slow down."""

from __future__ import annotations

from datetime import timedelta

from pos.domain.events import LoggedIn
from pos.domain.message import Refusal, say
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember

FREE_TRIES = 3
WINDOW = timedelta(minutes=5)
NUMBER_LENGTH_MAX = 8
# Argon2id of a random text that nobody has.
NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$b+KrR6A8EXxcuZS2uIDujA$3sKHuGbEdEaey7F3QgRZj3iyJLa+fL6diMPeLCENvk4"
)


def log_in(number: str, pin: str, desk: Desk) -> StaffMember:
    """Who is at the till. On the journal's writer thread (the PIN check takes about 0.1 s).

    Raises:
        Refusal: `wrong_pin` (also for an unknown number), `too_many_tries`, or `no_staff` before the
            first download (which nobody's tries are counted for).
        StorageTrouble: the attempt could not be journaled.

    """
    now, number = desk.clock.now(), number[:NUMBER_LENGTH_MAX]
    if desk.staff.nobody():
        raise Refusal("no_staff", say("还没有收到门店的工号资料，请等联网同步完成后再登录"))
    if desk.journal.failed_log_ins(number, now - WINDOW) >= FREE_TRIES:
        raise Refusal(
            "too_many_tries",
            say(
                "工号 {number} 连续输错，请过几分钟再试（最多 {minutes} 分钟）",
                number=number,
                minutes=WINDOW.seconds // 60,
            ),
        )
    person = desk.staff.by_number(number)
    # An unknown number takes as long as a known one, so that nobody can tell which exist.
    right = desk.pin_check(person.pin_hash if person else NOBODYS_HASH, pin) and person is not None
    with desk.journal.transaction() as transaction:
        transaction.append(LoggedIn(at=now.isoformat(timespec="seconds"), number=number, ok=right))
    desk.hub.nudge()
    if person is None or not right:
        raise Refusal("wrong_pin", say("工号或密码不对，请重新输入"))
    return person
