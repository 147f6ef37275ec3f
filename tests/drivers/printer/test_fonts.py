from __future__ import annotations

from pathlib import Path

import pytest

from drivers.printer import fonts
from drivers.printer.raster import has_glyph, text_picture


def test_the_first_file_that_exists_is_taken(tmp_path: Path) -> None:
    (tmp_path / "b.ttc").touch()
    (tmp_path / "c.ttc").touch()
    assert fonts.find_font((tmp_path / "a.ttc", tmp_path / "b.ttc", tmp_path / "c.ttc")) == tmp_path / "b.ttc"


def test_no_font_is_an_answer(tmp_path: Path) -> None:
    assert fonts.load_font(24, (tmp_path / "none.ttc",)) is None


@pytest.mark.skipif(fonts.find_font() is None, reason="this machine has no CJK font")
def test_a_collection_gives_its_simplified_face() -> None:
    font = fonts.load_font(24)
    assert font is not None
    family = str(font.getname()[0])
    assert "CJK" not in family or "SC" in family
    assert has_glyph(font, "䶮")
    assert has_glyph(font, " ")
    assert not has_glyph(font, "\U0001f34e")
    picture = text_picture("䶮a", 2)
    assert picture is not None
    assert picture.size == (72, 54)
