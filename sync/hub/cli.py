"""`pos-hub`: everything an alliance's operator does, one command each.

Whatever a person can get wrong ends in one sentence and exit code 1.
"""

from __future__ import annotations

import os
import sys

import click

from sync.hub.commands import files, people, places, programme, reports, running
from sync.hub.commands.answering import tell
from sync.hub.words import Told, Words, system_language


@click.group()
def cli() -> None:
    """The alliance's central server and its housekeeping."""
    os.umask(0o077)  # whatever is written is for the hub's user alone


for _command in (
    running.init,
    running.serve,
    files.import_,
    programme.pack,
    programme.price,
    places.store,
    places.enrol_code,
    places.terminal,
    people.member,
    people.coupon,
    people.merchant,
    reports.report,
):
    cli.add_command(_command)

_SYSTEM_REFUSED = Words(
    "系统不允许：{what}{why}。请检查磁盘空间和目录权限，然后再运行一次。",
    "The system refused: {what}{why}. Check disk space and the folder's permissions, then run it again.",
)


def main() -> None:
    """The entry point: runs a command, and puts what went wrong into one sentence."""
    try:
        code = cli.main(standalone_mode=False)
    except Told as told:
        click.echo(told.say(system_language()), err=True)
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(1)
    except OSError as error:
        tell(_SYSTEM_REFUSED, what=f"{error.filename}: " * bool(error.filename), why=error.strerror or error)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
