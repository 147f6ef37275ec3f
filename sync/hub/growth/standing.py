"""What a member has reached: friends brought, rungs of the ladder, milestones, merchants brought."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from pos.domain.ledger import member_account
from pos.domain.programme.pack import Pack
from pos.domain.schedules.invitations import rungs_reached
from sync.hub.growth import invitations, referrals
from sync.hub.growth.invitations import Invited
from sync.hub.growth.referrals import Referral
from sync.hub.schedules import awards, milestones
from sync.hub.schedules.invitations import KIND, invited_by


class Rung(msgspec.Struct, frozen=True):
    """A rung of the ladder: `invited` friends are needed; `rewarded` once the hub has booked it."""

    id: str
    invited: int
    reached: bool
    rewarded: bool


class Mark(msgspec.Struct, frozen=True):
    """A milestone; `missing` minor units of `asset` are still to be earned."""

    id: str
    name: str
    asset: str
    reached: bool
    missing: int


class Reached(msgspec.Struct, frozen=True):
    """A member's standing; `counted` are the friends who count for the ladder."""

    member_no: str
    friends: tuple[Invited, ...]
    counted: int
    rungs: tuple[Rung, ...]
    milestones: tuple[Mark, ...]
    merchants: tuple[Referral, ...]


def reached(connection: Connection, pack: Pack, member_no: str) -> Reached:
    """What a member has reached under a pack; only reads."""
    counted = invited_by(connection, member_no)
    account = member_account(member_no)
    rewarded = awards.given_to(connection, KIND, [account]).get(account, set())
    up_to = rungs_reached(counted, pack.invitations, ())
    return Reached(
        member_no=member_no,
        friends=tuple(invitations.invited_by(connection, member_no)),
        counted=counted,
        rungs=tuple(Rung(one.id, one.invited, one in up_to, one.id in rewarded) for one in pack.invitations),
        milestones=tuple(
            Mark(one.milestone.id, one.milestone.name, one.milestone.asset, one.reached, one.missing)
            for one in milestones.of_member(connection, pack, member_no)
        ),
        merchants=tuple(referrals.referrals_of(connection, member_no)),
    )
