"""`pos-hub user`, `pos-hub audit` and the links of member pages, as an operator runs them."""

import datetime as dt
import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
import zxingcpp
from fastapi import FastAPI

from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.storage.data_folder import DataFolder
from tests.sync.hub import sales
from tests.sync.hub.people.visiting import PASSWORD, Visit
from tests.sync.hub.test_cli import ENGLISH, HUB, ROOT, Shell, drawn, shell

__all__ = ["shell"]


@pytest.fixture
def data(folder: DataFolder) -> tuple[str, Path]:
    return "--data", folder.path


def test_a_user_from_link_to_removal(shell: Shell, data: tuple[str, Path], app: FastAPI) -> None:
    owner = ("--name", "Wang", "--role", "owner", "--merchant", "M1")
    made = shell.run("user", "add", *data, *owner, "--url", "https://hub.example/")
    link = made.stdout.strip()
    assert link.startswith("https://hub.example/setup/")
    assert "Hand this link to wang in person" in made.stderr
    [code] = zxingcpp.read_barcodes(drawn(made.stderr.partition("\n")[2]))
    assert code.text == link
    visit, path = Visit(app), link.removeprefix("https://hub.example")
    assert visit.fill_in(path, password=PASSWORD, again=PASSWORD).status_code == 303
    assert visit.log_in("wang").headers["location"] == "/owner/day"
    assert shell.run("user", "list", *data).stdout.strip() == "1  wang  owner M1"

    changed = shell.run("user", "set", *data, "--name", "wang", "--role", "support")
    assert "is changed" in changed.stderr
    assert visit.get("/me").status_code == 303
    reset = json.loads(shell.run("user", "reset", *data, "--name", "wang", "--json").stdout)
    assert (reset["name"], reset["path"][:7], reset["url"]) == ("wang", "/setup/", reset["path"])
    assert shell.run("user", "list", *data).stdout.strip() == "1  wang  support  no password yet"
    for command in ("unlock", "totp-off", "remove"):
        assert "WANG" in shell.run("user", command, *data, "--name", "WANG").stderr
    assert "no user wang" in shell.refused("user", "remove", *data, "--name", "wang")
    assert "no users yet" in shell.run("user", "list", *data).stderr

    log = shell.run("audit", *data, "--act", "user.").stdout
    for act in ("add", "link", "password", "set", "unlock", "totp_off", "remove"):
        assert f"user.{act}  user:1" in log
    assert path.rpartition("/")[2] not in log
    newest = json.loads(shell.run("audit", *data, "--subject", "user:1", "--limit", "1", "--json").stdout)
    assert [line["act"] for line in newest] == ["user.remove"]
    assert newest[0]["who"].startswith("pos-hub:")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("add", "--name", "x", "--role", "operator"), "2 to 40"),
        (("add", "--name", "li", "--role", "king"), "no role king"),
        (("add", "--name", "li", "--role", "owner"), "--merchant"),
        (("add", "--name", "li", "--role", "operator", "--type-password"), "at a terminal only"),
        (("set", "--name", "li"), "--role"),
        (("reset", "--name", "li"), "no user li"),
        (("unlock", "--name", "'; --"), "no user"),
        (("add", "--name", "li"), "--role"),
    ],
)
def test_mistakes_end_in_one_sentence(
    shell: Shell, data: tuple[str, Path], asked: tuple[str, ...], said: str
) -> None:
    sentence = shell.refused("user", asked[0], *data, *asked[1:])
    assert said in sentence
    assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_a_password_is_typed_unseen(data: tuple[str, Path], app: FastAPI) -> None:
    """In a process at a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [*HUB, "user", "add", *map(str, data), "--name", "li", "--role", "auditor", "--type-password"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=ENGLISH, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen = ""
    for asked in ("New password", "Once more"):
        while asked not in seen:
            seen += os.read(ours, 1_000).decode()
        os.write(ours, f"{PASSWORD}\n".encode())
    try:
        while part := os.read(ours, 1_000).decode():
            seen += part
    except OSError:
        pass  # its end of the terminal was closed
    os.close(ours)
    assert process.wait(20) == 0, seen
    assert PASSWORD not in seen
    assert "li can log in" in seen


# --- links of member pages


def test_a_lost_phone_voids_the_old_link(shell: Shell, data: tuple[str, Path], app: FastAPI) -> None:
    asked = ("member", "card", *data, "--member", sales.MEMBER)
    first = shell.run(*asked).stdout.strip()
    visit = Visit(app)
    assert visit.get(first).status_code == 200
    second = shell.run(*asked, "--new-link").stdout.strip()
    assert second != first
    assert [visit.get(path).status_code for path in (first, second)] == [404, 200]
    assert shell.run(*asked).stdout.strip() == second
    third = shell.run(*asked, "--new-link").stdout.strip()
    assert [visit.get(path).status_code for path in (first, second, third)] == [404, 404, 200]
    assert "member.new_link" in shell.run("audit", *data).stdout
    assert "no member" in shell.refused("member", "card", *data, "--member", "40000000", "--new-link")


def test_a_link_may_end(shell: Shell, data: tuple[str, Path], hub: Hub, app: FastAPI) -> None:
    asked = ("member", "card", *data, "--member", sales.MEMBER, "--valid-days", "3", "--json")
    made = json.loads(shell.run(*asked).stdout)
    visit = Visit(app)
    assert visit.get(made["path"]).status_code == 200
    number, until, seal = made["path"].removeprefix("/card/").split(".")
    assert until == made["last_day"].replace("-", "")
    later = (dt.date.fromisoformat(made["last_day"]) + dt.timedelta(days=1)).strftime("%Y%m%d")
    for forged in (
        f"{number}.{later}.{seal}",
        f"{number}.{seal}",
        f"{number}..{seal}",
        f"{number}.{until}.{until}.{seal}",
    ):
        assert visit.get(f"/card/{forged}").status_code == 404
    with hub.database.read() as connection:
        over = member_card.path_of(hub, connection, sales.MEMBER, dt.date(2020, 1, 1))
    assert visit.get(over).status_code == 404
    shell.run("member", "card", *data, "--member", sales.MEMBER, "--new-link")
    assert visit.get(made["path"]).status_code == 404
