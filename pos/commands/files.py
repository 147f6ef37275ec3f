"""Files that a command was given, read or refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from pos.domain.message import Message, Refusal, say
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.pack import Pack

FILE_BYTES_MAX = 16 << 20


def fail(message: Message, *, status: int = 1) -> NoReturn:
    """One sentence on stderr, and an exit status."""
    click.echo(words()(message), err=True)
    raise SystemExit(status)


def words() -> Any:
    """The command line's language."""
    from pos.bootstrap.machine import system_language
    from pos.words import Words

    return Words(system_language())


def read_bytes(path: Path) -> bytes:
    """The whole file.

    Raises:
        Refusal: `file`: it is not there, cannot be read, or is too large.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(
            "file", say("读不了文件 {path}：{detail}", path=str(path), detail=error.strerror or "")
        ) from error
    if len(content) > FILE_BYTES_MAX:
        raise Refusal("file", say("文件 {path} 太大了", path=str(path)))
    return content


def read_json(path: Path) -> Any:
    """The file's JSON.

    Raises:
        Refusal: `file`: not JSON, with the place where it ends to be.

    """
    try:
        return msgspec.json.decode(read_bytes(path))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(
            "file", say("文件 {path} 不是有效的 JSON：{detail}", path=str(path), detail=str(error)[:200])
        ) from error


def shipped_packs() -> Path:
    """The folder of the packs that come with the program."""
    from importlib.resources import files

    return Path(str(files("resources"))) / "programmes"


def read_pack(name: str) -> Pack:
    """A pack from a file, or a shipped one by its id (`tongyi`).

    Raises:
        Refusal: `file` or `pack`, with every mistake found.

    """
    path = Path(name)
    shipped = shipped_packs() / f"{name}.toml"
    if not path.is_file() and name.isidentifier() and shipped.is_file():
        path = shipped
    if not path.exists():
        known = "、".join(sorted(one.stem for one in shipped_packs().glob("*.toml")))
        raise Refusal(
            "file",
            say("没有文件 {name}，也没有叫这个名字的随附方案；随附的有 {known}", name=name, known=known),
        )
    try:
        return load_pack(read_bytes(path))
    except PackMistakes as error:
        raise Refusal(
            "pack",
            say(
                "方案 {path} 不能用：{mistakes}",
                path=str(path),
                mistakes="\n  " + "\n  ".join(words()(one) for one in error.mistakes),
            ),
        ) from error
