"""What an owner should look at: what is not uploaded yet, set aside, reckoned otherwise, or doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from pos.domain.language import Language
from sync.hub.alliance import coupons
from sync.hub.alliance.coupons import DoubtfulUse
from sync.hub.feeds import terminals_seen
from sync.hub.feeds.terminals_seen import TerminalState
from sync.hub.journal import judging
from sync.hub.journal.tables import settled_entries
from sync.hub.storage import schema
from sync.hub.words import Words

SHOWN_MAX = 200


class SetAside(NamedTuple):
    """An entry that was quarantined, or whose number another entry had; the reason is a sentence."""

    terminal: str
    store: str
    seq: int
    kind: str
    received_at: str
    reason: str
    booked: bool


class Differing(NamedTuple):
    """A receipt on which till and hub do not agree, and in what."""

    receipt_no: str
    date: str
    words: tuple[str, ...]
    detail: str


class Matters(NamedTuple):
    """Of some stores: their tills as they last reported, and what needs a look."""

    tills: tuple[TerminalState, ...]
    set_aside: tuple[SetAside, ...]
    differing: tuple[Differing, ...]
    coupons: tuple[DoubtfulUse, ...]

    @property
    def pending(self) -> int:
        """How many entries the tills said they had not uploaded yet."""
        return sum(one.pending or 0 for one in self.tills)

    @property
    def number(self) -> int:
        return len(self.set_aside) + len(self.differing) + len(self.coupons)


def of(
    connection: Connection, stores: Iterable[str], language: Language, days: tuple[date, date] | None = None
) -> Matters:
    """Everything, or what belongs to receipts of some days (what was set aside has no date)."""
    ids = tuple(stores)
    receipts = schema.receipts.c
    where: list[Any] = [receipts.store.in_(ids)]
    if days is not None:
        where.append(receipts.date.between(days[0].isoformat(), days[1].isoformat()))
    return Matters(
        tuple(till for store in ids for till in terminals_seen.overview(connection, store=store)),
        set_aside(connection, language, ids),
        differing(connection, where, language),
        coupons.doubtful(connection, *where),
    )


def set_aside(
    connection: Connection, language: Language, stores: Iterable[str] | None = None
) -> tuple[SetAside, ...]:
    """Quarantined entries and forks (of some stores), newest first."""
    entries, terminals = schema.journal_entries, schema.terminals
    query = (
        select(entries, terminals.c.store)
        .join(terminals, terminals.c.id == entries.c.terminal)
        .where(
            entries.c.verdict.in_(("quarantined", "exists_with_different_content")),
            entries.c.id.not_in(select(settled_entries.c.entry_id)),
        )
        .order_by(entries.c.id.desc())
        .limit(SHOWN_MAX)
    )
    if stores is not None:
        query = query.where(terminals.c.store.in_(tuple(stores)))
    booked = select(schema.receipts.c.entry_id)
    found = connection.execute(query).all()
    known = set(
        connection.execute(booked.where(schema.receipts.c.entry_id.in_([row.id for row in found]))).scalars()
    )
    return tuple(
        SetAside(
            row.terminal,
            row.store,
            row.seq,
            row.kind,
            row.received_at,
            judging.sentence(row.reason, row.detail, language),
            row.id in known,
        )
        for row in found
    )


def differing(connection: Connection, where: list[Any], language: Language) -> tuple[Differing, ...]:
    """Receipts (for which `where` holds) on which till and hub do not agree, the newest first."""
    done, receipts = schema.recomputations, schema.receipts
    query = (
        select(receipts.c.receipt_no, receipts.c.date, done.c.why)
        .join(done, done.c.receipt_no == receipts.c.receipt_no)
        .where(*where, done.c.agrees.is_(False))
        .order_by(receipts.c.date.desc(), receipts.c.receipt_no.desc())
        .limit(SHOWN_MAX)
    )
    return tuple(
        Differing(row.receipt_no, row.date, in_words(row.why, language), row.why)
        for row in connection.execute(query)
    )


def in_words(why: str, language: Language) -> tuple[str, ...]:
    """What a recomputation found, for people: each kind of difference once, in the order found."""
    found = [
        words.say(language)
        for pattern, words in _DIFFERENCES
        if any(re.match(pattern, part) for part in why.split("; "))
    ]
    return tuple(dict.fromkeys(found)) or (_OTHERWISE.say(language),)


_DIFFERENCES = (
    (
        "(gross|payable|due|lines|adjustments)",
        Words("收银机算的金额和总部不一样。", "The till reckoned another amount than the hub."),
    ),
    (
        "(redeem|points_back|paid_in_points|cash_back)",
        Words("积分抵扣或退回的数不一样。", "What was paid or given back in points differs."),
    ),
    (
        "(outcome|.*_change|reimburs)",
        Words("应得积分、分成或补贴不一样。", "Points earned, share or reimbursement differ."),
    ),
    ("(issued|coupons_)", Words("发出或收下的券不一样。", "Coupons given out or taken differ.")),
    (
        "(eligible|optimal|steps)",
        Words("哪些商品参加优惠，两边看法不同。", "Which goods take part in offers is seen differently."),
    ),
    (
        "claim coupon",
        Words("收下了一张有疑问的打印券。", "A printed coupon was taken that is in doubt."),
    ),
    (
        "claim plan|claim first_order|claim home_store|claim referrer|claim activated|claim member",
        Words(
            "收银机当时的会员资料不是最新的（等级、首单、归属或推荐人）。",
            "The till's knowledge of the member was out of date (plan, first order, home store or referrer).",
        ),
    ),
    (
        "claim ",
        Words(
            "收银机当时的商家设置或价格不是最新的。",
            "The till's terms, prices or coupon balances were out of date.",
        ),
    ),
    (
        "the rules refuse it|it cannot be reckoned|the entry cannot be read",
        Words(
            "按规则算不出这一单，需要人工核对。", "By the rules this cannot be reckoned; a person must look."
        ),
    ),
    ("pack ", Words("这一单用的方案版本总部没有。", "The hub does not have the pack it was priced under.")),
    (
        "the sale .* is not at the hub|the hub knows other refunds|it names another",
        Words(
            "退货和总部记的原单对不上。", "The refund does not match the sale or earlier refunds at the hub."
        ),
    ),
    (
        "deal|member .* is not at the hub",
        Words("办会员的条件和方案不符。", "The membership was not sold as the pack offers it."),
    ),
)
_OTHERWISE = Words("两边算出来的不一样。", "Till and hub reckon differently.")
