"""The journal's chain: who wrote an entry, what it hashes to, and how its receipt is numbered.

`hash = SHA-256(tag || terminal || incarnation || epoch || seq || prev_hash || length || body)`, where
`body` is the exact bytes that are stored and uploaded. Entry 1 follows 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import re
import struct

import msgspec

HASH_TAG = b"alliance-pos/journal/1\0"
GENESIS = bytes(32)
TERMINAL_ID = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
TERMINAL_ID_LENGTH_MAX = 24
BODY_LENGTH_MAX = 1 << 20
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ChainIdentity(msgspec.Struct, frozen=True):
    """A terminal is (id, epoch, incarnation).

    `incarnation` is 64 random bits drawn when the data folder is made, as 16 hexadecimal digits: a
    restored, replaced or cloned folder starts a new one. The hub gives the `epoch`; 0 means that no
    hub has.
    """

    terminal: str
    epoch: int
    incarnation: str

    @property
    def short(self) -> str:
        """Five characters of the incarnation that a cashier can read and type (Crockford base 32)."""
        bits = int(self.incarnation, 16) >> (64 - 25)
        return "".join(_CROCKFORD[(bits >> shift) & 31] for shift in (20, 15, 10, 5, 0))

    @property
    def receipt_prefix(self) -> str:
        """What every receipt number of this chain begins with."""
        return f"{self.terminal}-{self.short}-"

    def receipt_no(self, number: int) -> str:
        """The number printed on a receipt; unique among all terminals and incarnations."""
        return f"{self.receipt_prefix}{number:04d}"


class Entry(msgspec.Struct, frozen=True):
    """One link of the chain, as stored and as uploaded."""

    seq: int
    prev_hash: bytes
    hash: bytes
    body: bytes


def entry_hash(identity: ChainIdentity, seq: int, prev_hash: bytes, body: bytes) -> bytes:
    """The hash of an entry, 32 bytes. Numbers are big-endian; the terminal carries its length."""
    terminal = identity.terminal.encode("ascii")
    return hashlib.sha256(
        b"".join(
            (
                HASH_TAG,
                struct.pack(">H", len(terminal)),
                terminal,
                bytes.fromhex(identity.incarnation),
                struct.pack(">IQ", identity.epoch, seq),
                prev_hash,
                struct.pack(">Q", len(body)),
                body,
            )
        )
    ).digest()


def link(identity: ChainIdentity, seq: int, prev_hash: bytes, body: bytes) -> Entry:
    """Makes the entry that follows `prev_hash`."""
    return Entry(seq, prev_hash, entry_hash(identity, seq, prev_hash, body), body)


def holds(identity: ChainIdentity, entry: Entry) -> bool:
    """Whether an entry's hash is that of its content."""
    return entry.hash == entry_hash(identity, entry.seq, entry.prev_hash, entry.body)


def short_hash(digest: bytes) -> str:
    """Eight characters of a hash for receipts: enough to find a changed entry by eye."""
    return digest.hex()[:8].upper()
