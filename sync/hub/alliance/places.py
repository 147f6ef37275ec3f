"""Merchants' stores and their terminals."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from pos.domain.journal import TERMINAL_ID, TERMINAL_ID_LENGTH_MAX
from pos.domain.receipt import StoreCard
from sync.hub.alliance import merchants
from sync.hub.alliance.merchants import Merchant
from sync.hub.hub import setting
from sync.hub.storage import schema
from sync.hub.words import Told, Words


class Store(msgspec.Struct, frozen=True):
    """One shop. `timezone` is an IANA name; `footer` are the sentences under a receipt."""

    id: str
    merchant_id: str
    merchant_name: str
    name: str
    address: str
    timezone: str
    footer: tuple[str, ...] = ()


class Terminal(msgspec.Struct, frozen=True):
    """One till: its id on receipts, and the label that people call it by."""

    id: str
    label: str


def add_store(connection: Connection, store: Store, terminals: tuple[Terminal, ...]) -> None:
    """Writes a new store with its terminals, and its merchant if that is new.

    Raises:
        Told: an id is taken, or a terminal's id cannot stand on a receipt.

    """
    if store_of(connection, store.id) is not None:
        raise Told(Words("门店 {id} 已经有了。", "Store {id} exists already."), id=store.id)
    merchants.add(connection, Merchant(store.merchant_id, store.merchant_name))
    values = msgspec.structs.asdict(store) | {"footer": msgspec.json.encode(store.footer).decode()}
    del values["merchant_name"]
    connection.execute(schema.stores.insert().values(values))
    for terminal in terminals:
        add_terminal(connection, store.id, terminal)


def add_terminal(connection: Connection, store: str, terminal: Terminal) -> None:
    """One more till for a store.

    Raises:
        Told: its id is taken, or cannot stand on a receipt.

    """
    if not TERMINAL_ID.fullmatch(terminal.id) or len(terminal.id) > TERMINAL_ID_LENGTH_MAX:
        raise Told(
            Words(
                "收银机编号 {id} 不行：只用大写字母、数字和中间的短横，最多 {max} 位。",
                "Terminal id {id} will not do: capital letters, digits and inner dashes only, at most {max}.",
            ),
            id=terminal.id,
            max=TERMINAL_ID_LENGTH_MAX,
        )
    if connection.execute(select(schema.terminals).where(schema.terminals.c.id == terminal.id)).first():
        raise Told(Words("收银机 {id} 已经有了。", "Terminal {id} exists already."), id=terminal.id)
    connection.execute(schema.terminals.insert().values(id=terminal.id, store=store, label=terminal.label))


def store_of(connection: Connection, store: str) -> Store | None:
    stores, owners = schema.stores, schema.merchants
    query = (
        select(stores, owners.c.name.label("merchant_name"))
        .join(owners, owners.c.id == stores.c.merchant_id)
        .where(stores.c.id == store)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    footer = msgspec.json.decode(row["footer"], type=tuple[str, ...])
    return Store(**{**row, "footer": footer})


def known_store(connection: Connection, store: str) -> Store:
    """Like `store_of`.

    Raises:
        Told: there is no such store.

    """
    found = store_of(connection, store)
    if found is None:
        raise Told(
            Words(
                "没有门店 {id}。用 pos-hub store add 添加。",
                "There is no store {id}. Add it with pos-hub store add.",
            ),
            id=store,
        )
    return found


def only_store(connection: Connection) -> str | None:
    """The store of an alliance that has just one."""
    found = connection.execute(select(schema.stores.c.id).limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def known_terminal(connection: Connection, terminal: str) -> tuple[Terminal, str]:
    """A terminal and its store's id.

    Raises:
        Told: there is no such terminal.

    """
    row = connection.execute(select(schema.terminals).where(schema.terminals.c.id == terminal)).first()
    if row is None:
        raise Told(
            Words("没有收银机 {id}，请核对编号。", "There is no terminal {id}; check the id."), id=terminal
        )
    return Terminal(row.id, row.label), row.store


def store_card(connection: Connection, terminal: str) -> StoreCard:
    """What a terminal prints at the head of its receipts."""
    till, store_id = known_terminal(connection, terminal)
    store = known_store(connection, store_id)
    return StoreCard(
        alliance=setting(connection, "alliance_name"),
        merchant=store.merchant_name,
        store=store.id,
        name=store.name,
        address=store.address,
        timezone=store.timezone,
        terminal_label=till.label,
        footer=store.footer,
    )
