"""The project's own files, as text and as syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("pos", "drivers", "sync", "resources")
_NOT_OURS = {".venv", ".git", "build", "dist", "__pycache__", "node_modules"}


def python_files(*folders: str) -> list[Path]:
    """All modules of our packages, or of some folders of them."""
    return sorted(path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py"))


def every_file() -> Iterator[Path]:
    """All files of the project; nothing that was built, installed or cached."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in {".ci", ".gitignore", ".github"} for part in parts)
        if path.is_file() and not hidden and not _NOT_OURS & set(parts):
            yield path


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def named(path: Path) -> str:
    """A file as people call it: `pos/domain/money.py`."""
    return path.relative_to(ROOT).as_posix()


@cache
def imports(path: Path) -> set[str]:
    """Whole names of everything a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)}: imports are written in full"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importers(library: str, *folders: str) -> set[str]:
    """The modules that import a library, by file."""
    return {
        named(path)
        for path in python_files(*folders)
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }
