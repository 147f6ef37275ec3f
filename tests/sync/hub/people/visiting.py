"""A person's browser as far as the hub can tell: keeps cookies, sends forms with the token that the page carries."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

from sync.hub.hub import Hub
from sync.hub.people import users
from sync.hub.people.visitors import at_the_console

PASSWORD = "kite over river 88"
SITE = "https://hub.example"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Visit:
    """One browser. `agent` and `peer` are what the hub learns of it."""

    def __init__(
        self, app: FastAPI, peer: str = "192.0.2.77", agent: str = "Mozilla/5.0 (Android) Chrome/1"
    ) -> None:
        self.app, self.peer = app, peer
        self.cookies = httpx.Cookies()
        self.headers = {"User-Agent": agent, "Accept-Language": "en"}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Sends exactly these fields, as whoever has found out the address may do."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", path, kind | headers, urlencode(fields).encode())

    def fill_in(self, page: str, path: str = "", **fields: str) -> httpx.Response:
        """Opens a page and sends its form."""
        return self.post(path or page.partition("?")[0], fields | {"csrf": self.token(page)})

    def token(self, page: str) -> str:
        found = _TOKEN.search(self.get(page).text)
        assert found, f"{page} has no form"
        return unescape(found.group(1))

    def log_in(self, name: str, password: str = PASSWORD, then: str = "") -> httpx.Response:
        return self.fill_in("/login", name=name, password=password, next=then)

    def request(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> httpx.Response:
        return asyncio.run(self._request(method, path, headers, body))

    async def _request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.peer, 40_000))
        async with httpx.AsyncClient(
            transport=transport, base_url=SITE, headers=self.headers, cookies=self.cookies
        ) as client:
            answer = await client.request(method, path, headers=headers, content=body)
            self.cookies = client.cookies
            return answer


def make_user(
    hub: Hub,
    name: str = "wang",
    role: str = "operator",
    merchant: str | None = None,
    password: str = PASSWORD,
) -> int:
    """A user who has set a password."""
    kept = users.checked_hash(name, password)
    with hub.database.write() as connection:
        user_id = users.add(connection, at_the_console(hub), name, role, merchant, None)
        users.set_password(connection, at_the_console(hub), user_id, kept, "test")
    return user_id
