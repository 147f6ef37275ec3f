"""The store's terms and the alliance's terminals, in dictionaries; own entries count in the deposit."""

from __future__ import annotations

import msgspec

from pos.domain.events import Event, RefundMade, SaleMade
from pos.domain.ledger import merchant_changes
from sync.protocol.messages import StoreTerms, TerminalRow
from sync.protocol.pickups import PickupRow


class FakeTerms:
    def __init__(self, terms: StoreTerms | None = None) -> None:
        self.terms = terms or StoreTerms(merchant="M1")
        self.terminals: dict[str, TerminalRow] = {}
        self.pickups: dict[str, PickupRow] = {}

    def of_store(self) -> StoreTerms:
        return self.terms

    def terminal(self, terminal: str) -> TerminalRow | None:
        return self.terminals.get(terminal)

    def waiting(self, code_hash: str) -> PickupRow | None:
        return self.pickups.get(code_hash)

    def note(self, event: Event) -> None:
        """Adds an own entry to the deposit, as the real till's projection does."""
        if not isinstance(event, SaleMade | RefundMade):
            return
        balances = dict(self.terms.balances)
        for asset, amount in merchant_changes(event).items():
            balances[asset] = balances.get(asset, 0) + amount
        self.terms = msgspec.structs.replace(self.terms, balances=balances)
