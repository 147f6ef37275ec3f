"""Pages for people, rendered here: no script, nothing loaded from elsewhere, nothing kept by caches."""

from __future__ import annotations

import secrets
from typing import Literal

import jinja2
import qrcode
from fastapi import Response
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage
from qrcode.util import QRData

from pos.domain.language import Language
from sync.hub.pages.member_card import CardShown

_NUMERIC: Literal[1] = 1  # the standard's mode indicator
_QUIET_ZONE_MODULES = 4
_POLICY = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("sync.hub.pages", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def chosen(asked: str | None, otherwise: Language) -> Language:
    """The page's language: `?lang=` before the browser's."""
    if asked == "en":
        return "en"
    return "zh" if asked == "zh" else otherwise


def card_page(card: CardShown | None, language: Language) -> Response:
    """The member's page, or (None) a friendly 404."""
    if card is None:
        return _page("no_card.html", language, status=404)
    return _page("card.html", language, card=card, code=qr_svg(card.card_code))


def home_page(language: Language) -> Response:
    return _page("home.html", language)


def qr_svg(digits: str) -> Markup:
    """A QR code in numeric mode, error level M, as one SVG path that takes the size of its box."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=_QUIET_ZONE_MODULES,
        image_factory=SvgPathImage,
    )
    code.add_data(QRData(digits, mode=_NUMERIC))
    code.make(fit=True)
    return Markup(code.make_image().to_string(encoding="unicode"))  # noqa: S704 - drawn from digits by us


def _page(template: str, language: Language, *, status: int = 200, **values: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    html = _templates.get_template(template).render(language=language, nonce=nonce, **values)
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; {_POLICY}"
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(html, status, headers, media_type="text/html")
