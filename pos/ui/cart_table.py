"""The table of the cart: a model that changes no more rows than the cart did, and its painter."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QScroller,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.cart_rows import CartRow
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, LEFT, RIGHT, width_of, write

Index = QModelIndex | QPersistentModelIndex
NUMBER, GOODS, QUANTITY, PRICE, AMOUNT = range(5)
COLUMNS = 5
WIDTHS = {NUMBER: 52, QUANTITY: 116, PRICE: 140, AMOUNT: 128}
ROW_ROLE = Qt.ItemDataRole.UserRole
NOWHERE = QModelIndex()


class CartModel(QAbstractTableModel):
    """Rows of the cart. `put` compares and signals only what differs."""

    def __init__(self, stage: Stage, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self.rows: tuple[CartRow, ...] = ()

    def put(self, rows: tuple[CartRow, ...]) -> None:
        """Takes the cart's rows. A line that went is removed where it was; the rest is compared."""
        if len(rows) < len(self.rows):
            first = next((i for i, row in enumerate(rows) if row.name != self.rows[i].name), len(rows))
            count = len(self.rows) - len(rows)
            self.beginRemoveRows(NOWHERE, first, first + count - 1)
            self.rows = self.rows[:first] + self.rows[first + count :]
            self.endRemoveRows()
        known = len(self.rows)
        changed = [i for i in range(known) if self.rows[i] != rows[i]]
        self.rows = rows[:known]
        for i in changed:
            self.dataChanged.emit(self.index(i, 0), self.index(i, COLUMNS - 1))
        if len(rows) > known:
            self.beginInsertRows(NOWHERE, known, len(rows) - 1)
            self.rows = rows
            self.endInsertRows()

    def touch(self, row: int) -> None:
        """Has one row drawn again."""
        if 0 <= row < len(self.rows):
            self.dataChanged.emit(self.index(row, 0), self.index(row, COLUMNS - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or role != ROW_ROLE:
            return None
        return self.rows[index.row()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if section == GOODS else RIGHT
        return self._stage(_title(section)) if role == Qt.ItemDataRole.DisplayRole else None


class CartDelegate(QStyledItemDelegate):
    """Draws one cell; two lines where the row has two things to say."""

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self.selected = -1
        self.flashing = -1

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, self._stage.touch(theme.ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: CartRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        painter.save()
        self._paint_ground(painter, rect, index)
        inner = rect.adjusted(0, 0, -self._stage.px(18 if index.column() == AMOUNT else 10), -1)
        {
            NUMBER: self._paint_number,
            GOODS: self._paint_goods,
            QUANTITY: self._paint_quantity,
            PRICE: self._paint_price,
            AMOUNT: self._paint_amount,
        }[index.column()](painter, inner, row)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, index: Index) -> None:
        fill = theme.CARD
        if index.row() == self.selected:
            fill = theme.GREEN_TINT
        if index.row() == self.flashing:
            fill = theme.GREEN_FLASH
        painter.fillRect(rect, QColor(fill))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(theme.LINE))
        if index.column() == NUMBER and index.row() == self.selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 5, rect.height()), QColor(theme.GREEN))

    def _paint_number(self, painter: QPainter, rect: QRect, row: CartRow) -> None:
        write(painter, rect, str(row.number), self._stage.font(theme.TEXT), theme.SOFT, align=CENTER)

    def _paint_goods(self, painter: QPainter, rect: QRect, row: CartRow) -> None:
        above, below = self._halves(rect)
        write(painter, above, row.name, self._stage.font(theme.ROW), theme.INK)
        write(painter, below, self._stage(row.detail), self._stage.font(theme.TINY), theme.FAINT)

    def _paint_quantity(self, painter: QPainter, rect: QRect, row: CartRow) -> None:
        write(painter, rect, row.quantity, self._stage.font(theme.ROW), theme.INK, align=RIGHT)

    def _paint_price(self, painter: QPainter, rect: QRect, row: CartRow) -> None:
        font = self._stage.font(theme.ROW)
        write(painter, rect, row.price, font, theme.INK, align=RIGHT)
        if row.list_price:
            struck = rect.adjusted(0, 0, -width_of(row.price, font) - self._stage.px(7), 0)
            struck_font = self._stage.font(theme.SMALL, struck=True)
            write(painter, struck, row.list_price, struck_font, theme.FAINT, align=RIGHT)

    def _paint_amount(self, painter: QPainter, rect: QRect, row: CartRow) -> None:
        font = self._stage.font(theme.ROW)
        if not row.saved:
            write(painter, rect, row.amount, font, theme.INK, align=RIGHT)
            return
        above, below = self._halves(rect)
        saved = self._stage(say("省 {amount}", amount=row.saved))
        write(painter, above, row.amount, font, theme.INK, align=RIGHT)
        write(painter, below, saved, self._stage.font(theme.TINY), theme.GREEN, align=RIGHT)

    def _halves(self, rect: QRect) -> tuple[QRect, QRect]:
        """An upper and a lower line, drawn close together around the middle."""
        top = rect.top() + rect.height() * 10 // 100
        middle = rect.top() + rect.height() * 56 // 100
        bottom = rect.top() + rect.height() * 92 // 100
        return (
            QRect(rect.left(), top, rect.width(), middle - top),
            QRect(rect.left(), middle, rect.width(), bottom - middle),
        )


class CartTable(QTableView):
    """Shows the cart; a tap on a row is `picked`."""

    picked = Signal(int)

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self.cart_model = CartModel(stage, self)
        self.delegate = CartDelegate(stage, self)
        self.setModel(self.cart_model)
        self.setItemDelegate(self.delegate)
        self._flash_end = QTimer(self)
        self._flash_end.setSingleShot(True)
        self._flash_end.setInterval(theme.FLASH_MS)
        self._flash_end.timeout.connect(self._end_flash)
        self._set_up()
        self.clicked.connect(lambda index: self.picked.emit(index.row()))
        stage.changed.connect(self._dress)
        self._dress()

    def show_rows(self, rows: tuple[CartRow, ...], selected: int | None, flash: int | None) -> None:
        was_empty = not self.cart_model.rows
        self.cart_model.put(rows)
        self._select(-1 if selected is None else selected)
        if flash is not None:
            self._end_flash()
            self.delegate.flashing = flash
            self.cart_model.touch(flash)
            self._flash_end.start()
        if selected is not None:
            self.scrollTo(self.cart_model.index(selected, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        if was_empty != (not rows):
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.cart_model.rows:
            return
        painter = QPainter(self.viewport())
        rect = self.viewport().rect()
        half = rect.height() // 2
        stage = self._stage
        write(
            painter,
            QRect(0, half - stage.px(46), rect.width(), stage.px(44)),
            stage(say("扫第一件商品，开始这一单")),
            stage.font(theme.BIG),
            theme.SOFT,
            align=CENTER,
        )
        write(
            painter,
            QRect(0, half + stage.px(2), rect.width(), stage.px(32)),
            stage(say("会员码先扫后扫都可以 · 按 F1 看全部按键")),
            stage.font(theme.TEXT),
            theme.FAINT,
            align=CENTER,
        )
        painter.end()

    def _select(self, row: int) -> None:
        before, self.delegate.selected = self.delegate.selected, row
        if before != row:
            self.cart_model.touch(before)
            self.cart_model.touch(row)

    def _end_flash(self) -> None:
        row, self.delegate.flashing = self.delegate.flashing, -1
        self.cart_model.touch(row)

    def _set_up(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setStyleSheet(theme.SCROLL_BAR)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(GOODS, QHeaderView.ResizeMode.Stretch)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def _dress(self) -> None:
        stage = self._stage
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, stage.px(width))
        self.verticalHeader().setDefaultSectionSize(stage.touch(theme.ROW_HEIGHT))
        header = self.horizontalHeader()
        header.setFixedHeight(stage.px(36))
        header.setFont(stage.font(theme.SMALL))
        header.setStyleSheet(
            f"QHeaderView {{ background: {theme.BAND}; border: none; }}"
            f"QHeaderView::section {{ background: {theme.BAND}; color: {theme.SOFT}; border: none;"
            f" border-bottom: 1px solid {theme.LINE}; padding: 0 {stage.px(10)}px 0 0; }}"
            f"QHeaderView::section:last {{ padding-right: {stage.px(18)}px; }}"
        )
        self.cart_model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        self.viewport().update()


def _title(section: int) -> Message | str:
    titles: dict[int, Message | str] = {
        NUMBER: "",
        GOODS: say("商品"),
        QUANTITY: say("数量"),
        PRICE: say("单价"),
        AMOUNT: say("小计"),
    }
    return titles[section]
