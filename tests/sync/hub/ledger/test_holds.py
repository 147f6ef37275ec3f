import pytest

from pos.domain.ledger import Posting, member_account
from sync.hub.hub import Hub
from sync.hub.ledger import accounts, holds
from sync.hub.ledger.audit import audit
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.books import balances, changes

AT, LATER = "2026-03-14T02:00:00Z", "2026-03-14T02:00:09Z"
ACCOUNT = member_account(sales.MEMBER)
SEVEN = Posting(ACCOUNT, "alliance:redeemed", "points", 700, "redeemed")


def free(hub: Hub) -> int:
    with hub.database.read() as connection:
        return accounts.free(connection, ACCOUNT, "points")


def sound(hub: Hub) -> bool:
    with hub.database.read() as connection:
        return audit(connection).differences == ()


def hold(hub: Hub, hold_id: str = "h", posting: Posting = SEVEN) -> str:
    with hub.database.write() as connection:
        return holds.hold(connection, hold_id, posting, AT)


def post(hub: Hub, amount: int) -> None:
    with hub.database.write() as connection:
        holds.post(connection, "h", amount, linked="s", ended_at=LATER)


def void(hub: Hub) -> None:
    with hub.database.write() as connection:
        holds.void(connection, "h", ended_at=LATER)


def test_part_is_posted_and_the_rest_is_free_again(hub: Hub) -> None:
    before = balances(hub)
    assert [hold(hub), hold(hub)] == ["held", "exists"]
    assert free(hub) == 1300
    assert balances(hub) == before, "nothing has moved yet"
    for _ in range(2):
        post(hub, 500)
        assert changes(before, balances(hub)) == {
            (ACCOUNT, "points"): -500,
            ("alliance:redeemed", "points"): 500,
        }
    assert free(hub) == 1500
    assert hold(hub) == "exists", "asked again after its end, it holds nothing more"
    assert free(hub) == 1500
    assert sound(hub)


def test_a_void_hold_is_free_again(hub: Hub) -> None:
    before = balances(hub)
    hold(hub)
    with hub.database.read() as connection:
        assert [one.id for one in holds.open_holds(connection, ACCOUNT)] == ["h"]
    void(hub)
    void(hub)
    assert (free(hub), balances(hub)) == (2000, before)
    with hub.database.read() as connection:
        assert holds.open_holds(connection, ACCOUNT) == ()
    with pytest.raises(Told, match="h"):
        post(hub, 1)
    assert sound(hub)


def test_what_is_not_free_is_not_held(hub: Hub) -> None:
    hold(hub, "first", Posting(ACCOUNT, "alliance:redeemed", "points", 1301, "redeemed"))
    with pytest.raises(Told, match="699"):
        hold(hub)
    with pytest.raises(Told, match="first"):
        hold(hub, "first")
    assert free(hub) == 699


def test_not_more_is_posted_than_is_held_or_covered(hub: Hub) -> None:
    with pytest.raises(Told, match="h"):
        post(hub, 1)
    hold(hub)
    with pytest.raises(Told, match="701"):
        post(hub, 701)
    with hub.database.write() as connection:
        taken = Posting(ACCOUNT, "alliance:issued", "points", 1500, "earned_back")
        accounts.post(connection, "refund", (taken,), AT)
    with pytest.raises(Told, match="h"):
        post(hub, 700)
    post(hub, 500)
    assert (free(hub), sound(hub)) == (0, True)
