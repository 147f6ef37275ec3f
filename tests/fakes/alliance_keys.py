"""The alliance's keys in a dictionary."""

from __future__ import annotations

from sync.protocol.messages import PublicKey


class FakeAllianceKeys:
    def __init__(self) -> None:
        self.keys: dict[str, PublicKey] = {}

    def of_code(self, key_id: str) -> PublicKey | None:
        return self.keys.get(key_id)
