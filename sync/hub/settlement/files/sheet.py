"""A statement as titled tables in a language: what PDF, XLSX and CSV have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pos.domain.day import FIGURE_NAMES, POINTS_SCALE
from pos.domain.language import Language
from pos.domain.ledger import merchant_account
from pos.domain.money import decimal_text, plain_text, yuan
from sync.hub.settlement.files import wording
from sync.hub.settlement.lines import Line, PartKind
from sync.hub.settlement.statement import Statement
from sync.hub.words import Words

_HASH_SHOWN = 16


class Fen(NamedTuple):
    """An amount of money in a cell."""

    fen: int


Cell = str | int | Fen
Row = tuple[Cell, ...]


def plain(cell: Cell) -> str:
    """A cell as text, without the marks that only a spreadsheet needs."""
    match cell:
        case Fen():
            return yuan(cell.fen)
        case int():
            return str(cell)
        case str():
            return " ".join(cell.split())


class Table(msgspec.Struct, frozen=True):
    """Rows under a heading; `total` is the sum of the columns that are money, where there is one."""

    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row | None = None


class Sheet(msgspec.Struct, frozen=True):
    """A statement in words. `tables` come before the lines; `notes` are what somebody must know.

    `days` are the frozen ones, with who froze and who paid them.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    lines: Table
    late: Table
    days: Table
    notes: tuple[str, ...]
    explained: str
    signed: str


def sheet(told: Statement, language: Language) -> Sheet:
    say = _Say(told, language)
    return Sheet(
        title=say(wording.TITLE),
        facts=_facts(told, say),
        tables=tuple(
            one
            for one in (_sums(told, say), _debts(told, say), _figures(told, say), _assets(told, say))
            if one.rows
        ),
        lines=_lines(told, say, wording.LINES, told.lines),
        late=_lines(told, say, wording.LATE, told.late),
        days=_days(told, say),
        notes=tuple(_notes(told, say)),
        explained=say(wording.SIGNS),
        signed=say(wording.SIGNED),
    )


class _Say:
    """Words and names in the language of a sheet."""

    def __init__(self, told: Statement, language: Language) -> None:
        self._names, self._language = told.names, language

    def __call__(self, words: Words, **params: object) -> str:
        return words.say(self._language, **params)

    def known(self, words: dict[str, Words], key: str) -> str:
        return words[key].say(self._language) if key in words else key

    def party(self, key: str) -> str:
        name = self._names.get(key)
        if name is None:
            return self.known(_OTHERS, key)
        return self(wording.OWN_ACCOUNT, name=name) if key.startswith(merchant_account("")) else name


_OTHERS = {
    "alliance": wording.ALLIANCE,
    "brand": wording.BRAND,
    "member": wording.MEMBER,
    "area_agent": wording.AGENT,
}


def _facts(told: Statement, say: _Say) -> tuple[tuple[str, str], ...]:
    party, period = told.party, told.first if told.first == told.last else f"{told.first} – {told.last}"
    paid = told.frozen and told.days and all(day.reference is not None for day in told.days)
    standing = wording.PAID if paid else wording.FROZEN if told.frozen else wording.OPEN
    stores = "、".join(f"{told.names[f'store:{one}']} ({one})" for one in party.stores)
    return (
        (say(wording.FACTS["alliance"]), told.alliance),
        (say(wording.FACTS["merchant"]), f"{party.merchant_name} ({party.merchant})"),
        (say(wording.FACTS["stores" if party.kind == "merchant" else "store"]), stores),
        (say(wording.FACTS["period"]), period),
        (say(wording.FACTS["standing"]), say(standing)),
    )


# --- what it comes to ----------------------------------------------------------------------------


def _sums(told: Statement, say: _Say) -> Table:
    totals, words = told.totals, wording.SUMS
    rows: list[Row] = []

    def by_party(kind: PartKind, amounts: dict[str, int], sign: int) -> None:
        rows.extend((say(words[kind], party=say.party(key)), Fen(sign * fen)) for key, fen in amounts.items())

    by_party("reimbursement", totals.reimbursed, 1)
    by_party("coupon_taken", totals.coupons_taken, 1)
    by_party("commission_received", totals.commission_received, 1)
    rows.append((say(words["share"]), Fen(-totals.share_fen)))
    rows.append((say(words["fee"]), Fen(-totals.fees_fen)))
    by_party("coupon_issued", totals.coupons_issued, -1)
    by_party("commission_paid", totals.commission_paid, -1)
    for kind, fen in (("correction", totals.corrections_fen), ("other", totals.other_fen)):
        if fen:
            rows.append((say(words[kind]), Fen(fen)))
    net = wording.NET_FROM if totals.net_fen < 0 else wording.NET_TO if totals.net_fen > 0 else wording.NET
    total = (say(net, party=told.party.name), Fen(totals.net_fen))
    return Table(say(wording.SETTLED), ("", say(wording.AMOUNT)), tuple(rows), total)


def _debts(told: Statement, say: _Say) -> Table:
    header = (say(wording.DEBTOR), say(wording.CREDITOR), say(wording.AMOUNT))

    def name(party: str) -> str:
        return told.party.name if party == told.party.account else say.party(party)

    rows = tuple((name(one.debtor), name(one.creditor), Fen(one.amount_fen)) for one in told.debts)
    return Table(say(wording.DEBTS), header, rows)


def _figures(told: Statement, say: _Say) -> Table:
    def cell(name: str) -> Cell:
        value: int = getattr(told.figures, name)
        if name.endswith("_fen"):
            return Fen(value)
        return plain_text(value, POINTS_SCALE) if name.startswith("points_") else value

    rows = tuple((say(wording.FIGURES[name]), cell(name)) for name in FIGURE_NAMES)
    return Table(say(wording.FIGURES_TITLE), ("", ""), rows)


def _assets(told: Statement, say: _Say) -> Table:
    header = (say(wording.ASSET), say(wording.REASON), say(wording.AMOUNT))
    rows = tuple(
        (one.name, say.known(wording.CODES, one.code), decimal_text(one.amount, one.scale))
        for one in told.assets
    )
    return Table(say(wording.ASSETS), header, rows)


def _days(told: Statement, say: _Say) -> Table:
    words = (
        wording.DAY,
        wording.ACCOUNT,
        wording.LOCKED_AT,
        wording.LOCKED_BY,
        wording.HASH,
        wording.PAYMENT,
    )
    rows = tuple(
        (
            day.date,
            say.party(day.account),
            _local(day.locked_at, told.timezone),
            day.locked_by,
            day.sha256[:_HASH_SHOWN] if day.intact else say(wording.TAMPERED),
            "" if day.reference is None else f"{day.paid_on} {day.reference} ({day.paid_by})",
        )
        for day in told.days
    )
    return Table(say(wording.DAYS), tuple(map(say, words)), rows)


def _local(moment: str, timezone: str) -> str:
    return dt.datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


# --- lines ---------------------------------------------------------------------------------------

_Column = Callable[[Line], int]
_FEN_COLUMNS: dict[str, _Column] = {
    "payable": lambda line: line.figures.payable_fen if line.figures else 0,
    "received": lambda line: line.figures.received_fen if line.figures else 0,
    "share": lambda line: line.fen("share"),
    "reimbursement": lambda line: line.fen("reimbursement"),
    "coupon": lambda line: line.fen("coupon_taken", "coupon_issued"),
    "commission": lambda line: line.fen("commission_paid", "commission_received"),
    "fee": lambda line: line.fen("fee"),
    "other": lambda line: line.fen("correction", "other"),
    "net": lambda line: line.net_fen,
}
"""From share to other, the columns of a line add up to its net."""


def _lines(told: Statement, say: _Say, title: Words, lines: tuple[Line, ...]) -> Table:
    of_merchant = told.party.kind == "merchant"
    names = [
        "counted_on",
        "date",
        *(["account"] if of_merchant else []),
        "receipt_no",
        "kind",
        *_FEN_COLUMNS,
        "note",
    ]
    rows = tuple(_line(line, say, of_merchant=of_merchant) for line in lines)
    header = tuple(say(wording.COLUMNS[name]) for name in names)
    texts = len(names) - len(_FEN_COLUMNS) - 1
    sums = [Fen(sum(column(line) for line in lines)) for column in _FEN_COLUMNS.values()]
    total: Row = (say(wording.TOTAL), *[""] * (texts - 1), *sums, "")
    return Table(say(title), header, rows, total)


def _line(line: Line, say: _Say, *, of_merchant: bool) -> Row:
    return (
        line.counted_on,
        line.date,
        *([say.party(line.account)] if of_merchant else []),
        line.receipt_no,
        say.known(wording.KINDS, line.kind),
        *(Fen(column(line)) for column in _FEN_COLUMNS.values()),
        say(wording.AND).join(_line_notes(line, say)),
    )


def _line_notes(line: Line, say: _Say) -> Iterable[str]:
    if line.late:
        yield say(wording.NOTE_LATE)
    if line.receipt_no and line.figures is None and line.kind in {"sale", "refund", "membership"}:
        yield say(wording.NOTE_ELSEWHERE)
    if line.of:
        yield say(wording.NOTE_OF, of=line.of)
    if line.reason:
        yield line.reason


def _notes(told: Statement, say: _Say) -> Iterable[str]:
    for one in told.disagreements:
        yield say(
            wording.DISAGREES,
            receipt=one.receipt_no,
            figure=say(wording.FIGURES[one.figure]),
            stated=yuan(one.receipt_fen),
            booked=yuan(one.booked_fen),
        )
    for day in told.days:
        if not day.intact:
            yield f"{day.date} {say.party(day.account)}: {say(wording.TAMPERED)}"
