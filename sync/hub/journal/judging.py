"""What the hub makes of one uploaded entry: rules without a database.

Nothing here throws a sale away: what cannot be booked is quarantined, bytes and all, and the next
entry is judged against it as if it had been fine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from pos.domain import events, journal
from pos.domain.day import FIGURE_NAMES, figures_of
from pos.domain.events import Event, MembershipSold, ReceiptEvent, RefundMade, SaleMade
from pos.domain.journal import ChainIdentity, Entry
from pos.domain.language import Language
from sync.hub.words import Words
from sync.protocol.messages import Verdict

AMOUNT_MAX = 10**15
"""No figure of a shop is near it, and sums of them still fit the database's 64 bits."""

GAP = "gap"
FORK = "fork"
RECEIPT_KNOWN = "receipt_known"
TOO_LONG = "too_long"
HASH = "hash"
UNREADABLE = "unreadable"
DAMAGES = (TOO_LONG, HASH)

REASONS = {
    GAP: Words(
        "前面还缺第 {detail} 条，没有保存；请从那一条起重新上传。",
        "Entry {detail} is still missing before this one; not stored, send again from there.",
    ),
    FORK: Words(
        "同一序号已有另一条内容；两条都已保存并入账，小票号相同的加上尾码区分。",
        "Another entry has this number; both are kept and booked, an equal receipt number with a suffix.",
    ),
    RECEIPT_KNOWN: Words(
        "小票号 {detail} 已被另一条记录使用；保存待查，没有入账。",
        "Receipt {detail} was used by another entry; kept for a person to look at, not booked.",
    ),
    TOO_LONG: Words("内容太长；保存待查。", "The entry is too long; kept for a person to look at."),
    HASH: Words(
        "内容与哈希不符；保存待查。", "The content does not match its hash; kept for a person to look at."
    ),
    "previous": Words(
        "没有接在上一条后面；保存待查。",
        "It does not follow the entry before it; kept for a person to look at.",
    ),
    UNREADABLE: Words(
        "总部读不懂这条记录（{detail}）；保存待查。",
        "The hub cannot read this entry ({detail}); kept for a person to look at.",
    ),
    "other_store": Words(
        "记录属于门店 {detail}，不是这台收银机的门店；保存待查。",
        "The entry is of store {detail}, not of this terminal's; kept for a person to look at.",
    ),
    "other_key": Words(
        "开链记录的公钥不是入网时的公钥；保存待查。",
        "The chain was opened with another key than was enrolled; kept for a person to look at.",
    ),
    "foreign_receipt": Words(
        "小票号 {detail} 不是这台收银机的；保存待查。",
        "Receipt number {detail} is not this terminal's; kept for a person to look at.",
    ),
    "date": Words(
        "营业日期 {detail} 不是日期；保存待查。",
        "The business date {detail} is no date; kept for a person to look at.",
    ),
    "amounts": Words(
        "金额超出合理范围；保存待查。", "An amount is beyond all reason; kept for a person to look at."
    ),
}


class Fault(NamedTuple):
    """Why an entry is not simply taken: a name in `REASONS`, and what stands at its `{detail}`."""

    reason: str
    detail: str = ""


class Ruling(NamedTuple):
    """A verdict; `event` is what the body says, if it can be booked."""

    verdict: Verdict
    fault: Fault | None = None
    event: Event | None = None


def distinct_number(receipt_no: str, entry_hash: bytes) -> str:
    """The number that a receipt is booked under whose own is another's: two copies of a till gave it."""
    return f"{receipt_no}~{entry_hash.hex()[:6]}"


def sentence(reason: str, detail: str, language: Language) -> str:
    """A reason in words; empty for none."""
    return REASONS[reason].say(language, detail=detail) if reason else ""


class Writer(NamedTuple):
    """Who is allowed to write a chain, as enrolled."""

    identity: ChainIdentity
    store: str
    public_key: bytes


class Reading(NamedTuple):
    """What an entry is by itself, before anybody asks what stands before it: needs no database, takes long.

    `damage` is wrong with its bytes, `fault` with what they say; `event` can be booked.
    """

    kind: str
    event: Event | None = None
    fault: Fault | None = None
    damage: Fault | None = None


def damage_of(identity: ChainIdentity, entry: Entry) -> Fault | None:
    """What is wrong with an entry's bytes; None: its hash stands for its body."""
    if len(entry.body) > journal.BODY_LENGTH_MAX:
        return Fault(TOO_LONG)
    return None if journal.holds(identity, entry) else Fault(HASH)


def read(writer: Writer, entry: Entry, damage: Fault | None) -> Reading:
    """Reads one entry of a writer's chain, of which `damage_of` was asked."""
    if damage is not None:
        return Reading(_kind(entry.body), damage=damage)
    try:
        event = _decoded(entry.body)
    except events.UnknownEvent as error:
        return Reading(_kind(entry.body), fault=Fault(UNREADABLE, _storable(str(error)[:200])))
    fault = _event_fault(writer, event)
    return Reading(events.kind_of(event), None if fault else event, fault)


def judge_next(entry: Entry, reading: Reading, prev_hash: bytes) -> Ruling:
    """Judges the entry that should follow `prev_hash`."""
    loose = None if entry.prev_hash == prev_hash else Fault("previous")
    fault = reading.damage or loose or reading.fault
    return Ruling("quarantined", fault) if fault else Ruling("accepted", None, reading.event)


def judge_fork(reading: Reading) -> Ruling:
    """Judges an entry whose number is taken by other content: kept, and booked if it can be."""
    return Ruling("exists_with_different_content", Fault(FORK), reading.event)


def _decoded(body: bytes) -> Event:
    event = events.decode(body)
    if _ESCAPED_NUL in body:
        raise events.UnknownEvent("U+0000")
    return event


_ESCAPED_NUL = b"\\u0000"
"""No text that a till writes has one, and PostgreSQL stores none."""


def _kind(body: bytes) -> str:
    return _storable(events.peek(body)[0][:40])


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _event_fault(writer: Writer, event: Event) -> Fault | None:
    if isinstance(event, events.ChainOpened) and event.public_key != writer.public_key.hex():
        return Fault("other_key")
    if isinstance(event, events.CodesClosed) and not 0 <= event.up_to <= AMOUNT_MAX:
        return Fault("amounts")
    if isinstance(event, events.ChainOpened | ReceiptEvent) and event.store != writer.store:
        return Fault("other_store", event.store[:40])
    return _receipt_fault(writer.identity, event) if isinstance(event, ReceiptEvent) else None


def _receipt_fault(identity: ChainIdentity, event: ReceiptEvent) -> Fault | None:
    own = f"{identity.terminal}-{identity.short}-"
    number = event.receipt_no.removeprefix(own)
    if number == event.receipt_no or not (number.isascii() and number.isdecimal()):
        return Fault("foreign_receipt", event.receipt_no[:60])
    dates = [event.date, event.deal.last_day] if isinstance(event, MembershipSold) else [event.date]
    for date in dates:
        if not is_date(date):
            return Fault("date", date[:40])
    return None if all(abs(amount) <= AMOUNT_MAX for amount in _amounts(event)) else Fault("amounts")


def is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _amounts(event: ReceiptEvent) -> list[int]:
    """Every number of a receipt that reaches a table."""
    figures = figures_of(event)
    return [*(getattr(figures, name) for name in FIGURE_NAMES), *_moved(event)]


def _moved(event: ReceiptEvent) -> Iterator[int]:
    """What a receipt moves between accounts, beside its figures."""
    match event:
        case SaleMade():
            outcome = event.result.outcome
            yield from (one.amount for one in event.result.redeemed)
            yield from (one.amount for one in outcome.earned)
            yield from (one.amount for one in outcome.burned)
            yield from outcome.reimbursed.values()
            for code in event.pay_codes:
                yield from (code.number, code.amount, code.used)
        case RefundMade():
            yield from (one.amount for one in event.result.points_back)
            yield from (one.amount for one in event.result.earned_change)
            yield from (one.amount for one in event.result.burned_change)
            yield from event.result.reimbursed_change.values()
        case MembershipSold():
            yield from (one.amount for one in event.paid_in_points)
