import threading
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import func, select

from pos.domain.basket import BasketLine
from pos.domain.events import ChainOpened, DrawerOpened, SaleMade
from pos.domain.journal import BODY_LENGTH_MAX, GENESIS, link
from pos.domain.pricing.result import Burned
from sync.hub.alliance import places
from sync.hub.hub import Hub
from sync.hub.journal.judging import AMOUNT_MAX
from sync.hub.ledger import accounts
from sync.hub.ledger.audit import audit
from sync.hub.storage import schema
from sync.hub.trust import enrolment
from sync.protocol import trust
from sync.protocol.messages import BATCH_ENTRIES_MAX, UploadedEntry, UploadReply
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo, read
from tests.sync.hub.test_requests import refusal


def verdicts(reply: UploadReply) -> list[str]:
    return [one.verdict for one in reply.results]


def booked(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        return list(connection.execute(select(schema.receipts.c.receipt_no)).scalars())


def drawer(number: int = 1) -> DrawerOpened:
    return DrawerOpened(f"2026-03-14T10:20:{number:02}+08:00", "03")


def opening(till: FakeTerminal, *, store: str = "S1", public_key: str | None = None) -> ChainOpened:
    return ChainOpened(sales.AT, store, public_key or till.public_key.hex(), "test")


def test_entries_are_taken_once(till: FakeTerminal, hub: Hub) -> None:
    till.write(opening(till))
    till.write(sales.walk_in(till.next_receipt_no()))
    first = till.upload()
    assert verdicts(first) == ["accepted", "accepted"]
    assert (first.hub.high_water.seq, first.hub.high_water.hash) == (2, till.entries[-1].hash.hex())
    till.write(drawer())
    again = till.upload()
    assert verdicts(again) == ["exists", "exists", "accepted"]
    assert [one.reason for one in again.results] == ["", "", ""]
    assert len(booked(hub)) == 1


def test_twice_in_one_batch_is_once(till: FakeTerminal, hub: Hub) -> None:
    entry = till.write(sales.walk_in(till.next_receipt_no()))
    assert verdicts(till.upload(entry, entry)) == ["accepted", "exists"]
    assert len(booked(hub)) == 1


def resized(event: SaleMade, **changes: object) -> SaleMade:
    return msgspec.structs.replace(event, **changes)


def burning(event: SaleMade, amount: int) -> SaleMade:
    outcome = msgspec.structs.replace(event.result.outcome, burned=(Burned("share_points", amount, 6),))
    return msgspec.structs.replace(event, result=msgspec.structs.replace(event.result, outcome=outcome))


BAD_BODIES: dict[str, Callable[[FakeTerminal], object]] = {
    "not JSON": lambda _: b"\xff\xfe",
    "unknown kind": lambda _: b'{"kind":"gossip","v":1}',
    "unknown version": lambda _: b'{"kind":"drawer_opened","v":2,"at":"","cashier":"03"}',
    "no text for PostgreSQL": lambda till: resized(sales.walk_in(till.next_receipt_no()), cashier="0\0"),
    "no kind for PostgreSQL": lambda _: b'{"kind":"go\\u0000ssip","v":1}',
    "no text at all": lambda _: b'{"kind":"drawer_opened","v":1,"at":"","cashier":"\\ud800"}',
    "nested": lambda _: b'{"kind":"drawer_opened","at":' + b"[" * 50_000,
    "too long": lambda _: b'"' + bytes(BODY_LENGTH_MAX) + b'"',
    "other store": lambda till: sales.sale(till.next_receipt_no(), store="S2"),
    "other store's chain": lambda till: opening(till, store="S2"),
    "other key": lambda till: opening(till, public_key="00" * 32),
    "other terminal's receipt": lambda _: sales.walk_in("S2-1-ABCDE-0001"),
    "no receipt number": lambda till: sales.walk_in(till.identity.receipt_no(1) + "x"),
    "no date": lambda till: resized(sales.walk_in(till.next_receipt_no()), date="2026-02-30"),
    "beyond all reason": lambda till: sales.altered(
        sales.walk_in(till.next_receipt_no()), payable_fen=AMOUNT_MAX + 1
    ),
    "a burn beyond all reason": lambda till: burning(sales.walk_in(till.next_receipt_no()), AMOUNT_MAX + 1),
    "beyond 64 bits": lambda till: sales.altered(sales.walk_in(till.next_receipt_no()), gross_fen=10**18),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_what_cannot_be_booked_is_kept_and_holds_up_nothing(till: FakeTerminal, hub: Hub, name: str) -> None:
    bad = till.write(BAD_BODIES[name](till))  # type: ignore[arg-type]
    till.write(sales.walk_in(till.next_receipt_no()))
    reply = till.upload()
    assert verdicts(reply) == ["quarantined", "accepted"]
    assert reply.results[0].reason
    assert reply.hub.high_water.seq == 2
    assert len(booked(hub)) == 1
    with hub.database.read() as connection:
        kept = connection.execute(select(schema.journal_entries.c.body).order_by(schema.journal_entries.c.id))
        assert kept.scalars().first() == bad.body
    assert till.upload().results[0] == reply.results[0], "sending again says again what is wrong"


def test_content_that_does_not_match_its_hash(till: FakeTerminal, hub: Hub) -> None:
    entry = till.write(sales.walk_in(till.next_receipt_no()))
    till.write(drawer())
    forged = msgspec.structs.replace(entry, body=entry.body.replace(b'"cashier":"03"', b'"cashier":"04"'))
    reply = till.upload(forged, till.entries[1])
    assert verdicts(reply) == ["quarantined", "accepted"], "the chain goes on from the hash that was claimed"
    assert booked(hub) == []
    true_one = till.upload(entry)
    assert verdicts(true_one) == ["exists_with_different_content"]
    assert len(booked(hub)) == 1, "the true content is booked when it comes"


def test_an_entry_that_does_not_follow_the_one_before(till: FakeTerminal, hub: Hub) -> None:
    till.write(drawer())
    loose = link(till.identity, 2, GENESIS, till.write(drawer(2)).body)
    till.entries[1] = loose
    till.write(sales.walk_in(till.next_receipt_no()))
    assert verdicts(till.upload()) == ["accepted", "quarantined", "accepted"]
    assert len(booked(hub)) == 1


def test_a_receipt_number_is_booked_once(till: FakeTerminal, hub: Hub) -> None:
    number = till.next_receipt_no()
    till.write(sales.sale(number))
    till.write(sales.walk_in(number))
    till.write(drawer())
    reply = till.upload()
    assert verdicts(reply) == ["accepted", "quarantined", "accepted"]
    assert number in reply.results[1].reason
    assert booked(hub) == [number]


def test_a_gap_is_not_stored_and_filled_later(till: FakeTerminal, hub: Hub) -> None:
    first, second, third = (till.write(drawer(number)) for number in (1, 2, 3))
    reply = till.upload(first, third)
    assert verdicts(reply) == ["accepted", "quarantined"]
    assert "2" in reply.results[1].reason
    assert reply.hub.high_water.seq == 1
    assert verdicts(till.upload(second, third)) == ["accepted", "accepted"]
    assert till.day(sales.DATE).quarantined == ()


def test_a_fork_is_kept_reported_and_booked_once(till: FakeTerminal, http: InProcess, hub: Hub) -> None:
    clone = FakeTerminal(
        http, key=till.key, incarnation=till.incarnation, terminal=till.terminal, epoch=till.epoch
    )
    till.write(sales.walk_in(till.identity.receipt_no(1)))
    till.upload()
    clone.write(sales.walk_in(till.identity.receipt_no(2)))
    clone.write(sales.sale(till.identity.receipt_no(1)))
    reply = clone.upload()
    assert verdicts(reply) == ["exists_with_different_content"] * 2
    assert reply.hub.high_water.seq == 1
    first, second = till.identity.receipt_no(1), till.identity.receipt_no(2)
    assert sorted(booked(hub)) == [first, f"{first}~{clone.entries[1].hash.hex()[:6]}", second]
    assert verdicts(clone.upload()) == ["exists_with_different_content"] * 2
    assert len(booked(hub)) == 3
    with hub.database.read() as connection:
        assert audit(connection).differences == ()


def test_both_branches_go_on_and_all_of_both_is_booked(till: FakeTerminal, http: InProcess, hub: Hub) -> None:
    """The copy is ahead first: its entries are kept beside, and the main branch goes on where it was."""
    clone = FakeTerminal(
        http, key=till.key, incarnation=till.incarnation, terminal=till.terminal, epoch=till.epoch
    )
    till.write(sales.walk_in(till.identity.receipt_no(1)))
    till.upload()
    for number in (1, 2, 3):
        clone.write(sales.walk_in(till.identity.receipt_no(number + 10)))
    assert verdicts(clone.upload()) == ["exists_with_different_content"] * 3
    for number in (2, 3):
        till.write(sales.walk_in(till.identity.receipt_no(number)))
    assert verdicts(till.upload(*till.entries[1:])) == ["accepted"] * 2
    assert len(booked(hub)) == 6


def test_a_forks_sale_of_a_known_number_is_a_sale_of_its_own(
    till: FakeTerminal, http: InProcess, hub: Hub
) -> None:
    clone = FakeTerminal(
        http, key=till.key, incarnation=till.incarnation, terminal=till.terminal, epoch=till.epoch
    )
    till.write(sales.sale(till.identity.receipt_no(1)))
    till.upload()
    before = till.points(sales.MEMBER)
    clone.write(sales.sale(till.identity.receipt_no(1), redeem=0))
    assert verdicts(clone.upload()) == ["exists_with_different_content"]
    assert till.points(sales.MEMBER) > before
    clone.upload()
    assert len(booked(hub)) == 2


@pytest.mark.parametrize("wrong", ["signature", "seq", "hash", "identity"])
def test_a_bad_head_stores_nothing(till: FakeTerminal, hub: Hub, wrong: str) -> None:
    till.write(drawer(1))
    till.write(drawer(2))
    batch = till.batch(till.entries)
    other_claim = trust.chain_head_claim(
        msgspec.structs.replace(till.identity, epoch=9), 2, till.entries[1].hash
    )
    head = {
        "signature": msgspec.structs.replace(batch.head, signature=bytes(64)),
        "seq": msgspec.structs.replace(batch.head, seq=1),
        "hash": msgspec.structs.replace(batch.head, hash=till.entries[0].hash.hex()),
        "identity": msgspec.structs.replace(batch.head, signature=till.key.sign(other_claim)),
    }[wrong]
    refusal(till.post_batch(msgspec.structs.replace(batch, head=head)), 400, "bad_head")
    assert till.feed("members").hub.high_water.seq == 0


def bad_entry(**changes: object) -> Callable[[UploadedEntry], UploadedEntry]:
    return lambda entry: msgspec.structs.replace(entry, **changes)


@pytest.mark.parametrize(
    "change",
    [
        bad_entry(seq=0),
        bad_entry(seq=-1),
        bad_entry(seq=1 << 63),
        bad_entry(hash="zz" * 32),
        bad_entry(hash="00"),
        bad_entry(prev_hash="AA" * 32),
    ],
)
def test_what_is_no_chain_at_all_is_refused(
    till: FakeTerminal, change: Callable[[UploadedEntry], UploadedEntry]
) -> None:
    till.write(drawer())
    batch = till.batch(till.entries)
    altered = msgspec.structs.replace(batch, entries=(change(batch.entries[0]),))
    refusal(till.post_batch(altered), 400, "bad_batch")
    refusal(till.post_batch(msgspec.structs.replace(batch, entries=())), 400, "bad_batch")


def test_a_batch_has_a_size(till: FakeTerminal) -> None:
    for number in range(BATCH_ENTRIES_MAX + 1):
        till.write(drawer(number % 60))
    refusal(till.post_batch(till.batch(till.entries)), 413, "too_large")
    assert till.upload(*till.entries[:-1]).hub.high_water.seq == BATCH_ENTRIES_MAX


def test_heads_are_kept_as_evidence(till: FakeTerminal, hub: Hub) -> None:
    for number in (1, 2):
        till.write(drawer(number))
        till.upload()
        till.upload()
    with hub.database.read() as connection:
        heads = connection.execute(select(schema.chain_heads).order_by(schema.chain_heads.c.seq)).all()
    assert [head.seq for head in heads] == [1, 2]
    claim = trust.chain_head_claim(till.identity, 2, till.entries[1].hash)
    assert trust.verify(till.public_key, heads[1].signature, claim)


def test_the_same_batch_from_many_sides_at_once_is_booked_once(till: FakeTerminal, hub: Hub) -> None:
    for _ in range(5):
        till.write(sales.sale(till.next_receipt_no(), redeem=0))
    replies: list[UploadReply] = []
    start = threading.Barrier(4)

    def send() -> None:
        message = till.signed("POST", "/v1/journal", msgspec.json.encode(till.batch(till.entries)))
        start.wait()
        replies.append(read(till.send(message), UploadReply))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(5):
        assert sorted(reply.results[number].verdict for reply in replies) == ["accepted", *["exists"] * 3]
    assert till.points(sales.MEMBER) == 2000 + 5 * 2300
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.receipts)).scalar() == 5
        assert accounts.kept_balances(connection) == accounts.derived_balances(connection)


def test_terminals_of_another_store_see_their_own_day(
    till: FakeTerminal, hub: Hub, http: InProcess, new_code: Callable[..., str]
) -> None:
    with hub.database.write() as connection:
        shop = places.Store("S2", "M2", "别家", "别家水果", "", "Asia/Shanghai")
        places.add_store(connection, shop, (places.Terminal("S2-1", "1"),))
    other = FakeTerminal(http)
    other.enrol(new_code("S2-1"))
    till.write(b"unreadable")
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    other.write(sales.sale(other.next_receipt_no(), store="S2", redeem=0))
    assert verdicts(other.upload()) == ["accepted"]
    assert [row.receipt_no[:4] for row in till.day(sales.DATE).receipts] == ["S1-1"]
    assert [row.receipt_no[:4] for row in other.day(sales.DATE).receipts] == ["S2-1"]
    assert len(till.day(sales.DATE).quarantined) == 1
    assert other.day(sales.DATE).quarantined == ()
    assert other.feed("catalogue").rows == other.feed("staff").rows == ()
    assert len(till.feed("catalogue").rows) == len(sales.GOODS)
    assert len(other.feed("members").rows) == len(till.feed("members").rows)


def test_a_till_of_the_store_brings_what_anothers_disk_held(
    till: FakeTerminal, hub: Hub, http: InProcess, new_code: Callable[..., str]
) -> None:
    till.write(sales.walk_in(till.next_receipt_no()))
    batch = till.batch(till.entries)
    successor = FakeTerminal(http)
    successor.enrol(new_code())
    forged = msgspec.structs.replace(batch.head, signature=successor.key.sign(b"x"))
    refusal(successor.post_batch(msgspec.structs.replace(batch, head=forged)), 400, "bad_head")
    assert booked(hub) == []
    assert successor.post_batch(batch).status_code == 200
    assert len(booked(hub)) == 1


def test_nobody_uploads_in_anothers_name(till: FakeTerminal, hub: Hub, neighbour: FakeTerminal) -> None:
    till.write(sales.walk_in(till.next_receipt_no()))
    batch = till.batch(till.entries)
    refusal(neighbour.post_batch(batch), 403, "not_your_journal")
    with hub.database.write() as connection:
        enrolment.revoke(connection, till.terminal)
    assert booked(hub) == []


def test_a_rolled_back_batch_leaves_nothing(
    till: FakeTerminal, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.write(sales.walk_in(till.next_receipt_no()))
    with monkeypatch.context() as patch:
        patch.setattr("sync.hub.journal.ingest.mark", lambda *_: 1 / 0)
        with pytest.raises(HubSaidNo) as failed:
            till.upload()
    assert failed.value.status == 500
    assert booked(hub) == []
    assert verdicts(till.upload()) == ["accepted"]


def test_many_lines_are_one_entry(till: FakeTerminal) -> None:
    lines = tuple(BasketLine(product) for product in sales.GOODS.values() if not product.weighed)
    till.write(sales.sale(till.next_receipt_no(), lines=lines, redeem=0))
    assert verdicts(till.upload()) == ["accepted"]
