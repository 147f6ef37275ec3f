"""A pack with mistakes of form, mended so that the rest of it can be checked in the same run."""

from __future__ import annotations

import re
from typing import Any

from pos.domain.programme.json_schema import pack_schema

Path = tuple[str | int, ...]

NAMED_BY = ("id", "asset")
"""What a table of a list is called by; one without is counted."""

STAND_IN = "zz_missing_"
"""How a stand-in's id begins, followed by its place in the list: no pack would use it by chance."""

SHOWN_MAX = 40

HARMLESS_KIND = "benefit"
"""The price rule about which there is least to say."""


_WIDEST: dict[str | int, int] = {"scale": 9}
"""Where the least value would make others wrong: any amount is a whole number of such minor units."""


def mended(table: dict[str, Any], wrong: list[tuple[Path, bool]]) -> tuple[dict[str, Any], dict[str, str]]:
    """A copy in which wrong values are replaced and unknown keys (true) left out.

    Also tells, for every table that lost its name, its stand-in's key and how the file spells it.
    """
    copy: dict[str, Any] = _copied(table)
    spelling: dict[str, str] = {}
    # the innermost first: what stands around it may be replaced as a whole
    for path, unknown in sorted(wrong, key=lambda one: -len(one[0])):
        if unknown:
            _inside(copy, path[:-1]).pop(path[-1], None)
        elif path[-1] == "kind":
            _replace_rule(copy, path[:-1])
        else:
            _put(copy, path, _WIDEST.get(path[-1]) or stand_in(_schema_at(path), _place(path)))
        if len(path) > 1 and isinstance(path[1], int):
            spelling[f"{path[0]}.{STAND_IN}{path[1]}"] = spelt(table, path[:2])
    return copy, spelling


def _replace_rule(table: Any, path: Path) -> None:
    """Of a rule of an unknown kind only the id is kept: coupons may be named by it."""
    rule = _inside(table, path)
    kept = rule["id"] if _is_id(rule.get("id")) else f"{STAND_IN}{path[-1]}"
    rule.clear()
    rule.update({"kind": HARMLESS_KIND, "id": kept, "name": "x", "funder": "alliance"})


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value) is not None


def _place(path: Path) -> int:
    return next((key for key in reversed(path) if isinstance(key, int)), 0)


def stand_in(schema: dict[str, Any], place: int = 0) -> Any:
    """The least value that a schema allows; ids are numbered by `place` so that no two are alike."""
    schema = _resolved(schema)
    if "default" in schema and not schema.get("minItems"):
        return _copied(schema["default"])
    if schema.get("pattern", "").startswith("^[a-z]") or "|CNY" in schema.get("pattern", ""):
        return f"{STAND_IN}{place}"
    if "examples" in schema or "enum" in schema:
        return next(iter((*schema.get("examples", ()), *schema.get("enum", ()))))
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {key: stand_in(properties[key], place) for key in schema.get("required", ())}
        case "array":
            return [stand_in(schema["items"], place)] if schema.get("minItems") else []
        case "integer":
            return schema.get("minimum", 1)
    return "x"


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    return {**pack_schema()["$defs"][schema["$ref"].rpartition("/")[2]], **schema}


def _schema_at(path: Path) -> dict[str, Any]:
    """The schema of what should stand at a path; of a price rule, of any kind that has such a key."""
    schema = _resolved(pack_schema())
    for key in path:
        schema = _resolved(schema["items"] if isinstance(key, int) else _property(schema, key))
    return schema


def _property(schema: dict[str, Any], key: str) -> dict[str, Any]:
    if key in schema.get("properties", {}):
        return dict(schema["properties"][key])
    if schema.get("additionalProperties"):
        return dict(schema["additionalProperties"])
    kinds = [_resolved(kind["then"])["properties"] for kind in schema["allOf"]]
    return next(dict(properties[key]) for properties in kinds if key in properties)


def _inside(table: Any, path: Path) -> Any:
    for key in path:
        table = table[key]
    return table


def _put(table: Any, path: Path, value: Any) -> None:
    _inside(table, path[:-1])[path[-1]] = value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def spelt(table: Any, path: Path) -> str:
    """`price_rules.coupon_50_10.min_fen`; a table without a name is counted: `price_rules[3]`."""
    text = ""
    for key in path:
        table = _at(table, key)
        if isinstance(key, int):
            names = [
                table[by] for by in NAMED_BY if isinstance(table, dict) and isinstance(table.get(by), str)
            ]
            text += f".{shown(names[0])}" if names and names[0] else f"[{key + 1}]"
        else:
            text += f".{shown(key)}" if text else shown(key)
    return text


def shown(value: Any) -> str:
    """The beginning of anything, on one line and harmless on any screen."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    cut = text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cut)


def _at(table: Any, key: str | int) -> Any:
    if isinstance(table, dict):
        return table.get(str(key))
    return table[key] if isinstance(table, list) and isinstance(key, int) else None
