"""A hub that tests can bend: real HTTP on a free port of this machine, everything else in memory.

It checks signatures with the code the real hub uses and keeps chains the way the protocol says. A
bend spoils one answer (or all of them); a few switches make the hub itself odd.
"""

from __future__ import annotations

import contextlib
import gzip
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain.receipt import StoreCard
from sync.protocol import request_signing, trust
from sync.protocol.messages import (
    DayStatement,
    Enrolment,
    EnrolRequest,
    EntryResult,
    FeedPage,
    FeedRow,
    HighWater,
    HubIntroduction,
    HubMark,
    KeyList,
    Problem,
    PublicKey,
    SignedBytes,
    UploadBatch,
    UploadedEntry,
    UploadReply,
    Verdict,
)

STORE = StoreCard("同壹联盟", "M1", "S1", "同壹便利店", "幸福路 1 号", "Asia/Shanghai", "1 号机")
PACK = (
    'format = 1\nid = "tongyi"\nversion = {version}\nname = "同壹"\n'
    '[[plans]]\nid = "basic"\nname = "基础会员"\nfee_fen = 0\n'
    "[share]\nrate_bp = 300\n"
)

Bend = Literal[
    "html", "html_200", "html_404", "garbage", "not_http", "error_500", "bad_gzip", "nothing", "hang",
    "drop_reply", "redirect", "huge", "drip", "drip_head", "another_shape", "gzip", "cut_short",
]  # fmt: skip


class HubSimulator:
    """The hub's state and its odd sides. Use `running()`."""

    def __init__(self) -> None:
        self.root = Ed25519PrivateKey.generate()
        self.keys = {use: Ed25519PrivateKey.generate() for use in ("pack", "hub")}
        self.authorities: tuple[bytes, ...] = ()
        self.terminals: dict[str, bytes] = {}
        self.chain: list[UploadedEntry] = []
        self.feeds: dict[str, list[FeedRow]] = {}
        self.one_time = "0123456789"
        self.epoch = 1
        self.page_rows = 100
        self.clock_shift = timedelta()
        self.protocols: tuple[int, ...] = (1,)
        # odd sides
        self.bends: deque[Bend | None] = deque()
        self.always: Bend | None = None
        self.quarantine: set[int] = set()
        self.takes_at_most: int | None = None
        self.claims: HighWater | None = None
        self.counts_quarantined = True
        self.refuses: Problem | None = None
        self.time_text: str | None = None
        self.spoil_feed: Callable[[FeedPage], FeedPage] | None = None
        self.spoil_enrolment: Callable[[Enrolment], Enrolment] | None = None
        self.enrolment_use = "hub"
        self.before_answer: Callable[[str], None] | None = None
        # what was seen
        self.seen: list[str] = []
        self.received: list[tuple[int, ...]] = []
        self.enrolments: list[EnrolRequest] = []
        self.headers: list[dict[str, str]] = []
        self.release = threading.Event()
        self.url = ""

    # --- keys ------------------------------------------------------------------------------------

    @property
    def fingerprint(self) -> str:
        return trust.fingerprint(self.root.public_key().public_bytes_raw())

    @property
    def code(self) -> str:
        return str(trust.EnrolmentCode(self.one_time, self.fingerprint))

    def key_list(self) -> KeyList:
        listed = tuple(
            PublicKey(f"{use}-1", use, key.public_key().public_bytes_raw()) for use, key in self.keys.items()
        )
        return KeyList(1, self.root.public_key().public_bytes_raw(), listed, self.authorities)

    def signed_key_list(self) -> SignedBytes:
        payload = msgspec.json.encode(self.key_list())
        return trust.sign_bytes(self.root, trust.ROOT_KEY_ID, trust.KEYS_TAG, payload)

    def signed(self, use: str, tag: bytes, payload: bytes) -> SignedBytes:
        return trust.sign_bytes(self.keys[use], f"{use}-1", tag, payload)

    # --- what the hub holds ----------------------------------------------------------------------

    def put(self, feed: str, key: str, body: object) -> None:
        rows = self.feeds.setdefault(feed, [])
        rows[:] = [row for row in rows if row.key != key]
        rows.append(FeedRow(1 + self._last_change(), key, msgspec.to_builtins(body)))

    def _last_change(self) -> int:
        return max((row.change for rows in self.feeds.values() for row in rows), default=0)

    def put_pack(self, version: int, *, use: str = "pack", tag: bytes = trust.PACK_TAG) -> None:
        self.put("packs", "tongyi", self.signed(use, tag, PACK.format(version=version).encode()))

    def put_member(self, member_no: str, points: int) -> None:
        body = {
            "member_no": member_no,
            "card_hash": "0" * 64,
            "plan": "basic",
            "status": "active",
            "expires": "2099-12-31",
            "balances": {"points": points},
        }
        self.put("members", member_no, body)

    def restore(self, seq: int, *, raise_epoch: bool = True) -> None:
        """An older backup is put back: the end of the chain is gone, changes are numbered anew."""
        del self.chain[seq:]
        if raise_epoch:
            self.epoch += 1
            for feed, rows in self.feeds.items():
                self.feeds[feed] = [
                    msgspec.structs.replace(row, change=number) for number, row in enumerate(rows, 1)
                ]

    def time(self) -> str:
        return self.time_text or (datetime.now(UTC) + self.clock_shift).isoformat(timespec="milliseconds")

    def mark(self) -> HubMark:
        held = self.chain
        if not self.counts_quarantined:
            held = held[: min(self.quarantine, default=len(held) + 1) - 1]
        last = HighWater(held[-1].seq, held[-1].hash) if held else HighWater(0, "")
        return HubMark(self.epoch, self.time(), self.claims or last)

    # --- routes ----------------------------------------------------------------------------------

    def answer(self, request: request_signing.Request) -> tuple[int, Any]:
        parts = urlsplit(request.url)
        if self.refuses is not None:
            return 403, self.refuses
        if parts.path == "/v1/hub":
            return 200, HubIntroduction(self.protocols, self.epoch, self.time(), self.signed_key_list())
        if parts.path == "/v1/enrol":
            return self._enrol(msgspec.json.decode(request.body, type=EnrolRequest))
        signer = request_signing.verify(request, self.terminals.get)
        if parts.path == "/v1/journal":
            return 200, self._take(msgspec.json.decode(request.body, type=UploadBatch))
        if abs(signer.created - datetime.now(UTC) - self.clock_shift) > request_signing.SKEW_MAX:
            return 401, Problem("clock_skew", "请求时间相差太大", "请采用总部时间后重试", self.time())
        if parts.path.startswith("/v1/feeds/"):
            return 200, self._page(parts.path.rpartition("/")[2], int(parse_qs(parts.query)["after"][0]))
        date = parts.path.rpartition("/")[2]
        return 200, DayStatement(self.mark(), "S1", date, (), {}, (), ())

    def _enrol(self, request: EnrolRequest) -> tuple[int, Any]:
        self.enrolments.append(request)
        claim = trust.enrolment_claim(request.code, request.public_key, request.incarnation, self.fingerprint)
        if request.code != self.one_time or not trust.verify(request.public_key, request.proof, claim):
            return 403, Problem("code_unknown", "入网码不对。", "请核对后重新输入。", self.time())
        self.terminals[request_signing.key_id("S1-1", request.incarnation)] = request.public_key
        told = Enrolment("S1-1", 1, request.incarnation, self.epoch, self.time(), STORE)
        if self.spoil_enrolment:
            told = self.spoil_enrolment(told)
        return 200, self.signed(self.enrolment_use, trust.ENROLMENT_TAG, msgspec.json.encode(told))

    def _take(self, batch: UploadBatch) -> UploadReply:
        self.received.append(tuple(entry.seq for entry in batch.entries))
        entries = batch.entries[: self.takes_at_most]
        results = tuple(self._take_one(entry) for entry in entries)
        return UploadReply(self.mark(), results)

    def _take_one(self, entry: UploadedEntry) -> EntryResult:
        verdict: Verdict = "accepted"
        reason = ""
        if entry.seq <= len(self.chain):
            known = self.chain[entry.seq - 1]
            verdict = "exists" if known.hash == entry.hash else "exists_with_different_content"
        elif entry.seq > len(self.chain) + 1:
            return EntryResult(entry.seq, entry.hash, "quarantined", "前面的记录还没有到")
        else:
            self.chain.append(entry)
        if entry.seq in self.quarantine:
            verdict, reason = "quarantined", "这条记录读不懂"
        return EntryResult(entry.seq, entry.hash, verdict, reason)

    def _page(self, feed: str, after: int) -> FeedPage:
        rows = sorted((row for row in self.feeds.get(feed, []) if row.change > after), key=_change)
        shown, more = rows[: self.page_rows], len(rows) > self.page_rows
        page = FeedPage(self.mark(), feed, tuple(shown), shown[-1].change if shown else after, more)
        return self.spoil_feed(page) if self.spoil_feed else page

    # --- HTTP ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def running(self, tls: ssl.SSLContext | None = None) -> Iterator[HubSimulator]:
        server = _Server(("127.0.0.1", 0), _handler(self))
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="hub")
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            server.shutdown()
            thread.join()
            server.server_close()


def _change(row: FeedRow) -> int:
    return row.change


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or will not have the certificate, is what many tests are about."""


def _handler(hub: HubSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        simulator = hub

    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait for each other's acknowledgement
    disable_nagle_algorithm = True
    simulator: HubSimulator

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *args: object) -> None:
        pass

    def _serve(self) -> None:
        hub = self.simulator
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        hub.seen.append(f"{self.command} {self.path}")
        hub.headers.append(dict(self.headers))
        bend = hub.bends.popleft() if hub.bends else hub.always
        if bend in _INSTEAD:
            _INSTEAD[bend](self)
            return
        request = request_signing.Request(self.command, hub.url + self.path, dict(self.headers), body)
        try:
            status, message = hub.answer(request)
        except request_signing.BadSignature as error:
            status, message = 401, Problem("bad_signature", f"签名不对：{error}", "请重新发送", hub.time())
        if hub.before_answer:
            hub.before_answer(self.path)
        self._send(status, msgspec.json.encode(message), bend)

    def _send(self, status: int, body: bytes, bend: Bend | None) -> None:
        if bend == "drop_reply":
            self._hang_up()
        elif bend == "another_shape":
            self.reply(200, b'{"hub": 1}')
        elif bend == "gzip":
            self.reply(status, gzip.compress(body), Content_Encoding="gzip")
        elif bend == "cut_short":
            self.reply(status, body[: len(body) // 2], Content_Length=str(len(body)))
            self._hang_up()
        else:
            self.reply(status, body)

    def reply(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        named = {"Content-Length": str(len(body)), "Content-Type": content_type}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_response(status)
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True

    # --- answers no hub gives --------------------------------------------------------------------

    def html(self) -> None:
        self.reply(502, b"<html><h1>Bad Gateway</h1></html>", "text/html")

    def html_200(self) -> None:
        self.reply(200, "<html>请先登录 Wi-Fi</html>".encode(), "text/html; charset=utf-8")

    def html_404(self) -> None:
        self.reply(404, b"<html>no such page</html>", "text/html")

    def garbage(self) -> None:
        self.reply(200, b'{"hub": \xff\xfe')

    def not_http(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        self._hang_up()

    def error_500(self) -> None:
        self.reply(500, msgspec.json.encode(Problem("our_fault", "总部程序出错", "请稍后重试")))

    def bad_gzip(self) -> None:
        self.reply(200, b"this is no gzip", Content_Encoding="gzip")

    def nothing(self) -> None:
        self._hang_up()

    def hang(self) -> None:
        self.simulator.release.wait(30)
        self._hang_up()

    def redirect(self) -> None:
        self.reply(307, b"", Location=f"{self.simulator.url}/elsewhere")

    def huge(self) -> None:
        self.reply(200, gzip.compress(b" " * (1 << 20)), Content_Encoding="gzip")

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self._drip(b" ")

    def drip_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._drip(b"a")

    def _drip(self, drop: bytes) -> None:
        with contextlib.suppress(OSError):
            while not self.simulator.release.is_set():
                self.wfile.write(drop)
                self.wfile.flush()
                time.sleep(0.01)
        self._hang_up()


_INSTEAD: dict[Bend | None, Callable[[_Handler], None]] = {
    "html": _Handler.html,
    "html_200": _Handler.html_200,
    "html_404": _Handler.html_404,
    "garbage": _Handler.garbage,
    "not_http": _Handler.not_http,
    "error_500": _Handler.error_500,
    "bad_gzip": _Handler.bad_gzip,
    "nothing": _Handler.nothing,
    "hang": _Handler.hang,
    "redirect": _Handler.redirect,
    "huge": _Handler.huge,
    "drip": _Handler.drip,
    "drip_head": _Handler.drip_head,
}
