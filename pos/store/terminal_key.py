"""The terminal's own Ed25519 key, as PEM."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def new_pem() -> bytes:
    """A new key, not encrypted: the folder is its owner's alone, and a till must start unattended."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_pem(pem: bytes) -> Ed25519PrivateKey | None:
    """The key in a file's bytes; None when they are no such key."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        return None
    return key if isinstance(key, Ed25519PrivateKey) else None
