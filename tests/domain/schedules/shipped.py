"""The shipped packs, whose figures the domain's page states."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack

PROGRAMMES = Path(__file__).parents[3] / "resources/programmes"


@cache
def shipped(name: str) -> Pack:
    return load_pack((PROGRAMMES / f"{name}.toml").read_bytes())
