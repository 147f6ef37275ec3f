"""Writes the schema of programme packs where editors and other programs find it.

    .venv/bin/python -m resources.programmes.publish_schema

The schema is made from the structures that read packs; `docs/programme.schema.json` is its committed
form. Editors that know JSON Schema complete and check a pack with it while it is written.
"""

from __future__ import annotations

import json
from pathlib import Path

from pos.domain.programme.json_schema import pack_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "programme.schema.json"


def published() -> str:
    """The file's text: stable, so that a change of the format shows as a change of the file."""
    return json.dumps(pack_schema(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Writes the file."""
    PUBLISHED.write_text(published(), encoding="utf-8")


if __name__ == "__main__":
    main()
