"""The hub's application called in this process, without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class InProcess:
    """Sends one request at a time through the whole application; returns when after-effects are done."""

    def __init__(self, app: FastAPI, peer: str = "192.0.2.1") -> None:
        self.app = app
        self.peer = peer

    def request(self, method: str, url: str, *, headers: dict[str, str], data: Any) -> httpx.Response:
        return asyncio.run(self._request(method, url, headers, data))

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", "http://testserver" + path, headers=headers, data=b"")

    async def _request(self, method: str, url: str, headers: dict[str, str], data: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.peer, 40_000))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, headers=headers, content=data)
