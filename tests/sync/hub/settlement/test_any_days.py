"""Whatever two shops do on whatever days: statements are what the ledger says, and nothing comes from nowhere."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pos.domain.events import SaleMade
from sync.hub.alliance import members, packs, places
from sync.hub.hub import Hub, opened
from sync.hub.ledger import accounts
from sync.hub.settlement.locking import lock
from sync.hub.settlement.statement import statement
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.conftest import HOUR, Sample
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.settlement.shops import DAY, buy, give_back, join, moved_fen, of_merchant, of_store
from tests.sync.hub.terminals import FakeTerminal

DAYS = 4
BUYERS = (sales.MEMBER, sales.NEWCOMER, sales.FRIEND)

deeds = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "give_back", "join", "lock"]),
        st.integers(0, 1),  # shop
        st.integers(0, DAYS - 1),
        st.integers(0, 2),  # buyer
    ),
    max_size=12,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_hub(request: pytest.FixtureRequest) -> Callable[[], DataFolder]:
    """Makes a hub for each example, on each engine."""
    return request.getfixturevalue(f"_{request.param}_hubs")  # type: ignore[no-any-return]


@pytest.fixture
def _sqlite_hubs(sample: Path, tmp_path: Path) -> Callable[[], DataFolder]:
    return lambda: DataFolder(Path(shutil.copytree(sample, tempfile.mkdtemp(dir=tmp_path) + "/hub")))


@pytest.fixture
def _postgresql_hubs(postgres: Server, postgres_sample: Sample, tmp_path: Path) -> Callable[[], DataFolder]:
    def make() -> DataFolder:
        folder = DataFolder(
            Path(shutil.copytree(postgres_sample.path, tempfile.mkdtemp(dir=tmp_path) + "/hub"))
        )
        folder.database_url.write_text(postgres.url(postgres.create(postgres_sample.database)), "utf-8")
        return folder

    return make


@contextmanager
def two_shops(folder: DataFolder, pack: str) -> Iterator[tuple[Hub, tuple[FakeTerminal, FakeTerminal]]]:
    with opened(folder) as hub:
        with hub.database.write() as connection:
            shop = places.Store("S2", "M2", "邻家水果", "邻家水果店", "", "Asia/Shanghai")
            places.add_store(connection, shop, (places.Terminal("S2-1", "1 号机"),))
            if pack != "tongyi":
                packs.publish(hub, connection, sales.pack_bytes(pack))
            for number in BUYERS:
                member = members.known(connection, number)
                members.put(connection, msgspec.structs.replace(member, plan=sales.PACKS[pack].plans[0].id))
        tills = []
        for terminal in ("S1-1", "S2-1"):
            till = FakeTerminal(InProcess(make_app(hub)))
            till.enrol(str(make_code(hub, terminal, HOUR)[0]))
            tills.append(till)
        yield hub, (tills[0], tills[1])


class Shops:
    """Does what it is told; keeps which sales can still be given back."""

    def __init__(self, hub: Hub, tills: tuple[FakeTerminal, FakeTerminal], pack: str) -> None:
        self.hub, self.tills, self.pack = hub, tills, pack
        self.sold: tuple[list[SaleMade], list[SaleMade]] = ([], [])
        self.frozen: dict[tuple[str, str], int] = {}

    def do(self, deed: str, shop: int, day: dt.date, buyer: int) -> None:
        till = self.tills[shop]
        match deed:
            case "buy":
                wish = {one.asset: 1 << 40 for one in sales.PACKS[self.pack].redemptions}
                self.sold[shop].append(buy(till, self.pack, member=BUYERS[buyer], redeem=wish, day=day))
            case "give_back" if self.sold[shop]:
                give_back(till, self.sold[shop].pop(), day=day)
            case "join" if self.pack == "tongyi":
                join(till, day=day)
            case "lock":
                self.lock(f"S{shop + 1}", day)

    def lock(self, store: str, day: dt.date) -> None:
        with self.hub.database.write() as connection:
            before = statement(connection, store=store, first=day, last=day)
            try:
                lock(self.hub, connection, store=store, first=day, last=day, by="王")
            except Told:
                return  # an earlier day is open
        for one in of_store(self.hub, store, DAY, DAY + dt.timedelta(days=DAYS)).days:
            self.frozen.setdefault((store, one.date), one.net_fen)
        if not before.frozen:
            assert self.frozen[store, str(day)] == before.totals.net_fen, "what was shown is what was frozen"


@pytest.mark.parametrize("pack", ["tongyi", "tianshang"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=deeds)
@example(
    deeds=[("buy", 0, 0, 1), ("buy", 1, 0, 1), ("lock", 0, 0, 0), ("give_back", 1, 0, 0), ("lock", 0, 1, 0)]
)
def test_statements_are_what_the_ledger_says(
    new_hub: Callable[[], DataFolder], pack: str, deeds: list[tuple[str, int, int, int]]
) -> None:
    with two_shops(new_hub(), pack) as (hub, tills):
        shops = Shops(hub, tills, pack)
        for deed, shop, day, buyer in deeds:
            shops.do(deed, shop, DAY + dt.timedelta(days=day), buyer)
        check(hub, shops.frozen)


def check(hub: Hub, frozen: dict[tuple[str, str], int]) -> None:
    last = DAY + dt.timedelta(days=DAYS)
    for store in ("S1", "S2"):
        account, whole = f"store:{store}", of_store(hub, store, DAY, last)
        days = [DAY + dt.timedelta(days=count) for count in range(DAYS + 1)]
        told = [of_store(hub, store, day) for day in days]
        assert sum(one.totals.net_fen for one in told) == whole.totals.net_fen == moved_fen(hub, account)
        assert whole.outstanding_fen == whole.totals.net_fen
        assert whole.disagreements == ()
        for day, one in zip(days, told, strict=True):
            if any(key[0] == store for key in frozen):
                assert one.totals.net_fen == frozen.get((store, str(day)), one.totals.net_fen)
            else:
                assert one.totals.net_fen == moved_fen(hub, account, lambda date, day=day: date == str(day))  # type: ignore[misc]
            assert (
                sum(debt.amount_fen * (1 if debt.creditor == account else -1) for debt in one.debts)
                == one.totals.net_fen
            )
    check_sum(hub)


def check_sum(hub: Hub) -> None:
    """All merchants, the alliance and everybody else come to nothing together."""
    last = DAY + dt.timedelta(days=DAYS)
    merchants_fen = sum(of_merchant(hub, one, DAY, last).totals.net_fen for one in ("M1", "M2"))
    with hub.database.read() as connection:
        others = accounts.derived_balances(connection)
        owners = set(connection.execute(select(schema.stores.c.id)).scalars())
    own = {f"store:{one}" for one in owners} | {"merchant:M1", "merchant:M2"}
    assert (
        merchants_fen + sum(fen for (name, unit), fen in others.items() if unit == "CNY" and name not in own)
        == 0
    )
