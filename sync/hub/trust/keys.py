"""The alliance's keys on disk, and what the hub signs with them.

The root key signs nothing but the list of the others and belongs in a safe; one key per use, so
that a stolen one is good for one thing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.hub.storage.data_folder import DataFolder, write_private
from sync.hub.words import Told, Words
from sync.protocol import trust
from sync.protocol.messages import KeyList, PublicKey, SignedBytes

USES = ("pack", "codes", "catalogue", "software", "hub")
ROOT_FILE = f"{trust.ROOT_KEY_ID}.pem"
_KEY_LIST_FILE = "keys.json"
_LINKS_FILE = "links.key"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What a running hub needs of the keys. `secret` (32 bytes) never leaves the hub."""

    folder: Path
    signed_list: SignedBytes
    fingerprint: str
    secret: bytes

    @property
    def version(self) -> int:
        """That of the key list; it rises with every change."""
        return self.listed.version

    @property
    def listed(self) -> KeyList:
        return msgspec.json.decode(self.signed_list.payload, type=KeyList)

    def sign(self, use: str, tag: bytes, payload: bytes) -> SignedBytes:
        """Signs with the current key of a use.

        Raises:
            Told: its private key is not on this machine.

        """
        key_id = trust.current_key(self.listed, use).id
        return trust.sign_bytes(_load(self.folder / f"{key_id}.pem"), key_id, tag, payload)

    def seal(self, purpose: str, text: str) -> bytes:
        """A keyed hash (32 bytes) that nobody without this folder can make; one kind per purpose."""
        return hmac.digest(self.secret, f"{purpose}\0{text}".encode(), "sha256")


def make_keys(folder: DataFolder, secret: bytes) -> None:
    """Writes a new root key, one key per use, the signed list, and the secret for links."""
    root = Ed25519PrivateKey.generate()
    own = {f"{use}-1": Ed25519PrivateKey.generate() for use in USES}
    for key_id, key in ((trust.ROOT_KEY_ID, root), *own.items()):
        write_private(folder.keys / f"{key_id}.pem", _pem(key))
    listed = tuple(PublicKey(f"{use}-1", use, _public(own[f"{use}-1"])) for use in USES)
    payload = msgspec.json.encode(KeyList(1, _public(root), listed))
    signed = trust.sign_bytes(root, trust.ROOT_KEY_ID, trust.KEYS_TAG, payload)
    write_private(folder.keys / _KEY_LIST_FILE, msgspec.json.encode(signed))
    write_private(folder.keys / _LINKS_FILE, secret.hex().encode())


def load_keys(folder: DataFolder) -> KeyRing:
    """The keys of a folder; the root's private key is neither needed nor read."""
    signed = msgspec.json.decode((folder.keys / _KEY_LIST_FILE).read_bytes(), type=SignedBytes)
    root = msgspec.json.decode(signed.payload, type=KeyList).root
    secret = bytes.fromhex((folder.keys / _LINKS_FILE).read_text("ascii"))
    return KeyRing(folder.keys, signed, trust.fingerprint(root), secret)


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise Told(
            Words(
                "缺少可用的私钥 {path}，请从备份恢复。",
                "The private key {path} cannot be read; restore it from a backup.",
            ),
            path=path,
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return key


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()
