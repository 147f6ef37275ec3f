"""The till's window: it puts screens together and sends every key and scan to the one it is for."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.actions import ActionId
from pos.ui.courier import Courier
from pos.ui.header import Header, cashier_fact
from pos.ui.keyboard import ENTER_KEYS, Keyboard, KeySink
from pos.ui.log_in_screen import LogInScreen
from pos.ui.more_menu import MoreMenu
from pos.ui.outcome_panel import OutcomePanel
from pos.ui.presenters.entry_line import EntryLine
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.hub_badge import Badge, BadgeTone, hub_badge
from pos.ui.presenters.notices import Notice, Tone, did_not_work, finish_first
from pos.ui.presenters.outcomes import Outcome, membership_outcome, paid_outcome, refund_outcome
from pos.ui.presenters.till import Till
from pos.ui.presenters.till_lock import Locking
from pos.ui.sale_keys import SaleKeys
from pos.ui.sale_screen import SaleScreen
from pos.ui.services import TillServices
from pos.ui.sheet_opener import SheetOpener
from pos.ui.sheets.cash import CashSheet
from pos.ui.sheets.pay import PaySheet
from pos.ui.sheets.sheet import SheetHost
from pos.ui.stage import Stage, WordsFor
from pos.ui.toast import Toast
from pos.ui.tools_screen import ToolsScreen
from pos.usecases.ports import StaffMember
from pos.usecases.refund_sale import CompletedRefund
from pos.usecases.roles import may_alone
from pos.usecases.scan_code import NotForTheCart
from pos.usecases.sell_membership import CompletedMembership
from pos.words import Words

ENTER_REST_MS = 600  # a second Enter this soon belongs to the sale before


class TillWindow(QWidget):
    """One per till. All keys arrive through `keyboard`; no child ever has the focus."""

    def __init__(self, services: TillServices, words_for: WordsFor = Words) -> None:
        super().__init__()
        self.services = services
        self.stage = Stage(services.language, words_for)
        self.courier = Courier()
        self.errands = Errands(services, self.courier)
        self.till = Till(services, self.errands, self)
        self.locking = Locking(services.orders, self.errands, lambda: self.till.cart.empty)
        self.entry = EntryLine(services.desk.goods)
        self.outcome: Outcome | None = None
        self._early: list[str] = []
        self._shown_for = QElapsedTimer()
        self.keyboard = Keyboard(self, services.scanner_gap_ms)
        self.sink = KeySink(self, self.keyboard)
        self.header = Header(self.stage, self)
        self.log_in = LogInScreen(self.stage, services.desk, self.errands, self._identified)
        self.sale = SaleScreen(self.stage, self.till, self.entry)
        self.tools = ToolsScreen(self.stage, services)
        self.screens = QStackedWidget(self)
        for screen in (self.log_in, self.sale, self.tools):
            self.screens.addWidget(screen)
        self.outcome_panel = OutcomePanel(self.stage, self)
        self.sheets = SheetHost(self.stage, self)
        self.toast = Toast(self.stage, self, self._notice_room)
        self.opener = SheetOpener(
            stage=self.stage,
            services=services,
            errands=self.errands,
            till=self.till,
            host=self.sheets,
            tell=self.show_notice,
            hush=self.toast.dismiss,
            refunded=self._refunded,
            membership_sold=self._membership_sold,
        )
        self.more = MoreMenu(self)
        self.sale_keys = SaleKeys(self.till, self.entry, self.sale, self._act, self.toast.dismiss)
        self._clock = QTimer(self)
        self._clock.setInterval(theme.CLOCK_MS)
        self._clock.timeout.connect(self.look_around)
        self._connect()
        self.setWindowTitle(services.desk.journal.store.name)
        self.resize(theme.DESIGN_WIDTH, theme.DESIGN_HEIGHT)

    # --- start and end -----------------------------------------------------------------------

    def start(self) -> None:
        """Takes up the open cart and begins to listen."""
        self.keyboard.watch()
        self.till.restore()
        self._clock.start()
        self.look_around()

    def stop(self) -> None:
        """Hears and draws nothing any more."""
        self._clock.stop()
        self.keyboard.unwatch()
        self.courier.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A sale that is being booked is waited for; the open cart is saved and comes back."""
        if self.till.busy:
            event.ignore()
        else:
            event.accept()

    # --- what the till asks of its view ------------------------------------------------------

    def show_cart(self, flash: int | None = None) -> None:
        self.sale.show_till(flash=flash)
        if flash is not None:
            self.toast.dismiss_read()  # what was wrong before is no longer what matters
        sheet = self.sheets.top
        if isinstance(sheet, CashSheet | PaySheet):
            sheet.refresh()

    def show_notice(self, notice: Notice) -> None:
        self.toast.show_notice(notice)

    def show_fault(self) -> None:
        """The program failed somewhere; the details are in the log."""
        self.show_notice(Notice("bad", did_not_work()))

    def show_paid(self) -> None:
        paid = self.till.paid
        assert paid is not None, "the till is paid"
        self.sheets.close_all()
        self.toast.dismiss()
        self.sale.show_till()
        self._show_outcome(paid_outcome(paid))

    def show_unpaid(self) -> None:
        sheet = self.sheets.top
        if isinstance(sheet, CashSheet):
            sheet.refresh()

    def ask_about(self, found: NotForTheCart) -> None:
        self.opener.found(found)

    def scan_again(self, code: str) -> None:
        self._scanned(code, 0)

    # --- scans and keys ----------------------------------------------------------------------

    def _scanned(self, code: str, leaked: int) -> None:
        self._drop(leaked)
        sheet = self.sheets.top
        if self.till.person is None and self.log_in.form.busy:
            self._early.append(code)  # on the way in; it has its turn as soon as that is decided
        elif self.till.person is None:
            self.log_in.scanned(code, self._warn)
        elif self.till.busy:
            self.till.scan(code)
        elif sheet is not None:
            if not sheet.scanned(code):
                self._warn(finish_first(paying=isinstance(sheet, CashSheet)))
        elif self.screens.currentWidget() is self.sale:
            self._dismiss_outcome()
            self.sale_keys.scanned(code)
        else:
            self._warn(say("技术员不能卖货，请换收银员登录再扫码"))

    def _overlong(self, length: int, leaked: int) -> None:
        self._drop(leaked)
        self._warn(say("扫到的内容太长（{n} 个字符），请只对准一个码重扫", n=length))

    def _typed(self, char: str) -> None:
        sheet, screen = self.sheets.top, self.screens.currentWidget()
        if sheet is not None:
            sheet.typed(char)
        elif screen is self.log_in:
            self.log_in.typed(char)
        elif screen is self.sale:
            self._dismiss_outcome()
            self.sale_keys.typed(char)

    def _pressed(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        sheet, screen = self.sheets.top, self.screens.currentWidget()
        if sheet is not None:
            sheet.pressed(key, modifiers)
        elif screen is self.log_in:
            self.log_in.pressed(key, modifiers)
        elif screen is self.tools:
            self.tools.pressed(key, modifiers)
        elif self.outcome is not None:
            self._pressed_after(key, modifiers)
        else:
            self.sale_keys.pressed(key, modifiers)

    def _pressed_after(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        """Any key starts the next sale, and does what it always does."""
        if key in ENTER_KEYS and self._shown_for.elapsed() < ENTER_REST_MS:
            return
        self._dismiss_outcome()
        if key not in (*ENTER_KEYS, Qt.Key.Key_Escape):
            self.sale_keys.pressed(key, modifiers)

    def _drop(self, leaked: int) -> None:
        """Characters of a scan that were taken for typing go off the field they went to."""
        sheet = self.sheets.top
        if not leaked:
            return
        if sheet is not None:
            sheet.drop(leaked)
        elif self.screens.currentWidget() is self.log_in:
            self.log_in.drop(leaked)
        else:
            self.sale_keys.drop(leaked)

    # --- actions -----------------------------------------------------------------------------

    def _act(self, name: ActionId) -> None:
        if self.till.busy:
            return
        self._dismiss_outcome()
        opener = self.opener
        {
            "help": opener.help,
            "find": self.sale.toggle_letters,
            "quantity": opener.quantity,
            "clear": opener.clear,
            "member": opener.member,
            "offers": opener.offers,
            "membership": opener.membership,
            "refund": opener.refund,
            "receipts": opener.receipts,
            "points": opener.points,
            "cash": opener.cash,
            "report": opener.report,
            "exact": lambda: self.till.take_cash(self.till.due_fen),
            "more": self.more.open,
            "delete": self.till.delete_line,
            "undo": self._undo,
        }[name]()

    def _undo(self) -> None:
        if not self.till.undo():
            self._warn(say("没有可以撤销的操作"))

    def lock(self) -> None:
        """Nobody is logged in; the open cart stays for whoever comes next."""
        self.till.person = None
        self.sheets.close_all()
        self._dismiss_outcome()
        self.sale_keys.clear()
        self.log_in.form.clear()
        self.toast.dismiss()
        self.screens.setCurrentWidget(self.log_in)
        self.look_around()

    def _act_in_tools(self, name: str) -> None:
        {
            "test_print": self.more.test_print,
            "drawer": self.more.open_drawer,
            "refresh": self.tools.draw,
            "more": self.more.open,
            "lock": self.lock,
        }[name]()

    # --- log-in, outcome, surroundings -------------------------------------------------------

    def _identified(self, person: StaffMember) -> None:
        self.locking.enter(person, lambda: self._logged_in(person), self.log_in.form.refuse)

    def _logged_in(self, person: StaffMember) -> None:
        self.till.person = person
        self.sale.show_role(owner=may_alone(person, "see_report"))
        self.tools.draw()
        self.screens.setCurrentWidget(self.sale if may_alone(person, "sell") else self.tools)
        self.sale.show_till()
        self.look_around()
        early, self._early = self._early, []
        for code in early:
            self._scanned(code, 0)

    def _not_logged_in(self) -> None:
        if self._early:
            self._early = []
            self._warn(say("请先登录，再扫码"))

    def _refunded(self, completed: CompletedRefund) -> None:
        self.sheets.close_all()
        if completed.refund.result.cash_back_fen:
            self.till.open_drawer_silently()
        self.till.refresh()
        self._show_outcome(refund_outcome(completed))

    def _membership_sold(self, completed: CompletedMembership) -> None:
        """The plan holds from now on: the member goes onto the open cart."""
        self.sheets.close_all()
        if completed.sold.tenders:
            self.till.open_drawer_silently()
        self.till.put_member(completed.sold.member_no)
        self._show_outcome(membership_outcome(completed))

    def _show_outcome(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.sale_keys.clear()
        self.sale.hide_letters()
        self._shown_for.start()
        self.outcome_panel.show_outcome(outcome, self.services.print_state(outcome.job_id))

    def _dismiss_outcome(self) -> None:
        if self.outcome is not None:
            self.till.next_sale()
            self._hide_outcome()

    def _hide_outcome(self) -> None:
        self.outcome = None
        self.outcome_panel.hide()
        self.look_around()

    def look_around(self) -> None:
        """Once a second: the time, the hub, the printer, and whether the price still holds."""
        desk, person, till = self.services.desk, self.till.person, self.till
        store, now = desk.journal.store, desk.clock.now()
        who: tuple[Message, ...] = (cashier_fact(person.number, person.role),) if person else ()
        self.header.show_facts(store.name, store.terminal_label, *who, now.strftime("%H:%M"))
        badge = hub_badge(desk.hub.state(), desk.journal.pending(), now)
        self.header.show_badges(badge, self.services.printer_notice())
        if till.last is not None:
            printed = self.services.print_state(till.last.completed.job_id)
            self.sale.show_last(till.last, printed)
        if self.outcome is not None:
            self.outcome_panel.show_printed(self.services.print_state(self.outcome.job_id))
        till.refresh()
        self._look_at_lock()
        self.toast.place()

    def _look_at_lock(self) -> None:
        """A lock waits until nobody sells, pays, gives back or looks at the change."""
        busy = self.till.busy or self.outcome is not None or self.sheets.top is not None
        if not busy and self.screens.currentWidget() is self.sale and self.locking.holds() is not None:
            self.lock()
        self.log_in.show_lock(self.locking.sentence())

    def _notice_room(self) -> QRect:
        """Where a notice covers nothing that a person looks at or taps now."""
        sheet, screen, px = self.sheets.top, self.screens.currentWidget(), self.stage.px
        if sheet is not None:
            return sheet.notice_room().translated(sheet.mapTo(self, QPoint()))
        if screen is self.sale and self.outcome is None:
            return self.sale.notice_room().translated(self.sale.mapTo(self, QPoint()))
        below = px(116) if screen is self.tools else px(20)
        return self.rect().adjusted(px(40), 0, -px(40), -below)

    def _read_badge(self, badge: Badge) -> None:
        """A badge's sentence in full, for whoever taps it."""
        tones: dict[BadgeTone, Tone] = {"calm": "good", "amber": "warn", "red": "bad"}
        self.show_notice(Notice(tones[badge.tone], badge.text))

    def _warn(self, message: Message) -> None:
        self.show_notice(Notice("warn", message))

    # --- Qt ----------------------------------------------------------------------------------

    def _connect(self) -> None:
        keyboard, sale = self.keyboard, self.sale
        keyboard.scanned.connect(self._scanned)
        keyboard.overlong.connect(self._overlong)
        keyboard.typed.connect(self._typed)
        keyboard.pressed.connect(self._pressed)
        sale.acted.connect(self._act)
        sale.row_picked.connect(self.till.select)
        self.tools.acted.connect(self._act_in_tools)
        self.log_in.language_wanted.connect(self.more.switch_language)
        self.log_in.refused.connect(self._not_logged_in)
        self.header.tapped.connect(self._read_badge)
        self.outcome_panel.dismissed.connect(self._dismiss_outcome)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.stage.fit(self.width(), self.height())
        top = self.header.sizeHint().height()
        self.header.setGeometry(0, 0, self.width(), top)
        for layer in (self.screens, self.outcome_panel, self.sheets):
            layer.setGeometry(0, top, self.width(), self.height() - top)
        self.toast.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sink.setFocus()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.PAGE))
        painter.end()
