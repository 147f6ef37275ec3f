"""Where receipts go: numbered files in a folder, complete as soon as they have their names."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

from drivers.printer.virtual.page import plain_text
from drivers.printer.virtual.picture import draw_receipt

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from drivers.printer.virtual.page import Page

_NUMBERED = re.compile(r"receipt-(\d+)\.")


class ReceiptFolder:
    """`receipt-0001.bin`, `.txt` and `.png`, and `events.jsonl`; used by one thread."""

    def __init__(self, out: Path, clock: Callable[[], datetime]) -> None:
        """Makes the folder. Numbers go on behind those of an earlier run.

        Raises:
            OSError: the folder cannot be made or read.

        """
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._clock = clock
        self._last = max(
            (int(found[1]) for path in out.iterdir() if (found := _NUMBERED.match(path.name))), default=0
        )

    def save(self, page: Page, raw: bytes, *, complete: bool) -> Path:
        """Writes a receipt and returns its picture, which is the last file to appear.

        `complete` is false for a receipt that was torn off or that lost lines to an empty roll.
        """
        self._last += 1
        name = f"receipt-{self._last:04d}"
        self._write(f"{name}.bin", raw)
        self._write(f"{name}.txt", plain_text(page).encode())
        png = io.BytesIO()
        draw_receipt(page).save(png, "PNG")
        self._write(f"{name}.png", png.getvalue())
        self.log({"event": "receipt", "file": f"{name}.png", "complete": complete})
        return self._out / f"{name}.png"

    def log(self, event: dict[str, Any]) -> None:
        """Appends one JSON line, with the time as ISO 8601."""
        line = json.dumps({"at": self._clock().isoformat(timespec="milliseconds"), **event})
        with (self._out / "events.jsonl").open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def _write(self, name: str, content: bytes) -> None:
        part = self._out / f".{name}.part"
        part.write_bytes(content)
        part.replace(self._out / name)
