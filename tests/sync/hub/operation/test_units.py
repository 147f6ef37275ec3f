"""The service files: systemd understands them, and what they start exists as they write it."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from sync.hub.cli import cli

UNITS = Path(__file__).parents[4] / "installer" / "hub"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/alliance-pos/.venv/bin/pos-hub"


def read(unit: Path) -> configparser.SectionProxy:
    """The `[Service]` of a unit; of what stands there several times, the last."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return parser["Service"]


def started(unit: Path) -> list[str]:
    """The command line with its one variable filled in from the unit."""
    service = read(unit)
    words = shlex.split(service["ExecStart"])
    name, _, value = service["Environment"].strip('"').partition("=")
    return [word for one in words for word in (shlex.split(value) if one == f"${name}" else [one])]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_a_unit_starts_exists_with_all_its_options(unit: Path) -> None:
    program, name, *arguments = started(unit)
    assert program == PROGRAM
    command = cli.commands[name]
    context = command.make_context(name, arguments)
    assert context.params["data"] == Path("/var/lib/pos-hub/hub")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_gives_the_hub_no_more_than_it_needs(unit: Path) -> None:
    service = read(unit)
    assert {name: service[name] for name in ("User", "NoNewPrivileges", "ProtectSystem", "UMask")} == {
        "User": "pos-hub",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "UMask": "0077",
    }
    assert service["StateDirectory"] == "pos-hub"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_them(tmp_path: Path) -> None:
    for unit in (*SERVICES, *UNITS.glob("*.timer")):
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(PROGRAM, "/bin/true"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_timer_has_its_service() -> None:
    timers = {unit.stem for unit in UNITS.glob("*.timer")}
    assert timers == {"pos-hub-backup", "pos-hub-schedules"}
    assert timers <= {unit.stem for unit in SERVICES}
