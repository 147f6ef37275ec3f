"""The sample shop in a till without a hub: the hub's own file readers, its pages without its server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any

import msgspec

from pos.domain.programme.loading import load_pack
from pos.domain.receipt import StoreCard
from sync.client.ports import Replica
from sync.hub.alliance import imports
from sync.hub.alliance.members import row_of
from sync.hub.feeds import member_rows
from sync.protocol.messages import (
    FeedPage,
    FeedRow,
    HighWater,
    HubMark,
    SignedBytes,
    StoreTerms,
    TerminalRow,
)

_SAMPLE = files("resources") / "sample"
_PACK = files("resources") / "programmes" / "tongyi.toml"
_NO_HUB = HubMark(epoch=0, time="", high_water=HighWater(0, ""))


def sample_store() -> tuple[StoreCard, str]:
    """The sample's store, and its terminal's id."""
    shop = imports.read_shop((_SAMPLE / "shop.toml").read_bytes(), "shop.toml")
    terminal = shop.terminals[0]
    card = StoreCard(
        alliance=shop.alliance_name,
        merchant=shop.store.merchant_name,
        store=shop.store.id,
        name=shop.store.name,
        address=shop.store.address,
        timezone=shop.store.timezone,
        terminal_label=terminal.label,
        footer=shop.store.footer,
    )
    return card, terminal.id


def fill_with_sample(replica: Replica, now: datetime, public_key: bytes) -> None:
    """Pack, terms, staff, goods and members of the sample, as if a hub had just told them.

    `public_key` is the till's own: what it prints, it takes.
    """
    shop = imports.read_shop((_SAMPLE / "shop.toml").read_bytes(), "shop.toml")
    store, merchant, terminal = shop.store.id, shop.store.merchant_id, shop.terminals[0].id
    signed = SignedBytes(_PACK.read_bytes(), "sample", b"")
    pack = load_pack(signed.payload)
    goods = imports.read_goods((_SAMPLE / "goods.csv").read_bytes(), "goods.csv").checked()
    staff = imports.read_staff((_SAMPLE / "staff.csv").read_bytes(), "staff.csv").checked()
    members = imports.read_members(
        (_SAMPLE / "members.csv").read_bytes(), "members.csv", pack=pack, today=now.date()
    ).checked()
    replica.apply(_page("packs", [(pack.id, signed)]))
    replica.apply(_page("terms", [(store, StoreTerms(merchant))]))
    replica.apply(_page("terminals", [(terminal, TerminalRow(terminal, store, merchant, (public_key,)))]))
    replica.apply(_page("staff", [(one.number, one) for one in staff]))
    replica.apply(_page("catalogue", [(one.code, one) for one in goods]))
    rows = [row_of(one.member, one.opening) for one in members]
    replica.apply(_page("balances", [(row.member_no, member_rows.for_own_stores(row)) for row in rows]))
    replica.apply(_page("members", [(row.member_no, member_rows.for_all(row)) for row in rows]))
    replica.note_complete(now)


def _page(feed: str, rows: Iterable[tuple[str, Any]]) -> FeedPage:
    numbered = tuple(
        FeedRow(change, key, msgspec.to_builtins(body)) for change, (key, body) in enumerate(rows, start=1)
    )
    return FeedPage(_NO_HUB, feed, numbered, next=len(numbered), more=False)
