from __future__ import annotations

import msgspec
import pytest

from pos.domain.printed_codes import code_hash, printed_code
from sync.hub.alliance import stocking
from sync.hub.hub import Hub
from sync.hub.words import Told
from sync.protocol.messages import StaffRow
from tests.sync.hub.terminals import FakeTerminal

BADGE, OTHER = printed_code("badge", 1), printed_code("badge", 2)


def row(till: FakeTerminal, number: str = "03") -> StaffRow:
    return msgspec.convert(till.feed_row("staff", number).body, StaffRow)


def test_a_badge_reaches_the_tills_as_a_hash_and_the_last_one_counts(hub: Hub, till: FakeTerminal) -> None:
    for code in (BADGE, OTHER):
        with hub.database.write() as connection:
            stocking.give_badge(connection, "S1", "03", code)
    assert row(till).badge_hash == code_hash(OTHER)
    assert OTHER not in str(till.feed("staff"))


def test_importing_staff_again_keeps_the_badges(hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        stocking.give_badge(connection, "S1", "03", BADGE)
        stocking.put_staff(connection, "S1", [StaffRow("03", "cashier", "$argon2id$new")])
    assert (row(till).badge_hash, row(till).pin_hash) == (code_hash(BADGE), "$argon2id$new")


def test_whoever_is_removed_logs_in_no_more(hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        stocking.remove_staff(connection, "S1", "03")
        assert "03" not in [one.number for one in stocking.staff_of(connection, "S1")]
    assert till.feed_row("staff", "03").body is None


@pytest.mark.parametrize(("store", "number"), [("S1", "77"), ("S9", "03")])
def test_a_number_that_nobody_has_is_named(hub: Hub, store: str, number: str) -> None:
    with hub.database.write() as connection:
        with pytest.raises(Told, match="has no number"):
            stocking.give_badge(connection, store, number, BADGE)
        with pytest.raises(Told, match="has no number"):
            stocking.remove_staff(connection, store, number)
