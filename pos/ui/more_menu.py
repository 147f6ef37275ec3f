"""What is behind F12: another user, the language, the drawer, a test page, full screen, and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos.domain.message import say
from pos.ui.presenters.notices import Notice
from pos.ui.sheets.plain import Choice
from pos.ui.widgets.button import RED
from pos.usecases.log_in import lift_lock_outs, locked_out
from pos.usecases.open_drawer import note_drawer_opened
from pos.usecases.ports import StaffMember
from pos.usecases.roles import may_alone

if TYPE_CHECKING:
    from pos.ui.window import TillWindow


class MoreMenu:
    """The menu and what its entries do; the technician's screen uses some of them, too."""

    def __init__(self, window: TillWindow) -> None:
        self._window = window

    def open(self) -> None:
        other = "中文" if self._window.stage.language == "en" else "English"
        full = say("退出全屏") if self._window.isFullScreen() else say("全屏")
        self._window.opener.menu(
            (
                Choice(say("换人 / 锁屏"), self._window.lock),
                Choice(other, self.switch_language),
                Choice(say("开钱箱"), self.open_drawer),
                Choice(say("打印测试页"), self.test_print),
                Choice(full, self._toggle_full_screen),
                Choice(say("会员办理"), self._window.opener.membership),
                Choice(say("优惠说明"), self._window.opener.offers),
                Choice(say("退出收银程序"), self._ask_to_quit, RED),
                *self._lock_outs(),  # last, so that the others keep their numbers
            )
        )

    def _lock_outs(self) -> tuple[Choice, ...]:
        """For the owner, when somebody has guessed too often."""
        person = self._window.till.person
        if not may_alone(person, "lift_lock_out"):
            return ()
        numbers = locked_out(self._window.services.desk)
        if not numbers:
            return ()
        return (Choice(say("解锁工号 {numbers}", numbers=", ".join(numbers)), self._lift_lock_outs),)

    def _lift_lock_outs(self) -> None:
        person = self._window.till.person
        if person is not None:
            self._window.errands.book(
                lambda: lift_lock_outs(person.number, self._window.services.desk),
                lambda numbers: self._window.show_notice(
                    Notice("good", say("已解锁工号 {numbers}，可以重新登录", numbers=", ".join(numbers)))
                ),
                self._window.show_notice,
            )

    def switch_language(self) -> None:
        language = "zh" if self._window.stage.language == "en" else "en"
        self._window.stage.speak(language)
        self._window.services.save_language(language)
        self._window.log_in.draw()
        self._window.look_around()

    def open_drawer(self) -> None:
        self._window.opener.when_allowed("open_drawer", self._open_drawer)

    def _open_drawer(self, person: StaffMember, approved_by: str) -> None:
        self._window.errands.book(
            lambda: note_drawer_opened(person.number, self._window.services.desk, approved_by=approved_by),
            lambda _nothing: self._window.till.open_drawer_silently(),
            self._window.show_notice,
        )

    def test_print(self) -> None:
        self._window.errands.fetch(
            self._window.services.test_print,
            lambda said: self._window.show_notice(Notice("good", said)),
            self._window.show_notice,
        )

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _ask_to_quit(self) -> None:
        self._window.opener.confirm(
            say("退出收银程序？没结完的购物车会保存，下次打开时恢复。"), say("退出"), self.quit
        )

    def quit(self) -> None:
        self._window.close()
