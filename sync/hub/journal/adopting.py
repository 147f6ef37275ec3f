"""An operator takes in what a disk held: also of a terminal that is shut out, or that the hub never met."""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import select

from pos.domain.events import ChainOpened, UnknownEvent, decode
from pos.domain.journal import GENESIS
from pos.domain.language import Language
from sync.hub.alliance import places
from sync.hub.hub import Hub
from sync.hub.journal import ingest
from sync.hub.storage import schema
from sync.hub.web.refusals import Refused
from sync.hub.words import Told, Words
from sync.protocol.messages import UploadBatch


def take_file(hub: Hub, lines: list[bytes], language: Language, *, unsigned: bool) -> Counter[str]:
    """Books every entry of a hand-over file once; counts the verdicts.

    Raises:
        Told: the file is none, a head does not hold (and is not to be taken `unsigned`), or the chain is
            unknown and its first entry is not in the file. What was taken before stays.

    """
    verdicts: Counter[str] = Counter()
    for line in filter(None, lines):
        try:
            batch, entries = ingest.read_batch(line)
        except Refused as refused:
            raise Told(_NO_FILE, detail=refused.say(language)) from refused
        if unsigned:
            _adopt(hub, batch)
        try:
            reply = ingest.take(hub, batch, entries, language, signed=not unsigned)
        except Refused as refused:
            raise Told(_NOT_TAKEN, why=refused.say(language)) from refused
        verdicts.update(one.verdict for one in reply.results)
    return verdicts


def _adopt(hub: Hub, batch: UploadBatch) -> None:
    """Makes a chain known that begins in the batch, as one that has been replaced."""
    table = schema.chains
    with hub.database.write() as connection:
        here = (table.c.terminal == batch.terminal) & (table.c.epoch == batch.epoch)
        if connection.execute(select(table.c.terminal).where(here)).first() is not None:
            return
        _, store = places.known_terminal(connection, batch.terminal)
        opened = _opened(batch)
        connection.execute(
            table.insert().values(
                terminal=batch.terminal,
                epoch=batch.epoch,
                incarnation=batch.incarnation,
                public_key=bytes.fromhex(opened.public_key),
                store=store,
                standing="replaced",
                enrolled_at=hub.time(),
                high_seq=0,
                high_hash=GENESIS,
            )
        )


def _opened(batch: UploadBatch) -> ChainOpened:
    try:
        event = decode(batch.entries[0].body)
    except UnknownEvent as error:
        raise Told(_NO_BEGINNING) from error
    if batch.entries[0].seq != 1 or not isinstance(event, ChainOpened):
        raise Told(_NO_BEGINNING)
    return event


def lines_of(content: bytes) -> list[bytes]:
    """The messages in a file."""
    lines = [line for line in content.splitlines() if line]
    try:
        batches = [msgspec.json.decode(line, type=UploadBatch) for line in lines]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Told(_NO_FILE, detail=error) from error
    if not all(f"{one.terminal}{one.incarnation}".isprintable() for one in batches) or not batches:
        raise Told(_NO_FILE, detail="-")
    return lines


_NO_FILE = Words("这不是移交文件（{detail}）。", "This is no hand-over file ({detail}).")
_NOT_TAKEN = Words("没有收下：{why}", "Not taken: {why}")
_NO_BEGINNING = Words(
    "总部不认识这条流水，文件里也没有它的第一条；请用 pos handover write --all 重新写。",
    "The hub does not know this chain, and its first entry is not in the file; write it again with "
    "pos handover write --all.",
)
