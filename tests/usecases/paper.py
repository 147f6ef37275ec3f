"""A printed document as the text a customer reads."""

from __future__ import annotations

from drivers.contracts import Columns, Document, QrCode, Text


def lines(document: Document) -> list[str]:
    """One string a printed line; the two sides of a line are parted by a tab."""
    shown = []
    for element in document.elements:
        match element:
            case Text(text):
                shown.append(text)
            case Columns(left, right):
                shown.append(f"{left}\t{right}")
            case QrCode(data, caption=caption):
                shown.append(f"QR {data} {caption}")
            case _:
                pass
    return shown


def receipt_no(document: Document) -> str:
    """The number on a receipt."""
    return next(line for line in lines(document) if line.startswith("单号\t")).removeprefix("单号\t")


def is_copy(document: Document) -> bool:
    return any("副本" in line for line in lines(document))
