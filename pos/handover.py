"""Sales on a disk whose till sells no more go to the hub by way of a file.

The file holds the very messages of an upload, one a line: entries under a head that the chain's own key has
signed. Any till of the same store may send it, or the hub's operator takes it in. A copy of a journal has no
key in it, so its heads come without a signature: those only the operator takes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pos.bootstrap.looking import read_till
from pos.domain.journal import Entry
from pos.domain.message import Message, Refusal, say
from pos.store.folder import DataFolder
from pos.store.handing_over import journal_in
from pos.store.outbox import JournalOutbox
from sync.client.rulings import BODIES_BYTES_MAX, make_batch
from sync.client.trouble import HubFailure
from sync.protocol.messages import BATCH_ENTRIES_MAX, ChainHead, UploadBatch, UploadedEntry


def write(data: Path, out: Path, *, copy: Path | None = None, everything: bool = False) -> Message:
    """Writes what the hub has not confirmed of a till's journal, or of a `copy` of one.

    Raises:
        Refusal: `exists`, `nothing`, `not_written`.
        StorageTrouble: the journal or the key cannot be read.

    """
    folder = DataFolder(data)
    with journal_in(copy or folder.journal) as journal:
        key = None if copy is not None else folder.load_terminal_key()
        first = 0 if everything or copy is not None else journal.confirmed_seq()
        lines = []
        for entries in _batches(journal, first):
            batch = make_batch(journal.identity, key, entries) if key else _unsigned(journal, entries)
            lines.append(msgspec.json.encode(batch))
        if not lines:
            raise Refusal("nothing", say("总部已经有这台机的全部流水，不用移交"))
        last = msgspec.json.decode(lines[-1], type=UploadBatch).head.seq
    try:
        with out.open("xb") as file:
            file.write(b"\n".join(lines) + b"\n")
    except FileExistsError as error:
        raise Refusal("exists", say("{file} 已经有了，请换一个文件名", file=str(out))) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal("not_written", say("写不了 {file}：{why}", file=str(out), why=why)) from error
    if copy is not None:
        return say(
            "已写到 {file}（第 {last} 条为止，没有签名）；请交给总部：pos-hub journal take",
            file=str(out),
            last=last,
        )
    return say(
        "已写到 {file}：第 {first} 到 {last} 条。在同店另一台机上运行 pos handover send，或交给总部",
        file=str(out),
        first=first + 1,
        last=last,
    )


def send(data: Path, file: Path) -> Message:
    """Has this till upload what another one's disk held.

    Raises:
        Refusal: `unreadable`, `no_hub`, `not_taken`: what was sent before stays sent.
        StorageTrouble: this till cannot be opened.

    """
    batches = read(file)
    verdicts: Counter[str] = Counter()
    with read_till(data) as reader:
        if reader.hub is None:
            raise Refusal("no_hub", say("本机没有加入联盟，不能代传"))
        transport = reader.hub.transport()
        try:
            for batch in batches:
                verdicts.update(one.verdict for one in transport.upload(batch).results)
        except HubFailure as failure:
            raise Refusal("not_taken", say("没有传完：{why}", why=failure.message)) from failure
        finally:
            transport.close()
    return say(
        "已上传 {new} 条，总部原有 {known} 条，待人工核对 {aside} 条",
        new=verdicts["accepted"],
        known=verdicts["exists"],
        aside=verdicts["quarantined"] + verdicts["exists_with_different_content"],
    )


def read(file: Path) -> tuple[UploadBatch, ...]:
    """The batches in a file.

    Raises:
        Refusal: `unreadable`: it is not such a file.

    """
    try:
        lines = file.read_bytes().splitlines()
        batches = tuple(msgspec.json.decode(line, type=UploadBatch) for line in lines if line)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal("unreadable", say("{file} 不是移交文件", file=str(file))) from error
    if not batches:
        raise Refusal("unreadable", say("{file} 不是移交文件", file=str(file)))
    return batches


def _batches(journal: JournalOutbox, after: int) -> Iterator[tuple[Entry, ...]]:
    while entries := journal.entries_after(after, count_max=BATCH_ENTRIES_MAX, bytes_max=BODIES_BYTES_MAX):
        yield entries
        after = entries[-1].seq


def _unsigned(journal: JournalOutbox, entries: tuple[Entry, ...]) -> UploadBatch:
    identity, last = journal.identity, entries[-1]
    return UploadBatch(
        terminal=identity.terminal,
        incarnation=identity.incarnation,
        epoch=identity.epoch,
        entries=tuple(
            UploadedEntry(one.seq, one.prev_hash.hex(), one.hash.hex(), one.body) for one in entries
        ),
        head=ChainHead(last.seq, last.hash.hex(), b""),
    )
