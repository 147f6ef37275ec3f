"""A till that the alliance has locked: when it takes hold, what it says, and who opens it."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication, Qt

from pos.usecases.ports import TillLock
from tests.fakes.till_services import FakeServices
from tests.ui.conftest import OpenTill
from tests.ui.hands import MEMBER, WATER, Hands

LOCK = TillLock("盘点中", "2026-03-01T10:00:00+08:00")


def look(till: Hands) -> str:
    """What is on the screen after the till has looked around."""
    till.window.look_around()
    window = till.window
    named = {"log_in": window.log_in, "sale": window.sale, "tools": window.tools}
    return next(name for name, screen in named.items() if screen is window.screens.currentWidget())


def lock_sentence(till: Hands) -> str:
    return till.window.log_in._lock.text() if not till.window.log_in._lock.isHidden() else ""


def test_an_idle_till_locks_and_says_why(till: Hands, fakes: FakeServices) -> None:
    assert look(till) == "sale"
    fakes.orders.locked = LOCK
    assert look(till) == "log_in"
    assert till.cashier == ""
    assert "盘点中" in lock_sentence(till)


def test_a_sale_in_progress_is_finished_first(till: Hands, fakes: FakeServices) -> None:
    till.scan(WATER)
    fakes.orders.locked = LOCK
    assert look(till) == "sale"
    till.press(Qt.Key.Key_F11)
    assert till.change, "the change is on the screen"
    assert look(till) == "sale"
    till.press(Qt.Key.Key_Escape)
    assert look(till) == "log_in"


def test_what_somebody_looks_at_is_not_taken_away(till: Hands, fakes: FakeServices) -> None:
    till.press(Qt.Key.Key_F7)
    fakes.orders.locked = LOCK
    assert look(till) == "sale"
    till.press(Qt.Key.Key_Escape)
    assert look(till) == "log_in"


def test_no_cashier_comes_in(till: Hands, fakes: FakeServices) -> None:
    fakes.orders.locked = LOCK
    look(till)
    till.log_in("03")
    assert till.cashier == ""
    notice = till.window.log_in.form.notice
    assert notice is not None
    assert "店主" in till.window.stage(notice.message)


def test_the_owner_opens_it_by_logging_in(till: Hands, fakes: FakeServices) -> None:
    fakes.orders.locked = LOCK
    look(till)
    till.log_in("01")
    QCoreApplication.processEvents()  # the unlocking is an errand of its own
    assert look(till) == "sale"
    assert fakes.orders.lock() is None
    assert lock_sentence(till) == ""


def test_the_hub_opens_it(till: Hands, fakes: FakeServices) -> None:
    fakes.orders.locked = LOCK
    look(till)
    fakes.orders.locked = None
    assert look(till) == "log_in"
    assert lock_sentence(till) == ""
    till.log_in("03")
    assert look(till) == "sale"


def test_a_technician_may_look_and_is_told(open_till: OpenTill, fakes: FakeServices) -> None:
    fakes.orders.locked, fakes.orders.version = LOCK, "0.2.0"
    till = open_till(fakes, person="09")
    assert look(till) == "tools"
    values = [value.text() for _, _, value in till.window.tools._rows]
    assert "0.2.0" in values
    assert "盘点中" in values
    assert fakes.orders.locked == LOCK


def test_an_unfinished_sale_is_finished_after_a_restart(open_till: OpenTill, fakes: FakeServices) -> None:
    first = open_till(fakes)
    first.scan(WATER)
    fakes.orders.locked = LOCK
    again = open_till(fakes, person="03")
    assert again.lines == 1
    assert look(again) == "sale"


def test_a_member_nobody_told_this_store_of_is_asked_about_once(till: Hands, fakes: FakeServices) -> None:
    members = fakes.sample.members
    for number, one in members.members.items():
        members.members[number] = msgspec.structs.replace(one, balances_told=False)
    till.scan(MEMBER)
    till.scan(WATER)
    look(till)
    assert len(fakes.members_asked) == 1
