"""Founding a hub, and serving."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import DATA, known_timezone, print_json, tell
from sync.hub.words import Words

LEVELS = ("debug", "info", "warning", "error")


@click.command()
@DATA
@click.option("--sample", is_flag=True, help="Fill it with the made-up sample shop.")
@click.option("--alliance", "name", default="商家联盟", show_default=True, help="The alliance's name.")
@click.option("--alliance-id", default="alliance", show_default=True)
@click.option("--timezone", default="Asia/Shanghai", show_default=True, help="IANA name.")
@click.option("--database", help="Keep the data in PostgreSQL: postgresql://user@host/database.")
def init(
    *, data: Path, sample: bool, name: str, alliance_id: str, timezone: str, database: str | None
) -> None:
    """Make a new hub: data folder, keys, database."""
    from sync.hub.alliance.founding import Alliance, found

    data = data.absolute()
    alliance = None if sample else Alliance(alliance_id, name, known_timezone(timezone))
    found(data, alliance, database_url=database)
    tell(
        Words(
            "总部已建立：{data}\n"
            "根密钥在 {root}。请现在把它移到 U 盘、锁进保险柜，本机不要留副本；总部平时运行不需要它。",
            "The hub is ready: {data}\n"
            "The root key is {root}. Move it off this machine now and keep it on a USB stick in a safe; "
            "the hub runs without it.",
        ),
        data=data,
        root=data / "keys" / "root.pem",
    )


@click.command()
@DATA
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8440, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--trust-proxy",
    multiple=True,
    metavar="ADDRESS",
    help="A reverse proxy (address or network) whose X-Forwarded-For is believed; repeatable.",
)
@click.option("--no-migrate", is_flag=True, help="Refuse an older database instead of migrating it.")
@click.option("--log-level", default="info", show_default=True, type=click.Choice(LEVELS))
def serve(
    *,
    data: Path,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    workers: int,
    trust_proxy: tuple[str, ...],
    no_migrate: bool,
    log_level: str,
) -> None:
    """Serve tills and member pages; prints one JSON line with the URL when ready."""
    from sync.hub.storage.data_folder import existing
    from sync.hub.web import logs
    from sync.hub.web.serve import Address, Options
    from sync.hub.web.serve import serve as run

    logs.start(log_level)
    run(
        existing(data.absolute()),
        Address(host, port, tls_cert, tls_key),
        lambda url: print_json({"url": url}),
        Options(workers, trust_proxy, not no_migrate, log_level),
    )
