"""Keys are rotated and revoked while tills are away; the real till, session and hub, with a clock that is set."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pos.domain.cart import Cart
from pos.domain.events import KeysApplied, decode
from pos.store.sqlite import Readers
from sync.hub.alliance import members
from sync.hub.trust import keys, rotation
from sync.hub.words import Told
from sync.protocol import trust
from sync.protocol.messages import KeyList, SignedBytes
from tests.simulation.codes.alliance import GOODS, MEMBERS, Clock, SimulatedHub
from tests.simulation.codes.tills import SimulatedTill, enrolled

MEMBER = MEMBERS[0]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[SimulatedHub]:
    hub = SimulatedHub(tmp_path, Clock())
    yield hub
    hub.close()


@pytest.fixture
def till(hub: SimulatedHub, tmp_path: Path) -> Iterator[SimulatedTill]:
    till = enrolled(tmp_path / "till", "S1-1", hub, random.Random(1), lambda desk: desk)
    assert till.sync()
    yield till
    till.close()


def rotate(hub: SimulatedHub, use: str = "codes") -> KeyList:
    ring = hub.hub.keys
    return rotation.publish(ring, rotation.sign(rotation.rotated(ring, use), ring.folder / "root.pem"))


def revoke(hub: SimulatedHub, key_id: str) -> KeyList:
    ring = hub.hub.keys
    return rotation.publish(ring, rotation.sign(rotation.revoked(ring, key_id), ring.folder / "root.pem"))


def statuses(hub: SimulatedHub, use: str = "codes") -> dict[str, str]:
    return {one.id: one.status for one in hub.hub.keys.listed.keys if one.use == use}


def takes(till: SimulatedTill, code: str) -> bool:
    till.cart = Cart()
    return till.scan(code)


def applied(till: SimulatedTill) -> list[int]:
    readers = Readers(till.folder.journal)
    try:
        rows = readers.rows("SELECT body FROM journal WHERE kind = 'keys_applied' ORDER BY seq")
    finally:
        readers.close()
    events = [decode(body) for (body,) in rows]
    return [one.version for one in events if isinstance(one, KeysApplied)]


def test_the_next_key_is_told_before_it_signs(hub: SimulatedHub, till: SimulatedTill) -> None:
    assert statuses(hub) == {"codes-1": "current", "codes-2": "next"}
    rotate(hub)
    assert statuses(hub) == {"codes-1": "retired", "codes-2": "current", "codes-3": "next"}
    assert takes(till, hub.issue(MEMBER, "S1-1", 500).code), "the till has not heard, but knew the next one"


def test_a_code_signed_before_a_rotation_holds_after_it(hub: SimulatedHub, till: SimulatedTill) -> None:
    code = hub.issue(MEMBER, "S1-1", 500).code
    rotate(hub)
    assert till.sync()
    assert applied(till) == [2]
    assert takes(till, code)


def test_a_till_that_was_off_for_a_year_comes_back(hub: SimulatedHub, till: SimulatedTill) -> None:
    with hub.hub.database.write() as connection:
        member = members.known(connection, MEMBER)
        members.put(connection, msgspec.structs.replace(member, expires="2099-12-31"))
    for _ in range(3):
        hub.clock.now += dt.timedelta(days=122)
        rotate(hub)
        rotate(hub, "pack")
    assert not takes(till, hub.issue(MEMBER, "S1-1", 500).code), "signed by a key it has never heard of"
    assert till.sync()
    assert applied(till) == [7], "straight to the newest, once"
    assert takes(till, hub.issue(MEMBER, "S1-1", 500).code)
    till.restart()
    assert till.store.keys.key_list() == hub.hub.keys.listed


def test_nothing_that_a_stolen_key_signed_holds(hub: SimulatedHub, till: SimulatedTill) -> None:
    code = hub.issue(MEMBER, "S1-1", 500).code
    revoke(hub, "codes-1")
    assert statuses(hub) == {"codes-1": "revoked", "codes-2": "current", "codes-3": "next"}
    assert till.sync()
    assert not takes(till, code)
    assert takes(till, hub.issue(MEMBER, "S1-1", 500).code), "renewed, it is signed by the next key"


def test_an_older_list_is_not_taken_back(hub: SimulatedHub, till: SimulatedTill) -> None:
    old = hub.hub.keys.signed_list
    rotate(hub)
    assert till.sync()
    assert till.store.keys.take(old, hub.clock.now).version == 2
    assert applied(till) == [2]


def test_a_list_of_another_root_stops_nothing_but_itself(hub: SimulatedHub, till: SimulatedTill) -> None:
    good = hub.hub.keys.signed_list
    path = hub.hub.keys.folder / "keys.json"
    forged = msgspec.structs.replace(hub.hub.keys.listed, version=9)
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(good, payload=msgspec.json.encode(forged))))
    assert not till.sync()
    assert till.sync(), "it is told once, and the rest goes on"
    assert applied(till) == []
    assert till.scan(GOODS[0])


@pytest.mark.parametrize("wrong", ["not newer", "another root", "without its private half"])
def test_what_is_not_published(hub: SimulatedHub, wrong: str) -> None:
    ring = hub.hub.keys
    root = ring.folder / "root.pem"
    if wrong == "not newer":
        offered = ring.signed_list
    elif wrong == "another root":
        offered = msgspec.structs.replace(
            rotation.sign(rotation.rotated(ring, "codes"), root), signature=bytes(64)
        )
    else:
        offered = rotation.sign(rotation.rotated(ring, "codes"), root)
        (ring.folder / "codes-2.pem").unlink()
    with pytest.raises(Told):
        rotation.publish(ring, offered)
    assert ring.version == 1


def test_the_list_is_signed_where_the_root_is(hub: SimulatedHub, tmp_path: Path) -> None:
    """Prepared on the hub, signed on another machine, published: no private half travels."""
    ring = hub.hub.keys
    safe = tmp_path / "safe"
    safe.mkdir()
    (ring.folder / "root.pem").rename(safe / "root.pem")
    prepared = msgspec.json.encode(rotation.rotated(ring, "codes"))
    signed = rotation.sign(msgspec.json.decode(prepared, type=KeyList), safe / "root.pem")
    assert rotation.publish(ring, signed).version == 2
    assert [path.name for path in safe.iterdir()] == ["root.pem"]
    with pytest.raises(Told):
        rotation.sign(ring.listed, ring.folder / "codes-1.pem")


def test_a_folder_of_an_earlier_hub_first_tells_a_next_key(hub: SimulatedHub) -> None:
    ring = hub.hub.keys
    root = keys.load_private(ring.folder / "root.pem")
    first = tuple(one for one in ring.listed.keys if one.status == "current")
    old = trust.sign_bytes(
        root, "root", trust.KEYS_TAG, msgspec.json.encode(KeyList(1, ring.listed.root, first))
    )
    (ring.folder / "codes-2.pem").unlink()
    (ring.folder / "keys.json").unlink()
    (ring.folder / "keys.json").write_bytes(msgspec.json.encode(old))
    rotate(hub)
    assert statuses(hub) == {"codes-1": "current", "codes-2": "next"}
    rotate(hub)
    assert statuses(hub)["codes-2"] == "current"


def test_packs_of_a_revoked_key_are_signed_anew(hub: SimulatedHub, tmp_path: Path) -> None:
    from sync.hub.alliance import packs  # noqa: PLC0415
    from sync.hub.feeds import feed_rows  # noqa: PLC0415

    revoke(hub, "pack-1")
    with hub.hub.database.write() as connection:
        packs.sign_anew(hub.hub, connection)
        signed = feed_rows.latest(connection, "packs", SignedBytes)
    assert signed is not None
    assert signed.key_id == "pack-2"
    fresh = enrolled(tmp_path / "fresh", "S1-2", hub, random.Random(2), lambda desk: desk)
    assert fresh.sync()
    assert fresh.store.packs.current() is not None
    fresh.close()
