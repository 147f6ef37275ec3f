"""The hub's "no" to a till or browser: a status, a stable word, what happened, what to do next."""

from __future__ import annotations

from typing import NamedTuple

from sync.hub.words import Told, Words


class Answer(NamedTuple):
    """One kind of "no"; `error` is the word programs decide by."""

    status: int
    error: str
    message: Words
    hint: Words


class Refused(Told):
    """A request that is answered with a `Problem`."""

    def __init__(self, answer: Answer, **params: object) -> None:
        super().__init__(answer.message, **params)
        self.answer = answer


_SEND_AGAIN = Words("请重新发送。", "Send it again.")
_ENROL_AGAIN = Words(
    "请在总部重新生成入网码：pos-hub enrol-code。",
    "Make a new enrolment code at the hub: pos-hub enrol-code.",
)
_UPDATE = Words("请升级收银程序或总部程序。", "Update the till's or the hub's program.")

BAD_REQUEST = Answer(
    400, "bad_request", Words("请求读不懂：{detail}", "The request cannot be read: {detail}"), _UPDATE
)
BAD_BATCH = Answer(
    400, "bad_batch", Words("上传的数据读不懂：{detail}", "The upload cannot be read: {detail}"), _UPDATE
)
BAD_HEAD = Answer(
    400,
    "bad_head",
    Words(
        "这批数据的链头签名不对，没有保存任何内容。",
        "The batch's chain head does not hold; nothing was stored.",
    ),
    _SEND_AGAIN,
)
NOT_SIGNERS = Answer(
    403,
    "not_your_journal",
    Words("只能上传本机自己的日志。", "A terminal uploads its own journal only."),
    _ENROL_AGAIN,
)
NO_CODE = Answer(
    409,
    "no_code",
    Words("没有预留积分：{why}", "No points were reserved: {why}"),
    Words("可按断网额度抵扣，或收现金。", "Redeem within the offline limits, or take cash."),
)
UNSIGNED = Answer(
    401,
    "bad_signature",
    Words("请求签名不对：{detail}", "The request's signature does not hold: {detail}"),
    _SEND_AGAIN,
)
UNKNOWN_TERMINAL = Answer(
    401,
    "unknown_terminal",
    Words("总部不认识这台收银机。", "The hub does not know this terminal."),
    _ENROL_AGAIN,
)
REVOKED = Answer(
    403,
    "terminal_revoked",
    Words("这台收银机已被停用。", "This terminal has been revoked."),
    Words("请联系联盟总部。", "Ask the alliance."),
)
REPLACED = Answer(
    403,
    "terminal_replaced",
    Words(
        "这台收银机已在别处重新入网；日志仍可上传，但不再下发数据。",
        "This terminal was enrolled anew elsewhere; its journal is still taken, but it gets no more data.",
    ),
    _ENROL_AGAIN,
)
CLOCK_SKEW = Answer(
    401,
    "clock_skew",
    Words("请求时间与总部时间相差太大。", "The request's time is too far from the hub's."),
    Words("请采用回答中的总部时间后重试。", "Adopt the hub time in this answer and ask again."),
)
TOO_LARGE = Answer(
    413,
    "too_large",
    Words("请求太大。", "The request is too large."),
    Words("请分批发送。", "Send it in smaller parts."),
)
BODY_ENCODED = Answer(
    415,
    "body_encoded",
    Words("不接受压缩的请求。", "Compressed requests are not taken here."),
    Words("请不带 Content-Encoding 重新发送。", "Send it again without Content-Encoding."),
)
ASKED_TOO_OFTEN = Answer(
    429,
    "asked_too_often",
    Words("本机查询会员太频繁。", "This terminal asks about members too often."),
    Words("请过一小时再查询；积分照常累计。", "Ask again in an hour; points are earned as always."),
)
RIGHT_USED = Answer(
    409,
    "right_used",
    Words("已经在收银机 {terminal} 用过了。", "It was used at terminal {terminal}."),
    Words("不能再用。", "It cannot be used again."),
)
RIGHT_CLAIMED = Answer(
    409,
    "right_claimed",
    Words("收银机 {terminal} 正在使用。", "Terminal {terminal} is using it."),
    Words("请到那台机办理，或过一刻钟再试。", "Go to that till, or try again in a quarter of an hour."),
)
NO_SUCH_SALE = Answer(
    404,
    "unknown_receipt",
    Words("总部没有小票 {receipt_no}。", "The hub has no receipt {receipt_no}."),
    Words(
        "请核对单号；开单的收银机可能还没上传，可到那台机退。",
        "Check the number. The till that sold may not have uploaded it yet; return the goods there.",
    ),
)
OTHER_MERCHANTS_SALE = Answer(
    403,
    "other_merchant",
    Words("这张小票是别的商家的。", "That receipt is another merchant's."),
    Words("请到开单的商家退。", "Return the goods to the merchant that sold them."),
)
NO_SUCH_MEMBER = Answer(
    404,
    "unknown_member",
    Words("总部没有这个会员。", "The hub knows no such member."),
    Words("请核对会员号。", "Check the number."),
)
NO_SNAPSHOT = Answer(
    404,
    "no_snapshot",
    Words("现在没有可以下载的资料包。", "There is no such snapshot to download now."),
    Words("请按页下载。", "Download page by page."),
)
NO_SUCH_FEED = Answer(404, "unknown_feed", Words("没有这种数据：{feed}", "There is no feed {feed}"), _UPDATE)
NOT_HERE = Answer(
    404,
    "not_found",
    Words("这里没有这个地址。", "There is nothing at this address."),
    Words("请核对地址。", "Check the address."),
)
WRONG_METHOD = Answer(
    405,
    "wrong_method",
    Words("这个地址不接受这种请求。", "This address does not take such a request."),
    _UPDATE,
)
HTTP_REFUSED = Answer(
    400, "http_refused", Words("请求被拒绝：{detail}", "The request was refused: {detail}"), _UPDATE
)
MALFORMED = Answer(
    422, "malformed", Words("参数不对：{detail}", "A parameter will not do: {detail}"), _UPDATE
)
OUR_FAULT = Answer(
    500,
    "our_fault",
    Words("总部程序出错，已记录（{incident}）。", "The hub has a fault; it was written down ({incident})."),
    Words(
        "请稍后重试；若一直如此，请把编号告诉联盟技术员。",
        "Try again later; if it stays, tell the alliance that number.",
    ),
)
_BY_ITSELF = Words(
    "什么都没有丢；稍后会自动重试。",
    "Nothing is lost; it is tried again by itself.",
)
DATABASE_AWAY = Answer(
    503,
    "database_away",
    Words("总部的数据库暂时连不上。", "The hub's database does not answer at the moment."),
    _BY_ITSELF,
)
STORAGE_FULL = Answer(
    503,
    "storage_full",
    Words("总部的磁盘满了，没有保存任何内容。", "The hub's disk is full; nothing was stored."),
    Words(
        "什么都没有丢；请通知联盟总部清理磁盘，之后会自动重试。",
        "Nothing is lost. Tell the alliance to free disk space; then it goes on by itself.",
    ),
)
BUSY = Answer(503, "busy", Words("总部正忙，请稍候。", "The hub is busy."), _BY_ITSELF)

CODE_UNKNOWN = Answer(
    403,
    "code_unknown",
    Words("入网码不对。", "The enrolment code is not right."),
    Words("请核对后重新输入。", "Check it and type it again."),
)
CODE_EXPIRED = Answer(
    403,
    "code_expired",
    Words("入网码已过期或已作废。", "The enrolment code has expired or was replaced."),
    _ENROL_AGAIN,
)
CODE_USED = Answer(
    403,
    "code_used",
    Words("入网码已被另一台机器用过。", "Another machine has used this enrolment code."),
    _ENROL_AGAIN,
)
PROOF_WRONG = Answer(
    403,
    "proof_wrong",
    Words("这台机器没有证明它持有自己的密钥。", "The machine did not prove that it holds its key."),
    _SEND_AGAIN,
)
INCARNATION_TAKEN = Answer(
    403,
    "incarnation_taken",
    Words("这份数据目录的编号已属于另一把密钥。", "This data folder's incarnation belongs to another key."),
    Words("请换一个新的数据目录再入网。", "Enrol with a fresh data folder."),
)
TOO_MANY_WRONG = Answer(
    429,
    "too_many_wrong_codes",
    Words("输错次数太多。", "Too many wrong codes."),
    Words("请等十分钟再试。", "Wait ten minutes and try again."),
)
TOO_MANY_REQUESTS = Answer(
    429,
    "too_many_requests",
    Words("请求太多，请等 {wait_s} 秒。", "Too many requests; wait {wait_s} second(s)."),
    Words("稍等后会自动恢复。", "It goes on by itself after that."),
)
