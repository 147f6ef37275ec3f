"""`pos programme explain`: a pack in plain sentences."""

from __future__ import annotations

import click

from pos.commands.files import read_pack, words
from pos.domain.message import named, say


@click.command()
@click.argument("pack")
def explain(pack: str) -> None:
    """用大白话说明方案 · PACK (a file, or a shipped pack's id) in plain sentences."""
    from pos.domain.programme.explain import explain as explained

    rules, say_it = read_pack(pack), words()
    head = say("{pack}（{id} 第 {version} 版）", pack=named(rules.name), id=rules.id, version=rules.version)
    click.echo(say_it(head))
    for section in explained(rules):
        click.echo(f"\n{say_it(section.title)}")
        for sentence in section.sentences:
            click.echo(f"  {say_it(sentence)}")
