"""The reference page: its example works, and no key of the format is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos.domain.programme.audit import audit
from pos.domain.programme.guard_rails import promises_in
from pos.domain.programme.json_schema import pack_schema
from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import SHIPPED, shipped

PAGE = (Path(__file__).parents[3] / "docs/programmes.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_sixth_pack_loads_and_collects_more_than_it_promises() -> None:
    pack = load_pack(EXAMPLE.encode())
    assert pack.id == "riverside"
    found = audit(pack)
    assert found.ratio is not None
    assert f"for {float(found.ratio)} times what it collects" in PAGE
    assert not found.promises_more


PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
WORDS = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PROSE))))


@pytest.mark.parametrize("table", sorted(pack_schema()["$defs"]))
def test_every_key_is_described(table: str) -> None:
    assert set(pack_schema()["$defs"][table]["properties"]) - WORDS == set()


def test_every_kind_and_choice_is_named() -> None:
    """Everything that a key may be: kinds, roles, bases, funders, plans' ways."""
    choices = {
        str(choice)
        for table in pack_schema()["$defs"].values()
        for schema in table["properties"].values()
        for choice in [*schema.get("enum", ()), *schema.get("items", {}).get("enum", ())]
    }
    assert choices - WORDS == {"tue", "wed", "thu", "fri", "sat"}  # `mon` … `sun`


@pytest.mark.parametrize("pack", SHIPPED)
def test_the_ratios_of_the_shipped_packs_are_the_audits(pack: str) -> None:
    (told,) = re.findall(rf"^\| `{pack}` \| (\S+)", PAGE, re.MULTILINE)
    ratio = audit(shipped(pack)).ratio
    assert told.rstrip(":") == ("none" if ratio is None else f"{float(ratio):.2f}".rstrip("0").rstrip("."))


def test_the_example_promises_nothing_it_may_not() -> None:
    assert promises_in(EXAMPLE) == []
