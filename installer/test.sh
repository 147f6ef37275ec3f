#!/bin/sh
# Runs every check: format, lint, types, layers, tests. Stops at the first that fails.
# Arguments go to pytest, for example: sh installer/test.sh tests/resources
# PYTEST_OPTIONS holds further options for it, split at blanks.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
sh installer/setup.sh dev

if [ -z "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ]; then
    LC_ALL=C.UTF-8
    export LC_ALL
fi
PATH=$root/.venv/bin:$PATH
export PATH

check() {
    printf '\n== %s\n' "$*"
    "$@"
}

check ruff format --check .
check ruff check .
check mypy
check lint-imports

# Last, so that its closing line is the last line.
QT_QPA_PLATFORM=offscreen
export QT_QPA_PLATFORM
# shellcheck disable=SC2086 # a list of options
check python -m pytest -n auto --dist loadfile ${PYTEST_OPTIONS:-} "$@"
