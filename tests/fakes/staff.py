"""Staff in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable

from pos.usecases.ports import StaffMember


class FakeStaff:
    def __init__(self, people: Iterable[StaffMember] = ()) -> None:
        self.people = {person.number: person for person in people}
        self.badges: dict[str, str] = {}

    def by_badge(self, badge_hash: str) -> StaffMember | None:
        return self.people.get(self.badges.get(badge_hash, ""))

    def by_number(self, number: str) -> StaffMember | None:
        return self.people.get(number)

    def nobody(self) -> bool:
        return not self.people
