"""A page of codes to scan: goods as bar codes, members as QR, from the sample shop."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import NamedTuple

import barcode
import qrcode
from barcode.writer import SVGWriter
from qrcode.image.svg import SvgPathImage

_STYLE = """
body { font: 16px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 24px; color: #14211d }
h1 { font-size: 26px; margin: 0 0 4px }
h2 { font-size: 20px; margin: 28px 0 10px; border-bottom: 2px solid #14332c }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px }
.card { border: 1px solid #d8dfdc; border-radius: 10px; padding: 12px; text-align: center }
.card { break-inside: avoid }
.card svg { max-width: 100%; height: 110px }
.card.qr svg { height: 190px; width: 190px }
.name { font-weight: 700 }
.note { color: #5b6a65; font-size: 14px }
"""


class Card(NamedTuple):
    """One code on the sheet. `qr` members; goods are bar codes."""

    code: str
    title: str
    note: str
    qr: bool = False


def sheet(title: str, intro: str, sections: list[tuple[str, list[Card]]]) -> str:
    """The page, complete in itself."""
    body = "".join(
        f"<h2>{escape(heading)}</h2><div class='grid'>{''.join(map(_card, cards))}</div>"
        for heading, cards in sections
    )
    return (
        f"<!doctype html><html lang='zh'><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1><p>{escape(intro)}</p>{body}</html>"
    )


def _card(card: Card) -> str:
    picture = _qr(card.code) if card.qr else _bars(card.code)
    return (
        f"<div class='card{' qr' if card.qr else ''}'>{picture}<div class='name'>{escape(card.title)}</div>"
        f"<div class='note'>{escape(card.note)}</div></div>"
    )


def _qr(code: str) -> str:
    return qrcode.make(code, image_factory=SvgPathImage, border=4).to_string(encoding="unicode")


def _bars(code: str) -> str:
    """EAN where the code is one, Code 128 for PLU codes."""
    kind = {8: "ean8", 13: "ean13"}.get(len(code), "code128")
    drawing = BytesIO()
    barcode.get(kind, code, writer=SVGWriter()).write(drawing)
    text = drawing.getvalue().decode("utf-8")
    return text[text.index("<svg") :]
