"""The alliance's keys as this till was last told them: `ports.AllianceKeys` on `journal.db`."""

from __future__ import annotations

from pos.store import facts
from pos.store.chain_facts import ENROLMENT, HubEnrolment
from pos.store.sqlite import Readers
from sync.protocol.messages import KeyList, PublicKey
from sync.protocol.trust import Untrusted, read_key_list


class StoredKeys:
    """Reads from any thread. Without a hub there are none."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def key_list(self) -> KeyList | None:
        """The newest list; None for a till without a hub, or where the stored bytes were changed."""
        enrolment = facts.read(self._readers, ENROLMENT, HubEnrolment)
        if enrolment is None:
            return None
        try:
            return read_key_list(enrolment.keys, enrolment.fingerprint)
        except Untrusted:
            return None

    def of_code(self, key_id: str) -> PublicKey | None:
        listed = self.key_list()
        keys = listed.keys if listed is not None else ()
        return next((key for key in keys if key.id == key_id and key.use == "codes"), None)
