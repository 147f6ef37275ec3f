"""Programmes at the desk: what is in force, in plain words; a new one checked, audited and published."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File
from sqlalchemy import Connection, select

from pos.domain.language import Language
from pos.domain.programme.audit import audit as audited
from pos.domain.programme.audit_words import findings
from pos.domain.programme.explain import explain
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes, key_of, reason_of
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, packs
from sync.hub.hub import setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Publisher, Reader
from sync.hub.pages.spoken import sentence
from sync.hub.people import audit, forms
from sync.hub.people.forms import TOKEN_FIELD, CheckedForm
from sync.hub.people.visitors import PageRefused, Visitor
from sync.hub.storage import schema
from sync.hub.web.edge import Body, TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)

PACK_LENGTH_MAX = 64 << 10  # as a form field with escapes it is up to three times as long
AUDIT_YEARS = 3


class Explained(NamedTuple):
    """A pack in words: (title, sentences) per subject, and the audit's words and assumptions."""

    pack: Pack
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    audit: tuple[str, ...]
    assumptions: tuple[str, ...]
    promises_more: bool


def explained(pack: Pack, language: Language) -> Explained:
    found = audited(pack)
    told = findings(found, AUDIT_YEARS)
    return Explained(
        pack,
        tuple(
            (sentence(one.title, language), tuple(sentence(line, language) for line in one.sentences))
            for one in explain(pack)
        ),
        tuple(sentence(one, language) for one in told.words),
        tuple(sentence(one, language) for one in told.assumptions),
        found.promises_more,
    )


@ROUTES.get("/desk/packs")
def pack_list(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        return _list(request, connection, visitor)


@ROUTES.get("/desk/packs/{sha256}")
def one_pack(sha256: str, request: Request, hub: TheHub, visitor: Reader) -> Response:
    """A published pack in plain words."""
    with hub.database.read() as connection:
        pack = packs.by_hash(connection, sha256)
        if pack is None:
            raise PageRefused(404, _UNKNOWN)
        return framing.page(
            request,
            visitor,
            "desk/pack.html",
            place="packs",
            alliance=setting(connection, "alliance_name"),
            shown=explained(pack, visitor.language),
            source=None,
        )


def uploaded(request: Request, body: Body) -> bytes:
    """The pack's file out of a form that one of our own pages has sent.

    Raises:
        PageRefused: it is not from a page of ours, too large, or no such form.

    """
    if len(body) > PACK_LENGTH_MAX:
        raise PageRefused(413, _TOO_LARGE)
    fields, files = _parts(request.headers.get("content-type", ""), body)
    forms.check_csrf(request, fields.get(TOKEN_FIELD, b"").decode("utf-8", "replace"))
    file = files.get("file", b"")
    if not file.strip():
        raise PageRefused(422, _NO_FILE)
    return file


def _parts(content_type: str, body: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The form's fields and files by their names; a file of a small form is never put on disk."""
    fields: dict[str, bytes] = {}
    files: dict[str, bytes] = {}

    def on_field(field: Field) -> None:
        fields[(field.field_name or b"").decode("utf-8", "replace")] = field.value or b""

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        files[(file.field_name or b"").decode("utf-8", "replace")] = file.file_object.read()

    if not content_type.lower().startswith("multipart/form-data"):
        raise PageRefused(415, _NO_FILE)
    try:
        parse_form({"Content-Type": content_type.encode("latin-1")}, BytesIO(body), on_field, on_file)
    except (FormParserError, ValueError) as error:
        raise PageRefused(400, _NO_FILE) from error
    return fields, files


Uploaded = Annotated[bytes, Depends(uploaded)]


@ROUTES.post("/desk/packs/check")
def check(request: Request, hub: TheHub, visitor: Publisher, file: Uploaded) -> Response:
    """Explains and audits a file, or lists everything that is wrong with it. Nothing is kept."""
    with hub.database.read() as connection:
        try:
            pack = load_pack(file)
        except PackMistakes as error:
            listed = [(key_of(one), sentence(reason_of(one), visitor.language)) for one in error.mistakes]
            return _list(request, connection, visitor, mistakes=listed)
        return framing.page(
            request,
            visitor,
            "desk/pack.html",
            place="packs",
            alliance=setting(connection, "alliance_name"),
            shown=explained(pack, visitor.language),
            source=file.decode(),
        )


@ROUTES.post("/desk/packs")
def publish(request: Request, hub: TheHub, visitor: Publisher, form: CheckedForm) -> Response:
    """Signs and distributes a pack that was checked on the page before."""
    payload = form.exact("source").replace("\r\n", "\n").encode()
    try:
        with hub.database.write() as connection:
            pack = packs.publish(hub, connection, payload)
            members.refresh_all(connection)  # other points may expire under it
            sha256 = hashlib.sha256(payload).hexdigest()
            audit.note(
                connection, visitor, "pack.publish", f"pack:{pack.id}", f"version {pack.version} {sha256}"
            )
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, connection, visitor, mistake=told)
    return framing.led_on("/desk/packs", "published")


def _list(
    request: Request,
    connection: Connection,
    visitor: Visitor,
    *,
    mistake: Told | None = None,
    mistakes: list[tuple[str, str]] | None = None,
) -> Response:
    timezone, table = setting(connection, "timezone"), schema.packs
    columns = [table.c[name] for name in ("id", "version", "sha256", "published_at")]
    current = packs.current(connection)
    return framing.page(
        request,
        visitor,
        "desk/packs.html",
        place="packs",
        status=422 if mistake or mistakes else 200,
        mistake=mistake,
        mistakes=mistakes or [],
        alliance=setting(connection, "alliance_name"),
        current=current,
        found=connection.execute(select(*columns).order_by(table.c.published_at.desc())).all(),
        moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
    )


_UNKNOWN = Words("没有这个方案，请从方案列表进入。", "There is no such programme; open it from the list.")
_NO_FILE = Words("请选一个方案文件（.toml）。", "Choose a programme's file (.toml).")
_TOO_LARGE = Words("文件太大，方案文件不会超过 64 KB。", "The file is too large; a programme is below 64 KB.")
