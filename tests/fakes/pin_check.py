"""A PIN check that takes no time: the "hash" is the PIN with a mark in front."""

from __future__ import annotations


def pin_hash(pin: str) -> str:
    return f"pin:{pin}"


class FakePinCheck:
    def __call__(self, pin_hash: str, pin: str) -> bool:
        return pin_hash == f"pin:{pin}"
