"""The alliance's keys: which there are, and changing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json, tell
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.hub import Hub
    from sync.protocol.messages import KeyList, SignedBytes

_FILE = click.Path(dir_okay=False, path_type=Path)
ROOT = click.option("--root", type=_FILE, help="The root's private key (root.pem), where it is at hand.")
PREPARE = click.option("--prepare", type=_FILE, help="Write the list to be signed elsewhere to this file.")


@click.group("keys")
def keys() -> None:
    """The alliance's keys."""


@keys.command("list")
@DATA
@AS_JSON
def keys_list(*, data: Path, as_json: bool) -> None:
    """Show every key: what it may sign, how it stands, and whether its private half is here."""
    from sync.protocol import trust

    with opened(data) as hub:
        listed, folder = hub.keys.listed, hub.keys.folder
    rows = [
        {
            "id": one.id,
            "use": one.use,
            "status": one.status,
            "fingerprint": trust.fingerprint(one.public),
            "private_here": (folder / f"{one.id}.pem").is_file(),
        }
        for one in listed.keys
    ]
    if as_json:
        print_json({"version": listed.version, "root": trust.fingerprint(listed.root), "keys": rows})
        return
    click.echo(_HEAD.say(system_language(), version=listed.version, root=trust.fingerprint(listed.root)))
    for row in rows:
        here = "" if row["private_here"] else " · " + _NOT_HERE.say(system_language())
        status = _STATUS[str(row["status"])].say(system_language())
        click.echo(f"{row['id']} · {status} · {row['fingerprint']}{here}")


@keys.command("rotate")
@DATA
@click.argument("use")
@ROOT
@PREPARE
def keys_rotate(*, data: Path, use: str, root: Path | None, prepare: Path | None) -> None:
    """Have the next key of a USE sign from now on; the one before still holds, and a new next is told."""
    from sync.hub.trust import rotation

    with opened(data) as hub:
        change(hub, rotation.rotated(hub.keys, use), root, prepare, f"rotate {use}")


@keys.command("revoke")
@DATA
@click.argument("key_id")
@ROOT
@PREPARE
def keys_revoke(*, data: Path, key_id: str, root: Path | None, prepare: Path | None) -> None:
    """Void a stolen key: nothing it signed holds any more."""
    from sync.hub.trust import rotation

    with opened(data) as hub:
        change(hub, rotation.revoked(hub.keys, key_id), root, prepare, f"revoke {key_id}")


@keys.command("sign")
@click.argument("prepared", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--root", type=_FILE, required=True, help="The root's private key.")
@click.option("--out", type=_FILE, required=True, help="Where to write the signed list.")
def keys_sign(*, prepared: Path, root: Path, out: Path) -> None:
    """Sign a prepared list; on the machine where the root is, which needs no network."""
    import msgspec

    from sync.hub.trust import rotation
    from sync.protocol.messages import KeyList

    try:
        listed = msgspec.json.decode(prepared.read_bytes(), type=KeyList)
    except msgspec.MsgspecError as error:
        raise Told(_NO_LIST, file=prepared, detail=error) from error
    out.write_bytes(msgspec.json.encode(rotation.sign(listed, root)))
    tell(_SIGNED, out=out, version=listed.version)


@keys.command("publish")
@DATA
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def keys_publish(*, data: Path, file: Path) -> None:
    """Take a list that the root has signed; tills fetch it with their next pass."""
    import msgspec

    from sync.protocol.messages import SignedBytes

    try:
        signed = msgspec.json.decode(file.read_bytes(), type=SignedBytes)
    except msgspec.MsgspecError as error:
        raise Told(_NO_LIST, file=file, detail=error) from error
    with opened(data) as hub:
        _publish(hub, signed, "publish")


def change(hub: Hub, listed: KeyList, root: Path | None, prepare: Path | None, what: str) -> None:
    """Signs and publishes at once, or leaves the list to be signed."""
    import msgspec

    from sync.hub.trust import rotation

    if (root is None) == (prepare is None):
        raise Told(_ROOT_OR_PREPARE)
    if root is not None:
        _publish(hub, rotation.sign(listed, root), what)
    elif prepare is not None:
        prepare.write_bytes(msgspec.json.encode(listed))
        tell(_PREPARED, file=prepare)


def _publish(hub: Hub, signed: SignedBytes, what: str) -> None:
    from sync.hub.alliance import packs
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.trust import rotation

    listed = rotation.publish(hub.keys, signed)
    with hub.database.write() as connection:
        packs.sign_anew(hub, connection)
        audit.note(connection, at_the_console(hub), "keys.publish", f"keys:{listed.version}", what)
    tell(_PUBLISHED, version=listed.version)


_HEAD = Words("钥匙清单第 {version} 版，根指纹 {root}", "Key list version {version}, root fingerprint {root}")
_NOT_HERE = Words("私钥不在本机", "private half not here")
_STATUS = {
    "next": Words("备用（已公布）", "next"),
    "current": Words("在用", "current"),
    "retired": Words("已退役（旧签名仍有效）", "retired"),
    "revoked": Words("已作废", "revoked"),
}
_ROOT_OR_PREPARE = Words(
    "请给出 --root（根私钥在手边）或 --prepare（写出清单，拿到有根私钥的机器上签）。",
    "Give --root (the root key is at hand) or --prepare (writes the list, to be signed where the root is).",
)
_PREPARED = Words(
    "清单已写到 {file}。在有根私钥的机器上签名：pos-hub keys sign {file} --root root.pem --out signed.json，"
    "再拿回来：pos-hub keys publish signed.json",
    "The list is in {file}. Sign it where the root is: pos-hub keys sign {file} --root root.pem --out "
    "signed.json, then bring it back: pos-hub keys publish signed.json",
)
_SIGNED = Words("第 {version} 版清单已签名：{out}", "List version {version} is signed: {out}")
_PUBLISHED = Words(
    "钥匙清单第 {version} 版已公布，收银机下次同步时收到。",
    "Key list version {version} is published; tills fetch it with their next pass.",
)
_NO_LIST = Words("{file} 不是钥匙清单（{detail}）。", "{file} is no key list ({detail}).")
