"""The schedules that a pack asks for, in the order in which they run on one day."""

from __future__ import annotations

from collections.abc import Iterator

from pos.domain.programme.pack import Pack
from sync.hub.growth.referral_schedule import MerchantReferrals
from sync.hub.growth.referrals import activity_of
from sync.hub.schedules.distributing import AnnualDistribution
from sync.hub.schedules.expiry import Expiry
from sync.hub.schedules.invitations import InvitationLadder
from sync.hub.schedules.joining import JoiningGifts
from sync.hub.schedules.milestones import Milestones, of_asset
from sync.hub.schedules.pooling import Pool
from sync.hub.schedules.releasing import StagedRelease
from sync.hub.schedules.schedule import Schedule


def schedules_of(pack: Pack) -> tuple[Schedule, ...]:
    """What ends comes first, then what is shared out by what is held, then what is given."""
    return tuple(_schedules_of(pack))


def _schedules_of(pack: Pack) -> Iterator[Schedule]:
    yield from (Expiry(pack, one) for one in pack.assets if one.expires_days is not None)
    yield from (Pool(pack, one) for one in pack.daily_pools)
    yield from (StagedRelease(pack, one) for one in pack.releases)
    if activity_of(pack) is not None:
        yield MerchantReferrals(pack)
    if pack.joining:
        yield JoiningGifts(pack)
    if pack.invitations:
        yield InvitationLadder(pack)
    yield from (Milestones(pack, one) for one in pack.assets if of_asset(pack, one.id))
    if pack.distribution is not None:
        yield AnnualDistribution(pack, pack.distribution)
