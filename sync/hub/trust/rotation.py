"""Changing the keys: rotating one use, revoking one key, and publishing the list that the root has signed.

A change is prepared on the hub (the new private half is made there and never leaves), signed where the root
is, and published. With the root at hand that is one step.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.hub.storage.data_folder import put_private
from sync.hub.trust import keys
from sync.hub.trust.keys import KEY_LIST_FILE, USES, KeyRing
from sync.hub.words import Told, Words
from sync.protocol import trust
from sync.protocol.messages import KeyList, KeyStatus, PublicKey, SignedBytes


def rotated(ring: KeyRing, use: str) -> KeyList:
    """The list after a rotation: the next key signs, the current one still holds, and a new next is told.

    Where no next key has been told yet, one is, and nothing else changes: rotate again when tills have
    heard of it.

    Raises:
        Told: there is no such use.

    """
    if use not in USES:
        raise Told(_NO_USE, use=use[:40], uses=", ".join(USES))
    listed = ring.listed
    has_next = any(one.use == use and one.status == "next" for one in listed.keys)
    moves: dict[KeyStatus, KeyStatus] = {"next": "current", "current": "retired"} if has_next else {}
    moved = tuple(
        msgspec.structs.replace(one, status=moves.get(one.status, one.status)) if one.use == use else one
        for one in listed.keys
    )
    fresh = keys.make_key(ring.folder, use, _number_after(listed, use), "next")
    return _changed(listed, (*moved, fresh))


def revoked(ring: KeyRing, key_id: str) -> KeyList:
    """The list after a key was stolen: it holds for nothing any more. A current one's place the next takes.

    Raises:
        Told: there is no such key, or it is the only one of its use.

    """
    listed = ring.listed
    stolen = next((one for one in listed.keys if one.id == key_id), None)
    if stolen is None:
        raise Told(_NO_KEY, id=key_id[:60], ids=", ".join(one.id for one in listed.keys))
    if stolen.status == "current":
        listed = rotated(ring, stolen.use)
    kept = tuple(
        msgspec.structs.replace(one, status="revoked") if one.id == key_id else one for one in listed.keys
    )
    if not any(one.use == stolen.use and one.status == "current" for one in kept):
        raise Told(_NOTHING_LEFT, id=key_id)
    return _changed(ring.listed, kept)


def vouching(ring: KeyRing, authorities: tuple[bytes, ...]) -> KeyList:
    """The list with other TLS authorities (DER certificates)."""
    return msgspec.structs.replace(ring.listed, version=ring.listed.version + 1, tls=authorities)


def sign(listed: KeyList, root: Path) -> SignedBytes:
    """Signs a prepared list; on whatever machine the root is.

    Raises:
        Told: the file holds no key, or not the alliance's root.

    """
    key: Ed25519PrivateKey = keys.load_private(root)
    return keys.signed_by_root(listed, key)


def publish(ring: KeyRing, signed: SignedBytes) -> KeyList:
    """Makes a signed list the alliance's; tills fetch it with their next pass.

    Raises:
        Told: it is not signed by the root, not newer, or this hub has not the private half of a key it
            is to sign with.

    """
    try:
        listed = trust.read_key_list(signed, ring.fingerprint)
    except trust.Untrusted as error:
        raise Told(_NOT_SIGNED, detail=error) from error
    if listed.version <= ring.listed.version:
        raise Told(_NOT_NEWER, version=listed.version, current=ring.listed.version)
    for use in USES:
        current = trust.current_key(listed, use)
        private = keys.load_private(ring.folder / f"{current.id}.pem")
        if private.public_key().public_bytes_raw() != current.public:
            raise Told(_OTHER_HALF, id=current.id)
    put_private(ring.folder / KEY_LIST_FILE, msgspec.json.encode(signed))
    return listed


def _changed(listed: KeyList, changed: tuple[PublicKey, ...]) -> KeyList:
    return msgspec.structs.replace(listed, version=listed.version + 1, keys=changed)


def _number_after(listed: KeyList, use: str) -> int:
    return 1 + max(int(one.id.rpartition("-")[2]) for one in listed.keys if one.use == use)


_NO_USE = Words("没有用途 {use}，有：{uses}。", "There is no use {use}; there are: {uses}.")
_NO_KEY = Words("没有钥匙 {id}，有：{ids}。", "There is no key {id}; there are: {ids}.")
_NOTHING_LEFT = Words(
    "{id} 作废后这个用途就没有可用的钥匙了。请先轮换一次（pos-hub keys rotate）。",
    "Without {id} its use has no key to sign with. Rotate it first (pos-hub keys rotate).",
)
_NOT_SIGNED = Words(
    "这份清单不是根私钥签的（{detail}），没有采用。",
    "This list is not signed by the root ({detail}); it was not taken.",
)
_NOT_NEWER = Words(
    "这份清单是第 {version} 版，不比现在的第 {current} 版新，没有采用。请重新准备并签名。",
    "This list is version {version}, not above the current {current}; it was not taken. "
    "Prepare and sign anew.",
)
_OTHER_HALF = Words(
    "本机的 {id} 私钥和清单里的公钥不是一对，没有采用。",
    "The private key {id} here does not belong to the listed public one; the list was not taken.",
)
