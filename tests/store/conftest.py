from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from tests.store.sales import create, till_in


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return create(tmp_path / "till")


@pytest.fixture
def till(folder: DataFolder) -> Iterator[TillStore]:
    with till_in(folder) as opened:
        yield opened
