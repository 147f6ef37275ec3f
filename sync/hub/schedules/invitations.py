"""The invitation ladder: each rung once, for a member who brought that many."""

from __future__ import annotations

from sqlalchemy import Connection, exists, func, literal, select

from pos.domain.ledger import member_account
from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import Invitation
from pos.domain.schedules.invitations import rungs_reached
from sync.hub.schedules import awards
from sync.hub.schedules.awards import Award
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import Chunk, Moment
from sync.hub.schedules.sweep import Sweep
from sync.hub.schedules.tables import schedule_awards
from sync.hub.storage import schema

KIND = "invitations"


class InvitationLadder(Sweep):
    """Whoever has a plan counts for the member who brought them; their own friends do not."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(KIND, pack)

    def chunk(self, connection: Connection, _run: Run, moment: Moment) -> Chunk:
        """Members drop out of the question as they are rewarded, so no cursor is needed."""
        found = [
            self._award(rung, member_account(member_no))
            for rung in self.pack.invitations
            for member_no, invited in _candidates(connection, rung, moment.limit)
            if rung in rungs_reached(invited, self.pack.invitations, ())
        ]
        return Chunk(done=not found, postings=awards.give(connection, found, moment.stamp))

    def _award(self, rung: Invitation, account: str) -> Award:
        return Award(KIND, rung.id, account, rung.asset, self.pack.asset(rung.asset).minor(rung.amount))


def invited_by(connection: Connection, member_no: str) -> int:
    """How many a member has brought who count."""
    member = schema.members.c
    query = select(func.count()).where(member.referrer == member_no, member.status != "sealed")
    return int(connection.execute(query).scalar_one())


def _candidates(connection: Connection, rung: Invitation, limit: int) -> list[tuple[str, int]]:
    """The next members who brought enough for a rung and were not rewarded for it yet, and how many."""
    friend, host = schema.members.alias("friend").c, schema.members.alias("host").c
    given = schedule_awards.c
    account = literal(member_account("")) + host.member_no
    had = exists().where(given.kind == KIND, given.rule == rung.id, given.account == account)
    query = (
        select(host.member_no, func.count().label("invited"))
        .where(friend.referrer == host.member_no, friend.status != "sealed", host.status == "active", ~had)
        .group_by(host.member_no)
        .having(func.count() >= rung.invited)
        .order_by(host.member_no)
        .limit(limit)
    )
    return [(row.member_no, row.invited) for row in connection.execute(query)]
