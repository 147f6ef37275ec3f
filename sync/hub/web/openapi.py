"""The description of the hub's routes, made from the message types themselves.

A route states its messages and which of the hub's answers it can give; nothing else may come out of it
(`tests/sync/hub/web/test_contract.py` holds it to that). `docs/openapi.json` is the published copy.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from fastapi import FastAPI

from sync.hub.web import refusals
from sync.hub.web.refusals import Answer
from sync.protocol import asking, messages
from sync.protocol.messages import Problem

_TEMPLATE = "#/components/schemas/{name}"
_NAMED = re.compile(re.escape(_TEMPLATE.format(name="")) + r"(\w+)")
_SIGNATURE = "terminal_signature"

# What any route can say: a fault of ours, too many requests, no database to ask.
_ALWAYS = (
    refusals.OUR_FAULT,
    refusals.TOO_MANY_REQUESTS,
    refusals.DATABASE_AWAY,
    refusals.STORAGE_FULL,
    refusals.BUSY,
)
_SIGNED = (
    refusals.UNSIGNED,
    refusals.UNKNOWN_TERMINAL,
    refusals.REVOKED,
    refusals.TOO_LARGE,
    refusals.BODY_ENCODED,
)
_CURRENT = (*_SIGNED, refusals.CLOCK_SKEW, refusals.REPLACED)

_WITH_RETRY_AFTER = (429, 503)
_RETRY_AFTER = {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}}

Message = type[msgspec.Struct]


def route(gives: Message, *problems: Answer, takes: Message | None = None) -> dict[str, Any]:
    """Arguments for `add_api_route`: what an open route gives, takes and can say no with."""
    return _route(gives, (*_ALWAYS, *problems), takes, signed=False)


def uploaded(gives: Message, *problems: Answer, takes: Message) -> dict[str, Any]:
    """Like `route`, for what an enrolled terminal sends, at whatever time."""
    return _route(gives, (*_ALWAYS, *_SIGNED, *problems), takes, signed=True)


def read(gives: Message, *problems: Answer, takes: Message | None = None) -> dict[str, Any]:
    """Like `route`, for what an enrolled terminal is told, now and as its newest incarnation."""
    return _route(gives, (*_ALWAYS, *_CURRENT, *problems), takes, signed=True)


def read_bytes(what: str, *problems: Answer) -> dict[str, Any]:
    """Like `read`, for bytes that are no message."""
    described = _route(Problem, (*_ALWAYS, *_CURRENT, *problems), None, signed=True)
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    described["responses"][200] = {"description": what, "content": content}
    return described


def _route(
    gives: Message, problems: tuple[Answer, ...], takes: Message | None, *, signed: bool
) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if takes is not None:
        extra["requestBody"] = {"required": True, "content": _json(takes)}
    if signed:
        extra["security"] = [{_SIGNATURE: []}]
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": _first_sentence(gives), "content": _json(gives)}
    }
    for status in sorted({answer.status for answer in problems}):
        words = [f"`{one.error}`: {one.message.en}" for one in problems if one.status == status]
        responses[status] = {"description": " ".join(dict.fromkeys(words)), "content": _json(Problem)}
        if status in _WITH_RETRY_AFTER:
            responses[status]["headers"] = {"Retry-After": _RETRY_AFTER}
    return {"openapi_extra": extra, "responses": responses, "response_model": None}


def _first_sentence(message: Message) -> str:
    return " ".join((message.__doc__ or message.__name__).split("\n\n")[0].split())


def _json(message: Message) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _TEMPLATE.format(name=message.__name__)}}}


def describe(app: FastAPI) -> None:
    """Adds to the app's description the messages its routes name, and how terminals sign."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = plain()
            operations = [one for path in described["paths"].values() for one in path.values()]
            for operation in operations:
                _only_declared(operation)
            described["components"] = {
                "schemas": _schemas(operations),
                "securitySchemes": {_SIGNATURE: _SCHEME},
            }
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schemas(operations: list[dict[str, Any]]) -> dict[str, Any]:
    """The messages that operations name, and what these consist of."""
    named = sorted(set(_NAMED.findall(str(operations))))
    _, components = msgspec.json.schema_components([_message(name) for name in named], ref_template=_TEMPLATE)
    return {name: components[name] for name in sorted(components)}


def _message(name: str) -> Message:
    found: Message = getattr(messages, name, None) or getattr(asking, name)
    return found


def _only_declared(operation: dict[str, Any]) -> None:
    """The framework's own 422 is answered with a `Problem`; where nothing can be wrong it does not come."""
    framework = operation["responses"].get("422", {}).get("content", {}).get("application/json", {})
    if "HTTPValidationError" in str(framework):
        del operation["responses"]["422"]


_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": "RFC 9421 with Ed25519 over @method, @path, @query and content-digest, tag "
    "`alliance-pos`; the key id is `<terminal>/<incarnation>`. Headers Signature, Signature-Input and "
    "Content-Digest; docs/protocol.md says it in full.",
}
