"""Making a till: enrolled with a hub, or a sample without one."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import partial
from pathlib import Path

from pos.bootstrap.machine import SystemClock, software, system_language
from pos.bootstrap.till import open_till
from pos.domain.journal import ChainIdentity
from pos.domain.message import Message, Refusal, say
from pos.store.chain_facts import HubEnrolment
from pos.store.folder import DataFolder
from pos.store.settings import Settings
from pos.store.till_store import create_chain, has_chain
from sync.protocol.messages import Enrolment


def provision(data: Path, url: str, code: str) -> Message:
    """Enrols this folder with a hub and says what it has become.

    Raises:
        Refusal: the code, the address or the hub's answer will not do; nothing was kept.
        StorageTrouble: the folder cannot be written, or is a till already.

    """
    told = join(data, url, code)
    with open_till(data) as till:
        problem = till.hub.fetch_once()
    where = {"store": told.store.name, "terminal": told.store.terminal_label}
    if problem is not None:
        return say("入网成功：{store} {terminal}。资料还没收全，打开收银窗口联网后会继续", **where)
    if told.last_receipt:
        return say(
            "入网成功：{store} {terminal}。总部有旧机到 {receipt} 为止的小票；"
            "更后面的单只在旧机的硬盘上，请用 pos handover 取回",
            receipt=told.last_receipt,
            **where,
        )
    return say("入网成功：{store} {terminal}", **where)


def join(data: Path, url: str, code: str) -> Enrolment:
    """Enrols this folder; what the hub has to tell is fetched afterwards.

    Raises:
        Refusal: the code, the address or the hub's answer will not do; nothing was kept.
        StorageTrouble: the folder cannot be written, or is a till already.

    """
    from sync.client.enrol import enrol  # noqa: PLC0415 - the window needs none of it
    from sync.client.transport import HubTransport  # noqa: PLC0415

    folder = DataFolder(data)
    folder.make()
    if has_chain(folder):
        raise Refusal(
            "already_a_till", say("这个数据目录已经是一台收银机的了；换机请用新的数据目录和新的入网码")
        )
    key = folder.make_terminal_key()
    incarnation = folder.make_incarnation(lambda: secrets.token_hex(8))
    in_our_language = partial(HubTransport, language=system_language())
    enrolled = enrol(
        url,
        code,
        key,
        incarnation,
        now=lambda: datetime.now().astimezone(),
        open_transport=in_our_language,
    )
    told = enrolled.enrolment
    create_chain(
        folder,
        ChainIdentity(told.terminal, told.epoch, told.incarnation),
        told.store,
        public_key=key.public_key().public_bytes_raw(),
        software=software(),
        at=SystemClock(told.store.timezone).now(),
        enrolment=HubEnrolment(
            enrolled.hub_url,
            enrolled.keys,
            enrolled.fingerprint,
            told.hub_epoch,
            told.time,
            enrolled.reply,
        ),
    )
    _write_settings_to_edit(folder)
    return told


def _write_settings_to_edit(folder: DataFolder) -> None:
    """A file with every setting in it, for whoever sets up the printer; one that is there stays."""
    if not folder.settings.exists():
        folder.save_settings(Settings())


def make_sample(data: Path) -> Message:
    """A till folder with the sample shop, ready to sell, without a hub.

    Raises:
        StorageTrouble: the folder is a till already, or cannot be written.

    """
    from pos.bootstrap.sample import fill_with_sample, sample_store  # noqa: PLC0415 - imports the hub's file readers

    folder = DataFolder(data)
    folder.make()
    key = folder.make_terminal_key()
    public_key = key.public_key().public_bytes_raw()
    card, terminal = sample_store()
    clock = SystemClock(card.timezone)
    create_chain(
        folder,
        ChainIdentity(terminal, 0, secrets.token_hex(8)),
        card,
        public_key=public_key,
        software=software(),
        at=clock.now(),
    )
    _write_settings_to_edit(folder)
    with open_till(data) as till:
        fill_with_sample(till.store.replica, clock.now(), public_key)
    return say("示例门店已建好：{data}。打开：pos till --data {data}", data=str(data))
