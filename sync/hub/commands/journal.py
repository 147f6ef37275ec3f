"""Tills' chains at the hub: for an auditor, and for what comes by file."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, FILE, TERMINAL, opened, print_json, tell
from sync.hub.words import Words, system_language


@click.group("journal")
def journal() -> None:
    """Tills' journals: every entry that has come, and whether the chains hold."""


@journal.command("chains")
@DATA
@click.option("--store", help="Of this store only.")
@AS_JSON
def journal_chains(*, data: Path, store: str | None, as_json: bool) -> None:
    """Check every link of every chain; exit 1 when one does not hold."""
    import msgspec

    from sync.hub.journal import auditing

    with opened(data) as hub, hub.database.read() as connection:
        found = auditing.chains(connection, store=store)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
    for one in [] if as_json else found:
        facts = {name: getattr(one, name) for name in one.__struct_fields__}
        click.echo((_BROKEN if one.broken else _HOLDS).say(system_language(), **facts))
    if any(one.broken for one in found):
        raise SystemExit(1)


@journal.command("list")
@DATA
@TERMINAL
@click.option("--epoch", type=int, required=True, help="Which of the terminal's chains.")
@AS_JSON
def journal_list(*, data: Path, terminal: str, epoch: int, as_json: bool) -> None:
    """Show every entry of one chain with the mark that its receipt shows."""
    import msgspec

    from sync.hub.journal import auditing

    with opened(data) as hub, hub.database.read() as connection:
        found = list(auditing.entries(connection, terminal, epoch))
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        said = (
            one.mark,
            one.kind,
            one.receipt_no,
            "" if one.verdict == "accepted" else one.verdict,
            one.reason,
        )
        click.echo(f"{one.seq}\t" + "\t".join(said).rstrip())


@journal.command("aside")
@DATA
@AS_JSON
def journal_aside(*, data: Path, as_json: bool) -> None:
    """Show what was set aside and waits for somebody."""
    import msgspec

    from sync.hub.journal import resolving

    with opened(data) as hub, hub.database.read() as connection:
        found = resolving.waiting(connection, system_language())
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        click.echo(f"{one.entry}\t{one.terminal}\t{one.epoch}/{one.seq}\t{one.kind}\t{one.reason}")


@journal.command("retry")
@DATA
def journal_retry(*, data: Path) -> None:
    """Read again what an earlier program of this hub could not read, and book it."""
    from sync.hub.journal import resolving
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub:
        settled = resolving.retry(hub)
        with hub.database.write() as connection:
            audit.note(connection, at_the_console(hub), "journal.retry", "journal", str(settled))
    tell(_RETRIED, n=settled)


@journal.command("dismiss")
@DATA
@click.argument("entry", type=int)
@click.option("--reason", required=True, help="What it was.")
def journal_dismiss(*, data: Path, entry: int, reason: str) -> None:
    """Settle an ENTRY that was set aside without booking it; it stays as it came, with the reason."""
    from sync.hub.journal import resolving
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        resolving.dismiss(hub, connection, entry, reason)
        audit.note(connection, at_the_console(hub), "journal.dismiss", f"entry:{entry}", reason)
    tell(_DISMISSED, entry=entry)


@journal.command("take")
@DATA
@FILE
@click.option("--unsigned", is_flag=True, help="You vouch for it: a copy without a key, or an unknown chain.")
def journal_take(*, data: Path, file: Path, unsigned: bool) -> None:
    """Take in a hand-over FILE of a till that cannot upload any more; everything is booked once."""
    from sync.hub.journal import adopting
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    lines = adopting.lines_of(file.read_bytes())
    with opened(data) as hub:
        verdicts = adopting.take_file(hub, lines, system_language(), unsigned=unsigned)
        with hub.database.write() as connection:
            kind = "unsigned" if unsigned else "signed"
            audit.note(
                connection, at_the_console(hub), "journal.take", file.name[:60], f"{kind} {dict(verdicts)}"
            )
    tell(
        _TAKEN,
        new=verdicts["accepted"],
        known=verdicts["exists"],
        aside=verdicts["quarantined"] + verdicts["exists_with_different_content"],
    )


_HOLDS = Words(
    "{terminal} 第 {epoch} 期（{standing}）：{entries} 条都成立，末条 {head}，签过到第 {signed_up_to} 条；"
    "最后小票 {last_receipt}；另有 {forks} 条分叉、{set_aside} 条待查",
    "{terminal} epoch {epoch} ({standing}): all {entries} entries hold, the last is {head}, "
    "signed up to {signed_up_to}; last receipt {last_receipt}; {forks} forks and {set_aside} set aside",
)
_BROKEN = Words(
    "{terminal} 第 {epoch} 期（{standing}）：第 {broken} 条不成立！共 {entries} 条，"
    "签过到第 {signed_up_to} 条",
    "{terminal} epoch {epoch} ({standing}): entry {broken} does NOT hold! {entries} entries, "
    "signed up to {signed_up_to}",
)
_RETRIED = Words("重新读懂并入账 {n} 条。", "{n} entries were read and booked.")
_DISMISSED = Words("记录 {entry} 已处理，不入账。", "Entry {entry} is settled and not booked.")
_TAKEN = Words(
    "收下 {new} 条，原有 {known} 条，待人工核对 {aside} 条。",
    "{new} entries taken, {known} were here, {aside} need a person.",
)
