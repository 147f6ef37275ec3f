"""Members whom a till knew by the tag in their pay code alone: `tag:` and 16 hexadecimal digits.

The hub knows whose code it was; receipts are booked under the member's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection, select

from pos.domain.events import Event, RefundMade, SaleMade
from pos.domain.member_codes import card_hash
from pos.domain.pay_codes import member_tag
from sync.hub.codes.tables import pay_codes
from sync.hub.storage import bulk, schema

PREFIX = "tag:"


def of(event: Event) -> str | None:
    """The tag that stands in the place of a member's number; None where there is none."""
    match event:
        case SaleMade():
            written = event.basket.member.member_no if event.basket.member else ""
        case RefundMade():
            written = event.member_no or ""
        case _:
            return None
    return written.removeprefix(PREFIX) if written.startswith(PREFIX) else None


def with_number(event: Event, member_no: str) -> Event:
    """The event as if the till had known the member."""
    match event:
        case SaleMade() if event.basket.member is not None:
            member = msgspec.structs.replace(event.basket.member, member_no=member_no)
            return msgspec.structs.replace(event, basket=msgspec.structs.replace(event.basket, member=member))
        case RefundMade():
            return msgspec.structs.replace(event, member_no=member_no)
        case _:
            return event


def resolved(connection: Connection, tags: Iterable[str]) -> Mapping[str, str]:
    """Tag to member number; what nobody has is left out.

    A hub restored from before a code was issued has forgotten whose it was, and looks through the cards.
    """
    wanted = set(tags)
    table = pay_codes
    query = select(table.c.member_tag, table.c.member_no)
    found = {
        row.member_tag: row.member_no for row in bulk.matching(connection, query, table.c.member_tag, wanted)
    }
    missing = wanted - found.keys()
    if missing:
        members = schema.members
        for row in connection.execute(select(members.c.member_no, members.c.card_code)):
            tag = member_tag(card_hash(row.card_code))
            if tag in missing:
                found[tag] = row.member_no
    return found
