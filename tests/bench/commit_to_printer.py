"""From "paid" to the first byte of the receipt at the printer, against sending the same bytes at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import partial

from tests.bench.listening import ListeningPrinter
from tests.bench.measure import Comparison, compare
from tests.bench.shops import disk_folder, open_shop, payments
from tests.printing.waiting import wait_until

PAIRS = 200
FLOOR = "connect to the same listener on loopback and write the same bytes"
PATIENCE_S = 10.0


def commit_to_printer(n: int = PAIRS) -> Comparison:
    """From the return of `complete_sale` to the first byte of receipt content (status queries do not count).

    The till's own print thread and driver: reading the job, laying the receipt out, marking it as being
    sent (durably), connecting, asking for the status three times. Nobody wakes the print thread but the
    till itself.
    """
    with (
        ListeningPrinter() as printer,
        disk_folder() as folder,
        open_shop(folder, f"[printer]\nport = {printer.port}\n") as shop,
    ):
        deeds, worker = payments(shop), shop.till.printer

        def pay(deed: Callable[[], object]) -> float:
            deed()
            return time.perf_counter()

        def print_sale() -> float:
            paid_s = shop.book(partial(pay, next(deeds)))
            passed_s = printer.arrivals.get(timeout=PATIENCE_S) - paid_s
            wait_until(lambda: shop.till.store.print_queue.unprinted() == 0)
            return passed_s

        def send_bytes() -> float:
            job, started_s = printer.jobs[-1], time.perf_counter()
            with socket.create_connection(("127.0.0.1", printer.port)) as connection:
                connection.sendall(job)
            return printer.arrivals.get(timeout=PATIENCE_S) - started_s

        worker.start()
        try:
            return compare("commit_to_printer", FLOOR, print_sale, send_bytes, n=n)
        finally:
            worker.stop()
