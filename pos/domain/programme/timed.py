"""What the hub does over time: releases, pools, milestones, the year's distribution."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from pos.domain.programme.part import BasisPoints, Count, Decimal, Id, Name, Part


class Release(Part, frozen=True):
    """Points that turn into another asset period by period (a month, or earlier once turnover has grown).

    The first period pays `first_bp` of the lot; each later period in which turnover grew by
    `growth_bp` pays `step_bp` (of 10 000) of the one before, any other period as much as it. It ends at
    `cap_times` the lot or after `periods_max`.
    """

    asset: Id
    into: Id
    first_bp: BasisPoints
    growth_bp: BasisPoints
    step_bp: Annotated[int, Meta(ge=10_000, le=100_000)]
    cap_times: Annotated[int, Meta(ge=1, le=100)]
    periods_max: Annotated[int, Meta(ge=1, le=1_200)]


class DailyPool(Part, frozen=True):
    """Each day `amount` of `asset` goes to the holders of unlocked `by`, used up at the day's price."""

    asset: Id
    by: Id
    amount: Decimal


class Weight(Part, frozen=True):
    """How much one whole unit of an asset earned in the year counts."""

    asset: Id
    weight: Decimal


class Distribution(Part, frozen=True):
    """The year's profit to members in proportion to contribution.

    A yuan of consumption counts `consumption`, for plans in `consumption_multipliers` that many times.
    Only `plans` take part (all where it names none).
    """

    pool_bp: BasisPoints
    consumption: Decimal
    weights: tuple[Weight, ...] = ()
    consumption_multipliers: dict[Id, Decimal] = field(default_factory=dict)
    plans: tuple[Id, ...] = ()


class Milestone(Part, frozen=True):
    """Reached once, when all of an asset ever earned (net of refunds) comes to `at`; nothing is used up.

    Gives a coupon, or grants a standing in words (`grants`).
    """

    id: Id
    name: Name
    asset: Id
    at: Decimal
    coupon: Id | None = None
    grants: str = ""


class Invitation(Part, frozen=True):
    """A reward, once, for a member who brought `invited` others. The invited bring nothing further up."""

    id: Id
    invited: Count
    asset: Id
    amount: Decimal
    levels: int = 1


class Joining(Part, frozen=True):
    """What a new member is given; `locked` until the membership is activated."""

    asset: Id
    amount: Decimal
    locked: bool = False


class Activity(Part, frozen=True):
    """What a reviewed deed for the neighbourhood earns: `amount` of an asset per `per` (hour, article …)."""

    id: Id
    name: Name
    asset: Id
    amount: Decimal
    per: Name
