"""What a till asks of the hub while somebody waits: a code, a right, a refund, a phone number."""

from __future__ import annotations

from typing import Annotated

import msgspec

from sync.protocol.messages import Bytes, HubMark, MemberRow


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
    """`POST /v1/rights`: may this terminal use a once-only right? `kind` and `key` as in `domain.rights`."""

    kind: Annotated[str, msgspec.Meta(max_length=40)]
    key: Annotated[str, msgspec.Meta(max_length=80)]


class RightAnswer(msgspec.Struct, frozen=True):
    """`granted`: the right is this terminal's now, also when asked again. Else who has it, since when."""

    hub: HubMark
    granted: bool
    holder: str = ""
    since: str = ""


class RefundPermitRequest(msgspec.Struct, frozen=True):
    """`POST /v1/refunds`: goods of another till's sale came back to this one of the same store."""

    receipt_no: Annotated[str, msgspec.Meta(max_length=60)]


class RefundPermit(msgspec.Struct, frozen=True):
    """The sale's entry and those of its refunds so far, as uploaded; good for one refund under `permit`."""

    hub: HubMark
    permit: str
    sale: Bytes
    refunds: tuple[Bytes, ...] = ()


class PhoneSearch(msgspec.Struct, frozen=True):
    """`POST /v1/members/search`: whose phone number is this? Tills keep neither question nor answer."""

    phone: Annotated[str, msgspec.Meta(max_length=30)]


class PhoneFound(msgspec.Struct, frozen=True):
    """The member with that phone number, if there is one; `name` is for the cashier to ask, and not kept."""

    hub: HubMark
    member: MemberRow | None
    name: str = ""
