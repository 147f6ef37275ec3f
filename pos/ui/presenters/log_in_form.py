"""Who is at the till, or approves something: number and PIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pos.domain.message import Message, Refusal, say
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice, notice_of
from pos.usecases.desk import Desk
from pos.usecases.log_in import log_in, number_of_badge
from pos.usecases.ports import StaffMember, StorageTrouble

NUMBER_MAX = 8
PIN_MAX = 12

Field = Literal["number", "pin"]


class LogInForm:
    """Two fields that take digits. `changed` is called whenever something is to be drawn again.

    `asked_by` is the number of whoever asks for approval; empty where somebody logs in.
    """

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        changed: Callable[[], None],
        on_success: Callable[[StaffMember], None],
        on_refusal: Callable[[], None] = lambda: None,
        *,
        asked_by: str = "",
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._changed = changed
        self._on_success = on_success
        self._on_refusal = on_refusal
        self._asked_by = asked_by
        self.number = ""
        self.pin = ""
        self.field: Field = "number"
        self.busy = False
        self.notice: Notice | None = None

    def type(self, char: str) -> None:
        if self.busy or not (char.isascii() and char.isdigit()):
            return
        self.notice = None
        if self.field == "number":
            self.number = (self.number + char)[:NUMBER_MAX]
        else:
            self.pin = (self.pin + char)[:PIN_MAX]
        self._changed()

    def back(self) -> None:
        if self.busy:
            return
        if self.field == "pin" and not self.pin:
            self.field = "number"
        elif self.field == "pin":
            self.pin = self.pin[:-1]
        else:
            self.number = self.number[:-1]
        self._changed()

    def go_to(self, field: Field) -> None:
        if not self.busy:
            self.field = field
            self._changed()

    def badge(self, code: str) -> None:
        """A badge fills in the number; the PIN is asked all the same."""
        if self.busy:
            return
        try:
            self.number = number_of_badge(code, self._desk)
        except (Refusal, StorageTrouble) as trouble:
            self.notice = notice_of(trouble, otherwise=trouble.message)
        else:
            self.pin, self.field, self.notice = "", "pin", None
        self._changed()

    def clear(self) -> None:
        """Back to an empty form."""
        if not self.busy:
            self.number, self.pin, self.field, self.notice = "", "", "number", None
            self._changed()

    def enter(self) -> None:
        """On to the PIN, or in."""
        if self.busy:
            return
        if not self.number:
            self._say(say("请输入工号"))
        elif self.field == "number":
            self.go_to("pin")
        elif not self.pin:
            self._say(say("请输入密码"))
        else:
            self._submit()

    def _submit(self) -> None:
        number, pin = self.number, self.pin
        self.busy, self.notice = True, None
        self._errands.book(
            lambda: log_in(number, pin, self._desk, asked_by=self._asked_by), self._logged_in, self._refused
        )
        self._changed()

    def _logged_in(self, person: StaffMember) -> None:
        self.busy = False
        self.clear()
        self._on_success(person)

    def refuse(self, notice: Notice) -> None:
        """Number and PIN were right, but this person may not go in now."""
        self._refused(notice)

    def _refused(self, notice: Notice) -> None:
        self.busy, self.pin, self.notice = False, "", notice
        self._changed()
        self._on_refusal()

    def _say(self, sentence: Message) -> None:
        self.notice = Notice("warn", sentence)
        self._changed()
