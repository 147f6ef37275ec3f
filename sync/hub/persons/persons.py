"""Keeping, finding and erasing who a member is.

The key is a file of its own in the hub's keys folder, made when it is first needed. Who has the database
alone learns nothing; who has that file, too, or a backup of the hub, does (docs/privacy.md).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, select

from sync.hub.hub import Hub
from sync.hub.persons.tables import member_persons
from sync.hub.storage import bulk
from sync.hub.storage.data_folder import write_private
from sync.hub.words import Told, Words

KEY_FILE = "persons.key"
NAME_LENGTH_MAX = 60
_KEY_LENGTH = 32
_NONCE_LENGTH = 12
_PURPOSE = "phone"
_PHONE = re.compile(r"1[0-9]{10}")
_COLUMNS = ("member_no", "sealed", "phone_hash", "kept_at")


class Person(msgspec.Struct, frozen=True):
    """What the alliance knows of a member beside their number; any of it may be empty. `birthday` is ISO."""

    name: str = ""
    phone: str = ""
    birthday: str = ""

    @property
    def empty(self) -> bool:
        return not (self.name or self.phone or self.birthday)


def plain_phone(typed: str) -> str | None:
    """A mobile number as it is kept, 11 digits: without +86, blanks, dashes or full-width digits."""
    digits = (
        re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", typed)).removeprefix("+86").removeprefix("0086")
    )
    return digits if _PHONE.fullmatch(digits) else None


def put_all(hub: Hub, connection: Connection, people: Iterable[tuple[str, Person]]) -> None:
    """Keeps who members are, in the place of what was kept before; the empty are not kept."""
    cipher, at = _cipher(hub), hub.time()
    rows = [_row(hub, cipher, number, one, at) for number, one in people if not one.empty]
    bulk.upsert(connection, member_persons, _COLUMNS, rows, key=("member_no",))


def find(hub: Hub, connection: Connection, member_no: str) -> Person | None:
    """Who a member is, if that is known.

    Raises:
        Told: the key is another than the one it was sealed with.

    """
    table = member_persons
    sealed = connection.execute(select(table.c.sealed).where(table.c.member_no == member_no)).scalar()
    if sealed is None:
        return None
    nonce, rest = bytes(sealed[:_NONCE_LENGTH]), bytes(sealed[_NONCE_LENGTH:])
    try:
        opened = _cipher(hub).decrypt(nonce, rest, member_no.encode())
    except InvalidTag as error:
        raise Told(_OTHER_KEY) from error
    return msgspec.json.decode(opened, type=Person)


def with_phone(hub: Hub, connection: Connection, phone: str) -> tuple[str, ...]:
    """The members with a phone number as somebody types it."""
    plain = plain_phone(phone)
    if plain is None:
        return ()
    table = member_persons
    query = select(table.c.member_no).where(table.c.phone_hash == hub.keys.seal(_PURPOSE, plain))
    return tuple(connection.execute(query.order_by(table.c.member_no)).scalars())


def erase(connection: Connection, member_no: str) -> bool:
    """Forgets who a member is; whether anything was known."""
    table = member_persons
    return connection.execute(delete(table).where(table.c.member_no == member_no)).rowcount > 0


def _row(
    hub: Hub, cipher: AESGCM, member_no: str, one: Person, at: str
) -> tuple[str, bytes, bytes | None, str]:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    sealed = nonce + cipher.encrypt(nonce, msgspec.json.encode(one), member_no.encode())
    plain = plain_phone(one.phone)
    return member_no, sealed, hub.keys.seal(_PURPOSE, plain) if plain else None, at


def _cipher(hub: Hub) -> AESGCM:
    path = hub.keys.folder / KEY_FILE
    if not path.exists():
        write_private(path, secrets.token_bytes(_KEY_LENGTH).hex().encode())
    return AESGCM(bytes.fromhex(path.read_text("ascii")))


_OTHER_KEY = Words(
    "会员资料是用另一把钥匙加密的，打不开。请把原来的 persons.key 放回总部的 keys 目录。",
    "Member data was sealed with another key and cannot be opened. "
    "Put the former persons.key back into keys.",
)
