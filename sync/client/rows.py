"""Which rows of a page a till believes and can use. One bad row never holds up the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from pos.domain.catalogue import Product
from pos.domain.message import Message, say
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.pack import Pack
from sync.protocol import trust
from sync.protocol.commands import Command
from sync.protocol.messages import (
    FeedPage,
    FeedRow,
    KeyList,
    MemberBalances,
    MemberRow,
    SignedBytes,
    StaffRow,
    StoreTerms,
    TerminalRow,
)
from sync.protocol.pickups import PickupRow

PACKS = "packs"
_SHAPES: Mapping[str, type] = {
    "balances": MemberBalances,
    "commands": Command,
    "catalogue": Product,
    "members": MemberRow,
    "pickups": PickupRow,
    "staff": StaffRow,
    "terms": StoreTerms,
    "terminals": TerminalRow,
}


class Sifted(msgspec.Struct, frozen=True):
    """A page without its bad rows, and a sentence for each of those under its key."""

    page: FeedPage
    problems: dict[str, Message]


def sift(page: FeedPage, keys: KeyList, newest_pack: Callable[[str], int]) -> Sifted:
    """Takes out what cannot be believed (packs) or read (everything else).

    `newest_pack` says the highest version of a pack this till has ever been given, 0 for none.
    """
    if page.feed == PACKS:
        kept, problems = _trusted_packs(page.rows, keys, newest_pack)
    else:
        kept, problems = _readable(page.rows, _SHAPES.get(page.feed))
    return Sifted(msgspec.structs.replace(page, rows=kept), problems)


def _readable(
    rows: tuple[FeedRow, ...], shape: type | None
) -> tuple[tuple[FeedRow, ...], dict[str, Message]]:
    kept, problems = [], {}
    for row in rows:
        try:
            if row.body is not None and shape is not None:
                msgspec.convert(row.body, shape)
            kept.append(row)
        except msgspec.ValidationError as error:
            problems[row.key] = say(
                "总部下发的资料「{key}」读不懂（{detail}），已跳过，其余照常。请通知联盟",
                key=row.key[:40],
                detail=str(error)[:80],
            )
    return tuple(kept), problems


def _trusted_packs(
    rows: tuple[FeedRow, ...], keys: KeyList, newest_pack: Callable[[str], int]
) -> tuple[tuple[FeedRow, ...], dict[str, Message]]:
    """Packs signed by the alliance. Nothing unsigned takes one back, so rows that say "gone" are left out.

    Old versions come along as history (refunds need them), but only beside one that is not below the
    newest this till has had: nobody can lead it back to an older programme.
    """
    packs: list[tuple[FeedRow, Pack]] = []
    problems: dict[str, Message] = {}
    for row in (row for row in rows if row.body is not None):
        try:
            packs.append((row, open_pack(row, keys)))
        except trust.Untrusted as error:
            problems[row.key] = _distrusted(row.key, str(error))
        except PackMistakes as error:
            problems[row.key] = say(
                "总部下发的方案「{key}」有错（{detail}），没有启用，继续用现在的方案。请通知联盟",
                key=row.key[:40],
                detail=error.mistakes[0],
            )
    kept = []
    for row, pack in packs:
        offered = max(other.version for _, other in packs if other.id == pack.id)
        if offered >= newest_pack(pack.id):
            kept.append(row)
        else:
            problems[row.key] = say(
                "总部下发的方案「{id}」第 {version} 版比本机的旧，没有启用。请通知联盟",
                id=pack.id,
                version=pack.version,
            )
    return tuple(kept), problems


def open_pack(row: FeedRow, keys: KeyList) -> Pack:
    """The pack in a row of the feed `packs`, whose body is a `SignedBytes`.

    Raises:
        Untrusted: no signed bytes, or not signed by a key for packs.
        PackMistakes: signed, but not a pack this program can use.

    """
    try:
        signed = msgspec.convert(row.body, SignedBytes)
    except msgspec.ValidationError as error:
        raise trust.Untrusted(f"the row holds no signed bytes: {error}") from error
    return load_pack(trust.open_signed(signed, keys, use="pack", tag=trust.PACK_TAG))


def _distrusted(key: str, detail: str) -> Message:
    return say(
        "总部下发的方案「{key}」签名不对（{detail}），没有启用，继续用现在的方案。请立即通知联盟",
        key=key[:40],
        detail=detail[:80],
    )
