"""What a till asks of the hub while somebody waits."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sync.protocol.messages import Bytes, HubMark, SignatureBytes, SignedBytes


class CodeRequest(msgspec.Struct, frozen=True):
    """`POST /v1/codes`: a till asks, for a member who showed a card, for a pay code of up to `amount`.

    The same member and asset again get the same number while it is open, with a new lifetime.
    """

    member_no: Annotated[str, msgspec.Meta(max_length=40)]
    asset: Annotated[str, msgspec.Meta(max_length=40)]
    amount: Annotated[int, msgspec.Meta(ge=1, le=(1 << 32) - 1)]


class CodeAnswer(msgspec.Struct, frozen=True):
    """A pay code for the terminal that asked; `amount` may be less than was asked, never more."""

    hub: HubMark
    code: str
    amount: int
    expires: str


class RightRequest(msgspec.Struct, frozen=True):
    """`POST /v1/rights`: may this till use a right that could be used elsewhere, too?

    `key` is a printed coupon's number, or the receipt number of a sale whose goods come back.
    """

    kind: Literal["coupon", "refund"]
    key: Annotated[str, msgspec.Meta(max_length=80, extra_json_schema={"pattern": "^[ -~]*$"})]


class RightAnswer(msgspec.Struct, frozen=True):
    """It may, for ten minutes. `entries`: of a refund the journal bodies of the sale and its refunds."""

    hub: HubMark
    entries: tuple[Bytes, ...] = ()


class RejoinRequest(msgspec.Struct, frozen=True):
    """`POST /v1/rejoin`: a terminal whose enrolment the hub has lost with its latest days shows it again.

    `proof` is the terminal's signature over `trust.rejoin_claim(...)` of the enrolment's signed bytes.
    """

    enrolment: SignedBytes
    proof: SignatureBytes
