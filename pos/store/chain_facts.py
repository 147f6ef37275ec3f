"""What a journal's file says of its chain: whose it is, for which store, and under which hub."""

from __future__ import annotations

import msgspec

from sync.protocol.messages import SignedBytes

IDENTITY = "identity"
STORE = "store"
ENROLMENT = "enrolment"
KEYS = "alliance_keys"
"""The newest key list that the alliance's root has signed, where it is newer than the enrolment's."""
COPIED = "copied"
"""The fact that the hub has seen another copy of this chain."""


class HubEnrolment(msgspec.Struct, frozen=True):
    """The hub that this till belongs to.

    `keys` is the alliance's key list as it was given, whose root has the `fingerprint` that the
    technician typed; `hub_epoch` is the hub's own at enrolment, `at` the moment (ISO 8601). `reply` is what
    the hub signed; a till of an earlier version has not kept it.
    """

    hub_url: str
    keys: SignedBytes
    fingerprint: str
    hub_epoch: int
    at: str
    reply: SignedBytes | None = None
