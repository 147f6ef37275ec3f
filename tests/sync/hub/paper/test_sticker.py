"""The sticker at a till, as it is printed: its code opens the till's page."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from sync.hub.hub import Hub
from tests.sync.hub.test_cli import Shell, shell

__all__ = ["shell"]

pytestmark = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


def test_a_sticker_names_till_and_store_and_its_code_is_read_back(
    hub: Hub, shell: Shell, tmp_path: Path
) -> None:
    out = tmp_path / "s.pdf"
    url = ("--url", "https://hub.example.cn/")
    done = shell.run(
        "terminal", "sticker", "--terminal", "S1-1", *url, "--out", out, "--data", hub.folder.path
    )
    assert "s.pdf" in done.stderr
    (page,) = PdfReader(out).pages
    said = page.extract_text().replace("\0", "")
    assert "幸福里便利店 · 1 号机" in said
    (picture,) = page.images
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)))
    assert read.text == "https://hub.example.cn/t/S1-1"


@pytest.mark.parametrize("url", ["hub.example.cn", "ftp://x/", ""])
def test_an_address_that_is_none(hub: Hub, shell: Shell, tmp_path: Path, url: str) -> None:
    out = tmp_path / "s.pdf"
    said = shell.refused(
        *("terminal", "sticker", "--terminal", "S1-1", "--url", url, "--out", out, "--data", hub.folder.path)
    )
    assert "no address" in said
    assert not out.exists()
