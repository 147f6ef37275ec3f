"""The alliance's keys as this till was last told them: `ports.AllianceKeys` on `journal.db`."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from pos.domain.events import KeysApplied
from pos.domain.journal import ChainIdentity
from pos.store import facts
from pos.store.chain_facts import ENROLMENT, KEYS, HubEnrolment
from pos.store.journal_transaction import JournalTransaction
from pos.store.sqlite import Readers
from pos.store.writer import Writer
from sync.protocol.messages import KeyList, PublicKey, SignedBytes
from sync.protocol.trust import Untrusted, read_key_list


class StoredKeys:
    """Reads from any thread, and remembers what it has read. Without a hub there are no keys."""

    def __init__(self, writer: Writer, readers: Readers, identity: ChainIdentity) -> None:
        self._writer, self._readers, self._identity = writer, readers, identity
        self._read: tuple[SignedBytes, KeyList] | None = None

    def key_list(self) -> KeyList | None:
        """The newest list; None for a till without a hub, or where the stored bytes were changed."""
        enrolment = self._enrolment()
        if enrolment is None:
            return None
        signed = facts.read(self._readers, KEYS, SignedBytes) or enrolment.keys
        if self._read is None or self._read[0] != signed:
            try:
                self._read = signed, read_key_list(signed, enrolment.fingerprint)
            except Untrusted:
                return None
        return self._read[1]

    def of_code(self, key_id: str) -> PublicKey | None:
        listed = self.key_list()
        keys = listed.keys if listed is not None else ()
        return next((key for key in keys if key.id == key_id and key.use == "codes"), None)

    def take(self, signed: SignedBytes, at: datetime) -> KeyList:
        """Keeps a newer list, and journals that it holds from here on. One that is not newer changes nothing.

        Raises:
            Untrusted: it is not signed by the root that the technician's code named.

        """
        enrolment, standing = self._enrolment(), self.key_list()
        if enrolment is None:
            raise Untrusted("this till has no hub")
        offered = read_key_list(signed, enrolment.fingerprint)
        if standing is not None and offered.version <= standing.version:
            return standing
        self._writer.run(lambda: self._keep(signed, offered, at))
        return offered

    def _keep(self, signed: SignedBytes, offered: KeyList, at: datetime) -> None:
        applied = KeysApplied(
            at=at.isoformat(timespec="seconds"),
            version=offered.version,
            sha256=hashlib.sha256(signed.payload).hexdigest(),
        )
        with self._writer.transaction() as connection:
            facts.put(connection, KEYS, msgspec.to_builtins(signed))
            JournalTransaction(connection, self._identity).append(applied)

    def _enrolment(self) -> HubEnrolment | None:
        return facts.read(self._readers, ENROLMENT, HubEnrolment)
