"""What is confined to one place stays there. import-linter checks the layers; this is about libraries."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import ROOT, importers, named, python_files, syntax


def test_the_root_package_is_empty_because_the_hub_imports_its_rules() -> None:
    assert (ROOT / "pos/__init__.py").read_text(encoding="utf-8").strip() == ""


@pytest.mark.parametrize("library", ["sqlite3", "sqlite_utils", "pysqlite3"])
def test_one_module_opens_the_tills_database(library: str) -> None:
    """Opening or closing the file elsewhere in the process drops SQLite's locks."""
    assert importers(library, "pos", "drivers", "resources", "sync/client", "sync/protocol") <= {
        "pos/store/sqlite.py"
    }


def test_qt_is_confined_to_the_window() -> None:
    strays = {file for file in importers("PySide6") if not file.startswith("pos/ui/")}
    assert strays == set()


def test_presenters_know_no_qt() -> None:
    presenters = {
        file
        for file in importers("PySide6")
        if "presenter" in file.rpartition("/")[2] or "/presenters/" in file
    }
    assert presenters == set()


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("requests", "sync/client/"),
        ("http_message_signatures", "sync/protocol/"),
        ("sqlalchemy", "sync/hub/"),
        ("alembic", "sync/hub/"),
        ("fastapi", "sync/hub/"),
        ("uvicorn", "sync/hub/"),
        ("escpos", "drivers/"),
        ("serial", "drivers/"),
    ],
)
def test_heavy_libraries_have_one_home(library: str, home: str) -> None:
    assert {file for file in importers(library) if not file.startswith(home)} == set()


def test_the_line_to_the_hub_is_imported_only_with_its_transport() -> None:
    """`requests` costs a tenth of a second: badge, state and worker must not bring it along."""
    assert importers("requests") == {"sync/client/transport.py", "sync/client/wire.py"}


def test_rules_do_without_everything_around_them() -> None:
    for package in ("pos.usecases", "pos.store", "pos.ui", "pos.words", "sync", "drivers", "resources"):
        assert importers(package, "pos/domain") == set()


def test_packages_say_what_they_are_for_or_nothing() -> None:
    """An `__init__.py` holds words, not code that an import would run unseen."""
    for path in python_files("pos/domain", "sync/protocol", "sync/client"):
        if path.name == "__init__.py":
            assert all(isinstance(node, ast.Expr) for node in syntax(path).body), named(path)
