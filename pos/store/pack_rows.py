"""Programme packs in the cache: what came is kept for ever, what is in force never goes back."""

from __future__ import annotations

import hashlib
import threading

import msgspec

from pos.domain.events import PackRef
from pos.domain.programme.loading import load_pack
from pos.store.sqlite import Connection, Readers
from pos.usecases.ports import LoadedPack
from sync.protocol.messages import FeedRow, SignedBytes

_CURRENT = (
    "SELECT sha256 FROM packs WHERE id = (SELECT pack_id FROM pack_rows ORDER BY change DESC, key LIMIT 1)"
    " ORDER BY version DESC, received LIMIT 1"
)


def apply_pack(connection: Connection, row: FeedRow, fill: int) -> None:
    """Keeps a pack whose signature has been verified.

    A version below one that is here stays without effect on what is in force, and so do other
    bytes under a version that is here already.

    Raises:
        msgspec.ValidationError: not signed bytes.
        PackMistakes: the pack cannot be used by this program.

    """
    signed = msgspec.convert(row.body, SignedBytes)
    pack = load_pack(signed.payload)
    connection.execute(
        "INSERT INTO packs (sha256, id, version, payload, key_id, signature) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (
            hashlib.sha256(signed.payload).hexdigest(),
            pack.id,
            pack.version,
            signed.payload,
            signed.key_id,
            signed.signature,
        ),
    )
    connection.execute(
        "INSERT OR REPLACE INTO pack_rows (key, change, pack_id, fill) VALUES (?, ?, ?, ?)",
        (row.key, row.change, pack.id, fill),
    )


class CachedPacks:
    """`ports.Packs`: decoded once each, from any thread."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._loaded: dict[str, LoadedPack] = {}
        self._lock = threading.Lock()

    def current(self) -> LoadedPack | None:
        """The highest version of the pack that the feed named last."""
        row = self._readers.row(_CURRENT)
        return None if row is None else self._load(row[0])

    def by_ref(self, ref: PackRef) -> LoadedPack | None:
        """Exactly the pack an older sale was priced under."""
        loaded = self._load(ref.sha256)
        return loaded if loaded is not None and loaded.ref == ref else None

    def newest_version(self, pack_id: str) -> int:
        """The highest version ever received of a pack, also after `forget`; 0 for none."""
        row = self._readers.row("SELECT coalesce(max(version), 0) FROM packs WHERE id = ?", (pack_id,))
        return 0 if row is None else int(row[0])

    def signed(self, ref: PackRef) -> SignedBytes | None:
        """A pack's bytes with their signature, as they came."""
        row = self._readers.row(
            "SELECT payload, key_id, signature FROM packs WHERE sha256 = ?", (ref.sha256,)
        )
        return None if row is None else SignedBytes(*row)

    def _load(self, sha256: str) -> LoadedPack | None:
        with self._lock:
            if sha256 not in self._loaded:
                row = self._readers.row("SELECT payload FROM packs WHERE sha256 = ?", (sha256,))
                if row is None:
                    return None
                pack = load_pack(row[0])
                self._loaded[sha256] = LoadedPack(PackRef(pack.id, pack.version, sha256), pack)
            return self._loaded[sha256]
