"""The rules run alike on every machine: no float, no clock, no chance, no files, no network."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import imports, named, python_files, syntax

RULES = python_files("pos/domain")
PURE = {
    "__future__", "biip", "collections", "datetime", "enum", "fractions", "functools", "hashlib", "itertools",
    "jsonschema", "msgspec", "pos", "re", "struct", "tomllib", "typing", "unicodedata",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "hash", "id", "__import__", "globals"}
CLOCK_CALLS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
# `round` rounds halves to even; money has one rounding, `money.round_half_up`
FLOAT_CALLS = {"float", "complex", "round"}

# where a program begins and may read the clock: everything else is given one
CLOCKS = {
    "pos/bootstrap/machine.py",
    "pos/bootstrap/setting_up.py",
    "pos/doctor.py",
    "sync/hub/words.py",
    "drivers/printer/virtual/server.py",
}


def called(path: Path) -> set[str]:
    """The last names of everything a module calls."""
    names = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            names.add(node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
    return names


@pytest.mark.parametrize("path", RULES, ids=named)
def test_rules_import_only_what_is_pure(path: Path) -> None:
    assert {name.partition(".")[0] for name in imports(path)} <= PURE


@pytest.mark.parametrize("path", RULES, ids=named)
def test_rules_call_nothing_that_differs_from_machine_to_machine(path: Path) -> None:
    assert called(path) & (IMPURE_CALLS | CLOCK_CALLS | FLOAT_CALLS) == set()


@pytest.mark.parametrize("path", RULES, ids=named)
def test_rules_know_no_float(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, float | complex), f"line {node.lineno}: {node.value}"
        if isinstance(node, ast.Name):
            # packs call their exact numbers in text `Decimal`; the library of that name is not in PURE
            assert node.id not in {"float", "complex"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", [*RULES, *python_files("sync/protocol")], ids=named)
def test_rules_keep_nothing_between_calls(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        assert not isinstance(node, ast.Global | ast.Nonlocal | ast.AsyncFunctionDef), named(path)


def test_the_clock_is_read_where_programs_begin() -> None:
    readers = {
        named(path)
        for path in python_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and ast.unparse(node.func.value)
        in {"datetime", "date", "dt.datetime", "dt.date", "datetime.datetime"}
    }
    assert readers <= CLOCKS
