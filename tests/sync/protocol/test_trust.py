from __future__ import annotations

import hashlib

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.journal import ChainIdentity
from sync.protocol import trust
from sync.protocol.messages import KeyList, PublicKey, SignedBytes
from sync.protocol.trust import EnrolmentCode, Untrusted, read_enrolment_code

ROOT, PACK, HUB = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TAGS = (trust.KEYS_TAG, trust.PACK_TAG, trust.ENROLMENT_TAG)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


KEYS = KeyList(1, public(ROOT), (PublicKey("p1", "pack", public(PACK)), PublicKey("h1", "hub", public(HUB))))
FINGERPRINT = trust.fingerprint(public(ROOT))


def signed_keys(keys: KeyList = KEYS, root: Ed25519PrivateKey = ROOT) -> SignedBytes:
    return trust.sign_bytes(root, trust.ROOT_KEY_ID, trust.KEYS_TAG, msgspec.json.encode(keys))


# --- crockford and fingerprints ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "length", "text"),
    [
        (b"\x00" * 5, 8, "00000000"),
        (b"\xff" * 5, 8, "ZZZZZZZZ"),
        (b"\x08\x42\x10\x84\x21", 8, "11111111"),
        (b"\xff\x00", 1, "Z"),
        (b"\x04\x21", 3, "0GG"),
    ],
)
def test_crockford(data: bytes, length: int, text: str) -> None:
    assert trust.crockford(data, length) == text


def test_a_fingerprint_is_that_of_its_key_alone() -> None:
    assert len(FINGERPRINT) == trust.FINGERPRINT_LENGTH
    assert set(FINGERPRINT) <= set(ALPHABET)
    assert trust.fingerprint(public(ROOT)) == FINGERPRINT
    assert trust.fingerprint(public(PACK)) != FINGERPRINT


def test_the_fingerprint_is_fixed() -> None:
    """It is printed on paper and typed years later; a change of the reckoning would strand tills."""
    digest = hashlib.sha256(b"alliance-pos/fingerprint/1\0" + bytes(32)).hexdigest()
    number, text = int(digest[:20], 16), ""  # the first 80 bits
    for _ in range(16):
        number, digit = divmod(number, 32)
        text = ALPHABET[digit] + text
    assert text == trust.fingerprint(bytes(32)) == "4A5A15YVC7FVF9AQ"


# --- enrolment codes -----------------------------------------------------------------------------

codes = st.builds(
    EnrolmentCode,
    st.text(ALPHABET, min_size=trust.ONE_TIME_LENGTH, max_size=trust.ONE_TIME_LENGTH),
    st.text(ALPHABET, min_size=trust.FINGERPRINT_LENGTH, max_size=trust.FINGERPRINT_LENGTH),
)


@given(codes)
def test_a_code_is_read_as_it_is_written(code: EnrolmentCode) -> None:
    assert read_enrolment_code(str(code)) == code


@given(codes)
def test_a_code_is_read_as_people_type_it(code: EnrolmentCode) -> None:
    text = str(code)
    for typed in (
        text.lower(),
        text.replace("-", ""),
        text.replace("-", " "),
        text.replace("-", "."),
        f"  {text}\n",
        text.replace("0", "O").replace("1", "I"),
        text.replace("0", "o").replace("1", "l"),
    ):
        assert read_enrolment_code(typed) == code


def test_a_code_is_written_in_groups() -> None:
    assert str(EnrolmentCode("0123456789", "ABCDEFGHJKMNPQRS")) == "01234-56789-ABCD-EFGH-JKMN-PQRS"


@pytest.mark.parametrize(
    "text", ["", "0", "0" * 25, "0" * 27, "U" * 26, "0" * 25 + "中", "０" * 26, "0" * 25 + "_", "0" * 5000]
)
def test_what_is_no_code(text: str) -> None:
    assert read_enrolment_code(text) is None


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = read_enrolment_code(text)
    assert code is None or read_enrolment_code(str(code)) == code


# --- signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (b"", b""),
        (b"short", b"x" * 64),
        (bytes(32), b""),
        (public(PACK), b"x" * 63),
        (b"\xff" * 32, b"y" * 64),
    ],
)
def test_malformed_keys_and_signatures_do_not_hold(key: bytes, signature: bytes) -> None:
    assert not trust.verify(key, signature, b"bytes")


@given(st.binary(max_size=40), st.binary(max_size=80), st.binary(max_size=40))
def test_nothing_holds_by_chance(key: bytes, signature: bytes, signed: bytes) -> None:
    assert not trust.verify(key, signature, signed)


@pytest.mark.parametrize("made_for", TAGS)
@pytest.mark.parametrize("shown_for", TAGS)
def test_tags_are_not_interchangeable(made_for: bytes, shown_for: bytes) -> None:
    signed = trust.sign_bytes(PACK, "p1", made_for, b"payload")
    if made_for == shown_for:
        assert trust.open_signed(signed, KEYS, use="pack", tag=shown_for) == b"payload"
        return
    with pytest.raises(Untrusted, match="does not hold"):
        trust.open_signed(signed, KEYS, use="pack", tag=shown_for)


def test_no_tag_is_the_beginning_of_another() -> None:
    """Else a payload could be cut so that it reads under another tag."""
    for one in TAGS:
        assert one.endswith(b"\0")
        assert not any(other.startswith(one) for other in TAGS if other != one)


def test_a_key_signs_only_what_it_is_for() -> None:
    signed = trust.sign_bytes(HUB, "h1", trust.PACK_TAG, b"payload")
    with pytest.raises(Untrusted, match="'pack'"):
        trust.open_signed(signed, KEYS, use="pack", tag=trust.PACK_TAG)


def test_an_unknown_key_and_another_keys_name() -> None:
    for key, name in ((PACK, "p2"), (HUB, "p1"), (ROOT, "root")):
        with pytest.raises(Untrusted):
            trust.open_signed(
                trust.sign_bytes(key, name, trust.PACK_TAG, b""), KEYS, use="pack", tag=trust.PACK_TAG
            )


@given(st.binary(min_size=1, max_size=60), st.data())
def test_every_changed_bit_of_a_payload_is_seen(payload: bytes, data: st.DataObject) -> None:
    signed = trust.sign_bytes(PACK, "p1", trust.PACK_TAG, payload)
    at = data.draw(st.integers(0, len(payload) * 8 - 1))
    changed = bytearray(payload)
    changed[at // 8] ^= 1 << at % 8
    with pytest.raises(Untrusted):
        trust.open_signed(
            msgspec.structs.replace(signed, payload=bytes(changed)), KEYS, use="pack", tag=trust.PACK_TAG
        )


# --- the key list --------------------------------------------------------------------------------


def test_the_key_list_of_the_named_root() -> None:
    assert trust.read_key_list(signed_keys(), FINGERPRINT) == KEYS


def test_another_root_is_not_believed_even_if_it_signs_well() -> None:
    other = msgspec.structs.replace(KEYS, root=public(PACK))
    with pytest.raises(Untrusted, match="root key is not the one"):
        trust.read_key_list(signed_keys(other, PACK), FINGERPRINT)


def test_the_named_root_must_have_signed() -> None:
    with pytest.raises(Untrusted, match="not signed by its root"):
        trust.read_key_list(signed_keys(KEYS, PACK), FINGERPRINT)


def test_a_pack_signed_by_root_is_no_key_list() -> None:
    signed = trust.sign_bytes(ROOT, "root", trust.PACK_TAG, msgspec.json.encode(KEYS))
    with pytest.raises(Untrusted):
        trust.read_key_list(signed, FINGERPRINT)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"version":1,"root":"!","keys":[]}']
)
def test_bytes_that_are_no_key_list(payload: bytes) -> None:
    signed = trust.sign_bytes(ROOT, "root", trust.KEYS_TAG, payload)
    with pytest.raises(Untrusted, match="cannot be read"):
        trust.read_key_list(signed, FINGERPRINT)


# --- claims --------------------------------------------------------------------------------------


def test_claims_differ_in_every_part() -> None:
    made = {
        trust.enrolment_claim(code, key, incarnation, root)
        for code in ("0123456789", "0123456780")
        for key in (bytes(32), bytes(31) + b"\x01")
        for incarnation in ("00" * 8, "00" * 7 + "01")
        for root in ("A" * 16, "B" * 16)
    }
    assert len(made) == 16


def test_parts_of_an_enrolment_claim_do_not_run_together() -> None:
    assert trust.enrolment_claim("AB", b"C", "00", "") != trust.enrolment_claim("A", b"BC", "00", "")


def test_chain_head_claims_differ_in_every_part() -> None:
    made = {
        trust.chain_head_claim(ChainIdentity(terminal, epoch, incarnation), seq, digest)
        for terminal in ("S1-1", "S1-11")
        for epoch in (1, 2)
        for incarnation in ("00" * 8, "01" * 8)
        for seq in (1, 2)
        for digest in (bytes(32), b"\x01" * 32)
    }
    assert len(made) == 32
    assert not any(claim.startswith(TAGS) for claim in made)
