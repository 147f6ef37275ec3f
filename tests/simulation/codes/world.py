"""One seed: what happens, in which order, and what must hold at its end.

A seed is drawn one of a few moods. In `plain` nothing is ever copied, lost or restored, and not a single point
may be overdrawn by a pay code; in the others the model's bound is the most.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sync.hub.words import Told
from tests.simulation.codes import model
from tests.simulation.codes.alliance import GOODS, MEMBERS, TERMINALS, Backup, Clock, SimulatedHub
from tests.simulation.codes.faults import Bend, none
from tests.simulation.codes.model import Violation
from tests.simulation.codes.tills import SimulatedTill, enrolled

MOODS = ("plain", "plain", "plain", "copied", "restored", "lost", "anything")
STEPS = 60
_IN_MEMORY = Path("/dev/shm")


class World:
    """Everything of one seed. `trace` is what happened, one word and its outcome a step."""

    def __init__(self, seed: int, folder: Path, bend: Bend = none, *, mood: str | None = None) -> None:
        self.chance = random.Random(seed)
        self.folder, self._bend = folder, bend
        self.mood = mood or self.chance.choice(MOODS)
        self.clock = Clock()
        self.hub = SimulatedHub(folder, self.clock)
        self.model = self.hub.model
        self.tills: list[SimulatedTill] = []
        self.pictures: list[str] = []
        self.taken_at: dict[str, dt.datetime] = {}
        self.sold: list[tuple[SimulatedTill, str]] = []
        self.backups: list[Backup] = []
        self.lost: set[str] = set()
        self.trace: list[str] = []
        self.counts: Counter[str] = Counter()
        self._folders = 0
        for terminal in TERMINALS:
            self._enrol(terminal)

    # --- a run

    def run(self, steps: int = STEPS) -> None:
        deeds = self._deeds()
        names, weights = list(deeds), [weight for weight, _ in deeds.values()]
        for _ in range(steps):
            name = self.chance.choices(names, weights)[0]
            outcome = deeds[name][1]()
            self.counts[f"{name} {'yes' if outcome else 'no'}"] += 1
            self.trace.append(f"{name}:{outcome}")
        self._come_to_rest()
        self._check()

    def close(self) -> None:
        for till in self.tills:
            till.close()
        self.hub.close()

    def _deeds(self) -> dict[str, tuple[int, Callable[[], object]]]:
        deeds: dict[str, tuple[int, Callable[[], object]]] = {
            "issue": (10, self._issue),
            "sell": (14, self._sell),
            "sell by card": (4, self._sell_by_card),
            "sell in the past": (3, self._sell_in_the_past),
            "forge": (2, self._forge),
            "refund": (2, self._refund),
            "sync": (7, self._sync),
            "wait": (6, self._wait),
            "clock": (2, self._turn_clock),
            "restart": (1, self._restart),
            "enrol anew": (1, self._enrol_anew),
        }
        if self.mood in {"copied", "anything"}:
            deeds["copy till"] = (2, self._copy)
            deeds["restore till"] = (1, self._restore_till)
        if self.mood in {"restored", "anything"}:
            deeds["back up hub"] = (2, self._back_up)
            deeds["restore hub"] = (1, self._restore_hub)
        if self.mood in {"lost", "anything"}:
            deeds["lose"] = (1, self._lose)
        return deeds

    # --- deeds

    def _issue(self) -> object:
        """A phone asks; its screen, and every photograph of it, stays about."""
        member, terminal = self.chance.choice(MEMBERS), self.chance.choice(TERMINALS)
        try:
            issued = self.hub.issue(member, terminal, self.chance.choice((100, 500, 2000, 50_000)))
        except Told:
            return False
        self.pictures.append(issued.code)
        self.taken_at[issued.code] = self.clock.now
        return issued.amount

    def _sell(self) -> object:
        """Some picture, of late or of long ago, is held before some till."""
        if not self.pictures:
            return None
        recent = self.pictures[-4:] if self.chance.random() < 0.7 else self.pictures
        picture = self.chance.choice(recent)
        terminal = model.key_of(picture)[0]
        fitting = [till for till in self.tills if till.place.terminal == terminal]
        till = self.chance.choice(fitting if self.chance.random() < 0.8 else self.tills)
        if not till.scan(picture):
            return False
        return self._pay(till)

    def _sell_in_the_past(self) -> object:
        """A thief sets a till's clock back to when an old picture was taken."""
        if not self.pictures:
            return None
        picture = self.chance.choice(self.pictures)
        fitting = [till for till in self.tills if till.place[:2] == model.key_of(picture)[:2]]
        if not fitting:
            return None
        till = self.chance.choice(fitting)
        before, believed = till.clock.off_by, till.offset_ms or 0
        past = self.taken_at[picture] - self.clock.now - dt.timedelta(milliseconds=believed)
        till.clock.off_by = past
        sold = self._pay(till) if till.scan(picture) else False
        till.clock.off_by = before
        return sold

    def _sell_by_card(self) -> object:
        till = self.chance.choice(self.tills)
        if not till.scan(self.hub.cards[self.chance.choice(MEMBERS)]):
            return False
        till.wish_everything()
        return self._pay(till)

    def _pay(self, till: SimulatedTill) -> object:
        for _ in range(self.chance.randint(1, 4)):
            till.scan(self.chance.choice(GOODS))
        paid = till.pay()
        if paid is None:
            return False
        self.model.note_paid(*paid)
        self.sold.append((till, paid[0]))
        return 1 + len(model.used_codes(paid[1]))

    def _forge(self) -> object:
        """A digit is changed, and the check digits made to fit: no till may take it."""
        if not self.pictures:
            return None
        real = self.chance.choice(self.pictures)
        at = self.chance.randrange(1, len(real) - 2)
        digit = str((int(real[at]) + self.chance.randint(1, 9)) % 10)
        body = real[:at] + digit + real[at + 1 : -2]
        forged = f"{body}{98 - int(body) * 100 % 97:02d}"
        if self.chance.choice(self.tills).scan(forged):
            raise Violation("a till has taken a forged code")
        return True

    def _refund(self) -> object:
        if not self.sold:
            return None
        till, receipt_no = self.chance.choice(self.sold)
        return till in self.tills and till.give_back(receipt_no)

    def _sync(self) -> object:
        return self.chance.choice(self.tills).sync(loses=self.chance.choice((0.0, 0.0, 0.03, 0.2)))

    def _wait(self) -> object:
        minutes = self.chance.choice((1, 3, 8, 20, 600))
        self.clock.now += dt.timedelta(minutes=minutes)
        return minutes

    def _turn_clock(self) -> object:
        """A till's clock is off from now on, by seconds or by years."""
        span = self.chance.choice((0, 5, 90, -90, -1200, 86_400, -86_400, 315_360_000, -315_360_000))
        self.chance.choice(self.tills).clock.off_by = dt.timedelta(seconds=span)
        return span

    def _restart(self) -> object:
        self.chance.choice(self.tills).restart()
        return True

    def _enrol(self, terminal: str) -> SimulatedTill:
        till = enrolled(self._new_folder(), terminal, self.hub, self.chance, self._bend)
        self.tills.append(till)
        till.sync()
        return till

    def _enrol_anew(self) -> object:
        """Another machine takes a terminal's place; the old one goes on selling with what it has."""
        terminal = self.chance.choice(TERMINALS)
        if len(self.tills) > 6:
            return False
        self._enrol(terminal)
        self.lost.discard(terminal)
        return True

    def _copy(self) -> object:
        """Somebody copies a till's disk and sells with both."""
        till = self.chance.choice(self.tills)
        if len(self.tills) > 6:
            return False
        copy = till.copy_to(self._new_folder())
        self.model.note_copied((till.place.terminal, till.place.epoch))
        self.tills.append(SimulatedTill(copy, self.hub, self.chance, self._bend))
        return True

    def _restore_till(self) -> object:
        """A till's folder becomes what it was a few sales ago."""
        till = self.chance.choice(self.tills)
        kept = till.copy_to(self._new_folder())
        for _ in range(3):
            self._issue()
            self._sell()
        till.close()
        shutil.rmtree(till.folder.path)
        shutil.copytree(kept.path, till.folder.path)
        self.model.note_copied((till.place.terminal, till.place.epoch))
        self.tills.remove(till)
        self.tills.append(SimulatedTill(till.folder, self.hub, self.chance, self._bend, till.clock))
        return True

    def _back_up(self) -> object:
        self.backups.append(self.hub.backup())
        self.clock.now += dt.timedelta(seconds=2)
        return True

    def _restore_hub(self) -> object:
        if not self.backups:
            return False
        self.clock.now += dt.timedelta(minutes=5)
        self.hub.restore(self.chance.choice(self.backups))
        return True

    def _lose(self) -> object:
        terminal = self.chance.choice(TERMINALS)
        self.hub.declare_lost(terminal)
        self.lost.add(terminal)
        return terminal

    def _new_folder(self) -> Path:
        self._folders += 1
        return self.folder / f"till-{self._folders}"

    # --- the end

    def _come_to_rest(self) -> None:
        """Everybody is online again, time goes on, and what was copied is declared lost."""
        for _ in range(3):
            self.clock.now += dt.timedelta(minutes=30)
            for till in self.tills:
                for _ in range(2):
                    till.sync()
        doubtful = {place[0] for place in self.model.copies} | self.lost | self._replaced()
        if self.mood in {"restored", "anything"}:
            doubtful = set(TERMINALS)
        for terminal in sorted(doubtful):
            self.hub.declare_lost(terminal)

    def _replaced(self) -> set[str]:
        """Terminals of which an earlier machine may still hold codes that only an operator can let go."""
        places = Counter(till.place.terminal for till in self.tills)
        return {terminal for terminal, count in places.items() if count > 1}

    def _check(self) -> None:
        kept, borne = self.hub.standing()
        for member_no, (balance, pending) in kept.items():
            account = self.model.books.accounts[member_no]
            if balance != account.balance:
                raise Violation(f"{member_no}: the hub says {balance}, it should be {account.balance}")
            if pending:
                raise Violation(f"{member_no}: {pending} is locked for ever")
        expected = {no: left for no, left in self.model.books.clawback.items() if left}
        if borne != expected:
            raise Violation(f"the clawback account bears {borne}, it should be {expected}")
        self._check_codes()

    def _check_codes(self) -> None:
        overdrawn = sum(self.model.books.by_code.values())
        if overdrawn > self.model.bound:
            raise Violation(f"pay codes overdrew {overdrawn}, the bound is {self.model.bound}")
        if self.mood == "plain":
            missing = self.model.paid.keys() - self.hub.receipts()
            if missing:
                raise Violation(f"paid and never booked: {sorted(missing)}")
            if overdrawn:
                raise Violation(f"pay codes overdrew {overdrawn}")


def run_seed(seed: int, bend: Bend = none, *, mood: str | None = None) -> World:
    """Runs one seed to its end; raises `Violation` with what must not be."""
    where = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="codes-", dir=where) as folder:
        world = World(seed, Path(folder), bend, mood=mood)
        try:
            world.run()
        finally:
            world.close()
    return world
