"""Members in a dictionary. The journal's own entries are added by `FakeJournal`'s appends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from pos.domain.events import Event, MembershipSold, RefundMade, SaleMade
from pos.domain.ledger import SALES, member_changes
from pos.domain.member_codes import card_hash
from pos.usecases.ports import KnownMember


class FakeMembers:
    def __init__(
        self,
        members: Iterable[tuple[str, KnownMember]] = (),
        cached_at: datetime | None = None,
        store: str = "S1",
    ) -> None:
        """`members` pairs a card code with its member; `store` is home to those whose first sale is here."""
        self.store = store
        self.by_hash: dict[str, str] = {}
        self.members: dict[str, KnownMember] = {}
        self.moment = cached_at
        for code, member in members:
            self.put(code, member)

    def put(self, code: str, member: KnownMember) -> None:
        self.by_hash[card_hash(code)] = member.member_no
        self.members[member.member_no] = member

    def by_card(self, card_hash: str) -> KnownMember | None:
        number = self.by_hash.get(card_hash)
        return self.by_number(number) if number else None

    def by_tag(self, member_tag: str) -> KnownMember | None:
        number = next((no for whole, no in self.by_hash.items() if whole.startswith(member_tag)), None)
        return self.by_number(number) if number else None

    def by_number(self, member_no: str) -> KnownMember | None:
        member = self.members.get(member_no)
        if member is None or member.home_store or member.balances.get(SALES, 0) <= 0:
            return member
        return msgspec.structs.replace(member, home_store=self.store)

    def cached_at(self) -> datetime | None:
        return self.moment

    def note(self, event: Event) -> None:
        """Adds an own entry to the balances, as the real till's projection does."""
        if isinstance(event, SaleMade) and event.basket.member is not None:
            self._add_all(event.basket.member.member_no, member_changes(event))
        if isinstance(event, RefundMade) and event.member_no is not None:
            self._add_all(event.member_no, member_changes(event))
        if isinstance(event, MembershipSold):
            self._add_all(event.member_no, member_changes(event))
            member = self.members[event.member_no]
            self.members[event.member_no] = msgspec.structs.replace(
                member, plan=event.deal.plan, expires=event.deal.last_day, status="active"
            )

    def _add_all(self, member_no: str, changes: dict[str, int]) -> None:
        for asset, amount in changes.items():
            self._add(member_no, asset, amount)

    def _add(self, member_no: str, asset: str, amount: int) -> None:
        member = self.members[member_no]
        balances = {**member.balances, asset: member.balances.get(asset, 0) + amount}
        self.members[member_no] = msgspec.structs.replace(member, balances=balances)
