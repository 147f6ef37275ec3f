"""What is given once: joining gifts, rungs of the ladder, milestones."""

from sqlalchemy import select

from pos.domain.ledger import ALLIANCE_ISSUED, ALLIANCE_REDEEMED, Posting
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.schedules import awards, joining, milestones
from sync.hub.storage import schema
from tests.sync.hub import sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.schedules.alliance import CHUNK, add_members, give, held, publish, run

SEVEN = [f"5000000{digit}" for digit in range(7)]


def test_joining_gives_200_locked_once(hub: Hub) -> None:
    publish(hub, "gongxianggou", "2026-03-01")
    add_members(hub, *SEVEN, activated=False)
    before = balances(hub)
    run(hub, "2026-03-02", "joining")
    assert held(hub, SEVEN[0]) == {"share_value": 200_00}
    with hub.database.read() as connection:
        (award,) = awards.of_account(connection, f"member:{SEVEN[0]}")
    assert (award.rule, award.amount, award.locked) == ("share_value:locked", 200_00, True)
    given = changes(before, balances(hub))
    members_here = _members(hub)
    assert set(SEVEN) < members_here, "the sample's members, too: none of them was given it"
    assert {account for account, _ in given} == {"alliance:issued", *(f"member:{no}" for no in members_here)}
    assert run(hub, "2026-03-02", "joining") == []
    run(hub, "2026-03-03", "joining")
    assert changes(before, balances(hub)) == given


def _members(hub: Hub) -> set[str]:
    table = schema.members.c
    with hub.database.read() as connection:
        query = select(table.member_no).where(table.status != "sealed")
        return set(connection.execute(query).scalars())


def test_a_member_can_be_given_at_once(hub: Hub) -> None:
    publish(hub, "gongxianggou", "2026-03-01")
    add_members(hub, SEVEN[0])
    for _ in range(2):
        with hub.database.write() as connection:
            joining.give(connection, SEVEN[0], hub.time())
    assert held(hub, SEVEN[0]) == {"share_value": 200_00}
    run(hub, "2026-03-02", "joining")
    assert held(hub, SEVEN[0]) == {"share_value": 200_00}


def test_sealed_cards_are_given_nothing(hub: Hub) -> None:
    publish(hub, "gongxianggou", "2026-03-01")
    add_members(hub, SEVEN[0], status="sealed", plan="")
    run(hub, "2026-03-02", "joining")
    assert held(hub, SEVEN[0]) == {}


def test_three_friends_bring_50_once(hub: Hub) -> None:
    publish(hub, "community_groupbuy", "2026-03-01")
    hosts = [f"6000000{digit}" for digit in range(CHUNK + 2)]
    add_members(hub, *hosts, plan="ordinary")
    for number, host in enumerate(hosts):
        add_members(hub, *(f"7{number}00000{n}" for n in range(3)), plan="ordinary", referrer=host)
    add_members(hub, "71999999", plan="", status="sealed", referrer=SEVEN[0])
    add_members(hub, *SEVEN[:3], plan="ordinary", referrer="7000000" + "0")
    run(hub, "2026-03-02", "invitations")
    assert {number: held(hub, number) for number in hosts} == {key: {"balance": 5000} for key in hosts}
    assert held(hub, "70000000") == {"balance": 50_00}
    add_members(hub, "79000000", plan="ordinary", referrer=hosts[0])
    run(hub, "2026-03-03", "invitations")
    assert held(hub, hosts[0]) == {"balance": 50_00}, "a fourth friend is no rung"


def test_two_friends_and_a_sealed_card_are_no_three(hub: Hub) -> None:
    publish(hub, "community_groupbuy", "2026-03-01")
    add_members(hub, SEVEN[0], plan="ordinary")
    add_members(hub, *SEVEN[1:3], plan="ordinary", referrer=SEVEN[0])
    add_members(hub, SEVEN[3], plan="", status="sealed", referrer=SEVEN[0])
    run(hub, "2026-03-02", "invitations")
    assert held(hub, SEVEN[0]) == {}


def test_milestones_at_1000_and_2000_once(hub: Hub) -> None:
    add_members(hub, *SEVEN, plan="basic")
    earned = (999_00, 1000_00, 1999_00, 2000_00, 2500_00, 0, 1_00)
    give(hub, "2026-03-01", {f"member:{no}": n for no, n in zip(SEVEN, earned, strict=True) if n}, "points")
    run(hub, "2026-03-02", "milestones")
    coupons = [held(hub, number).get("coupon:free_delivery", 0) for number in SEVEN]
    assert coupons == [0, 1, 1, 1, 1, 0, 0]
    with hub.database.read() as connection:
        found = [{one.rule for one in awards.of_account(connection, f"member:{no}")} for no in SEVEN]
    both = {"points_1000", "points_2000"}
    assert found == [set(), {"points_1000"}, {"points_1000"}, both, both, set(), set()]
    give(hub, "2026-03-02", {f"member:{SEVEN[0]}": 1_00, f"member:{SEVEN[1]}": 5_00}, "points")
    run(hub, "2026-03-03", "milestones")
    assert [held(hub, number).get("coupon:free_delivery", 0) for number in SEVEN[:2]] == [1, 1]


def test_lifetime_is_net_of_refunds_and_not_of_spending(hub: Hub) -> None:
    add_members(hub, *SEVEN[:2], plan="basic")
    give(hub, "2026-03-01", {f"member:{no}": 1000_00 for no in SEVEN[:2]}, "points")
    with hub.database.write() as connection:
        back = Posting(f"member:{SEVEN[0]}", ALLIANCE_ISSUED, "points", 1, "earned_back")
        spent = Posting(f"member:{SEVEN[1]}", ALLIANCE_REDEEMED, "points", 900_00, "redeemed")
        accounts.post(connection, "x", (back, spent), hub.time())
        (first, _) = milestones.of_member(connection, sales.PACK, SEVEN[0])
    assert (first.reached, first.missing) == (False, 1)
    run(hub, "2026-03-02", "milestones")
    assert [held(hub, no).get("coupon:free_delivery", 0) for no in SEVEN[:2]] == [0, 1]
