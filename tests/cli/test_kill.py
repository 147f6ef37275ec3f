"""odoo#125037: whatever moment the process is killed at, what was said to be paid is paid."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

from tests.cli.running import command, environment, pos
from tests.cli.test_sample_and_replay import WORKED, baskets

ROUNDS = 6


def replay_until_killed(data: Path, file: Path, chance: random.Random) -> list[list[str]]:
    """The complete PAID lines of a replay that is killed at some moment."""
    running = subprocess.Popen(
        command("replay", "--data", data, "--baskets", file), stdout=subprocess.PIPE, env=environment()
    )
    with running:
        assert running.stdout is not None
        seen = [running.stdout.readline() for _ in range(chance.randrange(1, 120))]
        time.sleep(chance.uniform(0, 0.02))
        running.send_signal(signal.SIGKILL)
        seen += running.stdout.readlines()
    assert running.returncode == -signal.SIGKILL, "the replay was over before it could be killed"
    return [line.decode().split() for line in seen if line.endswith(b"\n")]


def test_every_sale_that_was_said_to_be_paid_is_in_the_journal(data: Path, tmp_path: Path) -> None:
    """Six times in a row on the same folder, so that each start also recovers from the kill before it."""
    chance = random.Random(20_261_121)
    file = baskets(tmp_path, *[WORKED] * 20_000)
    said: list[list[str]] = []
    sales: list[list[str]] = []
    for _ in range(ROUNDS):
        said += replay_until_killed(data, file, chance)
        assert pos("journal", "verify", "--data", data).status == 0
        listed = [line.split("\t") for line in pos("journal", "list", "--data", data).lines]
        unsaid = len(sales)
        sales = [["PAID", row[2], row[0], row[3]] for row in listed if row[1] == "sale"]
        assert [line for line in said if line not in sales] == []
        assert len({sale[1] for sale in sales}) == len(sales)
        assert len(sales) - unsaid >= 1
    # At most one sale of each round was booked without its line having left the process.
    assert len(said) <= len(sales) <= len(said) + ROUNDS
    assert len(said) > 100


def test_killed_while_it_starts(data: Path, tmp_path: Path) -> None:
    """Before, while and just after the files are opened."""
    chance = random.Random(1)
    file = baskets(tmp_path, *[WORKED] * 20_000)
    for _ in range(3):
        with subprocess.Popen(
            command("replay", "--data", data, "--baskets", file),
            stdout=subprocess.DEVNULL,
            env=environment(),
        ) as running:
            time.sleep(chance.uniform(0.2, 0.9))
            running.kill()
        assert pos("journal", "verify", "--data", data).status == 0
    assert pos("replay", "--data", data, "--baskets", baskets(tmp_path, WORKED)).status == 0
