"""Enrolment: a one-time code turns a machine's key into a terminal of the alliance."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, update

from pos.domain.journal import GENESIS
from sync.hub.alliance import places
from sync.hub.hub import Hub, setting
from sync.hub.people import audit, visitors
from sync.hub.storage import schema
from sync.hub.trust import terminal_keys
from sync.hub.web import refusals
from sync.hub.web.refusals import Refused
from sync.hub.words import stamp
from sync.protocol import trust
from sync.protocol.asking import RejoinRequest
from sync.protocol.messages import Enrolment, EnrolRequest
from sync.protocol.trust import EnrolmentCode

PUBLIC_KEY_LENGTH = 32
INCARNATION = re.compile(r"[0-9a-f]{16}")
_PURPOSE = "enrolment code"
_START_OF_2020_S = 1_577_836_800


def make_code(hub: Hub, terminal: str, valid_for: dt.timedelta) -> tuple[EnrolmentCode, str]:
    """A new code for a terminal and when it expires; earlier unused ones become void.

    The hub keeps a keyed hash of the one-time part, so the database alone enrols nobody.

    Raises:
        Told: there is no such terminal.

    """
    code = EnrolmentCode(trust.crockford(secrets.token_bytes(7), trust.ONE_TIME_LENGTH), hub.keys.fingerprint)
    now, table = hub.now(), schema.enrolment_codes
    expires_at = stamp(now + valid_for)
    with hub.database.write() as connection:
        places.known_terminal(connection, terminal)
        unused = (table.c.terminal == terminal) & table.c.used_by_key.is_(None)
        connection.execute(update(table).where(unused).values(void=True))
        connection.execute(
            table.insert().values(
                terminal=terminal,
                code_hash=hub.keys.seal(_PURPOSE, code.one_time),
                made_at=stamp(now),
                expires_at=expires_at,
                void=False,
            )
        )
    return code, expires_at


def enrol(hub: Hub, request: EnrolRequest) -> bytes:
    """The reply's exact bytes (`SignedBytes` as JSON). The same request again gets the same bytes.

    Raises:
        Refused: the code, proof or key will not do.

    """
    _check_proof(hub, request)
    with hub.database.write() as connection:
        code = _code_row(hub, connection, request.code)
        if code.used_by_key is not None:
            if (code.used_by_key, code.used_by_incarnation) != (request.public_key, request.incarnation):
                raise Refused(refusals.CODE_USED)
            return bytes(code.reply)
        if code.void or code.expires_at <= hub.time():
            raise Refused(refusals.CODE_EXPIRED)
        reply = _join(hub, connection, code.terminal, request)
        table = schema.enrolment_codes
        used = {"used_by_key": request.public_key, "used_by_incarnation": request.incarnation, "reply": reply}
        connection.execute(update(table).where(table.c.id == code.id).values(used))
        return reply


def _check_proof(hub: Hub, request: EnrolRequest) -> None:
    if len(request.public_key) != PUBLIC_KEY_LENGTH or not INCARNATION.fullmatch(request.incarnation):
        raise Refused(refusals.BAD_REQUEST, detail="public_key or incarnation")
    if len(request.code) > 2 * trust.ONE_TIME_LENGTH + 2 * trust.FINGERPRINT_LENGTH:
        raise Refused(refusals.CODE_UNKNOWN)
    claim = trust.enrolment_claim(request.code, request.public_key, request.incarnation, hub.keys.fingerprint)
    if not trust.verify(request.public_key, request.proof, claim):
        raise Refused(refusals.PROOF_WRONG)


def _code_row(hub: Hub, connection: Connection, typed: str) -> Any:
    """The row of a code. Found by its keyed hash: how long a look-up takes tells a guesser nothing."""
    whole = trust.read_enrolment_code(typed)
    one_time = whole.one_time if whole else typed.strip().upper()
    table = schema.enrolment_codes
    row = connection.execute(
        select(table).where(table.c.code_hash == hub.keys.seal(_PURPOSE, one_time))
    ).first()
    if row is None:
        raise Refused(refusals.CODE_UNKNOWN)
    return row


def _join(hub: Hub, connection: Connection, terminal: str, request: EnrolRequest) -> bytes:
    """Gives the terminal its next epoch; whoever held the terminal before is replaced."""
    table = schema.chains
    earlier = table.c.terminal == terminal
    others_key = (
        earlier & (table.c.incarnation == request.incarnation) & (table.c.public_key != request.public_key)
    )
    if connection.execute(select(table).where(others_key)).first():
        raise Refused(refusals.INCARNATION_TAKEN)
    hub_epoch = int(setting(connection, "hub_epoch"))
    last = connection.execute(select(func.max(table.c.epoch)).where(earlier)).scalar() or 0
    epoch = max(1 + last, _first_epoch(hub_epoch))
    last_receipt = _last_receipt(connection, terminal, last)
    connection.execute(
        update(table).where(earlier, table.c.standing == "current").values(standing="replaced")
    )
    card = places.store_card(connection, terminal)
    connection.execute(
        table.insert().values(
            terminal=terminal,
            epoch=epoch,
            incarnation=request.incarnation,
            public_key=request.public_key,
            store=card.store,
            standing="current",
            enrolled_at=hub.time(),
            high_seq=0,
            high_hash=GENESIS,
        )
    )
    terminal_keys.refresh(connection, terminal)
    told = Enrolment(
        terminal,
        epoch,
        request.incarnation,
        hub_epoch,
        hub.time(),
        card,
        public_key=request.public_key,
        last_receipt=last_receipt,
    )
    return msgspec.json.encode(hub.keys.sign("hub", trust.ENROLMENT_TAG, msgspec.json.encode(told)))


def _first_epoch(hub_epoch: int) -> int:
    """No epoch below this is given: a restored hub does not know which it gave (minutes since 2020)."""
    return max(1, (hub_epoch - _START_OF_2020_S) // 60)


def _last_receipt(connection: Connection, terminal: str, epoch: int) -> str:
    """The last receipt of a chain that has come; empty where there is none."""
    receipts = schema.receipts
    here = (receipts.c.terminal == terminal) & (receipts.c.epoch == epoch)
    query = select(receipts.c.receipt_no).where(here).order_by(receipts.c.entry_id.desc()).limit(1)
    return connection.execute(query).scalar() or ""


def rejoin(hub: Hub, request: RejoinRequest) -> None:
    """Takes in a terminal again whose enrolment the hub lost when it was restored; a known one stays.

    Where another machine has the terminal by now, it may upload what it sold and nothing else.

    Raises:
        Refused: this hub never enrolled it so, or somebody else shows its enrolment.

    """
    try:
        payload = trust.open_signed(request.enrolment, hub.keys.listed, use="hub", tag=trust.ENROLMENT_TAG)
        told = msgspec.json.decode(payload, type=Enrolment)
    except (trust.Untrusted, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(refusals.UNKNOWN_TERMINAL) from error
    if not trust.verify(told.public_key, request.proof, trust.rejoin_claim(payload)):
        raise Refused(refusals.PROOF_WRONG)
    table = schema.chains
    with hub.database.write() as connection:
        known = (table.c.terminal == told.terminal) & (
            (table.c.epoch == told.epoch) | (table.c.incarnation == told.incarnation)
        )
        if connection.execute(select(table.c.terminal).where(known)).first() is not None:
            return
        places.known_terminal(connection, told.terminal)
        newer = (table.c.terminal == told.terminal) & (table.c.epoch > told.epoch)
        overtaken = connection.execute(select(table.c.epoch).where(newer)).first() is not None
        if not overtaken:
            older = (table.c.terminal == told.terminal) & (table.c.standing == "current")
            connection.execute(update(table).where(older).values(standing="replaced"))
        connection.execute(
            table.insert().values(
                terminal=told.terminal,
                epoch=told.epoch,
                incarnation=told.incarnation,
                public_key=told.public_key,
                store=told.store.store,
                standing="replaced" if overtaken else "current",
                enrolled_at=told.time,
                high_seq=0,
                high_hash=GENESIS,
            )
        )
        terminal_keys.refresh(connection, told.terminal)
        audit.note(connection, visitors.at_the_console(hub), "terminal.rejoin", f"terminal:{told.terminal}")


def revoke(connection: Connection, terminal: str) -> None:
    """Shuts out every incarnation of a terminal until it is enrolled anew.

    Raises:
        Told: there is no such terminal.

    """
    places.known_terminal(connection, terminal)
    table = schema.chains
    connection.execute(update(table).where(table.c.terminal == terminal).values(standing="revoked"))
    codes = schema.enrolment_codes
    unused = (codes.c.terminal == terminal) & codes.c.used_by_key.is_(None)
    connection.execute(update(codes).where(unused).values(void=True))
    terminal_keys.refresh(connection, terminal)
