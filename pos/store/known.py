"""Goods, members and staff as the till knows them, read from `cache.db`."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pos.domain.catalogue import Product
from pos.store.cache import Cache
from pos.store.journal import SqliteJournal
from pos.store.sqlite import Readers, Row
from pos.usecases.ports import KnownMember, StaffMember
from sync.protocol.messages import MemberRow, StaffRow

_LAST_CHARACTER = "\U0010ffff"

_product: msgspec.json.Decoder[Product] = msgspec.json.Decoder(Product)
_member: msgspec.json.Decoder[MemberRow] = msgspec.json.Decoder(MemberRow)
_staff: msgspec.json.Decoder[StaffRow] = msgspec.json.Decoder(StaffRow)


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
                "SELECT body, mark_seq FROM members WHERE card_hash = ? ORDER BY member_no LIMIT 1",
                (bytes.fromhex(card_hash),),
            )
        )

    def by_number(self, member_no: str) -> KnownMember | None:
        return self._known(
            self._readers.row("SELECT body, mark_seq FROM members WHERE member_no = ?", (member_no,))
        )

    def cached_at(self) -> datetime | None:
        """When the hub last told all balances, or None if it never has."""
        return self._cache.complete_at()

    def _known(self, row: Row | None) -> KnownMember | None:
        if row is None:
            return None
        member = _member.decode(row[0])
        balances = dict(member.balances)
        for asset, amount in self._journal.member_changes(member.member_no, after_seq=row[1]).items():
            balances[asset] = balances.get(asset, 0) + amount
        return KnownMember(member.member_no, member.plan, member.status, member.expires, balances)


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
        person = _staff.decode(row[0])
        return StaffMember(person.number, person.role, person.pin_hash)
