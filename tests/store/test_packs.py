"""Packs in the cache: kept for ever, never back a version."""

from __future__ import annotations

import hashlib

import msgspec

from pos.domain.events import PackRef
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from pos.usecases.ports import Packs
from tests.store.sales import page, signed_pack, till_in, tongyi, tongyi_bytes


def version(number: int, *, pack_id: str = "tongyi", remark: str = "") -> bytes:
    text = tongyi_bytes().decode()
    text = text.replace(f"version = {tongyi().ref.version}", f"version = {number}", 1)
    text = text.replace('id = "tongyi"', f'id = "{pack_id}"', 1)
    return f"{text}\n{remark}".encode()


def ref(payload: bytes, number: int, pack_id: str = "tongyi") -> PackRef:
    return PackRef(pack_id, number, hashlib.sha256(payload).hexdigest())


def publish(till: TillStore, payload: bytes, change: int, key: str = "tongyi") -> None:
    till.replica.apply(page("packs", (key, signed_pack(payload)), start=change - 1))


def current(till: TillStore) -> tuple[str, int] | None:
    packs: Packs = till.packs
    loaded = packs.current()
    return None if loaded is None else (loaded.ref.id, loaded.ref.version)


def test_before_the_first_download_there_is_none(till: TillStore) -> None:
    assert current(till) is None
    assert till.packs.by_ref(tongyi().ref) is None
    assert till.newest_pack("tongyi") == 0


def test_a_pack_outlives_the_program(folder: DataFolder) -> None:
    with till_in(folder) as till:
        publish(till, tongyi_bytes(), 1)
    with till_in(folder) as till:
        assert till.packs.current() == tongyi()
        assert till.packs.by_ref(tongyi().ref) == tongyi()
        assert till.packs.current() is till.packs.current(), "decoded once"
        assert till.packs.signed(tongyi().ref) == signed_pack(tongyi_bytes())


def test_older_versions_stay_for_refunds(till: TillStore) -> None:
    publish(till, version(1), 1)
    publish(till, version(2), 2)
    assert current(till) == ("tongyi", 2)
    old = till.packs.by_ref(ref(version(1), 1))
    assert old is not None
    assert old.pack.version == 1
    assert till.packs.by_ref(ref(version(1), 2)) is None, "the hash is of another version"


def test_no_pack_goes_back_a_version(till: TillStore) -> None:
    publish(till, version(3), 1)
    publish(till, version(2), 2)
    assert current(till) == ("tongyi", 3)
    till.replica.forget("packs")
    assert current(till) == ("tongyi", 3)
    assert till.newest_pack("tongyi") == 3
    publish(till, version(1), 1)
    assert current(till) == ("tongyi", 3)


def test_other_bytes_under_a_known_version_are_not_in_force(till: TillStore) -> None:
    publish(till, version(1), 1)
    publish(till, version(1, remark="# not the same"), 2)
    loaded = till.packs.current()
    assert loaded is not None
    assert loaded.ref == ref(version(1), 1)


def test_the_feed_names_the_pack_in_force(till: TillStore) -> None:
    publish(till, version(5), 1)
    publish(till, version(1, pack_id="tianshang"), 2, key="tianshang")
    assert current(till) == ("tianshang", 1)
    till.replica.apply(page("packs", ("tianshang", None), start=2))
    assert current(till) == ("tongyi", 5)
    till.replica.apply(page("packs", ("tongyi", None), start=3))
    assert current(till) is None
    assert till.packs.by_ref(ref(version(5), 5)) is not None


def test_after_a_hubs_return_its_own_word_counts(till: TillStore) -> None:
    publish(till, version(5), 90)
    till.replica.forget("packs")
    publish(till, version(1, pack_id="tianshang"), 1, key="tianshang")
    assert current(till) == ("tianshang", 1)


def test_a_pack_of_a_later_format_is_put_aside(till: TillStore) -> None:
    publish(till, version(1), 1)
    publish(till, version(2).replace(b"format = 1", b"format = 9"), 2)
    assert current(till) == ("tongyi", 1)
    (unread,) = till.replica.unread_rows()
    assert "9" in unread.reason


def test_signed_bytes_are_kept_exactly(till: TillStore) -> None:
    signed = msgspec.structs.replace(signed_pack(version(1)), key_id="pack-7", signature=b"\x01" * 64)
    till.replica.apply(page("packs", ("tongyi", signed)))
    assert till.packs.signed(ref(version(1), 1)) == signed
