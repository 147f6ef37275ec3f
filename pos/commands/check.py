"""`pos programme check`: whether packs can be used, with every mistake of every file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pos.commands.files import read_bytes, words
from pos.domain.message import Message, Refusal, say
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.pack import Pack


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
def check(files: tuple[Path, ...], *, as_json: bool) -> None:
    """检查方案文件，说出每一个错误 · Check packs: every mistake of each. Exit 1 when any has one."""
    from pos.domain.programme.mistakes import key_of, reason_of

    say_it = words()
    answers: list[dict[str, Any]] = []
    for file in files:
        pack, mistakes = _checked(file)
        told = [{"key": key_of(one), "reason": say_it(reason_of(one))} for one in mistakes]
        answers.append({"file": str(file), "ok": pack is not None, "mistakes": told})
        if not as_json:
            for line in _lines(pack, mistakes):
                click.echo(f"{file}: {say_it(line)}")
    if as_json:
        click.echo(json.dumps({"files": answers}, ensure_ascii=False, indent=2))
    raise SystemExit(0 if all(answer["ok"] for answer in answers) else 1)


def _checked(file: Path) -> tuple[Pack | None, list[Message]]:
    try:
        return load_pack(read_bytes(file)), []
    except PackMistakes as wrong:
        return None, wrong.mistakes
    except Refusal as unreadable:
        return None, [unreadable.message]


def _lines(pack: Pack | None, mistakes: list[Message]) -> list[Message]:
    return mistakes if pack is None else [say("ok {id} 第 {version} 版", id=pack.id, version=pack.version)]
