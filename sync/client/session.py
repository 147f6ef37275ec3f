"""One pass of synchronisation: everything up, then everything down. No threads, no waiting.

Uploads start at the hub's mark and each reply moves them; a mark that falls moves them back, a mark
beyond our chain stops them. Downloads follow one cursor per feed. Whatever is interrupted
is asked for again: nothing counts as sent or applied before the other side or the store said so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain.journal import Entry
from pos.domain.message import Message, say
from sync.client import rows
from sync.client.first_filling import FEEDS_BEGUN, FirstFilling
from sync.client.ports import Keyring, Orders, Outbox, Replica
from sync.client.rulings import (
    BODIES_BYTES_MAX,
    Standing,
    check_page,
    falls_back,
    make_batch,
    set_aside,
    settled_up_to,
    standing,
    taken,
)
from sync.client.trouble import HubFailure, HubRefused, HubTrouble, NotTrusted
from sync.protocol.messages import (
    BATCH_ENTRIES_MAX,
    FEEDS,
    EntryResult,
    Feed,
    FeedPage,
    HubIntroduction,
    HubMark,
    KeyList,
    ReportReply,
    TerminalReport,
    UploadBatch,
    UploadReply,
)
from sync.protocol.trust import Untrusted

NO_SUCH_FEED = "unknown_feed"
UNKNOWN_TERMINAL = "unknown_terminal"


class Hub(Protocol):
    """The hub's answers that a pass needs; see `transport.HubTransport`."""

    def upload(self, batch: UploadBatch) -> UploadReply: ...

    def feed(self, feed: Feed, after: int) -> FeedPage: ...

    def report(self, report: TerminalReport) -> ReportReply: ...

    def introduce(self) -> HubIntroduction: ...

    def introduce_unverified(self) -> HubIntroduction: ...

    def trust(self, authorities: tuple[bytes, ...]) -> None: ...


class SyncSession:
    """Brings journal and cache up to date with the hub, pass by pass. For one thread.

    `keys` is the alliance's key list, `hub_epoch` the hub's epoch as last stored (from the enrolment
    at first). `newest_pack` gives the highest version of a pack that this till was ever given, 0 for
    none; it must outlive `Replica.forget`. `now` is the till's clock. Without `first_filling` every
    feed is paged; without `orders` the hub's commands wait and nothing is reported; without `keyring` the
    keys stay as they are; without `rejoin` a hub that does not know this till stays so.
    """

    def __init__(
        self,
        hub: Hub,
        outbox: Outbox,
        replica: Replica,
        key: Ed25519PrivateKey,
        keys: KeyList,
        *,
        hub_epoch: int,
        newest_pack: Callable[[str], int],
        now: Callable[[], datetime],
        first_filling: FirstFilling | None = None,
        orders: Orders | None = None,
        keyring: Keyring | None = None,
        rejoin: Callable[[], None] | None = None,
    ) -> None:
        self._hub, self._outbox, self._replica = hub, outbox, replica
        self._key, self._keys, self._newest_pack, self._now = key, keys, newest_pack, now
        self._hub_epoch = hub_epoch
        self._first_filling, self._orders, self._keyring = first_filling, orders, keyring
        self._rejoin = rejoin
        self._standing = Standing.OURS
        self._ruled: tuple[int, int] = (0, 0)
        self._bad_keys = 0
        self._quarantined: frozenset[str] = frozenset()
        self._bad_rows: dict[tuple[str, str], Message] = {}

    @property
    def quarantined(self) -> int:
        """How many entries the hub set aside, since the program started."""
        return len(self._quarantined)

    @property
    def problem(self) -> Message | None:
        """What somebody has to look at although the hub answers; the gravest first."""
        if self._standing is Standing.AHEAD:
            return say(
                "总部记录的本机流水比本机多：本机的数据可能是从备份恢复或复制来的。"
                "可以继续收银，但已停止上传；请联系技术员重新入网"
            )
        if self._standing is Standing.OTHER:
            return say(
                "总部记录的本机流水和本机的不一致：可能有另一台机器在用同一个身份。"
                "可以继续收银；请尽快联系技术员"
            )
        return next(iter(self._bad_rows.values()), None)

    def sync_once(self, *, feeds: bool = True, breathe: Callable[[], None] = lambda: None) -> None:
        """Uploads what is pending and, with `feeds`, downloads what has changed.

        `breathe` is called between exchanges; it may wait, or raise to end the pass.

        Raises:
            HubFailure: the pass ended early; all before it stays done.

        """
        try:
            self._pass(breathe, feeds=feeds)
        except NotTrusted:
            if not self._learnt_of_other_authorities():
                raise
            self._pass(breathe, feeds=feeds)
        except HubRefused as refused:
            if refused.problem.error != UNKNOWN_TERMINAL or self._rejoin is None:
                raise
            self._rejoin()  # the hub was restored from before this till had joined
            self._pass(breathe, feeds=feeds)

    def _pass(self, breathe: Callable[[], None], *, feeds: bool) -> None:
        self._upload(breathe)
        if feeds:
            if not self._download(breathe) and not self._download(breathe):
                raise HubTrouble(None, "the hub's epoch keeps changing")
            self._replica.note_complete(self._now())
            self._upload(breathe)  # a feed's mark may have shown that the hub lost some
            self._report()

    # --- up --------------------------------------------------------------------------------------

    def _upload(self, breathe: Callable[[], None]) -> None:
        position = self._first_position()
        starts = {self._outbox.confirmed_seq(), position}
        while self._may_upload() and (entries := self._after(position)):
            reply = self._hub.upload(make_batch(self._outbox.identity, self._key, entries))
            mark = reply.hub.high_water
            back = falls_back(mark, position, starts, self._outbox.hash_at)
            # beyond the mark it goes back to, the hub has kept nothing and will rule again
            results = tuple(one for one in reply.results if not back or one.seq <= mark.seq)
            self._hear(reply.hub, results)
            position = mark.seq if back else self._moved(position, entries, reply)
            starts.add(position)
            self._ruled = (self._outbox.confirmed_seq(), position)
            breathe()

    def _may_upload(self) -> bool:
        """Not when the hub knows more of this chain than we do; a fork it keeps beside the other branch."""
        return self._standing is not Standing.AHEAD

    def _first_position(self) -> int:
        """The hub's mark, or beyond it how far the hub has already ruled on entries without moving it."""
        confirmed = self._outbox.confirmed_seq()
        confirmed_then, ruled = self._ruled
        return max(confirmed, ruled) if confirmed_then == confirmed else confirmed

    def _after(self, seq: int) -> tuple[Entry, ...]:
        return self._outbox.entries_after(seq, count_max=BATCH_ENTRIES_MAX, bytes_max=BODIES_BYTES_MAX)

    def _moved(self, position: int, entries: tuple[Entry, ...], reply: UploadReply) -> int:
        own_mark = reply.hub.high_water.seq if self._standing is Standing.OURS else 0
        settled = settled_up_to(position, entries, reply.results, own_mark)
        if settled == position and self._may_upload():
            raise HubTrouble(None, f"no verdict on entry {entries[0].seq}")
        return settled

    # --- down ------------------------------------------------------------------------------------

    def _download(self, breathe: Callable[[], None]) -> bool:
        """All feeds to their end; False when the hub turned out to be a restored one half way."""
        for feed in FEEDS:
            try:
                if not self._follow(feed, breathe):
                    return False
            except HubRefused as refused:
                if refused.problem.error != NO_SUCH_FEED:
                    raise  # else the hub is of a version before this feed
            if feed == "commands" and self._orders is not None:
                self._orders.carry_out()
        return True

    def _follow(self, feed: Feed, breathe: Callable[[], None]) -> bool:
        """A feed to its end; where there is more than a page, perhaps with a snapshot to begin from."""
        more, begun = True, False
        while more:
            after = self._replica.cursor(feed)
            page = self._hub.feed(feed, after)
            if self._hear(page.hub, ()):
                return False  # this page continues a cursor that is no more
            self._renew_keys(page.hub.keys_version)
            check_page(page, feed, after)
            if page.more and not begun:
                begun = True
                if self._begin(feed, after, breathe):
                    continue
            self._apply(page, after)
            more = page.more
            if more:
                breathe()
        return True

    def _renew_keys(self, version: int) -> None:
        """Fetches the alliance's keys when the hub has newer ones; a list that will not do is passed over."""
        if self._keyring is None or version <= max(self._keys.version, self._bad_keys):
            return
        try:
            self._take_keys(self._keyring, self._hub.introduce())
        except Untrusted:
            self._bad_keys = version
            raise HubTrouble(None, "a key list that the alliance's root has not signed") from None

    def _take_keys(self, keyring: Keyring, introduction: HubIntroduction) -> bool:
        """True when other TLS authorities are believed from now on."""
        before, self._keys = self._keys.tls, keyring.take(introduction.keys, self._now())
        if self._keys.tls != before:
            self._hub.trust(self._keys.tls)
        return self._keys.tls != before

    def _learnt_of_other_authorities(self) -> bool:
        """After a long absence the hub's certificate may be of an authority that a newer key list names."""
        if self._keyring is None:
            return False
        try:
            return self._take_keys(self._keyring, self._hub.introduce_unverified())
        except (Untrusted, HubFailure):
            return False

    def _begin(self, feed: Feed, cursor: int, breathe: Callable[[], None]) -> bool:
        """Whether a snapshot was taken: the cursor is then another. Entries go up between its pieces."""
        filling = self._first_filling
        offer = filling.offer(feed) if filling is not None and feed in FEEDS_BEGUN else None
        if filling is None or offer is None or offer.hub.epoch != self._hub_epoch:
            return False

        def between_pieces() -> None:
            self._upload(breathe)
            breathe()

        return filling.worth_it(offer, cursor) and filling.fill(offer, between_pieces)

    def _report(self) -> None:
        """How this terminal is, for the alliance's desk; a hub of an earlier version does not ask."""
        if self._orders is None:
            return
        report = self._orders.report()
        try:
            reply = self._hub.report(report)
        except HubRefused as refused:
            if refused.status not in {404, 405}:
                raise
            return
        self._hear(reply.hub, ())
        self._orders.note_told(report.done)
        if reply.set_aside is not None:
            self._outbox.keep_aside(frozenset(reply.set_aside))
            self._quarantined &= frozenset(reply.set_aside)

    def _apply(self, page: FeedPage, after: int) -> None:
        sifted = rows.sift(page, self._keys, self._newest_pack)
        arrived = {(page.feed, row.key) for row in page.rows}
        kept = {place: told for place, told in self._bad_rows.items() if place not in arrived}
        told = {(page.feed, key): message for key, message in sifted.problems.items()}
        if page.rows or page.next != after:
            self._replica.apply(sifted.page)
        self._bad_rows = kept | told

    # --- what every answer says ------------------------------------------------------------------

    def _hear(self, mark: HubMark, results: tuple[EntryResult, ...]) -> bool:
        """Takes in epoch, mark and verdicts; True when all feeds were forgotten over it."""
        restored = self._note_epoch(mark.epoch)
        self._standing = standing(mark.high_water, self._outbox.hash_at)
        self._quarantined = self._quarantined - taken(results) | set_aside(results)
        moved = mark.high_water.seq != self._outbox.confirmed_seq()
        if self._standing is Standing.OURS and (results or restored or moved):
            self._outbox.note_hub_mark(mark.high_water, mark.epoch, results)
        if self._standing is not Standing.OURS:
            self._outbox.note_copied()
        if mark.fence > self._outbox.codes_closed():
            self._outbox.close_codes(mark.fence, self._now())
        return restored

    def _note_epoch(self, epoch: int) -> bool:
        if epoch < self._hub_epoch:
            raise HubTrouble(None, f"hub epoch {epoch} is before {self._hub_epoch}")
        if epoch == self._hub_epoch:
            return False
        for feed in FEEDS:
            self._replica.forget(feed)
        self._hub_epoch, self._ruled, self._bad_rows = epoch, (0, 0), {}
        return True
