"""One pack, or several by reference."""

from __future__ import annotations

from collections.abc import Iterable

from pos.domain.events import PackRef
from pos.usecases.ports import LoadedPack


class FakePacks:
    def __init__(self, packs: Iterable[LoadedPack] = ()) -> None:
        self.packs = list(packs)

    def current(self) -> LoadedPack | None:
        return self.packs[-1] if self.packs else None

    def by_ref(self, ref: PackRef) -> LoadedPack | None:
        return next((loaded for loaded in self.packs if loaded.ref == ref), None)
