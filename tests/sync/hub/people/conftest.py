"""Passwords at a thousandth of their price; one test of logging in renews a hash to these parameters."""

import pytest
from argon2 import PasswordHasher

from sync.hub.people import passwords


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_nobodys", cheap.hash("nobody's"))
