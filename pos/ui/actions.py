"""Everything the sale screen can be told to do, each with its key: one list for keys, buttons and help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt

from pos.domain.message import Message, say

ActionId = Literal[
    "help",
    "find",
    "quantity",
    "clear",
    "member",
    "membership",
    "offers",
    "refund",
    "receipts",
    "points",
    "cash",
    "report",
    "exact",
    "more",
    "delete",
    "undo",
]


@dataclass(frozen=True, slots=True)
class Action:
    """`key` is the name on the keycap, `title` the button's, `meaning` the help page's."""

    id: ActionId
    key: str
    title: Message
    meaning: Message


ACTIONS = (
    Action("find", "F2", say("找货"), say("用触摸键盘输入条码或拼音首字母")),
    Action("quantity", "F3", say("数量"), say("改选中行的数量；称重商品改重量")),
    Action("clear", "F4", say("清空"), say("清空整单（Ctrl+Z 可撤销）")),
    Action("member", "F5", say("会员"), say("输入会员码，或取消本单会员")),
    Action("refund", "F6", say("退货"), say("退货：扫小票上的码或输入单号")),
    Action("receipts", "F7", say("小票"), say("最近的小票，重打副本")),
    Action("points", "F8", say("积分 / 券"), say("积分、代金券抵扣，选用优惠券")),
    Action("cash", "F9", say("现金"), say("收现金：输入实收，显示找零")),
    Action("report", "F10", say("今日"), say("今日账目与结算（店主）")),
    Action("exact", "F11", say("正好收款"), say("收到的现金正好，直接结账")),
    Action("more", "F12", say("更多"), say("换人、语言、钱箱、测试打印、全屏、退出")),
    Action("membership", "Ctrl M", say("会员办理"), say("入会、续费、升级（新卡、到期卡直接扫）")),
    Action("offers", "Ctrl Y", say("优惠说明"), say("本单用了哪些优惠，别的为什么没用上")),
    Action("delete", "Del", say("删行"), say("删除选中行")),
    Action("undo", "Ctrl Z", say("撤销"), say("撤销购物车的上一步")),
    Action("help", "F1", say("帮助"), say("这一页")),
)

FUNCTION_BAR: tuple[ActionId, ...] = (
    "quantity",
    "clear",
    "member",
    "refund",
    "receipts",
    "report",
    "delete",
    "undo",
    "more",
    "help",
)

_KEYS = {
    Qt.Key.Key_F1: "help",
    Qt.Key.Key_F2: "find",
    Qt.Key.Key_F3: "quantity",
    Qt.Key.Key_F4: "clear",
    Qt.Key.Key_F5: "member",
    Qt.Key.Key_F6: "refund",
    Qt.Key.Key_F7: "receipts",
    Qt.Key.Key_F8: "points",
    Qt.Key.Key_F9: "cash",
    Qt.Key.Key_F10: "report",
    Qt.Key.Key_F11: "exact",
    Qt.Key.Key_F12: "more",
    Qt.Key.Key_Delete: "delete",
}


_CONTROL_KEYS: dict[int, ActionId] = {
    Qt.Key.Key_Z: "undo",
    Qt.Key.Key_M: "membership",
    Qt.Key.Key_Y: "offers",
}


def action(action_id: ActionId) -> Action:
    return next(one for one in ACTIONS if one.id == action_id)


def action_of(key: int, modifiers: Qt.KeyboardModifier) -> ActionId | None:
    """The action behind a key, if it is one of those."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return _CONTROL_KEYS.get(key)
    found = _KEYS.get(Qt.Key(key))
    return next((one.id for one in ACTIONS if one.id == found), None)
