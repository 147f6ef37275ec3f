"""What the operator types about tasks, invitations, exchanges, own points and deposits."""

import json
from pathlib import Path

from sync.hub.storage.data_folder import DataFolder
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_cli import Shell, shell
from tests.sync.hub.test_operator import publish

__all__ = ["shell"]

DAY = "2026-03-14"


def answer(shell: Shell, *args: str | Path) -> object:
    """What a command prints as JSON."""
    done = shell.run(*args, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def one_sentence(shell: Shell, *args: str | Path) -> str:
    said = shell.refused(*args)
    assert len(said.strip().splitlines()) == 1
    return said


def test_a_task_from_the_board_to_the_points(shell: Shell, folder: DataFolder) -> None:
    data = ("--data", folder.path)
    add = ("task", "add", *data, "--activity", "volunteer", "--title", "陪老人去医院", "--date", DAY)
    task = answer(shell, *add, "--hours", "2", "--places", "3", "--store", "S1")
    assert task == {"task": 1}
    board = answer(shell, "task", "list", *data)
    assert isinstance(board, list)
    assert (board[0]["title"], board[0]["places"], board[0]["taken"]) == ("陪老人去医院", 3, 0)
    submit = ("task", "submit", *data, "--task", "1", "--member", sales.MEMBER)
    assert "at most 2:00 hours" in one_sentence(shell, *submit, "--hours", "2:01")
    handed_in = answer(shell, *submit, "--hours", "1.5")
    assert isinstance(handed_in, dict)
    assert (handed_in["standing"], handed_in["minutes"]) == ("submitted", 90)
    assert "one cannot hand in now" in one_sentence(shell, *submit, "--hours", "1.5")
    assert answer(shell, "task", "list", *data, "--to-review") == [handed_in]
    number = str(handed_in["id"])
    approve = ("task", "approve", *data, "--submission", number)
    assert "themselves" in one_sentence(shell, *approve, "--by", sales.MEMBER)
    approved = answer(shell, *approve, "--hours", "1", "--by", "王主任")
    assert isinstance(approved, dict)
    assert (approved["standing"], approved["points"]) == ("approved", 1000)
    assert answer(shell, *approve, "--hours", "1") == approved
    done = shell.run("task", "withdraw", *data, "--submission", number, "--reason", "签到表不符")
    assert done.stderr == f"Submission {number} of member {sales.MEMBER}: withdrawn.\n"
    shown = answer(shell, "task", "show", *data, "--submission", number)
    assert isinstance(shown, dict)
    assert [move["by"] for move in shown["moves"]] == ["desk", "王主任", "desk"]
    listed = shell.run("task", "list", *data, "--member", sales.MEMBER).stdout
    assert listed == f"{number}  1  {sales.MEMBER}  volunteer  withdrawn  1:30\n"
    assert shell.run("task", "close", *data, "--task", "1").returncode == 0
    assert shell.run("task", "list", *data).stdout == ""
    assert "陪老人去医院" in shell.run("task", "list", *data, "--all").stdout


def test_a_number_beyond_all_tables_is_refused_in_a_sentence(shell: Shell, folder: DataFolder) -> None:
    huge = str(10**20)
    one_sentence(shell, "task", "approve", "--data", folder.path, "--submission", huge, "--by", "desk")
    one_sentence(shell, "task", "sign-up", "--data", folder.path, "--task", huge, "--member", sales.MEMBER)


def test_signing_up_and_articles(shell: Shell, folder: DataFolder) -> None:
    data = ("--data", folder.path)
    add = ("task", "add", *data, "--activity", "family", "--title", "包饺子", "--date", "2099-01-01")
    assert shell.run(*add, "--hours", "1", "--places", "4", "--people", "2").returncode == 0
    who = (*data, "--task", "1", "--member", sales.FRIEND)
    assert "signed up" in shell.run("task", "sign-up", *who, "--people", "2").stderr
    assert "left" in shell.run("task", "leave", *who).stderr
    submit = ("task", "submit", *data, "--member", sales.FRIEND)
    assert "on that day or later" in one_sentence(shell, *submit, "--task", "1", "--hours", "1")
    assert "exactly one of" in one_sentence(shell, *submit)
    assert "leave off --hours" in one_sentence(shell, *submit, "--activity", "article", "--hours", "1")
    assert "examples: 1.5 or 1:30" in one_sentence(shell, *submit, "--task", "1", "--hours", "0.33")
    article = answer(shell, *submit, "--activity", "article", "--work", "邻里的一天")
    assert isinstance(article, dict)
    done = shell.run("task", "reject", *data, "--submission", str(article["id"]), "--reason", "太短")
    assert "rejected" in done.stderr
    assert "Missing option '--reason'" in shell.refused("task", "reject", *data, "--submission", "1")


def test_invitations(shell: Shell, folder: DataFolder) -> None:
    data = ("--data", folder.path)
    assert "has bought already" in one_sentence(
        shell, "member", "invite", *data, "--member", sales.MEMBER, "--inviter", sales.FRIEND
    )
    again = ("member", "invite", *data, "--member", sales.NEWCOMER, "--inviter", sales.MEMBER)
    assert "was registered before" in shell.run(*again).stderr
    done = shell.run("member", "growth", *data, "--member", sales.MEMBER)
    found = json.loads(done.stdout)
    assert sales.NEWCOMER in [one["member_no"] for one in found["friends"]]


def test_exchanges_and_fees(shell: Shell, folder: DataFolder) -> None:
    of = ("--data", folder.path, "--member", sales.FRIEND)
    exchange = ("member", "exchange", *of, "--amount", "105", "--reference", "E1")
    done = shell.run(*exchange)
    assert done.stderr == f"Member {sales.FRIEND}: 100 时间积分 became 10 商家代金券.\n"
    again = answer(shell, *exchange)
    assert isinstance(again, dict)
    assert (again["taken"], again["given"]) == (100_00, 10_00)
    ask = ("member", "fee", "ask", *of, "--plan", "basic", "--asset", "time_points", "--amount", "300")
    asked = answer(shell, *ask, "--reference", "F1")
    assert isinstance(asked, dict)
    assert (asked["standing"], asked["value_fen"], asked["due_fen"]) == ("held", 30_00, 70_00)
    assert "70.00 yuan are due" in shell.run("member", "fee", "list", "--data", folder.path).stdout
    call_off = ("member", "fee", "call-off", "--data", folder.path, "--reference", "F1")
    assert "free again" in shell.run(*call_off).stderr
    answer(shell, *ask, "--reference", "F2")
    paid = ("member", "fee", "paid", "--data", folder.path, "--reference")
    assert "has basic until" in shell.run(*paid, "F2").stderr
    assert "was called off" in one_sentence(shell, *paid, "F1")
    assert answer(shell, "member", "fee", "list", "--data", folder.path) == []
    ledger = answer(shell, "report", "ledger", "--data", folder.path)
    assert isinstance(ledger, dict)
    assert ledger["holds"]


def test_own_points(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    publish(shell, folder, "tianshang", tmp_path)
    of = ("--data", folder.path, "--merchant", "M1")
    assert "registered no ratio yet" in one_sentence(shell, "merchant", "own-points", *of)
    done = shell.run("merchant", "own-points", *of, "--ratio", "0.5", "--fund", "100", "--reference", "B1")
    assert "100.00 yuan are left" in done.stderr
    own = ("merchant", "own-points", *of)
    assert "Give a reference" in one_sentence(shell, *own, "--fund", "1")
    assert "example: 500.00" in one_sentence(shell, *own, "--fund", "-5", "--reference", "B2")
    assert "only one of" in one_sentence(shell, *own, "--fund", "1", "--take-back", "1", "--reference", "B2")
    convert = ("merchant", "convert-points", *of)
    single = (*convert, "--member", sales.MEMBER, "--points", "10", "--reference", "C1")
    first, again = answer(shell, *single), answer(shell, *single)
    assert isinstance(first, dict)
    assert isinstance(again, dict)
    assert (first["new"], again["new"]) == (1, 0)
    assert first["conversions"] == again["conversions"]
    assert "either --file" in one_sentence(shell, *convert, "--member", sales.MEMBER)
    file = tmp_path / "c.csv"
    file.write_text(f"reference,member_no,points\nC2,{sales.FRIEND},20\nC3,5,x\n", "utf-8")
    said = shell.refused(*convert, "--file", file)
    assert "c.csv:3" in said
    file.write_text(f"reference,member_no,points\nC2,{sales.FRIEND},20\n", "utf-8")
    assert "1 conversions, 1 of them new" in shell.run(*convert, "--file", file).stderr
    offer = answer(shell, *own, "--take-back", "85", "--reference", "B3")
    assert isinstance(offer, dict)
    assert offer["budget_fen"] == 0


def test_the_gate(shell: Shell, folder: DataFolder, till: FakeTerminal, tmp_path: Path) -> None:
    publish(shell, folder, "gongxianggou", tmp_path)
    of = ("--data", folder.path, "--merchant", "M1")
    shell.run("merchant", "deposit", *of, "--asset", "share_points", "--amount", "500")
    said = shell.run("merchant", "gate", "--data", folder.path).stdout
    assert said == "M1  member sales are open\n  deposit  share_points  500 / 0  -0/7d\n"
    found = answer(shell, "merchant", "gate", *of, "--history")
    assert isinstance(found, dict)
    assert (found["merchants"][0]["state"], found["history"]) == ("open", [])
    assert "needs --merchant" in one_sentence(shell, "merchant", "gate", "--data", folder.path, "--history")
    back = (
        "merchant",
        "deposit-back",
        *of,
        "--asset",
        "share_points",
        "--reason",
        "多存了",
        "--reference",
        "T1",
    )
    assert "at most 500" in one_sentence(shell, *back, "--amount", "501")
    assert shell.run(*back, "--amount", "100").stderr == "Merchant M1 now holds 400 share_points.\n"


def test_referrals(shell: Shell, folder: DataFolder, till: FakeTerminal) -> None:
    of = ("--data", folder.path, "--merchant", "M1")
    shell.run("merchant", "set", *of, "--referrer", sales.FRIEND)
    assert answer(shell, "merchant", "referrals", "--data", folder.path) == {"booked": [], "waiting": ["M1"]}
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    done = shell.run("merchant", "referrals", "--data", folder.path)
    assert done.stderr == "Referral points booked for 1 merchants; 0 are not active yet.\n"
