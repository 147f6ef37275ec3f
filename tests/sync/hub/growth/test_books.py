"""Whatever people do in whatever order, twice or at once: the books hold and agree with a model beside them."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from sync.hub.growth import exchanging, fees, tables, tasks
from sync.hub.hub import Hub
from sync.hub.words import Told
from tests.sync.hub import books, sales

WHO = (sales.MEMBER, sales.FRIEND, sales.NEWCOMER)
Deed = tuple[str, int, int]

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ("submit", "approve", "approve", "reject", "withdraw", "exchange", "ask", "confirm", "call_off")
        ),
        st.integers(0, 5),
        st.integers(1, 240),
    ),
    min_size=4,
    max_size=24,
)


def act(hub: Hub, connection: Connection, deed: Deed, tasks_there: list[int], run: int) -> None:
    """One deed; `which` picks a task, a submission or a reference, `much` minutes or points."""
    kind, which, much = deed
    member = WHO[which % len(WHO)]
    submissions = [one.id for one in tasks.submissions_of(connection, member)]
    match kind:
        case "submit":
            tasks.submit(hub, connection, tasks_there[which % len(tasks_there)], member, by="x", minutes=much)
        case "approve" | "reject" | "withdraw" if submissions:
            number = submissions[which % len(submissions)]
            if kind == "approve":
                tasks.approve(hub, connection, number, by="r", minutes=much)
            else:
                {"reject": tasks.reject, "withdraw": tasks.withdraw}[kind](
                    hub, connection, number, by="r", reason="x"
                )
        case "exchange":
            exchanging.exchange_points(
                hub, connection, member, rule="time_to_voucher", amount=f"{much}", reference=f"{run}-{which}", by="x"
            )  # fmt: skip
        case "ask":
            fees.request(
                hub, connection, member, plan="basic", asset="time_points", amount=f"{much}",
                reference=f"{run}-{which}", by="x",
            )  # fmt: skip
        case "confirm":
            fees.confirm(hub, connection, f"{run}-{which}", by="x")
        case "call_off":
            fees.call_off(hub, connection, f"{run}-{which}", by="x")


def expected(connection: Connection, opening: dict[str, int]) -> dict[tuple[str, str], int]:
    """What members must hold by what stands in the tables, reckoned without the ledger."""
    held: dict[tuple[str, str], int] = {}
    for member in WHO:
        time_points, voucher = opening[member], 0
        for one in tasks.submissions_of(connection, member):
            if one.standing == "approved":
                assert one.granted_minutes is not None
                time_points += one.granted_minutes * 10 // 60 * 100
        for done in exchanging.exchanges_of(connection, member):
            time_points -= done.taken
            voucher += done.given
            assert (done.taken, done.given) == (done.wish // 1000 * 1000, done.wish // 1000 * 100)
        for row in connection.execute(tables.fee_requests.select()):
            if row.member_no == member and row.standing == "paid":
                time_points -= row.points
        held |= {
            (f"member:{member}", "time_points"): time_points, (f"member:{member}", "voucher"): voucher
        }  # fmt: skip
    return {key: amount for key, amount in held.items() if amount}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_the_books_agree_with_what_stands(
    noon: Hub, published: Callable[..., int], deeds: list[Deed]
) -> None:
    with noon.database.read() as connection:
        past = (
            len(tasks.all_tasks(connection)) + len(connection.execute(tables.exchanges.select()).all()) * 1000
        )
    tasks_there = [published(places=10, minutes_max=180) for _ in range(2)]
    for deed in deeds:
        for time in ("first", "again"):
            before = books.balances(noon)
            try:
                with noon.database.write() as connection:
                    act(noon, connection, deed, tasks_there, past)
            except Told:
                assert books.balances(noon) == before, f"{deed} was refused and left something"
            if time == "again":
                assert books.balances(noon) == before, f"{deed} again booked something"
    after = books.balances(noon)
    with noon.database.read() as connection:
        wanted = expected(connection, {sales.MEMBER: 0, sales.FRIEND: 1200_00, sales.NEWCOMER: 0})
    ours = {
        key: after.get(key, 0) for key in after if key[0][7:] in WHO and key[1] in {"time_points", "voucher"}
    }
    assert ours == wanted
    units = {"time_points", "voucher", "CNY"}
    for unit in units:
        assert sum(amount for (_, one), amount in after.items() if one == unit) == 0
