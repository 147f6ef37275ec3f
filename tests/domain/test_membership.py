"""What a plan costs, from when it runs, and what points pay of it (ruling 21)."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.membership import MembershipDeal, Standing, deal_for, deal_text, deals, less, points_for_fee
from pos.domain.message import Refusal
from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack
from tests.domain.examples import PACK, PACK_BYTES

TODAY = date(2026, 11, 21)
SEALED = Standing("", "")


def deal(standing: Standing, plan: str, pack: Pack = PACK, today: date = TODAY) -> MembershipDeal:
    return deal_for(plan, deals(standing, pack, today), pack)


def offered(standing: Standing, pack: Pack = PACK, **how: str) -> list[tuple[str, str]]:
    return [(one.kind, one.plan) for one in deals(standing, pack, TODAY, **how)]  # type: ignore[arg-type]


def changed_pack(*changes: tuple[str, str]) -> Pack:
    text = PACK_BYTES.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return load_pack(text.encode())


# --- which deals there are ------------------------------------------------------------------------


def test_a_sealed_card_can_join_on_any_plan() -> None:
    assert offered(SEALED) == [("join", "basic"), ("join", "co_creator")]
    assert deal(SEALED, "basic") == MembershipDeal("join", "basic", 100_00, 0, "2026-11-21", "2027-11-20")


def test_a_running_plan_is_renewed_or_upgraded_never_lowered() -> None:
    assert offered(Standing("basic", "2027-01-31")) == [("renew", "basic"), ("upgrade", "co_creator")]
    assert offered(Standing("co_creator", "2027-01-31")) == [("renew", "co_creator")]


def test_an_expired_member_renews_or_joins_anew() -> None:
    assert offered(Standing("basic", "2026-11-20")) == [("renew", "basic"), ("join", "co_creator")]
    again = deal(Standing("basic", "2026-11-20"), "basic")
    assert (again.first_day, again.last_day, again.credit_fen) == ("2026-11-21", "2027-11-20", 0)


def test_a_plan_runs_through_its_last_day() -> None:
    assert offered(Standing("basic", "2026-11-21"))[0] == ("renew", "basic")
    assert deal(Standing("basic", "2026-11-21"), "basic").first_day == "2026-11-22"


def test_a_plan_that_tills_do_not_sell() -> None:
    hub_only = changed_pack(('name = "共创会员"', 'name = "共创会员"\nsold_by = ["hub"]'))
    assert offered(SEALED, hub_only) == [("join", "basic")]
    assert offered(SEALED, hub_only, seller="hub") == [("join", "basic"), ("join", "co_creator")]
    with pytest.raises(Refusal) as refusal:
        deal(SEALED, "co_creator", hub_only)
    assert refusal.value.reason == "no_such_deal"
    assert "共创会员" in str(refusal.value.message)


def test_a_plan_nobody_knows() -> None:
    with pytest.raises(Refusal):
        deal(SEALED, "platinum")


def test_a_plan_the_pack_no_longer_has_can_be_left_for_another_when_it_ends() -> None:
    assert offered(Standing("founder", "2027-01-31")) == []
    assert offered(Standing("founder", "2026-11-20")) == [("join", "basic"), ("join", "co_creator")]


# --- what they cost and when they run -------------------------------------------------------------


def test_a_renewal_follows_the_old_expiry() -> None:
    renewed = deal(Standing("basic", "2027-01-31"), "basic")
    assert (renewed.first_day, renewed.last_day) == ("2027-02-01", "2028-01-31")
    assert (renewed.price_fen, renewed.from_plan) == (100_00, "basic")


def test_a_renewal_from_today_where_the_plan_says_so() -> None:
    pack = changed_pack(("fee_fen = 100_00", 'fee_fen = 100_00\nrenewal = "from_today"'))
    renewed = deal(Standing("basic", "2027-01-31"), "basic", pack)
    assert (renewed.kind, renewed.first_day, renewed.last_day) == ("renew", "2026-11-21", "2027-11-20")


@pytest.mark.parametrize(
    ("last_day", "credit_fen"),
    [
        ("2026-11-21", 27),  # 1 day of 365 on 100.00 is 27.397…, rounded down
        ("2026-11-22", 54),
        ("2027-05-17", 48_76),  # 178 days
        ("2027-11-20", 100_00),  # bought today
        ("2028-11-18", 199_72),  # renewed ahead: what was paid for and not used counts
    ],
)
def test_an_upgrade_credits_unused_days_rounded_down(last_day: str, credit_fen: int) -> None:
    upgrade = deal(Standing("basic", last_day), "co_creator")
    assert upgrade == MembershipDeal(
        "upgrade", "co_creator", 1000_00, credit_fen, "2026-11-21", "2027-11-20", "basic"
    )
    assert upgrade.price_fen == 1000_00 - credit_fen


def test_a_credit_is_never_paid_out() -> None:
    cheap = changed_pack(("fee_fen = 1000_00", "fee_fen = 50_00"))
    upgrade = deal(Standing("basic", "2027-11-20"), "co_creator", cheap)
    assert (upgrade.credit_fen, upgrade.price_fen) == (50_00, 0)


@given(st.dates(date(2026, 11, 21), date(2030, 12, 31)), st.dates(date(2026, 1, 1), date(2026, 11, 21)))
def test_no_deal_costs_less_than_nothing_or_runs_backwards(last: date, today: date) -> None:
    for one in deals(Standing("basic", last.isoformat()), PACK, today):
        assert 0 <= one.credit_fen <= one.fee_fen
        assert one.first_day <= one.last_day
        assert today.isoformat() <= one.first_day


@pytest.mark.parametrize(
    ("standing", "plan", "said"),
    [
        (SEALED, "basic", "入会 基础会员，2026-11-21 至 2027-11-20"),
        (Standing("basic", "2027-01-31"), "basic", "续费 基础会员，2027-02-01 至 2028-01-31"),
        (Standing("basic", "2027-01-31"), "co_creator", "升级为 共创会员，2026-11-21 至 2027-11-20"),
    ],
)
def test_what_a_cashier_says(standing: Standing, plan: str, said: str) -> None:
    assert str(deal_text(deal(standing, plan), PACK)) == said


# --- points towards the fee -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "balance", "paid"),
    [
        (50_00, 120_00, (50_00, 5_00)),
        (59_99, 120_00, (50_00, 5_00)),  # whole steps of ten points
        (9_99, 120_00, (0, 0)),
        (1 << 62, 120_00, (120_00, 12_00)),
        (1 << 62, 5_000_00, (1_000_00, 100_00)),  # never more than the fee
        (100_00, 30_00, (30_00, 3_00)),
        (100_00, -30_00, (0, 0)),
        (-1, 30_00, (0, 0)),
    ],
)
def test_time_points_pay_a_tenth_of_a_yuan_each(wish: int, balance: int, paid: tuple[int, int]) -> None:
    one = points_for_fee(deal(SEALED, "basic"), PACK, "time_points", wish, balance)
    assert one is not None
    assert (one.amount, one.value_fen) == paid


def test_a_fee_that_is_no_whole_step_is_not_overpaid() -> None:
    upgrade = deal(Standing("basic", "2026-11-21"), "co_creator")  # 999.73
    one = points_for_fee(upgrade, PACK, "time_points", 1 << 62, 1 << 62)
    assert one is not None
    assert (one.amount, one.value_fen) == (9_990_00, 999_00)


@pytest.mark.parametrize("asset", ["points", "voucher", "nothing"])
def test_other_assets_pay_no_fee(asset: str) -> None:
    assert points_for_fee(deal(SEALED, "basic"), PACK, asset, 1 << 62, 1 << 62) is None


def test_a_second_asset_pays_what_the_first_has_left() -> None:
    both = changed_pack(
        (
            "[[fee_payments]]",
            '[[fee_payments]]\nasset = "points"\nvalue_fen = 100\nstep = "1"\n\n[[fee_payments]]',
        )
    )
    joining = deal(SEALED, "basic", both)
    first = points_for_fee(joining, both, "time_points", 1 << 62, 800_00)
    assert first is not None
    second = points_for_fee(less(joining, first.value_fen), both, "points", 1 << 62, 500_00)
    assert second is not None
    assert (first.value_fen, second.value_fen) == (80_00, 20_00)
    assert msgspec.json.decode(msgspec.json.encode(second), type=type(second)) == second
