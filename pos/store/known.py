"""Goods, members and staff as the till knows them, read from `cache.db`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pos.domain.catalogue import Product
from pos.domain.ledger import SALES
from pos.store.cache import Cache
from pos.store.journal import SqliteJournal
from pos.store.sqlite import Readers, Row
from pos.usecases.ports import KnownMember, StaffMember
from sync.protocol.cache_tables import WHERE_CARD, WHERE_TAG
from sync.protocol.messages import (
    MemberBalances,
    MemberRow,
    StaffRow,
    StoreTerms,
    TerminalRow,
)
from sync.protocol.pickups import PickupRow

# A member, up to which own entry that row counts, and the same of the balances where this store is told them.
_MEMBERS = (
    "SELECT members.body, CASE WHEN members.mark_seq < 0 THEN"
    " (SELECT snapshot_seq FROM feeds WHERE feed = 'members') ELSE members.mark_seq END,"
    " balances.body, balances.mark_seq FROM members LEFT JOIN balances USING (member_no)"
)
_LAST_CHARACTER = "\U0010ffff"

_product: msgspec.json.Decoder[Product] = msgspec.json.Decoder(Product)
_member: msgspec.json.Decoder[MemberRow] = msgspec.json.Decoder(MemberRow)
_balances: msgspec.json.Decoder[MemberBalances] = msgspec.json.Decoder(MemberBalances)
_pickup: msgspec.json.Decoder[PickupRow] = msgspec.json.Decoder(PickupRow)
_staff: msgspec.json.Decoder[StaffRow] = msgspec.json.Decoder(StaffRow)
_terms: msgspec.json.Decoder[StoreTerms] = msgspec.json.Decoder(StoreTerms)
_terminal: msgspec.json.Decoder[TerminalRow] = msgspec.json.Decoder(TerminalRow)


class CachedGoods:
    """`ports.Goods`."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def product(self, code: str) -> Product | None:
        row = self._readers.row("SELECT body FROM products WHERE code = ?", (code,))
        return None if row is None else _product.decode(row[0])

    def search(self, text: str, limit: int) -> tuple[Product, ...]:
        """Best first: code begins with it, initials begin with it, name begins with it, name contains it."""
        wanted = text.strip().casefold()
        if not wanted or limit < 1:
            return ()
        codes: dict[str, None] = {}
        for find in (self._by_code, self._by_initials, self._by_name, self._within_name):
            # As many as are shown already may come again, so ask for `limit` each time.
            codes.update(dict.fromkeys(find(wanted, limit)))
            if len(codes) >= limit:
                break
        found = (self.product(code) for code in list(codes)[:limit])
        return tuple(product for product in found if product is not None)

    def _by_code(self, wanted: str, limit: int) -> list[str]:
        upper = wanted.upper()
        return self._codes("code >= ? AND code < ? ORDER BY code", upper, upper + _LAST_CHARACTER, limit)

    def _by_initials(self, wanted: str, limit: int) -> list[str]:
        return self._codes(
            "initials >= ? AND initials < ? ORDER BY initials, code", wanted, wanted + _LAST_CHARACTER, limit
        )

    def _by_name(self, wanted: str, limit: int) -> list[str]:
        return self._codes(
            "name >= ? AND name < ? ORDER BY name, code", wanted, wanted + _LAST_CHARACTER, limit
        )

    def _within_name(self, wanted: str, limit: int) -> list[str]:
        return self._codes("instr(name, ?) ORDER BY name, code", wanted, limit)

    def _codes(self, condition: str, *parameters: str | int) -> list[str]:
        rows = self._readers.rows(f"SELECT code FROM products WHERE {condition} LIMIT ?", parameters)  # noqa: S608
        return [row[0] for row in rows]


class CachedMembers:
    """`ports.Members`: the hub's balances, with this till's own later entries added.

    Reading the cache first makes the two files agree: what the journal gains in between is counted,
    and an entry that the row's mark covers is not counted twice.
    """

    def __init__(self, readers: Readers, cache: Cache, journal: SqliteJournal) -> None:
        self._readers = readers
        self._cache = cache
        self._journal = journal

    def by_card(self, card_hash: str) -> KnownMember | None:
        """`card_hash` is hexadecimal, as `member_codes.card_hash` makes it."""
        return self._known(
            self._readers.row(
                f"{_MEMBERS} WHERE {WHERE_CARD} ORDER BY member_no LIMIT 1", (bytes.fromhex(card_hash),)
            )
        )

    def by_tag(self, member_tag: str) -> KnownMember | None:
        """`member_tag` is hexadecimal, as `pay_codes.member_tag` makes it."""
        return self._known(
            self._readers.row(
                f"{_MEMBERS} WHERE {WHERE_TAG} ORDER BY member_no LIMIT 1", (bytes.fromhex(member_tag),)
            )
        )

    def by_number(self, member_no: str) -> KnownMember | None:
        return self._known(self._readers.row(f"{_MEMBERS} WHERE member_no = ?", (member_no,)))

    def cached_at(self) -> datetime | None:
        """When the hub last told all balances, or None if it never has."""
        return self._cache.complete_at()

    def _known(self, row: Row | None) -> KnownMember | None:
        if row is None:
            return None
        member, mark_seq, told, told_seq = _member.decode(row[0]), row[1], row[2], row[3]
        held = _balances.decode(told) if told is not None else _of_earlier_hub(member)
        if told is None:
            told_seq = mark_seq
        number = member.member_no
        balances = dict(held.balances) if held is not None else {SALES: int(member.bought)}
        for asset, amount in self._journal.member_changes(number, after_seq=told_seq).items():
            balances[asset] = balances.get(asset, 0) + amount
        expiring = held.expiring if held is not None else {}
        known = KnownMember(
            member_no=number,
            plan=member.plan,
            status=member.status,
            expires=member.expires,
            balances=balances,
            # whoever bought here first has this store as home, also before the hub has heard of it
            home_store=member.home_store
            or (self._journal.store.store if balances.get(SALES, 0) > 0 else None),
            referrer=member.referrer,
            activated=member.activated,
            expiring=_left(expiring, self._journal.member_spent(number, after_seq=told_seq)),
            balances_told=held is not None,
        )
        sold = self._journal.membership(number, after_seq=mark_seq)
        if sold is None:
            return known
        return msgspec.structs.replace(known, plan=sold[0], expires=sold[1], status="active")


def _of_earlier_hub(member: MemberRow) -> MemberBalances | None:
    """A row from when every store was told every balance."""
    if member.balances is None:
        return None
    return MemberBalances(member.member_no, member.balances, member.expiring)


def _left(
    expiring: dict[str, tuple[tuple[str, int], ...]], spent: dict[str, int]
) -> dict[str, tuple[tuple[str, int], ...]]:
    """The lots that run out, less what was spent since: the oldest first."""
    left: dict[str, tuple[tuple[str, int], ...]] = {}
    for asset, lots in expiring.items():
        gone, kept = max(0, spent.get(asset, 0)), []
        for last_day, amount in sorted(lots):
            taken = min(gone, amount)
            gone -= taken
            if amount > taken:
                kept.append((last_day, amount - taken))
        left[asset] = tuple(kept)
    return left


class CachedTerms:
    """`ports.Terms`: the hub's word, with this till's own later entries in the merchant's deposit."""

    def __init__(self, readers: Readers, journal: SqliteJournal) -> None:
        self._readers = readers
        self._journal = journal

    def of_store(self) -> StoreTerms:
        """What the hub told; before it has, the store stands for its merchant."""
        store = self._journal.store.store
        row = self._readers.row("SELECT body, mark_seq FROM terms WHERE store = ?", (store,))
        terms, mark_seq = (StoreTerms(merchant=""), 0) if row is None else (_terms.decode(row[0]), row[1])
        changes = self._journal.merchant_changes(after_seq=mark_seq)
        if not changes:
            return terms
        balances = dict(terms.balances)
        for asset, amount in changes.items():
            balances[asset] = balances.get(asset, 0) + amount
        return msgspec.structs.replace(terms, balances=balances)

    def terminal(self, terminal: str) -> TerminalRow | None:
        row = self._readers.row("SELECT body FROM terminals WHERE terminal = ?", (terminal,))
        return None if row is None else _terminal.decode(row[0])

    def waiting(self, code_hash: str) -> PickupRow | None:
        row = self._readers.row("SELECT body FROM pickups WHERE code_hash = ?", (code_hash,))
        return None if row is None else _pickup.decode(row[0])


class CachedStaff:
    """`ports.Staff`."""

    def nobody(self) -> bool:
        return self._readers.row("SELECT 1 FROM staff LIMIT 1") is None

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def by_number(self, number: str) -> StaffMember | None:
        row = self._readers.row("SELECT body FROM staff WHERE number = ?", (number,))
        if row is None:
            return None
        return _member_of_staff(_staff.decode(row[0]))

    def by_badge(self, badge_hash: str) -> StaffMember | None:
        people = [_staff.decode(body) for (body,) in self._readers.rows("SELECT body FROM staff")]
        found = next((one for one in people if one.badge_hash and one.badge_hash == badge_hash), None)
        return None if found is None else _member_of_staff(found)


def _member_of_staff(row: StaffRow) -> StaffMember:
    return StaffMember(row.number, row.role, row.pin_hash)
