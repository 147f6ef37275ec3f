import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from fastapi import FastAPI

from sync.hub.alliance import members, packs, places
from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal


class Sample(NamedTuple):
    """A sample hub on PostgreSQL: its folder, and the name of its database."""

    path: Path
    database: str


HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample hub's folder on SQLite, made once; tests work on copies."""
    path = tmp_path_factory.mktemp("sample") / "hub"
    found(path, None)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Not under pytest's folder: as root the server runs as another user, who may not look in there."""
    with tempfile.TemporaryDirectory(prefix="hub-postgres-") as folder:
        server = Server(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgres_sample(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The same on PostgreSQL: the folder, and the database to copy."""
    path, database = tmp_path_factory.mktemp("sample") / "hub", postgres.create()
    found(path, None, database_url=postgres.url(database))
    return Sample(path, database)


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DataFolder]:
    """A sample hub's folder of its own, on each engine."""
    if request.param == "sqlite":
        yield DataFolder(Path(shutil.copytree(request.getfixturevalue("sample"), tmp_path / "hub")))
        return
    server: Server = request.getfixturevalue("postgres")
    sample: Sample = request.getfixturevalue("postgres_sample")
    folder = DataFolder(Path(shutil.copytree(sample.path, tmp_path / "hub")))
    database = server.create(sample.database)
    folder.database_url.write_text(server.url(database), "utf-8")
    yield folder
    server.drop(database)


@pytest.fixture
def hub(folder: DataFolder) -> Iterator[Hub]:
    with opened(folder) as hub:
        yield hub


@pytest.fixture
def app(hub: Hub) -> FastAPI:
    return make_app(hub)


@pytest.fixture
def http(app: FastAPI) -> InProcess:
    return InProcess(app)


@pytest.fixture
def new_code(hub: Hub) -> Callable[..., str]:
    def make(terminal: str = "S1-1", *, valid_for: dt.timedelta = HOUR) -> str:
        return str(make_code(hub, terminal, valid_for)[0])

    return make


@pytest.fixture
def till(http: InProcess, new_code: Callable[..., str]) -> FakeTerminal:
    """An enrolled terminal S1-1."""
    till = FakeTerminal(http)
    till.enrol(new_code())
    return till


@pytest.fixture
def neighbour(http: InProcess, hub: Hub, new_code: Callable[..., str]) -> FakeTerminal:
    """An enrolled terminal S2-1 of another merchant, M2."""
    with hub.database.write() as connection:
        shop = places.Store("S2", "M2", "邻家水果", "邻家水果店", "", "Asia/Shanghai")
        places.add_store(connection, shop, (places.Terminal("S2-1", "1 号机"),))
    neighbour = FakeTerminal(http)
    neighbour.enrol(new_code("S2-1"))
    return neighbour


@pytest.fixture
def publish(hub: Hub) -> Callable[[str], None]:
    """Makes one of the shipped packs the current one; the sample's members get its first plan."""

    def make_current(name: str) -> None:
        with hub.database.write() as connection:
            if name != "tongyi":
                packs.publish(hub, connection, sales.pack_bytes(name))
            for member_no in (sales.MEMBER, sales.NEWCOMER, sales.FRIEND):
                member = members.known(connection, member_no)
                plan = sales.PACKS[name].plans[0].id
                members.put(connection, msgspec.structs.replace(member, plan=plan))

    return make_current
