"""Who vouches for what: fingerprints, signed bytes, and the claims that terminals sign.

Every signature is Ed25519 over a tag and the exact bytes, so nothing signed for one purpose can be
shown for another.
"""

from __future__ import annotations

import hashlib
import struct
from itertools import pairwise

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos.domain.journal import ChainIdentity
from sync.protocol.messages import KeyList, PublicKey, SignedBytes

KEYS_TAG = b"alliance-pos/keys/1\0"
PACK_TAG = b"alliance-pos/pack/1\0"
ENROLMENT_TAG = b"alliance-pos/enrolment/1\0"
_ENROLMENT_CLAIM_TAG = b"alliance-pos/enrolment-claim/1\0"
_REJOIN_TAG = b"alliance-pos/rejoin/1\0"
_CHAIN_HEAD_TAG = b"alliance-pos/chain-head/1\0"
_FINGERPRINT_TAG = b"alliance-pos/fingerprint/1\0"

ROOT_KEY_ID = "root"
ONE_TIME_LENGTH = 10
FINGERPRINT_LENGTH = 16
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011", "- .")


class Untrusted(Exception):  # noqa: N818 - a verdict
    """A signature, key or fingerprint does not hold. The text says which."""


def crockford(data: bytes, length: int) -> str:
    """The first `length` x 5 bits of `data` in Crockford's base 32 (no I, L, O, U)."""
    bits = int.from_bytes(data, "big") >> (len(data) * 8 - length * 5)
    return "".join(_CROCKFORD[(bits >> (5 * i)) & 31] for i in reversed(range(length)))


def fingerprint(root_public: bytes) -> str:
    """80 bits of the root key's hash in 16 characters: what the technician's code carries."""
    return crockford(hashlib.sha256(_FINGERPRINT_TAG + root_public).digest(), FINGERPRINT_LENGTH)


class EnrolmentCode(msgspec.Struct, frozen=True):
    """What a technician types or scans: a one-time code, and whose hub it must be."""

    one_time: str
    fingerprint: str

    def __str__(self) -> str:
        text = self.one_time + self.fingerprint
        cuts = (0, 5, 10, 14, 18, 22, 26)
        return "-".join(text[a:b] for a, b in pairwise(cuts))


def read_enrolment_code(text: str) -> EnrolmentCode | None:
    """Reads a code as people type it: any case, with or without dashes; O is 0, I and L are 1."""
    plain = text.strip().upper().translate(_READ_AS)
    if len(plain) != ONE_TIME_LENGTH + FINGERPRINT_LENGTH or any(ch not in _CROCKFORD for ch in plain):
        return None
    return EnrolmentCode(plain[:ONE_TIME_LENGTH], plain[ONE_TIME_LENGTH:])


def sign_bytes(key: Ed25519PrivateKey, key_id: str, tag: bytes, payload: bytes) -> SignedBytes:
    """Puts bytes under a signature for one purpose."""
    return SignedBytes(payload, key_id, key.sign(tag + payload))


def verify(public: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether an Ed25519 signature holds; a malformed key or signature does not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_key_list(signed: SignedBytes, expected_fingerprint: str) -> KeyList:
    """The alliance's keys, if their root is the one the technician was told of.

    Raises:
        Untrusted: another root, a broken signature, or bytes that are no key list.

    """
    try:
        keys = msgspec.json.decode(signed.payload, type=KeyList)
    except msgspec.MsgspecError as error:
        raise Untrusted(f"the key list cannot be read: {error}") from error
    if fingerprint(keys.root) != expected_fingerprint:
        raise Untrusted("the hub's root key is not the one named by the code")
    if not verify(keys.root, signed.signature, KEYS_TAG + signed.payload):
        raise Untrusted("the key list is not signed by its root key")
    return keys


def current_key(keys: KeyList, use: str) -> PublicKey:
    """The key that signs for `use` now.

    Raises:
        Untrusted: the list names none.

    """
    for key in keys.keys:
        if key.use == use and key.status == "current":
            return key
    raise Untrusted(f"the alliance has no current key for {use!r}")


def key_of(keys: KeyList, key_id: str, use: str) -> PublicKey:
    """The key that may have signed for `use`: the next one, the current one, or one that was before.

    Raises:
        Untrusted: no such key in the list, it is for something else, or it was revoked.

    """
    for key in keys.keys:
        if key.id == key_id and key.use == use:
            if key.status == "revoked":
                raise Untrusted(f"the key {key_id!r} was revoked")
            return key
    raise Untrusted(f"the alliance has no key {key_id!r} for {use!r}")


def open_signed(signed: SignedBytes, keys: KeyList, *, use: str, tag: bytes) -> bytes:
    """The payload, if a key of that use signed it.

    Raises:
        Untrusted: unknown key, wrong use, or a broken signature.

    """
    key = key_of(keys, signed.key_id, use)
    if not verify(key.public, signed.signature, tag + signed.payload):
        raise Untrusted(f"the signature by {signed.key_id!r} does not hold")
    return signed.payload


def enrolment_claim(code: str, public_key: bytes, incarnation: str, root_fingerprint: str) -> bytes:
    """What a terminal signs to show that it holds its key, and for which hub it meant the code."""
    parts = (code.encode(), public_key, bytes.fromhex(incarnation), root_fingerprint.encode())
    return _ENROLMENT_CLAIM_TAG + b"".join(struct.pack(">H", len(part)) + part for part in parts)


def rejoin_claim(payload: bytes) -> bytes:
    """What a terminal signs to show that an enrolment is its own."""
    return _REJOIN_TAG + payload


def chain_head_claim(identity: ChainIdentity, seq: int, digest: bytes) -> bytes:
    """What a terminal signs about its chain: up to `seq` it ends in `digest`."""
    terminal = identity.terminal.encode()
    return b"".join(
        (
            _CHAIN_HEAD_TAG,
            struct.pack(">H", len(terminal)),
            terminal,
            bytes.fromhex(identity.incarnation),
            struct.pack(">IQ", identity.epoch, seq),
            digest,
        )
    )
