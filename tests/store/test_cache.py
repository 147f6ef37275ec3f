"""The hub's data in the cache: pages in, cursors on, nothing lost on the way."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from sync.client.ports import Replica
from sync.protocol.messages import FeedPage, MemberRow, StaffRow
from tests.store.sales import IDENTITY, MEMBER, NOW, page, product, till_in


def member(number: str = MEMBER, **changes: object) -> MemberRow:
    made = MemberRow(number, "ab" * 32, "basic", "active", "2026-12-31", {"points": 2000})
    return msgspec.structs.replace(made, **changes)


def test_it_is_the_replica_of_the_port(till: TillStore) -> None:
    replica: Replica = till.replica
    assert replica.cursor("catalogue") == 0


def test_rows_and_cursor_outlive_the_program(folder: DataFolder) -> None:
    with till_in(folder) as till:
        till.replica.apply(page("catalogue", (product().code, product())))
        till.replica.note_complete(NOW)
    with till_in(folder) as till:
        assert till.goods.product(product().code) == product()
        assert till.replica.cursor("catalogue") == 1
        assert till.replica.complete_at() == NOW
        assert till.members.cached_at() == NOW
        assert not till.cache_was_lost


def test_a_page_over_the_wire_is_the_same(till: TillStore) -> None:
    """Bodies arrive as JSON values, packs among them with base64 text."""
    sent = page("members", (MEMBER, member()), mark=0)
    till.replica.apply(msgspec.json.decode(msgspec.json.encode(sent), type=FeedPage))
    known = till.members.by_number(MEMBER)
    assert known is not None
    assert known.balances == {"points": 2000}


def test_bodies_may_be_the_records_themselves(till: TillStore) -> None:
    """Sample data is loaded without a hub, and so without JSON in between."""
    sent = page("catalogue", (product().code, None))
    row = msgspec.structs.replace(sent.rows[0], body=product())
    till.replica.apply(msgspec.structs.replace(sent, rows=(row,)))
    assert till.goods.product(product().code) == product()


def test_a_page_applied_twice_changes_nothing(till: TillStore) -> None:
    first = page("catalogue", (product(1).code, product(1)), (product(2).code, product(2)))
    till.replica.apply(first)
    till.replica.apply(first)
    assert till.replica.cursor("catalogue") == 2
    assert len(till.goods.search("69", 10)) == 2


def test_a_page_behind_the_cursor_brings_nothing_back(till: TillStore) -> None:
    old = page("catalogue", (product().code, product()))
    till.replica.apply(old)
    till.replica.apply(page("catalogue", (product().code, product(price_fen=999)), start=1))
    till.replica.apply(old)
    found = till.goods.product(product().code)
    assert found is not None
    assert found.price_fen == 999
    assert till.replica.cursor("catalogue") == 2


def test_what_is_gone_is_gone(till: TillStore) -> None:
    till.replica.apply(page("staff", ("03", StaffRow("03", "cashier", "$argon2id$x"))))
    person = till.staff.by_number("03")
    assert person is not None
    assert (person.role, person.pin_hash) == ("cashier", "$argon2id$x")
    till.replica.apply(page("staff", ("03", None), start=1))
    assert till.staff.by_number("03") is None


def test_a_feed_begun_anew_serves_until_it_is_full_again(till: TillStore) -> None:
    till.replica.apply(page("catalogue", *((product(n).code, product(n)) for n in (1, 2, 3)), start=40))
    till.replica.forget("catalogue")
    assert till.replica.cursor("catalogue") == 0
    assert till.goods.product(product(1).code) is not None, "a shop sells on while its hub comes back"
    till.replica.apply(page("catalogue", (product(1).code, product(1)), more=True))
    assert till.replica.cursor("catalogue") == 1
    assert till.goods.product(product(3).code) is not None
    till.replica.apply(page("catalogue", (product(2).code, product(2, price_fen=5)), start=1))
    assert till.goods.product(product(3).code) is None
    changed = till.goods.product(product(2).code)
    assert changed is not None
    assert changed.price_fen == 5
    till.replica.apply(page("catalogue", (product(4).code, product(4)), start=2))
    assert till.goods.product(product(1).code) is not None


def test_forgetting_a_feed_is_on_disk_before_the_new_epoch_is(till: TillStore) -> None:
    statements: list[str] = []
    connection = till.cache_writer._connection
    assert connection is not None
    till.cache_writer.run(lambda: connection.set_trace_callback(statements.append))
    till.replica.forget("members")
    assert not [statement for statement in statements if "NORMAL" in statement]


@pytest.mark.parametrize(
    ("feed", "key", "body"),
    [
        ("catalogue", "1", {"code": "1", "name": "价格写成文字", "price_fen": "1.70"}),
        ("catalogue", "1", msgspec.to_builtins(product(7))),  # under another key than its code
        ("members", "1", msgspec.to_builtins(member("1", card_hash="not hex"))),
        ("members", "1", [1, 2]),
        ("staff", "1", {"number": "1", "role": 1, "pin_hash": ""}),
        ("packs", "tongyi", {"payload": "AAAA", "key_id": "pack-1", "signature": "AAAA"}),
        ("packs", "tongyi", "nonsense"),
    ],
)
def test_one_bad_row_holds_up_no_other_erpnext_11000(
    till: TillStore, feed: str, key: str, body: object
) -> None:
    till.replica.apply(page(feed, (key, body), ("gone", None)))
    assert till.replica.cursor(feed) == 2
    (unread,) = till.replica.unread_rows()
    assert (unread.feed, unread.key, unread.change) == (feed, key, 1)
    assert unread.reason
    till.replica.apply(page(feed, (key, None), start=2))
    assert till.replica.unread_rows() == ()


def test_a_bad_row_leaves_what_was_known(till: TillStore) -> None:
    code = product().code
    till.replica.apply(page("catalogue", (code, product())))
    till.replica.forget("catalogue")
    till.replica.apply(page("catalogue", (code, {"code": code})))
    assert till.goods.product(code) == product()


def test_a_feed_nobody_knows_is_a_mistake(till: TillStore) -> None:
    with pytest.raises(KeyError):
        till.replica.apply(page("weather"))


def test_fields_of_a_later_version_are_kept(till: TillStore) -> None:
    body = msgspec.to_builtins(product()) | {"origin": "云南"}
    till.replica.apply(page("catalogue", (product().code, body)))
    assert till.goods.product(product().code) == product()
    (row,) = till._readers[1].rows("SELECT body FROM products")
    assert msgspec.json.decode(row[0])["origin"] == "云南"


def test_a_large_page_does_not_hold_up_readers_or_sales(till: TillStore) -> None:
    rows = [(product(n).code, product(n)) for n in range(1, 3001)]
    future = till.cache_writer.submit(lambda: till.replica.apply(page("catalogue", *rows)))
    assert till.journal.last_seq() == 1
    assert till.goods.product("none") is None
    future.result()
    assert till.replica.cursor("catalogue") == 3000


def test_freshness_moves_on(till: TillStore) -> None:
    assert till.members.cached_at() is None
    till.replica.note_complete(NOW)
    till.replica.note_complete(NOW + timedelta(hours=1))
    assert till.members.cached_at() == NOW + timedelta(hours=1)


def test_a_damaged_cache_is_begun_anew(folder: DataFolder) -> None:
    with till_in(folder) as till:
        till.replica.apply(page("catalogue", (product().code, product())))
    folder.cache.write_bytes(b"not a database at all" * 500)
    with till_in(folder) as till:
        assert till.cache_was_lost
        assert till.replica.cursor("catalogue") == 0
        till.replica.apply(page("catalogue", (product().code, product())))
    with till_in(folder) as till:
        assert not till.cache_was_lost
        assert till.goods.product(product().code) == product()


def test_the_cache_of_another_chain_is_begun_anew(folder: DataFolder) -> None:
    """Its balances count another chain's entries."""
    other = msgspec.structs.replace(IDENTITY, incarnation="0123456789abcdef")
    with till_in(folder) as till:
        till.replica.apply(page("members", (MEMBER, member()), mark=50))
    with till_in(folder) as till:

        def claim() -> None:
            with till.cache_writer.transaction() as connection:
                connection.execute(
                    "UPDATE facts SET value = ? WHERE name = 'identity'", (msgspec.json.encode(other),)
                )

        till.cache_writer.run(claim)
    with till_in(folder) as till:
        assert till.cache_was_lost
        assert till.members.by_number(MEMBER) is None
