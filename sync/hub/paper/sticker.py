"""The sticker at a till: members scan it and get a pay code for exactly this till. One page of A6."""

from __future__ import annotations

import io
import logging
from typing import NamedTuple

import qrcode
from fpdf import FPDF
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.pil import PilImage

from sync.hub.paper import fonts

_FONT = "cjk"
_WIDTH_MM, _HEIGHT_MM, _MARGIN_MM, _QR_MM = 105.0, 148.0, 8.0, 76.0
_GREEN, _INK, _SOFT = (0, 105, 78), (33, 37, 41), (90, 98, 104)


class Sticker(NamedTuple):
    """What stands on it. `url` is the page that the code opens."""

    alliance: str
    store: str
    terminal_label: str
    url: str


def page_of(hub_url: str, terminal: str) -> str:
    """The address of a till's page."""
    return f"{hub_url.rstrip('/')}/t/{terminal}"


def pdf(sticker: Sticker) -> bytes:
    """The sheet to print and stick on.

    Raises:
        Told: this machine has no font for Chinese.

    """
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table that it subsets
    page, font = FPDF(format=(_WIDTH_MM, _HEIGHT_MM)), fonts.chinese_font()
    page.add_font(_FONT, fname=str(font.file), collection_font_number=font.number)
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(auto=False)
    page.set_title(f"{sticker.store} {sticker.terminal_label}")
    page.add_page()
    _line(page, sticker.alliance, 13, _SOFT, 7)
    _line(page, "用积分付款，先扫这里", 22, _GREEN, 11)
    _line(page, "Scan to pay with points", 11, _SOFT, 6)
    page.image(_qr(sticker.url), x=(_WIDTH_MM - _QR_MM) / 2, y=page.get_y() + 2, w=_QR_MM, h=_QR_MM)
    page.set_y(page.get_y() + _QR_MM + 3)
    _line(page, f"{sticker.store} · {sticker.terminal_label}", 13, _INK, 8)
    _line(page, "付款码只在这台收银机上有效", 9, _SOFT, 5)
    _line(page, sticker.url, 7, _SOFT, 5)
    return bytes(page.output())


def _line(page: FPDF, text: str, size: float, colour: tuple[int, int, int], height_mm: float) -> None:
    page.set_text_color(*colour)
    page.set_font(_FONT, size=size)
    while size > 5 and page.get_string_width(text) > page.epw:
        size -= 0.5
        page.set_font_size(size)
    page.cell(0, height_mm, text, align="C", new_x="LMARGIN", new_y="NEXT")


def _qr(url: str) -> io.BytesIO:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=12, border=4)
    code.add_data(url)
    picture = io.BytesIO()
    code.make_image(image_factory=PilImage).save(picture)
    picture.seek(0)
    return picture
