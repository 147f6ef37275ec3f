"""Snapshots over HTTP: what is offered, and its bytes piece by piece."""

from __future__ import annotations

from typing import Annotated

from fastapi import BackgroundTasks, Path, Query, Response

from sync.hub.feeds import snapshots, upkeep
from sync.hub.feeds.reporting import Reader
from sync.hub.web import edge, refusals
from sync.hub.web.edge import TheHub, json_response
from sync.hub.web.refusals import Refused
from sync.protocol.messages import SnapshotOffer

_START_MAX = (1 << 53) - 1

Offered = Annotated[str, Path(json_schema_extra={"enum": [snapshots.FEED]})]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


def offer(feed: Offered, hub: TheHub, caller: Reader, later: BackgroundTasks) -> Response:
    """The snapshot of a feed that is there now; one that is due is made behind the answer."""
    later.add_task(upkeep.run, hub)
    found = snapshots.current(hub) if feed == snapshots.FEED else None
    if found is None:
        raise Refused(refusals.NO_SNAPSHOT)
    with hub.database.read() as connection:
        told = edge.mark_for(hub, connection, caller)
    return json_response(
        SnapshotOffer(
            hub=told,
            feed=found.feed,
            format=found.format,
            change=found.change,
            mark_seq=found.mark_of(caller.terminal, caller.epoch),
            rows=found.rows,
            length=found.length,
            packed_length=found.packed_length,
            sha256=found.sha256,
        )
    )


def piece(
    feed: Offered,
    sha256: Digest,
    hub: TheHub,
    _caller: Reader,
    start: Annotated[int, Query(ge=0, le=_START_MAX)] = 0,
) -> Response:
    """Packed bytes of the offered file, from `start` on."""
    found = snapshots.piece(hub, sha256, start) if feed == snapshots.FEED else None
    if found is None:
        raise Refused(refusals.NO_SNAPSHOT)
    return edge.bytes_response(found)
