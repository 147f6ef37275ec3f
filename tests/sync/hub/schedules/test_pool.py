"""The daily pool: 888 share points by unlocked value, used up at the day's price."""

from fractions import Fraction

import pytest

from pos.domain.schedules.daily_pool import Holder, share_pool
from sync.hub.alliance import members, terms
from sync.hub.hub import Hub
from sync.hub.schedules import running, runs
from sync.hub.schedules.turns import Asked
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.schedules.alliance import add_members, give, held, on, publish, run, states

NAME = "daily_pool:share_value-share_points"
PACK = sales.PACKS["gongxianggou"]
SEVEN = [f"9000000{digit}" for digit in range(7)]
VALUES = dict(zip((f"member:{no}" for no in SEVEN), (100_00, 300_00, 1, 77_77, 50_00, 0, 33_33), strict=True))
POOL = 888_000000


@pytest.fixture
def alliance(hub: Hub) -> Hub:
    publish(hub, "gongxianggou", "2026-03-01")
    add_members(hub, *SEVEN)
    return hub


def price(hub: Hub, date: str, yuan: str) -> None:
    earlier = on(hub, date)
    with earlier.database.write() as connection:
        day = earlier.now().date()
        terms.set_price(connection, PACK, asset="share_points", yuan=yuan, date=day)


def expected(
    yuan: str, values: dict[str, int], locked: dict[str, int] | None = None
) -> dict[tuple[str, str], int]:
    """What the pure rule says, as changes of accounts."""
    holders = [Holder(account, value, (locked or {}).get(account, 0)) for account, value in values.items()]
    found: dict[tuple[str, str], int] = {}
    for one in share_pool(POOL, holders, Fraction(yuan), scale=6, value_scale=2):
        found[one.member_no, "share_points"] = one.amount
        found[one.member_no, "share_value"] = -one.value_consumed
    found["alliance:issued", "share_points"] = -POOL
    found["alliance:value_used", "share_value"] = -sum(
        amount for (_, unit), amount in found.items() if unit == "share_value"
    )
    return {key: amount for key, amount in found.items() if amount}


def test_a_day_is_shared_as_the_rule_says(alliance: Hub) -> None:
    values = VALUES | {"merchant:M1": 250_00}
    give(alliance, "2026-03-01", {account: n for account, n in values.items() if n}, "share_value")
    price(alliance, "2026-03-02", "0.50")
    before = balances(alliance)
    assert states(run(alliance, "2026-03-02", "daily_pool")) == [(NAME, "2026-03-01")]
    assert changes(before, balances(alliance)) == expected("1", values), "the pack's price until one is set"


def test_the_day_s_price_uses_value_up(alliance: Hub) -> None:
    values = {account: value * 100 for account, value in VALUES.items()}
    give(alliance, "2026-03-01", {account: n for account, n in values.items() if n}, "share_value")
    price(alliance, "2026-03-01", "0.37")
    price(alliance, "2026-03-02", "9")
    before = balances(alliance)
    run(alliance, "2026-03-02", "daily_pool")
    assert changes(before, balances(alliance)) == expected("0.37", values)


def test_locked_value_takes_no_part_until_activation(alliance: Hub) -> None:
    newcomers = [f"9100000{digit}" for digit in range(5)]
    with alliance.database.write() as connection:
        connection.execute(schema.members.update().values(activated=False))
    add_members(alliance, *newcomers, activated=False)
    run(alliance, "2026-03-01", "joining")
    give(alliance, "2026-03-01", {f"member:{newcomers[0]}": 10_00}, "share_value")
    with alliance.database.write() as connection:
        members.change(connection, SEVEN[0], activated=True, referrer=None)
    before = balances(alliance)
    run(alliance, "2026-03-02", "daily_pool")
    moved = changes(before, balances(alliance))
    holding = {f"member:{SEVEN[0]}": 200_00, f"member:{newcomers[0]}": 210_00}
    assert moved == expected("1", holding, {f"member:{newcomers[0]}": 200_00})
    with alliance.database.write() as connection:
        members.change(connection, newcomers[1], activated=True, referrer=None)
    run(alliance, "2026-03-03", "daily_pool")
    assert held(alliance, newcomers[1])["share_points"] > 0


def test_missed_days_are_given_out_one_by_one(alliance: Hub) -> None:
    give(alliance, "2026-03-01", {account: n * 100 for account, n in VALUES.items() if n}, "share_value")
    with pytest.raises(Told, match="2026-03-01 comes first"):
        run(alliance, "2026-03-04", "daily_pool", period="2026-03-02")
    with pytest.raises(Told, match="not over yet"):
        run(alliance, "2026-03-04", "daily_pool", period="2026-03-04")
    ran = run(alliance, "2026-03-04", "daily_pool")
    assert [period for _, period in states(ran)] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert balances(alliance)["alliance:issued", "share_points"] == -3 * POOL
    assert run(alliance, "2026-03-04", "daily_pool") == []


def test_nobody_holds_any(alliance: Hub) -> None:
    before = balances(alliance)
    (ran,) = run(alliance, "2026-03-02", "daily_pool")
    assert ran.run
    assert (ran.run.finished, ran.run.details) == (True, {"not_given": POOL})
    assert balances(alliance) == before


def test_a_dry_run_of_several_days_is_what_they_book(alliance: Hub) -> None:
    give(alliance, "2026-03-01", {account: n for account, n in VALUES.items() if n}, "share_value")
    before = balances(alliance)
    _, would = running.dry_run(on(alliance, "2026-03-04"), Asked(("daily_pool",), accounts_a_chunk=2))
    assert balances(alliance) == before
    with alliance.database.read() as connection:
        assert runs.runs(connection) == ()
    run(alliance, "2026-03-04", "daily_pool")
    moved: dict[tuple[str, str], int] = {}
    for one in would:
        for account, sign in ((one.credit, 1), (one.debit, -1)):
            moved[account, one.unit] = moved.get((account, one.unit), 0) + sign * one.amount
    assert {key: n for key, n in moved.items() if n} == changes(before, balances(alliance))
