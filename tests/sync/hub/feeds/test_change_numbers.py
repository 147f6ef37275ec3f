"""Several processes write at once and a reader follows: no row is skipped, on either engine."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub, opened
from sync.hub.storage.data_folder import DataFolder
from tests.sync.hub.terminals import FakeTerminal

WRITERS, ROUNDS, ROWS = 3, 15, 4


def write(path: Path, writer: int) -> None:
    """Each round rewrites this writer's rows, and one that all writers share."""
    with opened(DataFolder(path)) as hub:
        for number in range(1, ROUNDS + 1):
            bodies = {f"{writer}-{row}": {"round": number} for row in range(ROWS)}
            with hub.database.write() as connection:
                feed_rows.put_all(connection, "catalogue", bodies, store="S1")
                feed_rows.put(connection, "catalogue", "shared", {"by": writer, "round": number}, store="S1")


def test_nothing_is_skipped_and_nothing_goes_back(till: FakeTerminal, hub: Hub) -> None:
    start = till.feed("catalogue").next
    spawned = multiprocessing.get_context("spawn")
    writers = [spawned.Process(target=write, args=(hub.folder.path, one)) for one in range(WRITERS)]
    for one in writers:
        one.start()
    seen: dict[str, int] = {}
    rounds: dict[str, int] = {}
    after, last_look = start, False
    while not last_look:
        last_look = not any(one.is_alive() for one in writers)
        page = till.feed("catalogue", after, limit=5)
        for row in page.rows:
            assert row.change > seen.get(row.key, start), "a row's numbers rise"
            seen[row.key] = row.change
            if row.key != "shared":
                assert row.body["round"] > rounds.get(row.key, 0), "a row never goes back"
                rounds[row.key] = row.body["round"]
        after, last_look = page.next, last_look and not page.more
    for one in writers:
        one.join()
    assert [one.exitcode for one in writers] == [0] * WRITERS
    assert rounds == {f"{one}-{row}": ROUNDS for one in range(WRITERS) for row in range(ROWS)}
    assert seen == {row.key: row.change for row in till.feed("catalogue", start).rows}
