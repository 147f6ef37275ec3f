"""Phones at the hub, and tills that sell with what they show."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec

from pos.domain.events import SaleMade, UsedPayCode
from sync.hub.codes import issuing
from sync.hub.codes.issuing import Asked, Issued
from sync.hub.hub import Hub
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal


def issue(hub: Hub, amount: int = 700, *, member: str = sales.MEMBER, terminal: str = "S1-1") -> Issued:
    with hub.database.write() as connection:
        return issuing.issue(hub, connection, Asked(member, terminal, "points", amount, "phone"))


def later(hub: Hub, span: dt.timedelta) -> Hub:
    """The same hub with its clock on by a span."""
    return replace(hub, now=lambda: hub.now() + span)


def with_code(sold: SaleMade, issued: Issued, used: int | None = None) -> SaleMade:
    """A sale whose points a code has reserved; all that it redeemed, unless said otherwise."""
    redeemed = sum(one.amount for one in sold.result.redeemed if one.asset == issued.asset)
    taken = redeemed if used is None else used
    one = UsedPayCode(issued.code, issued.number, issued.asset, issued.amount, taken)
    return msgspec.structs.replace(sold, pay_codes=(one,))


def sell(till: FakeTerminal, issued: Issued, *, redeem: int = 700, member: str = sales.MEMBER) -> SaleMade:
    """The worked sale with a code, in the till's journal; not uploaded yet."""
    sold = sales.sale(till.next_receipt_no(), member=member, redeem=redeem)
    made = with_code(sold, issued)
    till.write(made)
    return made
