"""Receipts on their way to paper."""

from __future__ import annotations

from pos.store.folder import DataFolder
from pos.store.print_queue import PATIENCE_ATTEMPTS
from pos.store.till_store import TillStore
from pos.usecases.print_ports import PrintJob, PrintQueue
from tests.store.sales import BALANCES, sell, till_in


def next_job(till: TillStore) -> PrintJob:
    job = till.print_queue.next_job()
    assert job is not None
    return job


def test_jobs_come_oldest_first(till: TillStore) -> None:
    queue: PrintQueue = till.print_queue
    assert queue.next_job() is None
    _, first = sell(till)
    _, second = sell(till)
    job = next_job(till)
    assert (job.seq, job.state, job.attempts, job.balances) == (first.seq, "queued", 0, BALANCES)
    assert not job.may_have_printed
    assert not job.copy
    assert queue.unprinted() == 2
    queue.mark_sending(job.id)
    queue.mark_printed(job.id)
    assert queue.unprinted() == 1
    assert next_job(till).seq == second.seq
    assert till.print_queue.state(job.id) == "printed"
    assert till.print_queue.state(99) is None


def test_a_copy_is_a_copy(till: TillStore) -> None:
    _, entry = sell(till)

    def reprint() -> int:
        with till.journal.transaction() as transaction:
            return transaction.queue_receipt(entry.seq, (), copy=True)

    job_id = till.journal_writer.run(reprint)
    till.print_queue.mark_printed(next_job(till).id)
    job = next_job(till)
    assert (job.id, job.copy, job.balances) == (job_id, True, ())


def test_sending_is_on_disk_before_the_first_byte(till: TillStore) -> None:
    sell(till)
    statements: list[str] = []
    connection = till.journal_writer._connection
    assert connection is not None
    till.journal_writer.run(lambda: connection.set_trace_callback(statements.append))
    job = next_job(till)
    till.print_queue.mark_sending(job.id)
    assert not [statement for statement in statements if "synchronous" in statement]
    statements.clear()
    till.print_queue.mark_printed(job.id)
    assert statements[0] == "PRAGMA synchronous = NORMAL"


def test_a_crash_while_sending_makes_the_next_one_a_copy(folder: DataFolder) -> None:
    with till_in(folder) as till:
        sell(till)
        till.print_queue.mark_sending(next_job(till).id)
    with till_in(folder) as till:
        job = next_job(till)
        assert (job.state, job.may_have_printed, job.attempts) == ("sending", True, 1)
        till.print_queue.mark_sending(job.id)
        till.print_queue.mark_failed(job.id, "缺纸", may_have_printed=False)
        job = next_job(till)
        assert job.may_have_printed, "the try before the crash may have come out"
        assert (job.state, job.attempts, job.problem) == ("failed", 2, "缺纸")


def test_a_failure_goes_back_to_the_queue(till: TillStore) -> None:
    sell(till)
    job = next_job(till)
    till.print_queue.mark_sending(job.id)
    till.print_queue.mark_failed(job.id, "连不上", may_have_printed=False)
    again = next_job(till)
    assert (again.id, again.state, again.may_have_printed) == (job.id, "failed", False)
    till.print_queue.mark_sending(job.id)
    till.print_queue.mark_failed(job.id, "没有回答", may_have_printed=True)
    assert next_job(till).may_have_printed
    assert till.print_queue.unprinted() == 1


def test_a_receipt_that_cannot_be_printed_holds_up_no_other(till: TillStore) -> None:
    _, bad = sell(till)
    _, good = sell(till)
    for _ in range(PATIENCE_ATTEMPTS):
        job = next_job(till)
        assert job.seq == bad.seq
        till.print_queue.mark_sending(job.id)
        till.print_queue.mark_failed(job.id, "坏图", may_have_printed=False)
    job = next_job(till)
    assert job.seq == good.seq
    till.print_queue.mark_printed(job.id)
    assert next_job(till).seq == bad.seq


def test_what_is_printed_stays_printed(till: TillStore) -> None:
    sell(till)
    job = next_job(till)
    till.print_queue.mark_printed(job.id)
    till.print_queue.mark_failed(job.id, "late", may_have_printed=True)
    assert till.print_queue.state(job.id) == "printed"
