"""The description of the hub's routes, for whoever writes another client."""

from __future__ import annotations

import click


@click.command("openapi")
def openapi_() -> None:
    """Print the OpenAPI description of the hub's routes."""
    import json

    from sync.hub.web.app import described

    click.echo(json.dumps(described(), indent=2, ensure_ascii=False))
