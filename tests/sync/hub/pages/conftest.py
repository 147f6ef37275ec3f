import re
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest

from sync.hub.hub import Hub
from sync.hub.people import sessions, users, visitors
from tests.sync.hub.in_process import InProcess


class Visit:
    """Somebody signed in, with a browser that knows only cookies and forms."""

    def __init__(self, http: InProcess, token: str) -> None:
        self.http = http
        self.cookie = f"__Host-hub-session={token}"

    def get(self, path: str, language: str = "zh") -> httpx.Response:
        return self.http.get(path, Cookie=self.cookie, **{"Accept-Language": language})

    def text(self, path: str, language: str = "zh") -> str:
        answer = self.get(path, language)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-600:])
        return answer.text

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get(path).text)
        assert found is not None
        return found.group(1)

    def send(self, path: str, form_on: str, **fields: str) -> httpx.Response:
        """Sends a form that stands on the page `form_on`."""
        return self.send_raw(path, csrf=self.csrf(form_on), **fields)

    def send_raw(self, path: str, **fields: str) -> httpx.Response:
        headers = {
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Language": "zh",
        }
        return self.http.request(
            "POST", f"http://testserver{path}", headers=headers, data=urlencode(fields).encode()
        )


SignIn = Callable[..., Visit]


@pytest.fixture
def sign_in(http: InProcess, hub: Hub) -> SignIn:
    """Signs a new user in: `sign_in("owner", "M1")`, `sign_in("administrator")`."""

    def enter(role: str, merchant: str | None = None) -> Visit:
        name = f"{role}-{(merchant or 'desk').lower()}"
        with hub.database.write() as connection:
            actor = visitors.at_the_console(hub)
            if users.find(connection, name) is None:
                users.add(connection, actor, name, role, merchant, None)
            row = users.known(connection, name)
            token = sessions.begin(connection, row["id"], role, "full", "a test", hub.now())
        return Visit(http, token)

    return enter


@pytest.fixture
def owner(sign_in: SignIn) -> Visit:
    """The owner of M1, whose store is S1."""
    return sign_in("owner", "M1")


@pytest.fixture
def desk(sign_in: SignIn) -> Visit:
    return sign_in("administrator")
