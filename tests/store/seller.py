"""A till in a process of its own: sells until it is killed and says `PAID <number>` after each sale."""

from __future__ import annotations

import sys
from pathlib import Path

from pos.domain.cart import Cart
from pos.store.folder import DataFolder, FolderInUse
from pos.store.till_store import TillStore
from tests.store.sales import MEMBER, sale, sell, till_in


def main(path: str) -> None:
    try:
        with till_in(DataFolder(Path(path))) as till:
            while True:
                sell_one(till)
    except FolderInUse as refused:
        print(f"REFUSED {refused}", flush=True)


def sell_one(till: TillStore) -> None:
    till.journal.save_cart(Cart(sale("-", lines=3).basket.lines))
    sold, _ = sell(till, lines=3, member_no=MEMBER, points=2000, redeem=200)
    print(f"PAID {sold.receipt_no}", flush=True)
    job = till.print_queue.next_job()
    assert job is not None
    till.print_queue.mark_sending(job.id)
    till.print_queue.mark_printed(job.id)


if __name__ == "__main__":
    main(sys.argv[1])
