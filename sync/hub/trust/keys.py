"""The alliance's keys on disk, and what the hub signs with them.

The root key signs nothing but the list of the others and belongs in a safe; one key per use, so
that a stolen one is good for one thing. Of each use one is current, and the next one is told beforehand.
"""

from __future__ import annotations

import hmac
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
KEY_LIST_FILE = "keys.json"
_LINKS_FILE = "links.key"


class KeyRing:
    """What a running hub needs of the keys. `secret` (32 bytes) never leaves the hub.

    The list is read again when its file has changed: a rotation reaches every worker without a restart.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self.folder, self.secret = folder, secret
        self._seen: tuple[int, int] | None = None
        self._signed, self._listed = self._read()
        self.fingerprint = trust.fingerprint(self._listed.root)

    @property
    def signed_list(self) -> SignedBytes:
        self._look()
        return self._signed

    @property
    def listed(self) -> KeyList:
        self._look()
        return self._listed

    @property
    def version(self) -> int:
        """That of the key list; it rises with every change."""
        return self.listed.version

    def sign(self, use: str, tag: bytes, payload: bytes) -> SignedBytes:
        """Signs with the current key of a use.

        Raises:
            Told: its private key is not on this machine.

        """
        key_id = trust.current_key(self.listed, use).id
        return trust.sign_bytes(load_private(self.folder / f"{key_id}.pem"), key_id, tag, payload)

    def seal(self, purpose: str, text: str) -> bytes:
        """A keyed hash (32 bytes) that nobody without this folder can make; one kind per purpose."""
        return hmac.digest(self.secret, f"{purpose}\0{text}".encode(), "sha256")

    def _look(self) -> None:
        file = (self.folder / KEY_LIST_FILE).stat()
        if (file.st_mtime_ns, file.st_ino) != self._seen:
            self._signed, self._listed = self._read()

    def _read(self) -> tuple[SignedBytes, KeyList]:
        path = self.folder / KEY_LIST_FILE
        file = path.stat()  # before the bytes: what is put there meanwhile is read the next time
        signed = msgspec.json.decode(path.read_bytes(), type=SignedBytes)
        listed = msgspec.json.decode(signed.payload, type=KeyList)
        self._seen = file.st_mtime_ns, file.st_ino
        return signed, listed


def make_keys(folder: DataFolder, secret: bytes) -> None:
    """Writes a new root key, a current and a next key per use, the signed list, and the secret for links."""
    root = Ed25519PrivateKey.generate()
    write_private(folder.keys / ROOT_FILE, _pem(root))
    listed = tuple(
        make_key(folder.keys, use, number, status)
        for use in USES
        for number, status in ((1, "current"), (2, "next"))
    )
    keys = KeyList(1, _public(root), listed)
    write_private(folder.keys / KEY_LIST_FILE, msgspec.json.encode(signed_by_root(keys, root)))
    write_private(folder.keys / _LINKS_FILE, secret.hex().encode())


def make_key(folder: Path, use: str, number: int, status: str) -> PublicKey:
    """A new key: its private half into the folder, its public one to be listed."""
    key = Ed25519PrivateKey.generate()
    key_id = f"{use}-{number}"
    write_private(folder / f"{key_id}.pem", _pem(key))
    return msgspec.convert({"id": key_id, "use": use, "public": _public(key), "status": status}, PublicKey)


def signed_by_root(keys: KeyList, root: Ed25519PrivateKey) -> SignedBytes:
    """The list as it is published.

    Raises:
        Told: this is not the root that the alliance's tills know.

    """
    if _public(root) != keys.root:
        raise Told(_OTHER_ROOT)
    return trust.sign_bytes(root, trust.ROOT_KEY_ID, trust.KEYS_TAG, msgspec.json.encode(keys))


def load_keys(folder: DataFolder) -> KeyRing:
    """The keys of a folder; the root's private key is neither needed nor read."""
    secret = bytes.fromhex((folder.keys / _LINKS_FILE).read_text("ascii"))
    return KeyRing(folder.keys, secret)


def load_private(path: Path) -> Ed25519PrivateKey:
    """A private key from its file.

    Raises:
        Told: it is not there, or is none.

    """
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


_OTHER_ROOT = Words(
    "这不是本联盟的根私钥，没有改动任何东西。请用 pos-hub init 时保管起来的 root.pem。",
    "This is not the alliance's root key; nothing was changed. Use the root.pem put away after pos-hub init.",
)
