"""What commands have in common: their options, the opened hub, and how they answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.hub import Hub

DATA = click.option("--data", type=click.Path(path_type=Path), required=True, help="The hub's data folder.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
STORE = click.option("--store", default="S1", show_default=True, help="Store id.")
TERMINAL = click.option("--terminal", required=True, help="Terminal id, such as S1-1.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
MEMBER = click.option("--member", required=True, help="Member number.")
MERCHANT = click.option("--merchant", required=True, help="Merchant id, such as M1.")
ASSET = click.option("--asset", required=True, help="An asset of the current pack, such as share_points.")


@contextmanager
def opened(data: Path) -> Iterator[Hub]:
    from sync.hub.hub import opened
    from sync.hub.storage.data_folder import existing

    with opened(existing(data)) as hub:
        yield hub


def known_timezone(name: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        raise Told(
            Words(
                "没有时区 {name}，例如：Asia/Shanghai。",
                "There is no time zone {name}; an example: Asia/Shanghai.",
            ),
            name=name,
        ) from error


def tell(words: Words, **params: object) -> None:
    click.echo(words.say(system_language(), **params), err=True)


def print_qr(content: str) -> None:
    """Beside the answer, on stderr: a script reads the code alone."""
    from qrcode import QRCode

    picture = QRCode(border=2)
    picture.add_data(content)
    picture.print_ascii(out=sys.stderr, invert=True)


def print_json(content: object) -> None:
    import json

    print(json.dumps(content, ensure_ascii=False), flush=True)
