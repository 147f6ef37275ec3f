"""Milestones: a coupon or a standing, once, for all that a member ever earned of an asset."""

from __future__ import annotations

from sqlalchemy import Connection

from pos.domain.ledger import member_account
from pos.domain.programme.assets import Asset
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import coupon_unit
from pos.domain.programme.timed import Milestone
from pos.domain.schedules.milestones import Standing, standings
from sync.hub.schedules import awards
from sync.hub.schedules.awards import Award
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import Chunk, Moment
from sync.hub.schedules.sweep import Sweep, earned, holders

KIND = "milestones"


class Milestones(Sweep):
    """The milestones of one asset. Lifetime is what was earned net of refunds; spending does not lower it."""

    def __init__(self, pack: Pack, asset: Asset) -> None:
        super().__init__(f"{KIND}:{asset.id}", pack)
        self.asset = asset

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        accounts = holders(connection, self.asset.id, run.cursor, moment.limit)
        if not accounts:
            return Chunk(done=True)
        lifetime = earned(connection, self.asset.id, accounts)
        already = awards.given_to(connection, KIND, accounts)
        found = [
            _award(one.milestone, account)
            for account in accounts
            for one in self._standings(lifetime.get(account, 0), already.get(account, set()))
            if one.new
        ]
        given = awards.give(connection, found, moment.stamp)
        return Chunk(accounts[-1], done=len(accounts) < moment.limit, postings=given)

    def _standings(self, lifetime: int, already: set[str]) -> tuple[Standing, ...]:
        return standings(lifetime, of_asset(self.pack, self.asset.id), already, scale=self.asset.scale)


def of_asset(pack: Pack, asset: str) -> tuple[Milestone, ...]:
    return tuple(one for one in pack.milestones if one.asset == asset)


def of_member(connection: Connection, pack: Pack, member_no: str) -> tuple[Standing, ...]:
    """Where a member stands to every milestone of the pack; `new` is what the next run will give."""
    account = member_account(member_no)
    already = awards.given_to(connection, KIND, [account]).get(account, set())
    return tuple(
        one
        for asset in pack.assets
        for one in standings(
            earned(connection, asset.id, [account]).get(account, 0),
            of_asset(pack, asset.id),
            already,
            scale=asset.scale,
        )
    )


def _award(milestone: Milestone, account: str) -> Award:
    if milestone.coupon is None:
        return Award(KIND, milestone.id, account)
    return Award(KIND, milestone.id, account, coupon_unit(milestone.coupon, None), 1)
