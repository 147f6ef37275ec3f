"""A small slice of `python -m tests.simulation.power`: the till keeps its word, and carelessness is noticed."""

from __future__ import annotations

import random

import pytest

from tests.simulation.power.cuts import recorded, run
from tests.simulation.power.disk import MOODS, SECTOR, Disk
from tests.simulation.power.faults import FAULTS
from tests.simulation.power.trace import (
    Create,
    MakeFolder,
    Rename,
    Said,
    Step,
    Sync,
    SyncFolder,
    Unlink,
    Write,
)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_word_is_kept(seed: int) -> None:
    outcome = run(seed, 25)
    assert outcome.problem is None
    assert outcome.images == 75


@pytest.mark.parametrize("care", FAULTS)
def test_carelessness_is_noticed(care: str) -> None:
    assert any(run(seed, 25, care=care).problem for seed in range(1, 5))


def test_a_morning_is_the_same_every_time() -> None:
    first, second = (
        [(step.kind, step.fact[:1]) for step in recorded(3) if isinstance(step, Said)] for _ in range(2)
    )
    assert first == second


# --- the disk ---------------------------------------------------------------------------------------

AN_OLD_FILE: tuple[Step, ...] = (
    MakeFolder("a"),
    SyncFolder("."),
    Create(1, "a/f"),
    Write(1, 0, b"old" * SECTOR),
    Sync(1),
    SyncFolder("a"),
)


def images(*steps: Step) -> set[tuple[tuple[str, bytes], ...]]:
    """Every content that any mood leaves behind, over many draws."""
    disk, chance = Disk((*AN_OLD_FILE, *steps)), random.Random(1)
    return {tuple(sorted(disk.after(mood, chance).files.items())) for mood in MOODS for _ in range(50)}


def test_what_was_synced_is_there() -> None:
    assert images() == {(("a/f", b"old" * SECTOR),)}


def test_a_write_that_was_not_synced_may_come_in_any_of_its_sectors() -> None:
    found = images(Write(1, 0, b"new" * SECTOR))
    sectors = {
        tuple(content[at : at + 3] for at in range(0, len(content), SECTOR)) for ((_, content),) in found
    }
    assert len(sectors) == 8


def test_a_name_without_its_folders_sync_may_be_missing_whatever_was_written() -> None:
    found = images(Create(2, "a/g"), Write(2, 0, b"x"), Sync(2))
    assert {tuple(name for name, _ in files) for files in found} == {("a/f",), ("a/f", "a/g")}


def test_a_rename_is_there_or_not_and_never_half() -> None:
    found = images(Create(2, "a/.g"), Write(2, 0, b"x"), Sync(2), Rename("a/.g", "a/f"))
    assert {dict(files)["a/f"] for files in found} == {b"old" * SECTOR, b"x"}


def test_a_file_below_a_folder_that_is_missing_is_missing() -> None:
    found = images(MakeFolder("b"), Create(2, "b/g"), Write(2, 0, b"x"), Sync(2), SyncFolder("b"))
    assert {"b/g" in dict(files) for files in found} == {True, False}


def test_an_unlink_may_be_taken_back() -> None:
    assert {len(files) for files in images(Unlink("a/f"))} == {0, 1}
