"""What a sale costs the disk, counted: one sync, and as many pages of WAL as it says here."""

from __future__ import annotations

import shutil
from pathlib import Path

from pos.bootstrap.till import open_till
from tests.simulation.power.recorder import recording
from tests.simulation.power.trace import Step, Sync, Trace, Write
from tests.usecases.conftest import template
from tests.usecases.sample_till import WATER, SampleTill

__all__ = ["template"]

FRAME_HEADER_BYTES = 24
FRAMES_OF_A_SALE = 11
"""Of a walk-in's sale of one good: entry, receipt, print job, count, and the pages of their indexes."""


def frames(steps: list[Step]) -> int:
    return sum(isinstance(step, Write) and len(step.content) == FRAME_HEADER_BYTES for step in steps)


def syncs(steps: list[Step]) -> int:
    return sum(isinstance(step, Sync) for step in steps)


def sold(trace: Trace, shop: SampleTill) -> list[Step]:
    """What a sale asked of the disk; the cart is not saved here, as it is between scans."""
    before = len(trace.steps)
    shop.sell(WATER)
    return trace.steps[before:]


def test_a_sale_waits_for_the_disk_once(template: Path, tmp_path: Path) -> None:
    root = tmp_path / "disk"
    shutil.copytree(template, root / "till")
    with recording(root) as trace, open_till(root / "till") as till:
        shop = SampleTill(till)
        sold(trace, shop)  # the first one may begin a WAL
        costs = [sold(trace, shop) for _ in range(5)]
    assert [syncs(one) for one in costs] == [1] * 5
    assert max(frames(one) for one in costs) <= FRAMES_OF_A_SALE
