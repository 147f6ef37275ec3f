"""`pos-hub`: everything an alliance's operator does, one command each.

Whatever a person can get wrong ends in one sentence and exit code 1.
"""

from __future__ import annotations

import os
import sys

import click

from sync.hub.commands import (
    backup,
    codes,
    contract,
    files,
    growth,
    growth_members,
    growth_merchants,
    journal,
    keys,
    ledger,
    people,
    persons,
    pickups,
    places,
    programme,
    reports,
    risk,
    running,
    schedules,
    settlement,
    staff,
    terminals,
    tls,
    users,
)
from sync.hub.commands.answering import tell
from sync.hub.words import Told, Words, system_language


@click.group()
def cli() -> None:
    """The alliance's central server and its housekeeping."""
    os.umask(0o077)  # whatever is written is for the hub's user alone


for _command in (
    running.init,
    running.serve,
    backup.backup,
    backup.restore,
    backup.migrate,
    files.import_,
    programme.pack,
    programme.price,
    places.store,
    places.enrol_code,
    places.terminal,
    terminals.snapshot,
    people.member,
    people.coupon,
    people.merchant,
    users.user,
    users.audit,
    growth.task,
    reports.report,
    ledger.ledger,
    journal.journal,
    settlement.settlement,
    schedules.run_schedule,
    schedules.distribution,
    contract.openapi_,
    codes.code,
    pickups.pickup,
    keys.keys,
    tls.tls,
    staff.staff,
    risk.risk,
):
    cli.add_command(_command)
for _command in growth_members.COMMANDS:
    people.member.add_command(_command)
for _command in persons.COMMANDS:
    people.member.add_command(_command)
for _command in growth_merchants.COMMANDS:
    people.merchant.add_command(_command)

_SYSTEM_REFUSED = Words(
    "系统不允许：{what}{why}。请检查磁盘空间和目录权限，然后再运行一次。",
    "The system refused: {what}{why}. Check disk space and the folder's permissions, then run it again.",
)
_DATABASE_REFUSED = Words(
    "{why}没做完的一步已撤回，请稍后再运行一次。",
    "{why} The step that was under way is undone; run it again later.",
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
    except Exception as error:  # noqa: BLE001 - a fault of ours goes on as it came
        _tell_outage(error)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _tell_outage(error: Exception) -> None:
    """Says what the system or the database refused; anything else is a fault of ours and goes on."""
    from sync.hub.web.outages import outage  # noqa: PLC0415 - only who fails needs it

    found = outage(error)
    if found is not None:
        tell(_DATABASE_REFUSED, why=found.message.say(system_language()))
    elif isinstance(error, OSError):
        tell(_SYSTEM_REFUSED, what=f"{error.filename}: " * bool(error.filename), why=error.strerror or error)
    else:
        raise error


if __name__ == "__main__":
    main()
