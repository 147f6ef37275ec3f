"""The hub's TLS certificate by the alliance's own authority."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import DATA, opened, tell
from sync.hub.commands.keys import PREPARE, ROOT, change
from sync.hub.words import Words

if TYPE_CHECKING:
    from sync.hub.hub import Hub

_HOSTS = click.option("--host", "hosts", multiple=True, help="A name or address tills use; repeatable.")


@click.group("tls")
def tls() -> None:
    """The hub's certificate where there is no public one."""


@tls.command("make")
@DATA
@click.option(
    "--host", "hosts", multiple=True, required=True, help="A name or address tills use; repeatable."
)
@click.option("--new-authority", is_flag=True, help="Replace the authority: its private key was stolen.")
@ROOT
@PREPARE
def tls_make(
    *, data: Path, hosts: tuple[str, ...], new_authority: bool, root: Path | None, prepare: Path | None
) -> None:
    """Make the alliance's authority and the hub's certificate, and have the root vouch for the authority.

    Tills learn of the authority while they join, and from then on with the other keys.
    """
    from sync.hub.hub import setting
    from sync.hub.trust import rotation, tls

    with opened(data) as hub:
        with hub.database.read() as connection:
            name = setting(connection, "alliance_name")
        authority = tls.make_authority(hub.keys.folder, name, hub.now(), anew=new_authority)
        _certify(hub, hosts)
        if hub.keys.listed.tls != (authority,):
            change(hub, rotation.vouching(hub.keys, (authority,)), root, prepare, "tls make")


@tls.command("renew")
@DATA
@_HOSTS
def tls_renew(*, data: Path, hosts: tuple[str, ...]) -> None:
    """Make the hub's certificate anew, for the same hosts or others; tills need not be told."""
    from sync.hub.trust import tls

    with opened(data) as hub:
        _certify(hub, hosts or tls.hosts_of(hub.keys.folder))


def _certify(hub: Hub, hosts: tuple[str, ...]) -> None:
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.trust import tls

    end = tls.make_certificate(hub.keys.folder, hosts, hub.now())
    with hub.database.write() as connection:
        audit.note(connection, at_the_console(hub), "tls.make", ",".join(hosts), end.date().isoformat())
    tell(_MADE, hosts="、".join(hosts), end=end.date(), file=tls.certificate_of(hub.keys.folder))


_MADE = Words(
    "{hosts} 的证书已做好，{end} 到期：{file}。重新启动 pos-hub serve 后生效，到期前运行 pos-hub tls renew。",
    "The certificate for {hosts} is ready and ends on {end}: {file}. Restart pos-hub serve to use it, and "
    "run pos-hub tls renew before that day.",
)
