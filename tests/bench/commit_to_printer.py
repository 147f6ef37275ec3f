"""From "paid" to the first byte of the receipt at the printer, against sending the same bytes at once."""

from __future__ import annotations

import socket
import time
from functools import partial

from pos.usecases.complete_sale import complete_sale
from tests.bench.listening import ListeningPrinter
from tests.bench.measure import Comparison, compare
from tests.bench.shops import disk_folder, due_fen, open_shop, twenty_lines
from tests.printing.waiting import wait_until
from tests.usecases.sample_till import CASHIER

PAIRS = 200
FLOOR = "connect to the same listener on loopback and write the same bytes"
PATIENCE_S = 10.0


def commit_to_printer(n: int = PAIRS) -> Comparison:
    """From the return of `complete_sale` to the first byte of receipt content (status queries do not count).

    The till's own print thread and driver: reading the job, laying the receipt out, marking it as being
    sent (durably), connecting, asking for the status three times. The print thread is woken at once.
    """
    with (
        ListeningPrinter() as printer,
        disk_folder() as folder,
        open_shop(folder, f"[printer]\nport = {printer.port}\n") as shop,
    ):
        cart = twenty_lines(shop)
        shown_fen = due_fen(cart, shop)
        deed = partial(complete_sale, cart, shown_fen, CASHIER, shop.desk, shown_due_fen=shown_fen)
        worker = shop.till.printer

        def pay() -> float:
            deed()
            paid_s = time.perf_counter()
            worker.nudge()
            return paid_s

        def print_sale() -> float:
            paid_s = shop.book(pay)
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
