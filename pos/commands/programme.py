"""`pos programme …`: check, explain, audit and try out packs."""

from __future__ import annotations

import click

from pos.commands.audit import audit
from pos.commands.check import check
from pos.commands.explain import explain
from pos.commands.run_schedule import run


@click.group()
def programme() -> None:
    """联盟方案 · Programme packs."""


for command in (check, explain, audit, run):
    programme.add_command(command)
