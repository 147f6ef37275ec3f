"""A client of the hub made from docs/another-client.md alone: nothing of this project is imported here.

It enrols, sends one journal entry and reads a feed, with Python's own library and an Ed25519.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import struct
import time
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def fingerprint(root: bytes) -> str:
    digest = hashlib.sha256(b"alliance-pos/fingerprint/1\0" + root).digest()
    bits = int.from_bytes(digest, "big") >> (256 - 80)
    return "".join(CROCKFORD[(bits >> 5 * at) & 31] for at in reversed(range(16)))


def open_signed(signed: dict[str, str], public: bytes, tag: bytes) -> Any:
    """The decoded payload of `SignedBytes`; raises if the signature does not hold."""
    payload = base64.b64decode(signed["payload"])
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signed["signature"]), tag + payload)
    return json.loads(payload)


class Client:
    def __init__(self, url: str, seed: bytes, incarnation: str) -> None:
        self.address = urlsplit(url).netloc
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.incarnation = incarnation
        self.terminal, self.epoch = "", 0
        self.seq, self.last_hash = 0, bytes(32)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {content['error']}: {content['message']}")
        return content

    # --- joining

    def enrol(self, typed: str) -> None:
        code = typed.upper().replace("-", "").translate(str.maketrans("OIL", "011"))
        one_time, expected = code[:10], code[10:]
        signed = self.ask("GET", "/v1/hub")["keys"]
        root = base64.b64decode(json.loads(base64.b64decode(signed["payload"]))["root"])
        assert fingerprint(root) == expected, "this is another hub"
        keys = open_signed(signed, root, b"alliance-pos/keys/1\0")["keys"]
        parts = (one_time.encode(), self.public, bytes.fromhex(self.incarnation), expected.encode())
        claim = b"alliance-pos/enrolment-claim/1\0"
        claim += b"".join(struct.pack(">H", len(part)) + part for part in parts)
        asked = {
            "code": one_time,
            "public_key": b64(self.public),
            "incarnation": self.incarnation,
            "proof": b64(self.key.sign(claim)),
        }
        reply = self.ask("POST", "/v1/enrol", json.dumps(asked).encode())
        signer = next(
            base64.b64decode(key["public"])
            for key in keys
            if (key["id"], key["use"]) == (reply["key_id"], "hub")
        )
        enrolment = open_signed(reply, signer, b"alliance-pos/enrolment/1\0")
        self.terminal, self.epoch = enrolment["terminal"], enrolment["epoch"]
        self.store = enrolment["store"]["store"]

    # --- signed requests

    def signed(self, method: str, path: str, query: str = "", body: bytes = b"") -> Any:
        digest = f"sha-256=:{b64(hashlib.sha256(body).digest())}:"
        covered = '("@method" "@path" "@query" "content-digest")'
        parameters = (
            f'{covered};created={int(time.time())};keyid="{self.terminal}/{self.incarnation}"'
            f';alg="ed25519";nonce="{time.time_ns()}";tag="alliance-pos"'
        )
        base = (
            f'"@method": {method}\n"@path": {path}\n"@query": ?{query}\n'
            f'"content-digest": {digest}\n"@signature-params": {parameters}'
        )
        headers = {
            "Content-Digest": digest,
            "Signature-Input": f"sig={parameters}",
            "Signature": f"sig=:{b64(self.key.sign(base.encode()))}:",
            "Content-Type": "application/json",
        }
        return self.ask(method, f"{path}?{query}" if query else path, body, headers)

    # --- the journal

    def identity(self) -> bytes:
        terminal = self.terminal.encode()
        return struct.pack(">H", len(terminal)) + terminal + bytes.fromhex(self.incarnation)

    def send(self, body: bytes) -> Any:
        """Appends one entry to the chain and uploads it."""
        seq = self.seq + 1
        numbers = struct.pack(">IQ", self.epoch, seq)
        hashed = b"alliance-pos/journal/1\0" + self.identity() + numbers
        digest = hashlib.sha256(hashed + self.last_hash + struct.pack(">Q", len(body)) + body).digest()
        head = b"alliance-pos/chain-head/1\0" + self.identity() + numbers + digest
        entry = {"seq": seq, "prev_hash": self.last_hash.hex(), "hash": digest.hex(), "body": b64(body)}
        batch = {
            "terminal": self.terminal,
            "incarnation": self.incarnation,
            "epoch": self.epoch,
            "entries": [entry],
            "head": {"seq": seq, "hash": digest.hex(), "signature": b64(self.key.sign(head))},
        }
        reply = self.signed("POST", "/v1/journal", "", json.dumps(batch).encode())
        self.seq, self.last_hash = seq, digest
        return reply
