"""A till that the alliance has locked: when that takes hold, and who may go in all the same."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.message import Message, say
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice
from pos.usecases.ports import Orders, StaffMember, TillLock
from pos.usecases.roles import may_alone


class Locking:
    """`cart_empty` says whether no sale is in progress: a lock waits for that, also over a restart."""

    def __init__(self, orders: Orders, errands: Errands, cart_empty: Callable[[], bool]) -> None:
        self._orders = orders
        self._errands = errands
        self._cart_empty = cart_empty

    def holds(self) -> TillLock | None:
        """The lock, if it has taken hold."""
        return self._orders.lock() if self._cart_empty() else None

    def sentence(self) -> Message | None:
        """What stands on the screen of a locked till."""
        lock = self.holds()
        if lock is None:
            return None
        return say("本机已被联盟锁定：{why}\n已记的账照常上传；店主登录即可解锁", why=lock.sentence)

    def enter(
        self, person: StaffMember, on_entered: Callable[[], None], on_refused: Callable[[Notice], None]
    ) -> None:
        """The owner unlocks the till by logging in; a technician may look, but sells nothing."""
        if self.holds() is None or may_alone(person, "use_tools"):
            on_entered()
        elif may_alone(person, "unlock_till"):
            self._errands.book(self._orders.unlock, lambda _: on_entered(), on_refused)
        else:
            on_refused(Notice("warn", say("本机已被联盟锁定，请店主登录解锁，或联系联盟")))
