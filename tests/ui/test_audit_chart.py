"""The audit's chart: both lines where they belong, whatever the figures, as picture and as drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from pos.ui import theme
from pos.ui.audit_chart import (
    HEIGHT,
    IMAGE_SCALE,
    PLOT,
    WIDTH,
    Chart,
    draw_chart,
    grouped,
    months_between,
    tick_step,
)

pytestmark = pytest.mark.usefixtures("qapp")

MONTHS = range(1, 61)
CHART = Chart(
    title="众店：到期要付的与商家所交的",
    subtitle="累计",
    money_axis="累计金额（元）",
    month_axis="第几个月",
    due_name="到期要付",
    collected_name="商家所交",
    verdict="最多 10.07 倍",
    mark="第 21 个月起付不出",
    due_fen=tuple(month * month * 100_00 for month in MONTHS),
    collected_fen=tuple(month * 2000_00 for month in MONTHS),
    cannot_be_paid_from=21,
)


def drawn(path: Path, chart: Chart) -> QImage:
    draw_chart(path, chart)
    image = QImage(str(path))
    assert (image.width(), image.height()) == (WIDTH * IMAGE_SCALE, HEIGHT * IMAGE_SCALE)
    return image


def colour_at(image: QImage, month: int, fen: int, top_fen: int, months: int = 60) -> QColor:
    x = PLOT.left() + PLOT.width() * (month - 1) / (months - 1)
    y = PLOT.bottom() - PLOT.height() * fen / top_fen
    return image.pixelColor(int(x * IMAGE_SCALE), int(y * IMAGE_SCALE))


def test_both_lines_and_the_gap_between_them(tmp_path: Path) -> None:
    image = drawn(tmp_path / "chart.png", CHART)
    top_fen = 400_000_00
    assert colour_at(image, 50, 50 * 50 * 100_00, top_fen) == QColor(theme.RED)
    assert colour_at(image, 50, 50 * 2000_00, top_fen) == QColor(theme.GREEN)
    shade = colour_at(image, 50, 170_000_00, top_fen)
    assert shade.red() > shade.green() == pytest.approx(shade.blue(), abs=4)
    assert colour_at(image, 10, 250_000_00, top_fen) == QColor(theme.WHITE)


def test_svg_holds_the_words(tmp_path: Path) -> None:
    path = tmp_path / "chart.SVG"
    draw_chart(path, CHART)
    text = "".join(ET.parse(path).getroot().itertext())
    for word in (CHART.title, CHART.due_name, CHART.collected_name, CHART.month_axis, CHART.mark, "360,000"):
        assert word in text


@pytest.mark.parametrize(
    "chart",
    [
        replace(CHART, due_fen=(0,) * 60, collected_fen=(0,) * 60, cannot_be_paid_from=None),
        replace(CHART, due_fen=(1,), collected_fen=(2,), cannot_be_paid_from=None),
        replace(CHART, cannot_be_paid_from=60),
        replace(CHART, title="长" * 200),
        replace(CHART, due_fen=tuple(10**15 * month for month in MONTHS), cannot_be_paid_from=1),
    ],
)
def test_any_figures(tmp_path: Path, chart: Chart) -> None:
    image = drawn(tmp_path / "chart.png", chart)
    assert image.pixelColor(2, 2) == QColor(theme.WHITE)
    assert image.pixelColor(image.width() - 3, image.height() // 2) == QColor(theme.WHITE)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        draw_chart(tmp_path / "no" / "chart.png", CHART)


def test_a_picture_that_qt_does_not_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QImage, "save", lambda *_: False)
    with pytest.raises(OSError, match=r"chart\.png"):
        draw_chart(tmp_path / "chart.png", CHART)


@pytest.mark.parametrize(
    ("top", "step"), [(1, 1), (6, 1), (7, 2), (13, 5), (31, 10), (63_884_609, 20_000_000)]
)
def test_lines_across_have_round_figures(top: int, step: int) -> None:
    assert tick_step(top) == step


@pytest.mark.parametrize(("months", "every"), [(12, 1), (24, 2), (60, 6), (120, 12), (600, 60), (9999, 120)])
def test_months_are_named_at_a_distance(months: int, every: int) -> None:
    assert months_between(months) == every


def test_amounts_are_read_from_afar() -> None:
    assert [grouped(fen) for fen in (0, 49, 50, 123_456_789)] == ["0", "0", "1", "1,234,568"]
