"""The sample shop of `resources/sample` on fakes."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from pos.domain.catalogue import Product
from pos.domain.events import Event, PackRef
from pos.domain.ledger import SALES
from pos.domain.money import parse_decimal
from pos.domain.programme.loading import load_pack
from pos.domain.programme.rules import coupon_unit
from pos.domain.receipt import StoreCard
from pos.usecases.desk import Desk
from pos.usecases.ports import KnownMember, LoadedPack, StaffMember
from sync.protocol.messages import MemberStatus, TerminalRow
from tests.fakes.alliance_keys import FakeAllianceKeys
from tests.fakes.clock import FakeClock
from tests.fakes.goods import FakeGoods
from tests.fakes.hub_link import FakeHubLink
from tests.fakes.journal import FakeJournal
from tests.fakes.members import FakeMembers
from tests.fakes.packs import FakePacks
from tests.fakes.phone import Phone
from tests.fakes.pin_check import FakePinCheck, pin_hash
from tests.fakes.seal import FakeSeal
from tests.fakes.staff import FakeStaff
from tests.fakes.terms import FakeTerms

RESOURCES = Path(__file__).parents[2] / "resources"
PINS = {"01": "010101", "03": "030303", "04": "040404", "09": "090909"}


def sample_goods() -> FakeGoods:
    return FakeGoods(_product(row) for row in _rows("goods.csv"))


def sample_members(clock: FakeClock) -> FakeMembers:
    today = clock.now().date()
    return FakeMembers(
        ((row["card_code"], _member(row, today)) for row in _rows("members.csv")), cached_at=clock.now()
    )


def _member(row: dict[str, str], today: date) -> KnownMember:
    """A card without a plan is one to sell."""
    blocked: MemberStatus = "blocked" if row["status"] == "blocked" else "active"
    return KnownMember(
        member_no=row["member_no"],
        plan=row["plan"],
        status=blocked if row["plan"] else "sealed",
        expires=(today + timedelta(days=int(row["expires_in_days"]))).isoformat() if row["plan"] else "",
        balances=_opening(row),
        home_store=row.get("home_store") or None,
        referrer=bool(row.get("referrer")),
    )


def _opening(row: dict[str, str]) -> dict[str, int]:
    """What a member brings along; empty cells are nothing, but everybody has an account of points."""
    coupons = [coupon_unit(rule) for rule in filter(None, row.get("coupons", "").split(";"))]
    opening = {
        "time_points": int(row.get("time_points") or 0) * 100,
        SALES: int(row.get("sales") or 0),
        **Counter(coupons),
    }
    return {"points": int(row["points"] or 0) * 100} | {unit: n for unit, n in opening.items() if n}


def sample_staff() -> FakeStaff:
    return FakeStaff(
        StaffMember(row["number"], row["role"], pin_hash(PINS[row["number"]])) for row in _rows("staff.csv")
    )


def tongyi() -> LoadedPack:
    text = (RESOURCES / "programmes" / "tongyi.toml").read_bytes()
    pack = load_pack(text)
    return LoadedPack(PackRef(pack.id, pack.version, hashlib.sha256(text).hexdigest()), pack)


def sample_store() -> StoreCard:
    shop = tomllib.loads((RESOURCES / "sample" / "shop.toml").read_text(encoding="utf-8"))
    return StoreCard(
        alliance=shop["alliance"]["name"],
        merchant=shop["merchant"]["name"],
        store=shop["store"]["id"],
        name=shop["store"]["name"],
        address=shop["store"]["address"],
        timezone=shop["store"]["timezone"],
        terminal_label=shop["terminal"][0]["label"],
        footer=tuple(shop["receipt"]["footer"]),
    )


class SampleDesk:
    """A desk with its fakes under their own names, for tests to bend."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.goods = sample_goods()
        self.members = sample_members(self.clock)
        self.staff = sample_staff()
        self.packs = FakePacks([tongyi()])
        self.terms = FakeTerms()
        self.journal = FakeJournal(sample_store(), on_append=self._note)
        self.hub = FakeHubLink()
        self.seal = FakeSeal()
        self.keys = FakeAllianceKeys()
        own = self.journal.identity.terminal
        self.phone = Phone(self.journal.identity, self.keys)
        self.terms.terminals[own] = TerminalRow(own, self.journal.store.store, "M1", (self.seal.key,))
        self.desk = Desk(
            clock=self.clock,
            goods=self.goods,
            members=self.members,
            staff=self.staff,
            packs=self.packs,
            journal=self.journal,
            hub=self.hub,
            pin_check=FakePinCheck(),
            terms=self.terms,
            seal=self.seal,
            keys=self.keys,
        )

    def _note(self, event: Event) -> None:
        self.members.note(event)
        self.terms.note(event)


def _product(row: dict[str, str]) -> Product:
    return Product(
        code=row["barcode"],
        name=row["name"],
        spec=row["spec"],
        unit=row["unit"],
        category=row["category"],
        price_fen=_fen(row["price_yuan"]),
        member_price_fen=_fen(row["member_price_yuan"]),
        cost_fen=_fen(row["cost_yuan"]),
        initials="".join(lazy_pinyin(row["name"], style=Style.FIRST_LETTER)).lower(),
    )


def _fen(yuan: str) -> int:
    fen = parse_decimal(yuan)
    assert fen is not None, yuan
    return fen


def _rows(name: str) -> list[dict[str, str]]:
    with (RESOURCES / "sample" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
