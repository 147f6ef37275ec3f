"""A few habits that a reader relies on and a linter does not know."""

from __future__ import annotations

import ast
import codecs
import re
from pathlib import Path
from statistics import median

import pytest

from tests.architecture.sources import every_file, named, python_files, syntax

# Turned by thirteen letters, so that this file does not mention them either.
_UNWANTED = [
    codecs.decode(word, "rot13")
    for word in ("pynhqr", "naguebcvp", "bcranv", "pungtcg", "pbcvybg", "yyz", "tcg")
]
UNWANTED = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_UNWANTED)})(?![a-z0-9])", re.IGNORECASE)
LINES_MAX = 400
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""  # a picture or a compiled catalogue


def test_files_speak_of_the_shop_only() -> None:
    found = [
        f"{named(path)}: {match.group()}"
        for path in every_file()
        if (match := UNWANTED.search(f"{named(path)}\n{text_of(path)}"))
    ]
    assert found == []


def test_names_say_what_a_thing_is() -> None:
    assert [named(path) for path in python_files() if VAGUE & set(path.stem.split("_"))] == []


def test_a_module_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in python_files()
        if text_of(path).strip() and not ast.get_docstring(syntax(path))
    ]
    assert silent == []


def test_a_module_has_one_subject() -> None:
    long = {named(path) for path in python_files() if text_of(path).count("\n") >= LINES_MAX}
    assert long == set()


@pytest.mark.parametrize("package", ["pos", "drivers", "sync"])
def test_functions_are_short(package: str) -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in python_files(package)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno
    ]
    assert median(lengths) <= 13
    assert max(lengths) <= 70
