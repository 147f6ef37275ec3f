"""The published schema of packs (JSON Schema 2020-12), made from the structures that read them."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from pos.domain.programme.pack import Pack

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def pack_schema() -> dict[str, Any]:
    """The schema as plain data.

    One of several tables is chosen by `kind`, so that a mistake in one of them is told exactly.
    """
    schema = msgspec.json.schema(Pack)
    tables = {name: _published(body) for name, body in sorted(schema["$defs"].items())}
    return {
        "$schema": DIALECT,
        "title": "Programme pack",
        "$ref": schema["$ref"],
        "$defs": {name: _told_apart(body, tables) for name, body in tables.items()},
    }


def _published(node: Any) -> Any:
    """TOML has no null: a key without a value is left out."""
    if isinstance(node, list | tuple):
        return [_published(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _published(value) for key, value in node.items() if value is not None}
    if "anyOf" in kept and {"type": "null"} in kept["anyOf"]:
        (only,) = [one for one in kept.pop("anyOf") if one != {"type": "null"}]
        kept = {**only, **kept}
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    return kept


def _told_apart(node: Any, tables: dict[str, Any]) -> Any:
    """Turns "any of these, told apart by `kind`" into "if kind is … then …"."""
    if isinstance(node, list):
        return [_told_apart(one, tables) for one in node]
    if not isinstance(node, dict):
        return node
    if "discriminator" not in node:
        return {key: _told_apart(value, tables) for key, value in node.items()}
    key, mapping = node["discriminator"]["propertyName"], node["discriminator"]["mapping"]
    bodies = [tables[table.rpartition("/")[2]] for table in mapping.values()]
    shared = {
        name: schema
        for name, schema in bodies[0]["properties"].items()
        if all(body["properties"].get(name) == schema for body in bodies)
    }
    return {
        "type": "object",
        # what all kinds have in common is stated here, too: it holds even of an unknown kind
        "required": [name for name in bodies[0]["required"] if name == key or name in shared],
        "properties": {key: {"enum": sorted(mapping)}, **shared},
        "allOf": [
            {"if": {"properties": {key: {"const": kind}}, "required": [key]}, "then": {"$ref": table}}
            for kind, table in sorted(mapping.items())
        ],
    }
