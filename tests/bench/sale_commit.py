"""Taking the money for a 20-line member sale, against putting the same bytes on the same disk."""

from __future__ import annotations

import os

from pos.usecases.complete_sale import CompletedSale
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder, open_shop, payments

PAIRS = 400
FLOOR = "append of the same entry's bytes to a file beside the journal + fdatasync"


def sale_commit(n: int = PAIRS) -> Comparison:
    """From handing `complete_sale` to the journal's thread until its answer is back: paid."""
    with disk_folder() as folder, open_shop(folder) as shop, (folder / "till" / "floor").open("wb") as floor:
        deeds = payments(shop)
        last: list[CompletedSale] = []

        def sell() -> float:
            deed = next(deeds)
            return timed(lambda: last.append(shop.book(deed)))

        def append_bytes() -> float:
            (entry,) = shop.till.store.outbox.entries_after(last[-1].seq - 1, count_max=1, bytes_max=1)
            return timed(lambda: _append(floor.fileno(), entry.body))

        return compare("sale_commit", FLOOR, sell, append_bytes, n=n)


def _append(descriptor: int, content: bytes) -> None:
    os.write(descriptor, content)
    os.fdatasync(descriptor)
