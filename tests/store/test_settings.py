"""`settings.toml`: defaults, every mistake at once, and a file that says what was set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.store.settings import (
    PrinterSettings,
    ScannerSettings,
    Settings,
    SettingsMistakes,
    read_settings,
    settings_text,
)

FILE = "settings.toml"


def test_everything_has_a_default() -> None:
    settings = read_settings(b"", file=FILE)
    assert settings == Settings("zh", PrinterSettings("127.0.0.1", 9100, 58), ScannerSettings(35))


def test_a_part_may_be_set() -> None:
    settings = read_settings(b'[printer]\nhost = "10.0.0.7"\npaper_mm = 80\n', file=FILE)
    assert settings.printer == PrinterSettings("10.0.0.7", 9100, 80)
    assert settings.language == "zh"


def test_all_mistakes_are_told_at_once() -> None:
    text = """
    language = "fr"
    colour = "red"
    [printer]
    host = ""
    port = 70000
    paper_mm = 57
    width = 3
    [scanner]
    gap_ms = "35"
    """
    with pytest.raises(SettingsMistakes) as wrong:
        read_settings(text.encode(), file=FILE)
    mistakes = wrong.value.mistakes
    assert [one.key for one in mistakes] == [
        "language",
        "colour",
        "printer.host",
        "printer.port",
        "printer.paper_mm",
        "printer.width",
        "scanner.gap_ms",
    ]
    for one in mistakes:
        assert one.file == FILE
        assert str(one.reason)
        assert one.key in str(one.message())


@pytest.mark.parametrize(
    "content", [b"printer = 5", b"[[printer]]\n", b"= =", b"\xff\xfe", b"language = true"]
)
def test_no_content_is_a_crash(content: bytes) -> None:
    with pytest.raises(SettingsMistakes):
        read_settings(content, file=FILE)


@given(
    st.builds(
        Settings,
        language=st.sampled_from(["zh", "en"]),
        printer=st.builds(
            PrinterSettings,
            host=st.text(min_size=1, max_size=30).filter(lambda text: text.isprintable()),
            port=st.integers(1, 65_535),
            paper_mm=st.sampled_from([58, 80]),
        ),
        scanner=st.builds(ScannerSettings, gap_ms=st.integers(5, 500)),
    )
)
def test_what_is_written_is_read(settings: Settings) -> None:
    assert read_settings(settings_text(settings).encode(), file=FILE) == settings
