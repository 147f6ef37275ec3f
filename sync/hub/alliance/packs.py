"""Programme packs: published in rising versions, signed, and found again by the hash of their bytes."""

from __future__ import annotations

import functools
import hashlib

from sqlalchemy import Connection, func, select, update

from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.pack import Pack
from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub
from sync.hub.storage import schema
from sync.hub.words import Told, Words
from sync.protocol.messages import SignedBytes
from sync.protocol.trust import PACK_TAG

_PACKS_KEPT_READ = 16


def publish(hub: Hub, connection: Connection, payload: bytes) -> Pack:
    """Checks, signs and distributes a pack; it is the current one from now on.

    Raises:
        Told: the pack has mistakes (all are named), or its version is not above the published one.

    """
    try:
        pack = load_pack(payload)
    except PackMistakes as error:
        raise Told(
            Words("方案不能发布：\n{mistakes}", "The pack cannot be published:\n{mistakes}"),
            mistakes="\n".join(f"  {mistake}" for mistake in error.mistakes),
        ) from error
    current = _current_version(connection, pack.id)
    if current is not None and pack.version <= current:
        raise Told(
            Words(
                "方案 {id} 的版本 {version} 不高于已发布的 {current}。请提高 version 再发布。",
                "Version {version} of pack {id} is not above the published {current}. "
                "Raise `version` and publish again.",
            ),
            id=pack.id,
            version=pack.version,
            current=current,
        )
    signed = hub.keys.sign("pack", PACK_TAG, payload)
    connection.execute(
        schema.packs.insert().values(
            id=pack.id,
            version=pack.version,
            sha256=hashlib.sha256(payload).hexdigest(),
            payload=payload,
            key_id=signed.key_id,
            signature=signed.signature,
            published_at=hub.time(),
        )
    )
    feed_rows.put(connection, "packs", pack.id, signed)
    return pack


def sign_anew(hub: Hub, connection: Connection) -> None:
    """Puts packs in force under the current key whose own was revoked, so that new tills take them."""
    revoked = {one.id for one in hub.keys.listed.keys if one.status == "revoked"}
    table = schema.packs
    for row in connection.execute(select(table).where(table.c.key_id.in_(revoked))).all():
        signed = hub.keys.sign("pack", PACK_TAG, bytes(row.payload))
        here = table.c.sha256 == row.sha256
        connection.execute(update(table).where(here).values(key_id=signed.key_id, signature=signed.signature))
        if row.version == _current_version(connection, row.id):
            feed_rows.put(connection, "packs", row.id, signed)


def current(connection: Connection) -> Pack | None:
    """The pack published last; None if there is none, or it is of a format that is read no more."""
    signed = feed_rows.latest(connection, "packs", SignedBytes)
    return None if signed is None else _read(signed.payload)


def by_hash(connection: Connection, sha256: str) -> Pack | None:
    """The pack whose signed bytes hash to `sha256` (hexadecimal), if it can still be read."""
    table = schema.packs
    payload = connection.execute(select(table.c.payload).where(table.c.sha256 == sha256)).scalar()
    return None if payload is None else _read(payload)


@functools.lru_cache(maxsize=_PACKS_KEPT_READ)
def _read(payload: bytes) -> Pack | None:
    """Packs are checked when they are published, but an older program may have had another format."""
    try:
        return load_pack(payload)
    except PackMistakes:
        return None


def _current_version(connection: Connection, pack_id: str) -> int | None:
    table = schema.packs
    version: int | None = connection.execute(
        select(func.max(table.c.version)).where(table.c.id == pack_id)
    ).scalar()
    return version
