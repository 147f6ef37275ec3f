from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.journal import GENESIS, TERMINAL_ID, ChainIdentity, entry_hash, holds, link, short_hash

IDENTITY = ChainIdentity("S1-1", 3, "0123456789abcdef")
BODY = b'{"kind":"sale","v":1}'


def by_hand(identity: ChainIdentity, seq: int, prev_hash: bytes, body: bytes) -> str:
    """The chain's hash as the document says it, without the code that makes it."""
    terminal = identity.terminal.encode()
    written = (
        b"alliance-pos/journal/1\x00"
        + len(terminal).to_bytes(2, "big")
        + terminal
        + int(identity.incarnation, 16).to_bytes(8, "big")
        + identity.epoch.to_bytes(4, "big")
        + seq.to_bytes(8, "big")
        + prev_hash
        + len(body).to_bytes(8, "big")
        + body
    )
    return hashlib.sha256(written).hexdigest()


def test_the_hash_is_fixed() -> None:
    """Chains outlive programs: this value never changes."""
    fixed = "a362499391fb7b7cb9273278f5b3bc4a8f78528c8174ec1bf20a159c39785e84"
    assert entry_hash(IDENTITY, 1, GENESIS, BODY).hex() == by_hand(IDENTITY, 1, GENESIS, BODY) == fixed


@given(
    st.from_regex(TERMINAL_ID, fullmatch=True).filter(lambda text: len(text) <= 24),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**64 - 1),
    st.integers(1, 2**63),
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=200),
)
def test_the_hash_is_what_the_document_says(
    terminal: str, epoch: int, bits: int, seq: int, prev_hash: bytes, body: bytes
) -> None:
    identity = ChainIdentity(terminal, epoch, f"{bits:016x}")
    assert entry_hash(identity, seq, prev_hash, body).hex() == by_hand(identity, seq, prev_hash, body)


def test_every_part_counts() -> None:
    entry = link(IDENTITY, 1, GENESIS, BODY)
    others = (
        (ChainIdentity("S1-2", 3, "0123456789abcdef"), entry),
        (ChainIdentity("S1-1", 4, "0123456789abcdef"), entry),
        (ChainIdentity("S1-1", 3, "0123456789abcdee"), entry),
        (IDENTITY, msgspec.structs.replace(entry, seq=2)),
        (IDENTITY, msgspec.structs.replace(entry, prev_hash=b"\x01" * 32)),
        (IDENTITY, msgspec.structs.replace(entry, body=BODY + b" ")),
        (IDENTITY, msgspec.structs.replace(entry, hash=bytes(32))),
    )
    assert holds(IDENTITY, entry)
    assert not any(holds(identity, changed) for identity, changed in others)


def test_entries_follow_each_other() -> None:
    first = link(IDENTITY, 1, GENESIS, BODY)
    second = link(IDENTITY, 2, first.hash, BODY)
    assert second.prev_hash == first.hash
    assert second.hash != first.hash


@pytest.mark.parametrize(
    ("incarnation", "short"),
    [
        ("0000000000000000", "00000"),
        ("ffffffffffffffff", "ZZZZZ"),
        ("0842108000000000", "11111"),
        ("0000008000000000", "00001"),
        ("0000007fffffffff", "00000"),
    ],
)
def test_the_short_form_is_the_first_25_bits(incarnation: str, short: str) -> None:
    assert ChainIdentity("S1-1", 1, incarnation).short == short


def test_odoo_71455_receipt_numbers_do_not_collide_between_tills() -> None:
    numbers = {
        ChainIdentity(terminal, 1, incarnation).receipt_no(number)
        for terminal in ("S1-1", "S1-2", "S2-1")
        for incarnation in ("0123456789abcdef", "fedcba9876543210")
        for number in (1, 2, 10_000)
    }
    assert len(numbers) == 18
    assert "S1-1-04HMA-0001" in numbers


def test_a_hash_by_eye() -> None:
    assert short_hash(bytes.fromhex("deadbeef" + "00" * 28)) == "DEADBEEF"
