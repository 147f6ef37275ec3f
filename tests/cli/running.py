"""Running `pos …`: inside this process where that is enough, as a process of its own where it matters."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from pos.cli import main

ZH = {"POS_LANGUAGE": "zh"}


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def pos(*arguments: str | Path, language: str = "zh") -> Said:
    """Runs a command in this process. An exception that it did not expect is the test's, too."""
    ended = CliRunner().invoke(main, [str(one) for one in arguments], env={"POS_LANGUAGE": language})
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Said(ended.exit_code, ended.stdout, ended.stderr)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "pos.cli", *(str(one) for one in arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, **ZH, "PYTHONUTF8": "1"}


def process(*arguments: str | Path, before: tuple[str, ...] = ()) -> Said:
    """Runs a command as a process of its own, `before` standing before it (another program)."""
    ended = subprocess.run(
        [*before, *command(*arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=False,
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


def is_one_sentence(text: str) -> bool:
    """What a person may see of a failure: one line of Chinese, no trace of the program."""
    (line,) = text.splitlines() or [""]
    return any("\u4e00" <= char <= "\u9fff" for char in line) and "Traceback" not in line
