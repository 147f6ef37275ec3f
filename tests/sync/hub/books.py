"""The hub's books as tests look at them."""

from __future__ import annotations

from sync.hub.hub import Hub
from sync.hub.ledger import accounts

Balances = dict[tuple[str, str], int]


def balances(hub: Hub) -> Balances:
    """All accounts that are not at 0, after checking that the ledger holds."""
    with hub.database.read() as connection:
        kept, derived = accounts.kept_balances(connection), accounts.derived_balances(connection)
    assert kept == derived
    for unit in {unit for _, unit in kept}:
        assert sum(amount for (_, one), amount in kept.items() if one == unit) == 0, unit
    return kept


def changes(before: Balances, after: Balances) -> Balances:
    """By how much each account has changed, those that have not left out."""
    keys = before.keys() | after.keys()
    found = {key: after.get(key, 0) - before.get(key, 0) for key in keys}
    return {key: amount for key, amount in found.items() if amount}
