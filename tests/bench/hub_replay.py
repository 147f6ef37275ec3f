"""A batch that is at the hub already, sent again, against the first upload of a batch like it."""

from __future__ import annotations

from sync.protocol.messages import BATCH_ENTRIES_MAX
from tests.bench.measure import Comparison, compare
from tests.bench.shops import disk_folder
from tests.bench.uploads import on_postgres, uploads

PAIRS = 20
FLOOR = "the first upload of the batch, over the same HTTP"


def hub_replay(n: int = PAIRS, size: int = BATCH_ENTRIES_MAX) -> Comparison:
    """On PostgreSQL, fsync on: what a till sends again after an answer was lost, or a hub restored."""
    with disk_folder() as folder, on_postgres(folder) as server, uploads(folder, server) as sent:
        sent.send(sent.next_batch(size), "accepted")
        return compare(
            "hub_replay",
            FLOOR,
            lambda: sent.send(tuple(sent.till.entries[-size:]), "exists"),
            lambda: sent.send(sent.next_batch(size), "accepted"),
            n=n,
        )
