"""Cashier number and PIN. Attempts are journaled; wrong ones slow down, and in the end lock out.

What counts is how many PINs of a number were wrong in a row, by the journal: neither a restart nor a clock
that is set on makes them fewer. A right PIN does, and so does the owner's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pos.domain.events import LockOutLifted, LoggedIn
from pos.domain.message import Refusal, say
from pos.domain.printed_codes import check_holds, code_hash
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember, WrongPins
from pos.usecases.roles import check_leave, may_alone

FREE_TRIES = 3
WAIT = timedelta(seconds=30)
WAIT_MAX = timedelta(minutes=15)
TRIES_MAX = 10
"""So many wrong PINs in a row lock a number out until the owner lifts it; the owner's own only waits."""
NUMBER_LENGTH_MAX = 8
# Argon2id of a random text that nobody has.
NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$b+KrR6A8EXxcuZS2uIDujA$3sKHuGbEdEaey7F3QgRZj3iyJLa+fL6diMPeLCENvk4"
)


def log_in(number: str, pin: str, desk: Desk, *, asked_by: str = "") -> StaffMember:
    """Who is at the till, or whom somebody there (`asked_by`) has asked to approve something.

    On the journal's writer thread (the PIN check takes about 0.1 s).

    Raises:
        Refusal: `wrong_pin` (also for an unknown number), `too_many_tries`, `locked_out`, or `no_staff`
            before the first download (which nobody's tries are counted for).
        StorageTrouble: the attempt could not be journaled.

    """
    now, number = desk.clock.now(), number[:NUMBER_LENGTH_MAX]
    if desk.staff.nobody():
        raise Refusal("no_staff", say("还没有收到门店的工号资料，请等联网同步完成后再登录"))
    person = desk.staff.by_number(number)
    _check_tries(number, person, desk.journal.wrong_pins(number), now)
    # An unknown number takes as long as a known one, so that nobody can tell which exist.
    right = desk.pin_check(person.pin_hash if person else NOBODYS_HASH, pin) and person is not None
    with desk.journal.transaction() as transaction:
        at = now.isoformat(timespec="seconds")
        transaction.append(LoggedIn(at=at, number=number, ok=right, asked_by=asked_by))
    desk.hub.nudge()
    if person is None or not right:
        raise Refusal("wrong_pin", say("工号或密码不对，请重新输入"))
    return person


def wait_after(wrong: int) -> timedelta:
    """How long a number has to wait after so many wrong PINs in a row."""
    if wrong < FREE_TRIES:
        return timedelta()
    doublings: int = min(wrong - FREE_TRIES, 16)
    return min(WAIT * (1 << doublings), WAIT_MAX)


def _check_tries(number: str, person: StaffMember | None, wrong: WrongPins, now: datetime) -> None:
    if wrong.count >= TRIES_MAX and not may_alone(person, "lift_lock_out"):
        raise Refusal(
            "locked_out",
            say(
                "工号 {number} 连续输错 {n} 次，已锁定；请店主登录后在「更多」里解锁",
                number=number,
                n=wrong.count,
            ),
        )
    if wrong.last is None:
        return
    wait = wait_after(wrong.count)
    # A clock that was set back since would make the wait longer than it ever is.
    left = min(wrong.last + wait - now, wait)
    if left > timedelta():
        raise Refusal(
            "too_many_tries",
            say(
                "工号 {number} 连续输错，请过 {seconds} 秒再试",
                number=number,
                seconds=max(1, -(-left // timedelta(seconds=1))),
            ),
        )


def number_of_badge(code: str, desk: Desk) -> str:
    """The number that a badge stands for; the PIN is asked all the same.

    Raises:
        Refusal: `unknown_badge`.

    """
    person = desk.staff.by_badge(code_hash(code)) if check_holds(code) else None
    if person is None:
        raise Refusal("unknown_badge", say("不认识这张工牌，可能已换新；请输入工号登录，或请店主补办工牌"))
    return person.number


def locked_out(desk: Desk) -> tuple[str, ...]:
    """Numbers that only the owner can let try again."""
    numbers = desk.journal.numbers_with_wrong_pins(TRIES_MAX)
    return tuple(one for one in numbers if not may_alone(desk.staff.by_number(one), "lift_lock_out"))


def lift_lock_outs(by: str, desk: Desk) -> tuple[str, ...]:
    """Lets every locked-out number try again. On the journal's writer thread.

    Raises:
        Refusal: `no_right`: somebody else asked.

    """
    check_leave(by, "lift_lock_out", desk)
    lifted = locked_out(desk)
    at = desk.clock.now().isoformat(timespec="seconds")
    with desk.journal.transaction() as transaction:
        for number in lifted:
            transaction.append(LockOutLifted(at=at, number=number, by=by))
    desk.hub.nudge()
    return lifted
