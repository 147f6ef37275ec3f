"""Members in a dictionary. The journal's own entries are added by `FakeJournal`'s appends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from pos.domain.events import Event, RefundMade, SaleMade
from pos.domain.member_codes import card_hash
from pos.domain.refund import points_change
from pos.usecases.ports import KnownMember


class FakeMembers:
    def __init__(
        self, members: Iterable[tuple[str, KnownMember]] = (), cached_at: datetime | None = None
    ) -> None:
        """`members` pairs a card code with its member."""
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
        return self.members.get(number) if number else None

    def by_number(self, member_no: str) -> KnownMember | None:
        return self.members.get(member_no)

    def cached_at(self) -> datetime | None:
        return self.moment

    def note(self, event: Event) -> None:
        """Adds an own entry to the balances, as the real till's projection does."""
        if isinstance(event, SaleMade) and event.basket.member is not None:
            for redeemed in event.result.redeemed:
                self._add(event.basket.member.member_no, redeemed.asset, -redeemed.amount)
            for earned in event.result.outcome.earned:
                self._add(event.basket.member.member_no, earned.asset, earned.amount)
        if isinstance(event, RefundMade) and event.member_no is not None:
            back = {one.asset for one in event.result.points_back}
            for asset in back | {one.asset for one in event.result.earned_change}:
                self._add(event.member_no, asset, points_change(event.result, asset, 2).amount)

    def _add(self, member_no: str, asset: str, amount: int) -> None:
        member = self.members[member_no]
        balances = {**member.balances, asset: member.balances.get(asset, 0) + amount}
        self.members[member_no] = msgspec.structs.replace(member, balances=balances)
