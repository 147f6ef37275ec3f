"""What statements say beside figures, in both languages."""

from __future__ import annotations

from sync.hub.words import Words

TITLE = Words("联盟结算单", "Settlement statement")
SUMMARY = Words("结算单", "Statement")
LINES = Words("明细", "Lines")
LATE = Words("迟到记录（计入以后的结算单）", "Late entries (counted in a later statement)")
LATE_SHEET = Words("迟到记录", "Late entries")
TOTAL = Words("合计", "Total")

FACTS = {
    "alliance": Words("联盟", "Alliance"),
    "merchant": Words("商家", "Merchant"),
    "store": Words("门店", "Store"),
    "stores": Words("门店", "Stores"),
    "period": Words("结算期间", "Period"),
    "standing": Words("状态", "Standing"),
}
OPEN = Words(
    "未锁定：之后上传的小票还会计入",
    "Open: receipts that are uploaded later will still be counted",
)
FROZEN = Words("已锁定", "Locked")
PAID = Words("已锁定，已付款", "Locked and paid")

SETTLED = Words("结算", "Settlement")
SUMS = {
    "reimbursement": Words("{party}补贴", "Reimbursed by {party}"),
    "coupon_taken": Words("收用券，由{party}承担", "Coupons taken, borne by {party}"),
    "commission_received": Words("归属会员佣金，来自{party}", "Home-store commission from {party}"),
    "share": Words("营收分成", "Revenue share"),
    "fee": Words("代收会员费", "Membership fees collected for the alliance"),
    "coupon_issued": Words("所发券被{party}收用", "Own coupons, taken at {party}"),
    "commission_paid": Words("归属会员佣金，付给{party}", "Home-store commission to {party}"),
    "correction": Words("更正", "Corrections"),
    "other": Words("其他入账", "Other bookings"),
}
NET = Words("净额", "Net")
NET_TO = Words("净额：联盟应付{party}", "Net: the alliance pays {party}")
NET_FROM = Words("净额：{party}应付联盟", "Net: {party} pays the alliance")
SIGNS = Words(
    "正数为联盟应付，负数为应付联盟。单位：元。",
    "Above zero the alliance pays, below zero it is paid. Amounts in yuan.",
)

DEBTS = Words("谁欠谁", "Who owes whom")
DEBTOR, CREDITOR = Words("付款方", "Owes"), Words("收款方", "Is owed")
AMOUNT = Words("金额", "Amount")
ALLIANCE, BRAND = Words("联盟", "the alliance"), Words("品牌方", "the brand")
MEMBER, AGENT = Words("会员", "a member"), Words("区域代理", "the area agent")
OWN_ACCOUNT = Words("{name}（商家账户）", "{name} (merchant account)")

FIGURES_TITLE = Words("小票合计（与收银机日报逐项核对）", "Receipts (to compare with the till's report)")
FIGURES = {
    "sales": Words("销售笔数", "Sales"),
    "refunds": Words("退货笔数", "Refunds"),
    "gross_fen": Words("原价合计", "Gross"),
    "adjustments_fen": Words("优惠", "Reductions"),
    "payable_fen": Words("应付", "Payable"),
    "cash_fen": Words("现金", "Cash"),
    "points_redeemed": Words("积分抵扣", "Points redeemed"),
    "points_earned": Words("发放积分", "Points earned"),
    "received_fen": Words("营收", "Received"),
    "share_fen": Words("应交联盟分成", "Share owed"),
    "reimbursements_fen": Words("联盟及他方应补贴", "Reimbursements due"),
    "memberships": Words("办理会员", "Memberships sold"),
    "fees_fen": Words("会员费代收", "Fees collected"),
}

ASSETS = Words("资产变动（仅供参考，不计入结算）", "Assets (for information, not settled)")
ASSET, REASON = Words("资产", "Asset"), Words("原因", "Reason")
CODES = {
    "deposit": Words("预存", "Deposited"),
    "burned": Words("销毁", "Burned"),
    "burned_back": Words("销毁退回", "Burn returned"),
    "earned": Words("获得", "Earned"),
    "earned_back": Words("获得扣回", "Earned, taken back"),
    "redeemed": Words("顾客抵扣转入", "Redeemed into the deposit"),
    "redeemed_back": Words("抵扣退回", "Redeemed, given back"),
    "overdrawn": Words("超额抵扣转入", "Redeemed beyond the balance"),
}

DAYS = Words("锁定与付款", "Locked and paid")
DAY, ACCOUNT, LOCKED_AT = Words("日期", "Date"), Words("账户", "Account"), Words("锁定时间", "Locked at")
LOCKED_BY, HASH, PAYMENT = Words("锁定人", "By"), Words("校验（SHA-256）", "SHA-256"), Words("付款", "Paid")
TAMPERED = Words("与锁定时不符！", "NOT AS IT WAS LOCKED")

COLUMNS = {
    "counted_on": Words("结算日", "Counted on"),
    "date": Words("营业日", "Date"),
    "account": Words("账户", "Account"),
    "receipt_no": Words("小票号", "Receipt"),
    "kind": Words("类型", "Kind"),
    "payable": Words("应付", "Payable"),
    "received": Words("营收", "Received"),
    "share": Words("分成", "Share"),
    "reimbursement": Words("补贴", "Reimbursed"),
    "coupon": Words("券", "Coupons"),
    "commission": Words("佣金", "Commission"),
    "fee": Words("会员费", "Fees"),
    "other": Words("更正及其他", "Other"),
    "net": Words("净额", "Net"),
    "note": Words("备注", "Note"),
}
KINDS = {
    "sale": Words("销售", "Sale"),
    "refund": Words("退货", "Refund"),
    "membership": Words("会员费", "Membership"),
    "correction": Words("更正", "Correction"),
    "booking": Words("入账", "Booking"),
}
AND = Words("；", "; ")
NOTE_OF = Words("原小票 {of}", "of {of}")
NOTE_LATE = Words("迟到", "late")
NOTE_ELSEWHERE = Words("他店小票", "another store's")

DISAGREES = Words(
    "注意：小票 {receipt} 的{figure}与入账不符：小票 {stated}，入账 {booked}。请联系联盟技术员。",
    "Attention: {figure} of receipt {receipt} is not what was booked: {stated} on the receipt, "
    "{booked} booked. Call the alliance's technician.",
)
SIGNED = Words(
    "商家确认：____________________　　联盟确认：____________________",
    "For the merchant: ____________________    For the alliance: ____________________",
)
PAGE = Words("第 {page} 页，共 {{nb}} 页", "Page {page} of {{nb}}")
