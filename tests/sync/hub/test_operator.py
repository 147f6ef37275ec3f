"""The operator's commands about members, coupons, merchants, prices and packs."""

import re
from pathlib import Path

import pytest

from sync.hub.storage.data_folder import DataFolder
from tests.sync.hub import honest, sales
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_cli import Shell, shell
from tests.sync.hub.test_coupons import NUMBER, book, taking

__all__ = ["shell"]


def publish(shell: Shell, folder: DataFolder, name: str, tmp_path: Path) -> str:
    """Publishes a shipped pack; returns what the command says."""
    file = tmp_path / f"{name}.toml"
    file.write_bytes(sales.pack_bytes(name))
    done = shell.run("pack", "publish", file, "--data", folder.path)
    assert done.returncode == 0
    return done.stderr


def test_coupons_are_given(shell: Shell, folder: DataFolder, till: FakeTerminal) -> None:
    give = ("coupon", "give", "--data", folder.path, "--member", sales.FRIEND)
    done = shell.run(*give, "--coupon", "free_delivery", "--count", "2")
    assert done.stderr.strip() == f"Member {sales.FRIEND} now holds 3 of free_delivery."
    assert honest.member_row(till, sales.FRIEND).balances["coupon:free_delivery"] == 3
    assert "no coupon member_price; it has: coupon_50_10、free_delivery" in shell.refused(
        *give, "--coupon", "member_price"
    )
    assert "leave --issuer off" in shell.refused(*give, "--coupon", "coupon_50_10", "--issuer", "M1")
    assert "no member 5" in shell.refused(*give[:-1], "5", "--coupon", "coupon_50_10")
    assert len(shell.refused(*give, "--coupon", "coupon_50_10", "--count", "0").splitlines()) == 1


def test_a_merchants_coupon_names_who_pays(
    shell: Shell, folder: DataFolder, till: FakeTerminal, tmp_path: Path
) -> None:
    publish(shell, folder, "tianshang", tmp_path)
    give = ("coupon", "give", "--data", folder.path, "--member", sales.MEMBER, "--coupon", "cash_10")
    assert "name it with --issuer" in shell.refused(*give)
    assert "no merchant M7" in shell.refused(*give, "--issuer", "M7")
    assert shell.run(*give, "--issuer", "M1").returncode == 0
    assert honest.member_row(till, sales.MEMBER).balances["coupon:cash_10@M1"] == 1


def test_merchants_and_prices(shell: Shell, folder: DataFolder, till: FakeTerminal, tmp_path: Path) -> None:
    said = publish(shell, folder, "gongxianggou", tmp_path)
    assert said.startswith("Pack gongxianggou version 1 is published.\n")
    of = ("--data", folder.path, "--merchant", "M1")
    assert (
        shell.run("merchant", "set", *of, "--rebate-bp", "1500", "--referrer", sales.FRIEND).returncode == 0
    )
    done = shell.run("merchant", "deposit", *of, "--asset", "share_points", "--amount", "500.25")
    assert done.stderr.strip() == "Merchant M1 now holds 500.25 share_points."
    price = ("price", "set", "--data", folder.path, "--asset", "share_points", "--yuan")
    assert "is worth 0.5 yuan" in shell.run(*price, "0.50").stderr
    assert "From 2099-01-01 on" in shell.run(*price, "2", "--date", "2099-01-01").stderr
    told = honest.terms(till)
    assert (told.rebate_bp, told.referrer, told.balances, told.asset_prices) == (
        1500,
        True,
        {"share_points": 500_250_000},
        {"share_points": "0.5"},
    )
    assert shell.run("merchant", "set", *of, "--referrer", "").returncode == 0
    assert not honest.terms(till).referrer
    assert "not within" in shell.refused("merchant", "set", *of, "--rebate-bp", "9000")
    assert "no member 5" in shell.refused("merchant", "set", *of, "--referrer", "5")
    assert "Nothing to change" in shell.refused("merchant", "set", *of)
    assert "no merchant M7" in shell.refused("merchant", "set", *of[:-1], "M7", "--rebate-bp", "1500")
    assert "no asset gold; it has: share_value、share_points" in shell.refused(
        "merchant", "deposit", *of, "--asset", "gold", "--amount", "1"
    )
    assert "price 0 will not do" in shell.refused(*price, "0")


def test_members_are_changed(shell: Shell, folder: DataFolder, till: FakeTerminal) -> None:
    change = ("member", "set", "--data", folder.path, "--member", sales.MEMBER)
    assert shell.run(*change, "--not-activated", "--referrer", sales.FRIEND).returncode == 0
    row = honest.member_row(till, sales.MEMBER)
    assert (row.activated, row.referrer) == (False, True)
    assert shell.run(*change, "--activated").returncode == 0
    row = honest.member_row(till, sales.MEMBER)
    assert (row.activated, row.referrer) == (True, True)
    assert "brought themselves" in shell.refused(*change, "--referrer", sales.MEMBER)
    assert "no member 5" in shell.refused(*change, "--referrer", "5")
    assert "Nothing to change" in shell.refused(*change)


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("community_groupbuy", r"promises [0-9.]+ times what it collects"),
        ("zhongdian", r"promises [0-9.]+ times what it collects"),
        ("tianshang", r"^$"),
    ],
)
def test_whoever_publishes_a_pack_is_told_when_it_promises_more_than_it_collects(
    shell: Shell, folder: DataFolder, tmp_path: Path, name: str, warning: str
) -> None:
    said = publish(shell, folder, name, tmp_path).splitlines()
    assert said[0] == f"Pack {name} version 1 is published."
    assert re.search(warning, " ".join(said[1:]))


def test_under_a_new_pack_tills_are_told_what_now_expires(
    shell: Shell, folder: DataFolder, till: FakeTerminal, tmp_path: Path
) -> None:
    assert honest.member_row(till, sales.MEMBER).expiring == {}
    publish(shell, folder, "community_groupbuy", tmp_path)
    [(_, amount)] = honest.member_row(till, sales.MEMBER).expiring["points"]
    assert amount == 2000


def test_a_pack_with_mistakes_is_told_all_of_them(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_bytes(
        sales.PACK_BYTES.replace(b"rate_bp = 300", b"rate_bp = 30000")
        .replace(b'step = "1"', b'step = "0"')
        .replace(b"version = 2", b"version = 9")
    )
    said = shell.refused("pack", "publish", bad, "--data", folder.path)
    assert said.startswith("The pack cannot be published:")
    assert "share.rate_bp" in said
    assert "assets.points.step" in said


def test_the_day_tells_of_doubtful_coupons_and_counts_them(
    shell: Shell, folder: DataFolder, till: FakeTerminal, neighbour: FakeTerminal, tmp_path: Path
) -> None:
    publish(shell, folder, "tianshang", tmp_path)
    made = book(neighbour, taking(neighbour))
    told = shell.run("report", "day", "--data", folder.path, "--store", "S2", "--date", sales.DATE).stdout
    assert f"{made.receipt_no}: neighbour_30_3 {NUMBER} never printed so" in told
    assert re.search(r"clawback +coupon:neighbour_30_3@M1 1$", told, re.MULTILINE)
    assert re.search(r"clawback +CNY 3\.00$", told, re.MULTILINE)
    assert re.search(r"memberships +0$", told, re.MULTILINE)
