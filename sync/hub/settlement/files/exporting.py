"""A statement as a file of one of three kinds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pos.domain.language import Language
from sync.hub.settlement.files.sheet import sheet
from sync.hub.settlement.statement import Statement
from sync.hub.words import Told, Words

Format = Literal["pdf", "xlsx", "csv"]
FORMATS: tuple[Format, ...] = ("pdf", "xlsx", "csv")
MEDIA_TYPES: dict[Format, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def exported(told: Statement, form: Format, language: Language) -> bytes:
    """A file's content: the same bytes for the same statement.

    Raises:
        Told: a PDF was asked for and this machine has no font for Chinese.

    """
    # Each kind's library is slow to import, and only one is needed.
    content, day = sheet(told, language), dt.date.fromisoformat(told.last)
    if form == "pdf":
        from sync.hub.settlement.files.pdf import pdf  # noqa: PLC0415

        return pdf(content, language, day)
    if form == "xlsx":
        from sync.hub.settlement.files.xlsx import xlsx  # noqa: PLC0415

        return xlsx(content, language, day)
    from sync.hub.settlement.files.csv_file import csv_file  # noqa: PLC0415

    return csv_file(content)


def file_name(told: Statement, form: Format) -> str:
    """What a browser may call the file: `settlement-S1-2026-03-14.pdf`."""
    period = told.first if told.first == told.last else f"{told.first}--{told.last}"
    return f"settlement-{told.party.id}-{period}.{form}"


def write_new(file: Path, content: bytes, *, overwrite: bool) -> None:
    """Writes a file that is whole or not there; one that is there already stays unless it may go.

    Raises:
        Told: it is there already.

    """
    if file.exists() and not overwrite:
        raise Told(
            Words(
                "{file} 已经存在，没有改动。请换个文件名，或加 --overwrite。",
                "{file} exists already and was left as it is. Choose another name, or add --overwrite.",
            ),
            file=file,
        )
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    part.replace(file)
