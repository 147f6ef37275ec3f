from hypothesis import given
from hypothesis import strategies as st

from sync.hub.pages import charts
from sync.hub.pages.charts import HEIGHT, WIDTH, Point

AMOUNTS = st.lists(st.integers(-(10**9), 10**9), max_size=40)


def points(*values: int) -> list[Point]:
    return [Point(str(at), value, "") for at, value in enumerate(values)]


def test_bars_are_as_high_as_their_values() -> None:
    chart = charts.bars(points(0, 50, 100))
    assert [one.height for one in chart.rects] == [0, HEIGHT // 2, HEIGHT]
    assert [one.y for one in chart.rects] == [HEIGHT, HEIGHT // 2, 0]
    assert chart.zero == HEIGHT
    assert chart.lines == (HEIGHT, HEIGHT // 2, 0)


def test_what_is_below_zero_hangs_from_the_base_line() -> None:
    chart = charts.bars(points(100, -100))
    up, down = chart.rects
    assert (up.y, up.y + up.height) == (0, chart.zero)
    assert (down.y, down.y + down.height) == (chart.zero, HEIGHT)


def test_a_small_amount_is_still_to_be_seen() -> None:
    assert charts.bars(points(1, 10**9)).rects[0].height == 1


def test_a_chart_of_nothing_is_empty() -> None:
    assert charts.bars([]).rects == ()
    assert [one.height for one in charts.bars(points(0, 0)).rects] == [0, 0]
    assert charts.strip([]) == ()
    assert charts.length(5, 0) == 0


@given(AMOUNTS)
def test_bars_stay_within_their_box_and_side_by_side(values: list[int]) -> None:
    chart = charts.bars(points(*values))
    right = 0
    for one in chart.rects:
        assert one.x >= right
        assert one.width > 0
        right = one.x + one.width
        assert -1 <= one.y <= one.y + one.height <= HEIGHT
        assert (one.height > 0) == (one.point.value != 0)
    assert right <= WIDTH
    assert len(chart.lines) <= 7
    assert len(chart.labels) == len(values)


@given(st.lists(st.integers(-1000, 10**9), max_size=12))
def test_a_strip_is_filled_by_its_parts(amounts: list[int]) -> None:
    slices = charts.strip([(str(at), amount) for at, amount in enumerate(amounts)])
    assert [one.amount for one in slices] == [amount for amount in amounts if amount > 0]
    if slices:
        assert sum(one.width for one in slices) == WIDTH
        assert sum(one.share_bp for one in slices) == 10_000
        assert slices[-1].x + slices[-1].width == WIDTH
