"""The print queue in a list."""

from __future__ import annotations

import msgspec

from pos.domain.receipt import BalanceAfter
from pos.usecases.print_ports import PrintJob, PrintState


class FakePrintQueue:
    def __init__(self) -> None:
        self.jobs: list[PrintJob] = []

    def add(self, seq: int, balances: tuple[BalanceAfter, ...], *, copy: bool = False) -> int:
        job = PrintJob(len(self.jobs) + 1, seq, copy, balances, "queued", 0, may_have_printed=False)
        self.jobs.append(job)
        return job.id

    def next_job(self) -> PrintJob | None:
        return next((job for job in self.jobs if job.state not in ("printed", "given_up")), None)

    def mark_sending(self, job_id: int) -> None:
        job = self.jobs[job_id - 1]
        self._put(msgspec.structs.replace(job, state="sending", attempts=job.attempts + 1))

    def mark_printed(self, job_id: int) -> None:
        self._put(msgspec.structs.replace(self.jobs[job_id - 1], state="printed"))

    def mark_failed(self, job_id: int, problem: str, *, may_have_printed: bool) -> None:
        job = self.jobs[job_id - 1]
        self._put(
            msgspec.structs.replace(
                job,
                state="queued",
                problem=problem,
                may_have_printed=job.may_have_printed or may_have_printed,
            )
        )

    def give_up(self, job_id: int, problem: str) -> None:
        self._put(msgspec.structs.replace(self.jobs[job_id - 1], state="given_up", problem=problem))

    def unprinted(self) -> int:
        return sum(job.state not in ("printed", "given_up") for job in self.jobs)

    def state(self, job_id: int) -> PrintState | None:
        return self.jobs[job_id - 1].state if 1 <= job_id <= len(self.jobs) else None

    def print_all(self) -> None:
        """Whatever waits comes out."""
        while (job := self.next_job()) is not None:
            self.mark_printed(job.id)

    def _put(self, job: PrintJob) -> None:
        self.jobs[job.id - 1] = job
