"""Whatever bytes arrive: a pack or its mistakes, never anything else, and no mistake hides another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos.domain.programme.loading import load_pack
from pos.domain.programme.mending import spelt
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.pack import Pack
from tests.domain.programme.shipped import SHIPPED, table_of, text_of, toml, wrong_keys

Path = tuple[str | int, ...]

values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(1 << 70), 1 << 70),
        st.floats(),
        st.text(st.characters(codec="utf-8"), max_size=8),
        st.sampled_from(("1", "0", "0.5", "CNY", "member", "points", "coupon", "24:00", "2026-02-30", "x\n")),
        st.dates(date(1, 1, 1)),
        st.times(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("id", "asset", "kind", "scope")), inner)
    ),
    max_leaves=6,
)


def loads_or_tells(content: bytes) -> None:
    try:
        assert isinstance(load_pack(content), Pack)
    except PackMistakes as wrong:
        told = wrong.mistakes
    else:
        return
    assert told
    assert all(str(mistake) for mistake in told)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every key and position of a table."""
    listed = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in listed:
        yield (*path, key)
        yield from places(one, (*path, key))


def within(table: Any, path: Path) -> Any:
    for key in path:
        table = table[key]
    return table


@given(st.binary(max_size=200))
@example(b"a = 0x" + b"f" * 9000)
@example(b"a = " + b"9" * 9000)
@example(b"format = 1e999\nversion = nan\nid = inf")
@example(b"a = " + b"[" * 5000 + b"]" * 5000)
@example(b".".join([b"a"] * 5000) + b" = 1")
@example(b"plans = [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]")
def test_any_bytes(content: bytes) -> None:
    loads_or_tells(content)


@given(st.dictionaries(st.sampled_from((*table_of("tongyi"), "rebate", "burns", "nonsense")), values))
def test_any_toml(table: dict[str, Any]) -> None:
    loads_or_tells(toml(table).encode())


@given(st.data(), st.sampled_from(SHIPPED))
def test_shipped_packs_with_anything_changed(data: st.DataObject, pack: str) -> None:
    table = table_of(pack)
    for _ in range(data.draw(st.integers(1, 6))):
        path = data.draw(st.sampled_from(list(places(table)) or [("id",)]))
        match data.draw(st.sampled_from(("delete", "put", "add"))):
            case "delete" if path:
                within(table, path[:-1]).pop(path[-1])
            case "put":
                within(table, path[:-1])[path[-1]] = data.draw(values)
            case _ if isinstance(within(table, path[:-1]), dict):
                within(table, path[:-1])[data.draw(st.sampled_from(("levels", "off_bp", "zz")))] = data.draw(
                    values
                )
    loads_or_tells(toml(table).encode())


FIRST_RELEASE = {
    "id": "a",
    "asset": "points",
    "role": "member",
    "per_yuan": "1",
    "multipliers": {"co_creator": "2"},
}


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={key: st.just(value) | values for key, value in FIRST_RELEASE.items()}
        )
    )
)
def test_accruals_of_the_first_release_with_anything_in_them(accruals: list[dict[str, Any]]) -> None:
    table = table_of("tongyi") | {"accruals": accruals}
    loads_or_tells(toml(table).encode())


@given(st.data(), st.sampled_from(SHIPPED))
def test_shipped_packs_with_anything_typed_over(data: st.DataObject, pack: str) -> None:
    content = bytearray(text_of(pack).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    loads_or_tells(bytes(content))


def misfit(value: Any) -> Any:
    """A value of a kind that the place of this one never takes."""
    return 7 if isinstance(value, str | list | dict) else time(12) if isinstance(value, bool) else "seven"


@given(st.data(), st.sampled_from(SHIPPED))
def test_every_planted_mistake_is_told(data: st.DataObject, pack: str) -> None:
    """Values of the wrong kind in any places that do not lie within one another."""
    table = table_of(pack)
    # of a rule of unknown kind nothing more can be said, and what follows from a name hangs on it
    free = [path for path in places(table) if path[-1] not in {"kind", "id", "asset"}]
    chosen: list[Path] = []
    for path in data.draw(st.lists(st.sampled_from(free), min_size=1, max_size=8, unique=True)):
        if not any(path[: len(one)] == one or one[: len(path)] == path for one in chosen):
            chosen.append(path)
    for path in chosen:
        within(table, path[:-1])[path[-1]] = misfit(within(table, path))
    told = wrong_keys(table)
    assert {spelt(table, path) for path in chosen} <= set(told)


@pytest.mark.parametrize("pack", SHIPPED)
def test_one_wrong_value_is_one_mistake(pack: str) -> None:
    """What follows only from mending it is not told. (What hangs on a lost name is: it leads nowhere.)"""
    alike = {tuple(key for key in path if isinstance(key, str)): path for path in places(table_of(pack))}
    names = ("id", "asset", "plans", "assets", "redemptions")
    for path in (path for path in alike.values() if len(path) != 2 or isinstance(path[1], str)):
        if path[-1] in names:
            continue
        table = table_of(pack)
        within(table, path[:-1])[path[-1]] = misfit(within(table, path))
        assert wrong_keys(table) == [spelt(table, path)]
