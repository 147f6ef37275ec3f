from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from tests.usecases.sample_till import SampleTill, make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "till")


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "till"))


@pytest.fixture
def shop(data: Path) -> Iterator[SampleTill]:
    with open_till(data) as till:
        yield SampleTill(till)
