"""Everything that the pay codes' simulation does, and what happens to entries on their way.

Lines lose, repeat and delay; the hub dies in the middle of a request; entries come that it cannot read; machines
that were replaced hand over by file. At the end every sale that was paid has to be booked exactly once.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from pos import handover
from pos.domain.journal import link
from sync.client.trouble import HubAway, HubFailure
from sync.hub.journal import adopting
from sync.hub.web.refusals import Refused
from sync.hub.words import Told
from sync.protocol.messages import UploadBatch, UploadReply
from tests.simulation.codes.faults import Bend, none
from tests.simulation.codes.model import Violation
from tests.simulation.codes.tills import SimulatedTill
from tests.simulation.codes.world import World
from tests.simulation.world.books import check_books

_IN_MEMORY = Path("/dev/shm")
POISON = (b'{"kind":"of_tomorrow","v":9}', b"[]", b'{"kind":"sale","v":1}', b"\xff\xfe")


class _HubDied(Exception):  # noqa: N818 - what happens, not a mistake
    """Power off at the hub, before it could answer."""


class Everything(World):
    """`given_up` are tills that sell no more; their folders are still there."""

    def __init__(self, seed: int, folder: Path, bend: Bend = none, *, mood: str | None = None) -> None:
        self.batches: list[UploadBatch] = []
        super().__init__(seed, folder, bend, mood=mood)
        self.overheard = self.hub.upload
        self.hub.upload = self._upload  # type: ignore[method-assign]
        self.hub_dies = False

    def _deeds(self) -> dict[str, tuple[int, Callable[[], object]]]:
        return super()._deeds() | {
            "poison": (2, self._poison),
            "an old message": (4, self._old_message),
            "hub dies": (2, self._hub_dies),
            "till dies": (2, self._till_dies),
        }

    # --- deeds

    def _upload(self, batch: UploadBatch) -> UploadReply:
        self.batches.append(batch)
        if self.hub_dies:
            self.hub_dies = False
            with patch("sync.hub.journal.ingest.telling.tell_tills", _dies):
                try:
                    return self.overheard(batch)
                except _HubDied:
                    raise HubAway("the hub died") from None
        return self.overheard(batch)

    def _poison(self) -> object:
        """A till of another version, or a broken one, writes what the hub cannot read; the chain holds."""
        till = self.chance.choice(self.tills)
        store, body = till.store, self.chance.choice(POISON)

        def append() -> None:
            with store.journal_writer.transaction() as connection:
                row = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
                entry = link(store.journal.identity, row[0] + 1, row[1], body)
                connection.execute(
                    "INSERT INTO journal (seq, kind, receipt_no, at, prev_hash, hash, body)"
                    " VALUES (?, 'of_tomorrow', NULL, '', ?, ?, ?)",
                    (entry.seq, entry.prev_hash, entry.hash, entry.body),
                )

        store.journal_writer.submit(append).result()
        return len(body)

    def _old_message(self) -> object:
        """The network delivers a batch once more, late and out of its order."""
        if not self.batches:
            return None
        batch = self.chance.choice(self.batches)
        try:
            self.overheard(batch)
        except HubFailure as failure:
            return type(failure).__name__
        return len(batch.entries)

    def _hub_dies(self) -> object:
        """In the middle of the next upload: nothing of it may stay."""
        self.hub_dies = True
        return self.chance.choice(self.tills).sync()

    def _till_dies(self) -> object:
        """The process is gone between two deeds; what was on disk is there."""
        self.chance.choice(self.tills).restart()
        return True

    # --- the end

    def _come_to_rest(self) -> None:
        self.hub_dies = False
        super()._come_to_rest()
        for till in self.tills:
            self._hand_over(till)

    def _hand_over(self, till: SimulatedTill) -> None:
        """What is still on a disk goes to the hub by file; the operator vouches for what it does not know."""
        file = self.folder / f"{till.folder.path.name}.handover"
        try:
            handover.write(till.folder.path, file, everything=True)
            lines = adopting.lines_of(file.read_bytes())
            try:
                adopting.take_file(self.hub.hub, lines, "zh", unsigned=False)
            except Told:
                adopting.take_file(self.hub.hub, lines, "zh", unsigned=True)
        except (Refused, Told) as no:
            raise Violation(f"{till.folder.path.name} could not be handed over: {no}") from no
        finally:
            file.unlink(missing_ok=True)
        self.hub._note_entries()

    def _check(self) -> None:
        super()._check()
        folders = [till.folder.path for till in self.tills]
        check_books(self.hub.folder / "hub" / "hub.db", folders, self.model.paid)


def _dies(*_: object) -> None:
    raise _HubDied


def run_seed(seed: int, bend: Bend = none, *, mood: str | None = None) -> Everything:
    """Runs one seed to its end; raises `Violation` with what must not be."""
    where = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    place = Path(tempfile.mkdtemp(prefix="world-", dir=where))
    try:
        world = Everything(seed, place, bend, mood=mood)
        try:
            world.run()
        finally:
            world.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return world
