"""The shipped packs, changed at will: as text by replacing, as tables by planting values."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes, key_of
from pos.domain.programme.pack import Pack

FOLDER = Path(__file__).parents[3] / "resources/programmes"
SHIPPED = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def text_of(pack: str) -> str:
    return (FOLDER / f"{pack}.toml").read_text(encoding="utf-8")


def table_of(pack: str) -> dict[str, Any]:
    return tomllib.loads(text_of(pack))


def shipped(pack: str) -> Pack:
    return load_pack(text_of(pack).encode())


def mistakes(pack: str | bytes | dict[str, Any]) -> list[str]:
    """Every mistake that loading tells, in words."""
    if isinstance(pack, dict):
        pack = toml(pack)
    with pytest.raises(PackMistakes) as caught:
        load_pack(pack.encode() if isinstance(pack, str) else pack)
    assert str(caught.value)
    return [str(mistake) for mistake in caught.value.mistakes]


def wrong_keys(pack: str | bytes | dict[str, Any]) -> list[str]:
    """Only the keys of what is wrong."""
    if isinstance(pack, dict):
        pack = toml(pack)
    with pytest.raises(PackMistakes) as caught:
        load_pack(pack.encode() if isinstance(pack, str) else pack)
    return [key_of(mistake) for mistake in caught.value.mistakes]


def changed(pack: str, *pairs: tuple[str, str]) -> str:
    """A shipped pack's text with the first of each `old` replaced, which must be there."""
    text = text_of(pack)
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def planted(pack: str, values: dict[str, Any]) -> dict[str, Any]:
    """A shipped pack with values put at paths such as `price_rules.coupon_50_10.min_fen`; None deletes."""
    table = deepcopy(table_of(pack))
    for spelt, value in values.items():
        *above, key = spelt.split(".")
        inside: Any = table
        for step in above:
            if isinstance(inside, list):
                inside = next(one for one in inside if step in {one.get("id"), one.get("asset")})
            else:
                inside = inside.setdefault(step, {})
        if value is None:
            del inside[key]
        else:
            inside[key] = value
    return table


def toml(table: dict[str, Any]) -> str:
    """Any plain table as TOML."""
    return "\n".join(f"{_text(key)} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
