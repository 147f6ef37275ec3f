"""Forms that browsers send: read within bounds, and only from pages that this hub has shown.

Every form carries a token that belongs to the browser's session, or before a log-in to a cookie of its
own. Somebody else's page can make a browser send a form, but can read neither the cookie nor the token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request, Response

from sync.hub.people import sessions
from sync.hub.people.visitors import PageRefused
from sync.hub.web.edge import Body, hub_of
from sync.hub.words import Words

TOKEN_FIELD = "csrf"  # noqa: S105 - the field's name
_PURPOSE = "form"
_FORM_LENGTH_MAX = 256 << 10
_FIELDS_MAX = 2_000
_URLENCODED = "application/x-www-form-urlencoded"


class Fields(Mapping[str, str]):
    """What a form says: each field's last value, `all` values of one, and "" for what was not sent."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last.get(name, "").strip()

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def exact(self, name: str) -> str:
        """With the blanks around it: a password's are its own."""
        return self._last.get(name, "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value.strip() for key, value in self._pairs if key == name)


def csrf_token(request: Request) -> str:
    """What a page's forms must carry, in a hidden field named `csrf`."""
    return hub_of(request).keys.seal(_PURPOSE, _anchor(request)).hex()


def checked_form(request: Request, body: Body) -> Fields:
    """The fields of a form that one of our own pages has sent.

    Raises:
        PageRefused: it is too large, of another kind, or not from a page of ours.

    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
        raise PageRefused(415, _NO_FORM)
    if len(body) > _FORM_LENGTH_MAX:
        raise PageRefused(413, _TOO_LARGE)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
    except ValueError as error:  # also bytes that are no text
        raise PageRefused(400, _NO_FORM) from error
    if any("\0" in value for _, value in pairs):
        raise PageRefused(400, _NO_FORM)  # PostgreSQL keeps no such character, and nobody types it
    fields = Fields(pairs)
    check_csrf(request, fields[TOKEN_FIELD])
    return fields


CheckedForm = Annotated[Fields, Depends(checked_form)]


def check_csrf(request: Request, token: str) -> None:
    """For forms that are read otherwise, such as files.

    Raises:
        PageRefused: the form does not come from a page of ours that this browser was shown.

    """
    ours = hmac.compare_digest(csrf_token(request).encode(), token.encode("utf-8", "surrogateescape"))
    if not ours or _from_elsewhere(request):
        raise PageRefused(403, _FOREIGN)


def plant(request: Request, response: Response) -> None:
    """Gives a browser that is not signed in the cookie that its forms belong to."""
    anchor = getattr(request.state, "form_anchor", None)
    if anchor is not None:
        secure = not sessions.on_loopback(request)
        response.set_cookie(
            _cookie_name(request), anchor, httponly=True, secure=secure, samesite="strict", path="/"
        )


def _anchor(request: Request) -> str:
    """What this browser's forms belong to: its session, else its form cookie, made here if need be."""
    kept = sessions.token_of(request) or request.cookies.get(_cookie_name(request))
    if kept:
        return kept
    if not hasattr(request.state, "form_anchor"):
        request.state.form_anchor = secrets.token_urlsafe(32)
    return str(request.state.form_anchor)


def _from_elsewhere(request: Request) -> bool:
    """What the browser itself says about where a form comes from, if it says anything.

    A page under `Referrer-Policy: no-referrer` sends `Origin: null`, which says nothing.
    """
    origin = request.headers.get("origin", "null")
    if origin != "null" and _netloc(origin) != request.url.netloc:
        return True
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _cookie_name(request: Request) -> str:
    return "hub-form" if sessions.on_loopback(request) else "__Host-hub-form"


_NO_FORM = Words(
    "这份表单读不懂。请返回上一页重新填写。", "This form cannot be read. Go back and fill it in again."
)
_TOO_LARGE = Words("填写的内容太长。请缩短后再提交。", "The form is too long. Shorten it and send it again.")
_FOREIGN = Words(
    "这份表单不是从本站当前页面提交的，或页面已过期。请重新打开页面再填写。",
    "This form was not sent from a current page of this site. Open the page again and fill it in once more.",
)
