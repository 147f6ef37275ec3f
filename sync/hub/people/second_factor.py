"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for a lost phone."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, RowMapping, delete, func, select, update

from sync.hub.hub import Hub
from sync.hub.people.tables import recovery_codes, users
from sync.protocol import trust

_STEP_S = 30
_STEPS_OFF = 1  # how far a phone's clock may be off
_CODE_LENGTH = 6
_RECOVERY_CODES = 10
_RECOVERY_LENGTH = 10
_SEAL_PURPOSE = "second factor"
_RECOVERY_PURPOSE = "recovery code"
_NONCE_LENGTH = 12
_READ_AS = str.maketrans("OIL", "011", "- ")  # as people read Crockford's base 32


def offer(hub: Hub, connection: Connection, user_id: int) -> str:
    """A secret for the user's app, the same one until it is confirmed (base 32)."""
    row = _row(connection, user_id)
    secret = _opened(hub, user_id, row["totp_offered"])
    if secret is None:
        secret = pyotp.random_base32()
        _put(connection, user_id, totp_offered=_sealed(hub, user_id, secret))
    return secret


def address(secret: str, name: str, alliance: str) -> str:
    """What an app's camera reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=alliance)


def confirm(hub: Hub, connection: Connection, user_id: int, code: str) -> tuple[str, ...] | None:
    """Turns the second factor on if the app shows the right code; returns new recovery codes."""
    row = _row(connection, user_id)
    secret = _opened(hub, user_id, row["totp_offered"])
    step = None if secret is None else _step_of(secret, code, hub.now(), after=0)
    if step is None:
        return None
    _put(connection, user_id, totp_secret=row["totp_offered"], totp_offered=None, totp_step=step)
    return _new_recovery_codes(hub, connection, user_id)


def turn_off(connection: Connection, user_id: int) -> None:
    _put(connection, user_id, totp_secret=None, totp_offered=None, totp_step=0)
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


def passes(hub: Hub, connection: Connection, user_id: int, code: str) -> bool:
    """Whether a code is right; each one, and each recovery code, is right once."""
    row = _row(connection, user_id)
    secret = _opened(hub, user_id, row["totp_secret"])
    step = None if secret is None else _step_of(secret, code, hub.now(), after=row["totp_step"])
    if step is not None:
        _put(connection, user_id, totp_step=step)
        return True
    table = recovery_codes
    typed = code.upper().translate(_READ_AS)
    used = delete(table).where(
        table.c.user_id == user_id, table.c.code_hash == _recovery_hash(hub, user_id, typed)
    )
    return connection.execute(used).rowcount == 1


def recovery_codes_left(connection: Connection, user_id: int) -> int:
    table = recovery_codes
    query = select(func.count()).select_from(table).where(table.c.user_id == user_id)
    return int(connection.execute(query).scalar_one())


def _new_recovery_codes(hub: Hub, connection: Connection, user_id: int) -> tuple[str, ...]:
    """Fifty random bits each, written in two groups; the database keeps keyed hashes."""
    table = recovery_codes
    connection.execute(delete(table).where(table.c.user_id == user_id))
    codes = [trust.crockford(secrets.token_bytes(7), _RECOVERY_LENGTH) for _ in range(_RECOVERY_CODES)]
    rows = [{"code_hash": _recovery_hash(hub, user_id, code), "user_id": user_id} for code in codes]
    connection.execute(table.insert(), rows)
    half = _RECOVERY_LENGTH // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in codes)


def _recovery_hash(hub: Hub, user_id: int, code: str) -> bytes:
    return hub.keys.seal(_RECOVERY_PURPOSE, f"{user_id}\0{code}")


def _step_of(secret: str, code: str, now: dt.datetime, *, after: int) -> int | None:
    """The step of time whose code this is, if it is near and later than one already used."""
    digits = code.replace(" ", "")
    if len(digits) != _CODE_LENGTH or not (digits.isascii() and digits.isdecimal()):
        return None
    current = int(now.timestamp()) // _STEP_S
    counter = pyotp.HOTP(secret)
    near = range(current - _STEPS_OFF, current + _STEPS_OFF + 1)
    right = [step for step in near if hmac.compare_digest(counter.at(step), digits)]
    return next((step for step in right if step > after), None)


def _sealed(hub: Hub, user_id: int, secret: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return nonce + AESGCM(_key(hub)).encrypt(nonce, secret.encode(), str(user_id).encode())


def _opened(hub: Hub, user_id: int, sealed: bytes | None) -> str | None:
    """The secret; None where there is none, or one that this hub's secret does not open (`totp-off`)."""
    if sealed is None:
        return None
    nonce, kept = bytes(sealed[:_NONCE_LENGTH]), bytes(sealed[_NONCE_LENGTH:])
    try:
        return AESGCM(_key(hub)).decrypt(nonce, kept, str(user_id).encode()).decode()
    except InvalidTag:
        return None


def _key(hub: Hub) -> bytes:
    return hub.keys.seal(_SEAL_PURPOSE, "")


def _row(connection: Connection, user_id: int) -> RowMapping:
    return connection.execute(select(users).where(users.c.id == user_id)).mappings().one()


def _put(connection: Connection, user_id: int, **values: object) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(values))
