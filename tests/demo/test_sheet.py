from __future__ import annotations

from pathlib import Path

from pos.demo.shop import Shop


def test_the_sheet_of_codes_shows_who_is_who_in_both_languages(tmp_path: Path) -> None:
    page = Shop(tmp_path).write_codes().read_text(encoding="utf-8")
    for shown in ("基础会员 Basic", "共创会员 Co-creator", "6921168509256"):
        assert shown in page
    assert (page.count("有效 active"), page.count("已到期 EXPIRED"), page.count("已停用 BLOCKED")) == (
        12,
        1,
        1,
    )
    assert "30002819" in page
    assert "30006618" in page
