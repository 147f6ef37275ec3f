"""What the alliance risks and has lost, line by line, with who bears it and what to do."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json
from sync.hub.words import system_language


@click.command("risk")
@DATA
@AS_JSON
def risk(*, data: Path, as_json: bool) -> None:
    """What was spent beyond what was there, what is reserved where, and what was used twice."""
    import msgspec

    from sync.hub.pages.spoken import Naming
    from sync.hub.risk import wording
    from sync.hub.risk.report import report

    with opened(data) as hub, hub.database.read() as connection:
        found = report(hub, connection)
        told = wording.sections(found, Naming(connection, system_language()))
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for section in told:
        if section.lines:
            click.echo(f"{section.title} · {section.bearer}")
            for line in section.lines:
                click.echo(f"  {line}")
