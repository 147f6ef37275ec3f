"""What is reached once: milestones by points earned, rungs of the ladder by friends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.programme.timed import Invitation, Milestone
from pos.domain.schedules.invitations import rungs_reached
from pos.domain.schedules.milestones import standings
from tests.domain.schedules.shipped import shipped

FIRST = Milestone("points_1000", "满 1000", "points", "1000", coupon="free_delivery")
SECOND = Milestone("points_2000", "满 2000", "points", "2000", grants="可参选商家监督员")
LADDER = (Invitation("three", 3, "balance", "50"), Invitation("ten", 10, "balance", "200"))


@pytest.mark.parametrize(
    ("lifetime", "already", "reached", "new", "missing"),
    [
        (0, (), [False, False], [False, False], [1000_00, 2000_00]),
        (999_99, (), [False, False], [False, False], [1, 1000_01]),
        (1000_00, (), [True, False], [True, False], [0, 1000_00]),
        (2000_00, (), [True, True], [True, True], [0, 0]),
        (2000_00, ("points_1000",), [True, True], [False, True], [0, 0]),
        (2500_00, ("points_1000", "points_2000"), [True, True], [False, False], [0, 0]),
        (-5_00, ("points_1000",), [True, False], [False, False], [0, 2005_00]),
        (1000_00, ("of_an_older_pack",), [True, False], [True, False], [0, 1000_00]),
    ],
)
def test_tongyi_milestones_give_once(
    lifetime: int, already: tuple[str, ...], reached: list[bool], new: list[bool], missing: list[int]
) -> None:
    pack = shipped("tongyi")
    found = standings(lifetime, pack.milestones, already, scale=pack.asset("points").scale)
    assert [one.milestone.id for one in found] == ["points_1000", "points_2000"]
    assert [one.reached for one in found] == reached
    assert [one.new for one in found] == new
    assert [one.missing for one in found] == missing


def test_a_threshold_finer_than_the_scale_is_not_reached_too_early() -> None:
    (found,) = standings(1, [Milestone("m", "", "points", "1.5", grants="x")], (), scale=0)
    assert (found.reached, found.missing) == (False, 1)


@given(st.lists(st.integers(-50_000, 200_000), max_size=20))
def test_run_after_run_each_gives_at_most_once(earned: list[int]) -> None:
    given_ids: list[str] = []
    for end in range(len(earned) + 1):
        found = standings(sum(earned[:end]), (FIRST, SECOND), given_ids, scale=2)
        given_ids += [one.milestone.id for one in found if one.new]
    peaks = max(sum(earned[:end]) for end in range(len(earned) + 1))
    assert sorted(given_ids) == sorted(
        one.id for one, at in ((FIRST, 1000_00), (SECOND, 2000_00)) if peaks >= at
    )


@pytest.mark.parametrize(
    ("invited", "already", "rungs"),
    [
        (0, (), []),
        (2, (), []),
        (3, (), ["three"]),
        (3, ("three",), []),
        (6, ("three",), []),
        (10, (), ["three", "ten"]),
        (12, ("three",), ["ten"]),
    ],
)
def test_each_rung_of_the_ladder_once(invited: int, already: tuple[str, ...], rungs: list[str]) -> None:
    assert [one.id for one in rungs_reached(invited, LADDER, already)] == rungs


def test_community_groupbuy_pays_50_for_3_invited() -> None:
    (rung,) = rungs_reached(3, shipped("community_groupbuy").invitations, ())
    assert (rung.asset, rung.amount) == ("balance", "50")
