from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.persons import persons, rights
from sync.hub.persons.persons import Person
from sync.hub.storage.all_tables import metadata
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.codes.phones import issue
from tests.sync.hub.terminals import FakeTerminal

DOU = Person("窦墨菊", "19900000001", "1986-04-26")


def test_the_sample_is_kept_and_found_by_phone(hub: Hub) -> None:
    with hub.database.read() as connection:
        assert persons.find(hub, connection, sales.MEMBER) == DOU
        for typed in ("19900000001", "+86 199 0000 0001", "199-0000-0001", "１９９０００００００１"):
            assert persons.with_phone(hub, connection, typed) == (sales.MEMBER,)
        assert persons.with_phone(hub, connection, "19999999999") == ()


@pytest.mark.parametrize("typed", ["", "12345", "abc", "299000000011", "1990000000", "199000000012", "'; --"])
def test_what_is_no_phone_number(hub: Hub, typed: str) -> None:
    assert persons.plain_phone(typed) is None
    with hub.database.read() as connection:
        assert persons.with_phone(hub, connection, typed) == ()


def test_rows_cannot_be_swapped_and_another_key_opens_nothing(hub: Hub) -> None:
    with hub.database.write() as connection:
        connection.execute(
            text(
                "UPDATE member_persons SET sealed = (SELECT sealed FROM member_persons WHERE member_no = :a)"
                " WHERE member_no = :b"
            ),
            {"a": sales.MEMBER, "b": sales.FRIEND},
        )
        with pytest.raises(Told, match="another key"):
            persons.find(hub, connection, sales.FRIEND)
    (hub.keys.folder / persons.KEY_FILE).write_text("00" * 32)
    with hub.database.read() as connection, pytest.raises(Told, match="another key"):
        persons.find(hub, connection, sales.MEMBER)


def test_every_table_that_names_a_member_is_exported() -> None:
    """A new table with a member in it has to be covered, or named here as one that is not."""
    suspicious = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if "member" in column.name and column.name not in {*rights.MEMBER_COLUMNS, "memberships"}
    }
    assert suspicious <= {"pay_codes.member_tag"}, "named beside the member's number in the same row"


def test_the_export_is_whole_and_holds_no_secret(hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    issue(hub, 100)
    with hub.database.read() as connection:
        found = rights.export(hub, connection, sales.MEMBER)
        card = members.known(connection, sales.MEMBER).card_code
    written = json.dumps(found, ensure_ascii=False)
    assert found["person"] == {"name": DOU.name, "phone": DOU.phone, "birthday": DOU.birthday}
    assert len(found["receipts"]) == 1
    assert {"members", "receipts", "transfers", "pay_codes", "balances"} <= found["tables"].keys()
    assert card not in written
    assert sales.FRIEND not in json.dumps(found["tables"]["members"])


def test_to_be_forgotten(hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    with hub.database.read() as connection:
        link = member_card.path_of(hub, connection, sales.MEMBER).removeprefix("/card/")
    with hub.database.write() as connection, pytest.raises(Told, match="--forfeit"):
        rights.forget(hub, connection, sales.MEMBER)
    with hub.database.write() as connection:
        assert rights.forget(hub, connection, sales.MEMBER, forfeit=True)["points"] > 0
        assert persons.find(hub, connection, sales.MEMBER) is None
        assert persons.with_phone(hub, connection, DOU.phone) == ()
        assert members.known(connection, sales.MEMBER).status == "blocked"
        assert rights.forget(hub, connection, sales.MEMBER) == {}
        assert rights.export(hub, connection, sales.MEMBER)["person"] is None
    assert member_card.shown(hub, link, "zh") is None
    assert till.feed_row("members", sales.MEMBER).body["status"] == "blocked"


def test_nothing_is_forgotten_while_a_code_is_open(hub: Hub, till: FakeTerminal) -> None:
    issue(hub, 100)
    with hub.database.write() as connection, pytest.raises(Told, match="still open"):
        rights.forget(hub, connection, sales.MEMBER, forfeit=True)
