"""Describes the raw-body routes in the app's OpenAPI from the message types themselves."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from sync.protocol.messages import (
    DayStatement,
    EnrolRequest,
    FeedPage,
    HubIntroduction,
    Problem,
    SignedBytes,
    UploadBatch,
    UploadReply,
)

_MESSAGES = (
    EnrolRequest,
    SignedBytes,
    UploadBatch,
    UploadReply,
    FeedPage,
    DayStatement,
    HubIntroduction,
    Problem,
)
_TEMPLATE = "#/components/schemas/{name}"


def takes(message: type[msgspec.Struct]) -> dict[str, Any]:
    """For a route: its body is this message as JSON."""
    content = {"application/json": {"schema": {"$ref": _TEMPLATE.format(name=message.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> None:
    """Adds the messages to the components of the app's description."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = plain()
            _, components = msgspec.json.schema_components(_MESSAGES, ref_template=_TEMPLATE)
            described.setdefault("components", {}).setdefault("schemas", {}).update(components)
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
