"""Tasks, what members hand in, and the review that books points once."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from sync.hub.growth import tasks
from sync.hub.growth.tasks import Submission
from sync.hub.hub import Hub
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import books, honest, sales
from tests.sync.hub.growth.conftest import NOON, at
from tests.sync.hub.terminals import FakeTerminal

Publish = Callable[..., int]


def submit(hub: Hub, task: int, member: str = sales.MEMBER, **what: object) -> Submission:
    with hub.database.write() as connection:
        return tasks.submit(hub, connection, task, member, by=member, **what)  # type: ignore[arg-type]


def approve(hub: Hub, submission: int, minutes: int | None = None, by: str = "reviewer") -> Submission:
    with hub.database.write() as connection:
        return tasks.approve(hub, connection, submission, by=by, minutes=minutes)


def refused(hub: Hub, match: str, deed: Callable[..., object], *args: object, **kwargs: object) -> None:
    """The deed is refused in words, and nothing of it stays."""
    before = books.balances(hub)
    with pytest.raises(Told, match=match) as no, hub.database.write() as connection:
        deed(hub, connection, *args, **kwargs)
    assert no.value.say("zh") != no.value.say("en")
    assert books.balances(hub) == before


def time_points(hub: Hub, member: str = sales.MEMBER) -> int:
    return books.balances(hub).get((f"member:{member}", "time_points"), 0)


def test_a_reviewed_hour_is_booked_and_told(noon: Hub, published: Publish, till: FakeTerminal) -> None:
    task, before = published(), books.balances(noon)
    one = submit(noon, task, minutes=90)
    assert books.balances(noon) == before, "nothing before the review"
    with noon.database.read() as connection:
        assert tasks.to_review(connection) == [one]
    done = approve(noon, one.id)
    assert (done.standing, done.granted_minutes, done.points) == ("approved", 90, 1500)
    assert books.changes(before, books.balances(noon)) == {
        ("member:30006012", "time_points"): 1500,
        ("alliance:issued", "time_points"): -1500,
    }
    with noon.database.read() as connection:
        assert tasks.to_review(connection) == []
        rows = connection.execute(
            schema.transfers.select().where(schema.transfers.c.linked == one.linked)
        ).all()
    assert [(row.code, row.amount) for row in rows] == [("earned", 1500)]
    assert honest.member_row(till, sales.MEMBER).balances["time_points"] == time_points(noon)


def test_the_reviewer_grants_less_but_never_more(noon: Hub, published: Publish) -> None:
    one = submit(noon, published(), minutes=90)
    refused(noon, "at most the 1:30", tasks.approve, one.id, by="reviewer", minutes=91)
    refused(noon, "at most the 1:30", tasks.approve, one.id, by="reviewer", minutes=0)
    before = time_points(noon)
    assert approve(noon, one.id, 60).granted_minutes == 60
    assert time_points(noon) - before == 1000


def test_approving_again_books_nothing_more(noon: Hub, published: Publish) -> None:
    one = submit(noon, published(), minutes=90)
    first = approve(noon, one.id, 60)
    after = books.balances(noon)
    assert approve(noon, one.id, 60) == first
    assert approve(noon, one.id) == first
    refused(noon, "other hours", tasks.approve, one.id, by="reviewer", minutes=90)
    assert books.balances(noon) == after


def test_approved_by_many_at_once_it_is_booked_once(noon: Hub, published: Publish) -> None:
    one, before = submit(noon, published(), minutes=120), time_points(noon)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: approve(noon, one.id), range(8)))
    assert {answer.points for answer in done} == {2000}
    assert time_points(noon) - before == 2000
    with noon.database.read() as connection:
        assert [move.deed for move in tasks.moves_of(connection, one.id)] == ["submit", "approve"]


def test_handed_in_by_many_at_once_it_stands_once(noon: Hub, published: Publish) -> None:
    task = published()

    def hand_in(_: int) -> bool:
        try:
            submit(noon, task, minutes=60)
        except Told:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(hand_in, range(8))) == 1
    with noon.database.read() as connection:
        assert len(tasks.submissions_of(connection, sales.MEMBER)) == 1


@pytest.mark.parametrize("reviewer", [sales.MEMBER, f"member:{sales.MEMBER}", f" {sales.MEMBER} "])
def test_nobody_reviews_themselves(noon: Hub, published: Publish, reviewer: str) -> None:
    one = submit(noon, published(), minutes=60)
    refused(noon, "themselves", tasks.approve, one.id, by=reviewer)
    refused(noon, "themselves", tasks.reject, one.id, by=reviewer, reason="no")
    approve(noon, one.id)
    refused(noon, "themselves", tasks.withdraw, one.id, by=reviewer, reason="no")


def test_a_rejected_one_says_why_and_comes_back(noon: Hub, published: Publish) -> None:
    task = published()
    one = submit(noon, task, minutes=120)
    refused(noon, "reason", tasks.reject, one.id, by="reviewer", reason=" ")
    with noon.database.write() as connection:
        tasks.reject(noon, connection, one.id, by="reviewer", reason="签到表上只有一小时")
    refused(noon, "rejected; one cannot approve", tasks.approve, one.id, by="reviewer")
    again = submit(noon, task, minutes=60)
    assert (again.id, again.round) == (one.id, 2)
    approve(noon, one.id)
    with noon.database.read() as connection:
        moves = tasks.moves_of(connection, one.id)
    assert [(move.deed, move.standing, move.by, move.minutes, move.reason) for move in moves] == [
        ("submit", "submitted", sales.MEMBER, 120, ""),
        ("reject", "rejected", "reviewer", 120, "签到表上只有一小时"),
        ("submit", "submitted", sales.MEMBER, 60, ""),
        ("approve", "approved", "reviewer", 60, ""),
    ]
    assert {move.at for move in moves} == {noon.time()}


def test_a_withdrawn_approval_is_a_correcting_transfer(
    noon: Hub, published: Publish, till: FakeTerminal
) -> None:
    task = published()
    one = submit(noon, task, minutes=120)
    approve(noon, one.id)
    with noon.database.write() as connection:  # spent meanwhile
        connection.execute(
            schema.transfers.insert().values(
                linked="spent", debit=f"member:{sales.MEMBER}", credit="alliance:redeemed", unit="time_points",
                amount=time_points(noon), code="redeemed", booked_at=noon.time(),
            )
        )  # fmt: skip
        with pytest.raises(Told, match="reason"):
            tasks.withdraw(noon, connection, one.id, by="reviewer", reason="")
        tasks.withdraw(noon, connection, one.id, by="reviewer", reason="没有到场")
        rows = connection.execute(
            schema.transfers.select().where(schema.transfers.c.linked == one.linked)
        ).all()
    assert [(row.code, row.amount, row.reason) for row in rows] == [
        ("earned", 2000, None),
        ("earned_back", 2000, "没有到场"),
    ]
    assert time_points(noon) == -2000, "a shortage leaves the balance negative"
    assert honest.member_row(till, sales.MEMBER).balances["time_points"] == -2000
    refused(noon, "withdrawn; one cannot withdraw", tasks.withdraw, one.id, by="reviewer", reason="again")
    again = submit(noon, task, minutes=60)
    assert approve(noon, again.id).points == 1000
    assert time_points(noon) == -1000


def test_too_little_for_a_point(noon: Hub, published: Publish) -> None:
    one = submit(noon, published(), minutes=5)
    refused(noon, "make no point", tasks.approve, one.id, by="reviewer")


# --- limits --------------------------------------------------------------------------------------


def test_hours_lie_within_the_task(noon: Hub, published: Publish) -> None:
    task = published()
    for minutes in (None, 0, -5, 121):
        refused(noon, "at most 2:00", tasks.submit, task, sales.MEMBER, by="x", minutes=minutes)


def test_nothing_is_handed_in_before_its_day(noon: Hub, published: Publish) -> None:
    task = published(date="2026-03-15")
    refused(noon, "hand in on that day or later", tasks.submit, task, sales.MEMBER, by="x", minutes=60)
    almost = dt.datetime(2026, 3, 14, 15, 59, tzinfo=dt.UTC)
    refused(at(noon, almost), "that day", tasks.submit, task, sales.MEMBER, by="x", minutes=60)
    assert submit(at(noon, almost + dt.timedelta(minutes=1)), task, minutes=60).standing == "submitted"


def test_a_task_is_handed_in_once(noon: Hub, published: Publish) -> None:
    task = published()
    one = submit(noon, task, minutes=60)
    refused(noon, "to be reviewed", tasks.submit, task, sales.MEMBER, by="x", minutes=60)
    approve(noon, one.id)
    refused(noon, "approved", tasks.submit, task, sales.MEMBER, by="x", minutes=60)


def test_places(noon: Hub, published: Publish) -> None:
    task = published(places=2, date="2026-03-14")
    with noon.database.write() as connection:
        for member in (sales.MEMBER, sales.FRIEND):
            tasks.sign_up(noon, connection, task, member, by=member)
    refused(noon, "0 places left", tasks.sign_up, task, sales.NEWCOMER, by="x")
    refused(noon, "0 places left", tasks.submit, task, sales.NEWCOMER, by="x", minutes=60)
    refused(noon, "signed up; one cannot sign up", tasks.sign_up, task, sales.FRIEND, by="x")
    with noon.database.write() as connection:
        tasks.leave(noon, connection, task, sales.FRIEND, by=sales.FRIEND)
        assert tasks.known_task(connection, task).free == 1
        tasks.sign_up(noon, connection, task, sales.NEWCOMER, by="desk")
        assert [one.member_no for one in tasks.part_in(connection, task)] == [
            sales.MEMBER, sales.FRIEND, sales.NEWCOMER
        ]  # fmt: skip
    assert submit(noon, task, minutes=60).standing == "submitted", "whoever signed up keeps the place"
    refused(noon, "0 places left", tasks.sign_up, task, sales.FRIEND, by="x")


def test_a_refusal_in_the_middle_of_other_work_leaves_no_trace(noon: Hub, published: Publish) -> None:
    task = published(places=2)
    with noon.database.write() as connection:
        with pytest.raises(Told, match="at most"):
            tasks.submit(noon, connection, task, sales.MEMBER, by="x", minutes=121)
        with pytest.raises(Told, match="title or address"):
            tasks.submit_work(noon, connection, "article", sales.MEMBER, work="", by="x")
    with noon.database.read() as connection:
        assert tasks.submissions_of(connection, sales.MEMBER) == []
        assert tasks.known_task(connection, task).free == 2


def test_a_family_of_two(noon: Hub, published: Publish) -> None:
    task = published(activity="family", places=4, people_max=2, minutes_max=60)
    refused(noon, "1 to 2 persons", tasks.sign_up, task, sales.MEMBER, by="x", people=3)
    with noon.database.write() as connection:
        tasks.sign_up(noon, connection, task, sales.MEMBER, by="x", people=2)
        assert tasks.known_task(connection, task).taken == 2
    one = submit(noon, task, minutes=60)
    assert one.people == 2
    assert approve(noon, one.id).points == 3000


def test_signing_up_ends_with_the_day(noon: Hub, published: Publish) -> None:
    task = published(date="2026-03-13")
    refused(noon, "nobody can sign up", tasks.sign_up, task, sales.MEMBER, by="x")
    refused(noon, "has not signed up", tasks.leave, task, sales.MEMBER, by="x")
    assert submit(noon, task, minutes=60).standing == "submitted"


def test_a_closed_task(noon: Hub, published: Publish) -> None:
    task = published()
    one = submit(noon, task, minutes=60)
    with noon.database.write() as connection:
        assert [found.id for found in tasks.open_tasks(connection)] == [task]
        tasks.close(noon, connection, task)
        tasks.close(at(noon, NOON + dt.timedelta(days=1)), connection, task)
        assert tasks.open_tasks(connection) == []
        assert [found.closed_at for found in tasks.all_tasks(connection)] == [noon.time()]
    refused(noon, "is closed", tasks.submit, task, sales.FRIEND, by="x", minutes=60)
    assert approve(noon, one.id).standing == "approved"


# --- works ---------------------------------------------------------------------------------------


def test_an_article_counts_once(noon: Hub) -> None:
    with noon.database.write() as connection:
        one = tasks.submit_work(noon, connection, "article", sales.MEMBER, work=" 邻里的一天 ", by="x")
    assert (one.work, one.task, one.minutes) == ("邻里的一天", None, None)
    for member, match in ((sales.MEMBER, "to be reviewed"), (sales.FRIEND, "counts once")):
        refused(noon, match, tasks.submit_work, "article", member, work="邻里的一天", by="x")
    refused(noon, "give no hours", tasks.approve, one.id, by="reviewer", minutes=60)
    assert approve(noon, one.id).points == 2000
    assert approve(noon, one.id).points == 2000
    refused(noon, "approved", tasks.submit_work, "article", sales.MEMBER, work="邻里的一天", by="x")
    refused(noon, "title or address", tasks.submit_work, "article", sales.MEMBER, work="", by="x")
    refused(noon, "needs a task", tasks.submit_work, "volunteer", sales.MEMBER, work="a", by="x")


def test_an_article_for_a_task(noon: Hub, published: Publish) -> None:
    task = published(activity="article", minutes_max=None, title="三月征文", places=10)
    refused(noon, "title or address", tasks.submit, task, sales.MEMBER, by="x", minutes=60)
    one = submit(noon, task, work="https://example.org/1")
    refused(noon, "counts once", tasks.submit, task, sales.FRIEND, by="x", work="https://example.org/1")
    refused(
        noon, "counts once", tasks.submit_work, "article", sales.MEMBER, work="https://example.org/1", by="x"
    )
    assert approve(noon, one.id).points == 2000


# --- what a person gets wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"activity": "merchant_referral"}, "it has: volunteer、family、skill、article"),
        ({"activity": "dancing"}, "no activity dancing"),
        ({"title": " "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"area": "x" * 81}, "area"),
        ({"date": "2026-02-30"}, "2026-02-30"),
        ({"date": "20260314"}, "20260314"),
        ({"minutes_max": None}, "counted by the hour"),
        ({"minutes_max": 0}, "Hours"),
        ({"minutes_max": 1441}, "Hours"),
        ({"activity": "article", "minutes_max": 60}, "give no hours"),
        ({"places": 0}, "Places"),
        ({"people_max": 2}, "Places"),
        ({"people_max": 11, "places": 20}, "Places"),
        ({"store": "S9"}, "no store S9"),
    ],
)
def test_a_task_that_cannot_be(noon: Hub, changes: dict[str, object], match: str) -> None:
    fields = {"activity": "volunteer", "title": "t", "date": "2026-03-14", "minutes_max": 60} | changes
    refused(noon, match, tasks.add_task, tasks.NewTask(**fields), by="desk")  # type: ignore[arg-type]


def test_who_may_take_part(noon: Hub, published: Publish) -> None:
    task = published()
    refused(noon, "no member 5", tasks.submit, task, "5", by="x", minutes=60)
    refused(noon, "no task 99", tasks.submit, 99, sales.MEMBER, by="x", minutes=60)
    refused(noon, "no submission 99", tasks.approve, 99, by="x")
    refused(noon, "Say who", tasks.submit, task, sales.MEMBER, by=" ", minutes=60)
    for status in ("sealed", "blocked"):
        with noon.database.write() as connection:
            connection.execute(
                schema.members.update()
                .where(schema.members.c.member_no == sales.FRIEND)
                .values(status=status)
            )
        refused(noon, "not sold yet or blocked", tasks.submit, task, sales.FRIEND, by="x", minutes=60)


def test_who_did_what_is_never_altered(noon: Hub, published: Publish) -> None:
    submit(noon, published(), minutes=60)
    for change in ("UPDATE submission_moves SET reason = 'x'", "DELETE FROM submission_moves"):
        with pytest.raises(DatabaseError, match="never changed"), noon.database.write() as connection:
            connection.execute(text(change))
