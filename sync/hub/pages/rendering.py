"""Pages for people, rendered here: no script, nothing loaded from elsewhere, nothing kept by caches."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal, NamedTuple

import jinja2
import qrcode
from fastapi import Response
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage
from qrcode.util import QRData

from pos.domain.language import Language
from sync.hub.pages import figures_in_words as figures
from sync.hub.pages.member_card import CardShown
from sync.hub.words import Words

_NUMERIC: Literal[1] = 1  # the standard's mode indicator
_QUIET_ZONE_MODULES = 4
_POLICY = "base-uri 'none'; frame-ancestors 'none'"

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("sync.hub.pages", "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(
    yuan=figures.yuan,
    amount=figures.amount,
    percent=figures.percent,
    about=figures.about,
    count=figures.count,
)


def chosen(asked: str | None, otherwise: Language) -> Language:
    """The page's language: `?lang=` before the browser's."""
    if asked == "en":
        return "en"
    return "zh" if asked == "zh" else otherwise


def page(
    template: str, language: Language, *, status: int = 200, forms: bool = False, **values: object
) -> Response:
    """A page from a template; only one with `forms` may send any, and only to here.

    Templates may call `say(zh, en)`, `told(words, …)` and `day(date)`, and filter numbers with `yuan`,
    `amount(scale)`, `percent` and `count`.
    """
    sends = "'self'" if forms else "'none'"
    referrer = "same-origin" if forms else "no-referrer"
    policy = Policy(f"form-action {sends}", referrer)
    return _rendered(template, language, policy, values, status=status)


def page_with_script(template: str, language: Language, **values: object) -> Response:
    """A page whose own script may run and ask this hub; nothing else may."""
    policy = Policy("script-src 'nonce-{nonce}'; connect-src 'self'", "no-referrer")
    return _rendered(template, language, policy, values)


class Policy(NamedTuple):
    """What a page may do beside looking like itself (with its `{nonce}`), and what it tells the next."""

    may: str
    referrer: str


def _rendered(
    template: str, language: Language, policy: Policy, values: dict[str, object], *, status: int = 200
) -> Response:
    nonce = secrets.token_urlsafe(16)
    html = _templates.get_template(template).render(
        language=language, nonce=nonce, **_spoken(language), **values
    )
    may = policy.may.format(nonce=nonce)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; {may}; {_POLICY}",
        "Referrer-Policy": policy.referrer,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return Response(html, status, headers, media_type="text/html")


def _spoken(language: Language) -> dict[str, Callable[..., str]]:
    def say(zh: str, en: str, **params: object) -> str:
        return Words(zh, en).say(language, **params)

    def told(words: Words, **params: object) -> str:
        return words.say(language, **params)

    def day(date: str) -> str:
        return figures.day(date, language)

    return {"say": say, "told": told, "day": day}


def card_page(card: CardShown | None, language: Language, path: str = "") -> Response:
    """The member's page, which has this path, or (None) a friendly 404."""
    if card is None:
        return page("no_card.html", language, status=404)
    return page("card.html", language, card=card, code=qr_svg(card.card_code), qr=qr_svg, path=path)


def home_page(language: Language) -> Response:
    return page("home.html", language)


def qr_svg(content: str) -> Markup:
    """A QR code, error level M, as one SVG path that takes the size of its box; digits in numeric mode."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=_QUIET_ZONE_MODULES,
        image_factory=SvgPathImage,
    )
    digits = content.isascii() and content.isdecimal()
    code.add_data(QRData(content, mode=_NUMERIC) if digits else QRData(content.encode()))
    code.make(fit=True)
    return Markup(code.make_image().to_string(encoding="unicode"))  # noqa: S704 - squares drawn by us
