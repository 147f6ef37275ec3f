"""A phone that shows pay codes: signed by a key of the alliance that the fake seal can check."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from pos.domain import pay_codes
from pos.domain.journal import ChainIdentity
from pos.domain.pay_codes import PayCode, asset_mark, plan_mark, terminal_mark
from sync.protocol.messages import PublicKey
from tests.fakes.alliance_keys import FakeAllianceKeys
from tests.fakes.seal import signature_by

CODES_KEY = b"alliance key for codes".ljust(32)
CARD_HASH = "00" * 32


class Phone:
    """Draws codes for one till; `code` takes what is to be different from a good one.

    `sign` and `public` are the two halves of the alliance's key; without them the fake seal's stand in.
    """

    def __init__(
        self,
        identity: ChainIdentity,
        keys: FakeAllianceKeys,
        *,
        sign: Callable[[bytes], bytes] = lambda message: signature_by(CODES_KEY, message),
        public: bytes = CODES_KEY,
    ) -> None:
        self.identity, self.sign = identity, sign
        self._numbers = count(1_000)
        keys.keys["codes-1"] = PublicKey("codes-1", "codes", public)

    def code(self, now: datetime, card_hash: str = CARD_HASH, **different: Any) -> str:
        """The digits of a code for 20.00 points of a basic member, good for five minutes from `now`."""
        plain = PayCode(
            key=1,
            number=next(self._numbers),
            terminal_mark=terminal_mark(self.identity.terminal, self.identity.incarnation),
            epoch=self.identity.epoch,
            asset_mark=asset_mark("points"),
            amount=20_00,
            plan_mark=plan_mark("basic"),
            plan_last_day=(now + timedelta(days=100)).date().isoformat(),
            issued=now.astimezone(UTC),
            lifetime_s=300,
            member_tag=pay_codes.member_tag(card_hash),
            bought=True,
        )
        return self.signed(msgspec.structs.replace(plain, **different))

    def signed(self, code: PayCode) -> str:
        payload = pay_codes.payload_of(code)
        return pay_codes.code_digits(payload, self.sign(pay_codes.PAY_CODE_TAG + payload))
