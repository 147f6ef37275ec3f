"""The published description holds: schemathesis makes requests from it, good and bad, signed and not.

`CONTRACT_EXAMPLES=2000 python -m pytest tests/sync/hub/web/test_contract.py` is the long campaign.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from requests.auth import AuthBase
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from sync.hub.hub import Hub, opened
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from sync.protocol import request_signing
from sync.protocol.messages import BATCH_ENTRIES_MAX
from tests.sync.hub import sales
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.web.on_a_port import on_a_port

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]
PUBLISHED = Path(__file__).parents[4] / "docs" / "openapi.json"
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "12"))
load_all_checks()


class Signed(AuthBase):
    """Signs what is about to be sent, as a till does."""

    def __init__(self, till: FakeTerminal) -> None:
        self.till = till

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        body = prepared.body or b""
        message = request_signing.Request(
            str(prepared.method),
            str(prepared.url),
            dict(prepared.headers),
            body if isinstance(body, bytes) else body.encode(),
        )
        signed = self.till.signed(message.method, message.url.removeprefix(self.till.url), message.body)
        prepared.headers.update(signed.headers)
        return prepared


@pytest.fixture(scope="module")
def hub(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with opened(
        DataFolder(Path(shutil.copytree(sample, tmp_path_factory.mktemp("contract") / "hub")))
    ) as hub:
        yield hub


@pytest.fixture(scope="module")
def address(hub: Hub) -> Iterator[str]:
    with on_a_port(make_app(hub)) as address:
        yield address


@pytest.fixture(scope="module")
def till(hub: Hub, address: str) -> FakeTerminal:
    till = FakeTerminal(requests.Session(), address)
    till.enrol(str(make_code(hub, "S1-1", HOUR)[0]))
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    return till


def operations(*, signed_by_us: bool) -> list[Operation]:
    """The description's operations, with short lists: long ones only take long.

    Without the demand for a signature where the test signs by itself.
    """
    described = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    entries = described["components"]["schemas"]["UploadBatch"]["properties"]["entries"]
    assert entries["maxItems"] == BATCH_ENTRIES_MAX
    entries["maxItems"] = 3
    for path in described["paths"].values() if signed_by_us else ():
        for operation in path.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(described)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def has_float(body: Any) -> bool:
    """JSON Schema takes 1.0 for an integer; the hub takes no number with a point, and cannot say so there."""
    if isinstance(body, dict):
        return any(map(has_float, body.values()))
    return any(map(has_float, body)) if isinstance(body, list) else isinstance(body, float)


def of_each(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda one: one.label)


SIGNED = operations(signed_by_us=True)
WITH_SOMETHING_TO_GET_WRONG = [one for one in SIGNED if one.body or one.path_parameters or one.query]
each = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CONTRACT_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@of_each(SIGNED)
def test_right_requests(operation: Operation, till: FakeTerminal, address: str) -> None:
    @each
    @given(case=operation.as_strategy().filter(lambda one: not has_float(one.body)))
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=address, auth=Signed(till))

    holds()


@of_each(WITH_SOMETHING_TO_GET_WRONG)
def test_wrong_requests(operation: Operation, till: FakeTerminal, address: str) -> None:
    @each
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=address, auth=Signed(till))

    holds()


@of_each(operations(signed_by_us=False))
def test_requests_of_strangers(operation: Operation, address: str) -> None:
    @each
    @given(case=operation.as_strategy())
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=address)

    holds()


def test_a_route_that_says_more_than_it_declares_is_found(address: str) -> None:
    """The checks can fail: the same requests against a description that leaves an answer out."""
    described = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    del described["paths"]["/v1/days/{date}"]["get"]["responses"]["401"]
    operation = schemathesis.openapi.from_dict(described)["/v1/days/{date}"]["GET"]

    @each
    @given(case=operation.as_strategy())
    def holds(case: Case) -> None:
        case.call_and_validate(base_url=address)

    with pytest.raises(FailureGroup, match="Undocumented status code"):
        holds()


def test_the_published_description_is_the_hubs(address: str) -> None:
    """`pos-hub openapi > docs/openapi.json` after a change that is meant."""
    described = requests.get(f"{address}/openapi.json", timeout=10).json()
    assert described == json.loads(PUBLISHED.read_text(encoding="utf-8"))
