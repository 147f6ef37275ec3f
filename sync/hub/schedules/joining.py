"""What a new member is given, once; locked value counts when the membership is activated."""

from __future__ import annotations

from sqlalchemy import Connection, select

from pos.domain.ledger import member_account
from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import Joining
from sync.hub.alliance import packs
from sync.hub.ledger import accounts
from sync.hub.schedules import awards
from sync.hub.schedules.awards import Award
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import Chunk, Moment
from sync.hub.schedules.sweep import Sweep
from sync.hub.storage import schema

KIND = "joining"


class JoiningGifts(Sweep):
    """Everybody whose card is no longer sealed and who was not given it yet."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(KIND, pack)

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        newcomers = _members(connection, run.cursor, moment.limit)
        if not newcomers:
            return Chunk(done=True)
        found = _due(connection, self.pack, newcomers)
        given = awards.give(connection, found, moment.stamp)
        return Chunk(newcomers[-1], done=len(newcomers) < moment.limit, postings=given)


def give(connection: Connection, member_no: str, stamp: str) -> None:
    """Gives a member at once what the current pack gives on joining; tell the tills afterwards."""
    pack = packs.current(connection)
    found = _due(connection, pack, [member_no]) if pack else []
    accounts.post(connection, f"{KIND}:{member_no}", awards.give(connection, found, stamp), stamp)


def _due(connection: Connection, pack: Pack, member_nos: list[str]) -> list[Award]:
    """Everything that these members were not given yet."""
    owners = [member_account(member_no) for member_no in member_nos]
    already = awards.given_to(connection, KIND, owners)
    return [
        _award(pack, rule, account)
        for account in owners
        for rule in pack.joining
        if _rule_id(rule) not in already.get(account, ())
    ]


def _award(pack: Pack, rule: Joining, account: str) -> Award:
    amount = pack.asset(rule.asset).minor(rule.amount)
    return Award(KIND, _rule_id(rule), account, rule.asset, amount, rule.locked)


def _rule_id(rule: Joining) -> str:
    return f"{rule.asset}:locked" if rule.locked else rule.asset


def _members(connection: Connection, after: str, limit: int) -> list[str]:
    """The next members whose cards are not sealed."""
    table = schema.members.c
    query = select(table.member_no).where(table.member_no > after, table.status != "sealed")
    return list(connection.execute(query.order_by(table.member_no).limit(limit)).scalars())
