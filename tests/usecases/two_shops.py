"""Two merchants' tills that have never met: each knows the other's terminal from the hub alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pos.bootstrap.sample import fill_with_sample
from pos.bootstrap.till import open_till
from pos.domain.journal import ChainIdentity
from pos.domain.receipt import StoreCard
from pos.store.folder import DataFolder
from pos.store.till_store import create_chain
from sync.protocol.messages import StoreTerms, TerminalRow
from tests.fakes.clock import A_MORNING
from tests.usecases.sample_till import SampleTill, own_key

NEIGHBOUR = StoreCard("同壹联盟 (示例)", "隔壁茶行", "S2", "隔壁茶行", "", "Asia/Shanghai", "1 号机")


@contextmanager
def neighbour(path: Path) -> Iterator[SampleTill]:
    """The till S2-1 of the merchant M2, with the sample's goods and members."""
    folder = DataFolder(path)
    folder.make()
    public_key = folder.make_terminal_key().public_key().public_bytes_raw()
    identity = ChainIdentity("S2-1", 0, secrets.token_hex(8))
    create_chain(folder, identity, NEIGHBOUR, public_key=public_key, software="test", at=A_MORNING)
    with open_till(path) as till:
        fill_with_sample(till.store.replica, A_MORNING, public_key)
        shop = SampleTill(till)
        shop.tell("terms", "S2", StoreTerms("M2"))
        shop.tell("terminals", "S2-1", TerminalRow("S2-1", "S2", "M2", (public_key,)))
        shop.tell("terminals", "S1-1", None)
        yield shop


def introduce(shop: SampleTill, to: SampleTill) -> None:
    """The hub tells a till of another one."""
    here = shop.desk.journal
    merchant = shop.desk.terms.of_store().merchant
    terminal = here.identity.terminal
    to.tell("terminals", terminal, TerminalRow(terminal, here.store.store, merchant, (own_key(shop.till),)))
