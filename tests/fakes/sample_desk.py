"""The sample shop of `resources/sample` on fakes."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import cast

from pypinyin import Style, lazy_pinyin

from pos.domain.catalogue import Product
from pos.domain.events import PackRef
from pos.domain.money import parse_decimal
from pos.domain.programme import load_pack
from pos.domain.receipt import StoreCard
from pos.usecases.desk import Desk
from pos.usecases.ports import KnownMember, LoadedPack, Role, StaffMember
from tests.fakes.clock import FakeClock
from tests.fakes.goods import FakeGoods
from tests.fakes.hub_link import FakeHubLink
from tests.fakes.journal import FakeJournal
from tests.fakes.members import FakeMembers
from tests.fakes.packs import FakePacks
from tests.fakes.pin_check import FakePinCheck, pin_hash
from tests.fakes.staff import FakeStaff

RESOURCES = Path(__file__).parents[2] / "resources"
PINS = {"01": "010101", "03": "030303", "04": "040404", "09": "090909"}


def sample_goods() -> FakeGoods:
    return FakeGoods(_product(row) for row in _rows("goods.csv"))


def sample_members(clock: FakeClock) -> FakeMembers:
    today = clock.now().date()
    return FakeMembers(
        (
            (
                row["card_code"],
                KnownMember(
                    member_no=row["member_no"],
                    plan=row["plan"],
                    status="blocked" if row["status"] == "blocked" else "active",
                    expires=(today + timedelta(days=int(row["expires_in_days"]))).isoformat(),
                    balances={"points": int(row["points"]) * 100},
                ),
            )
            for row in _rows("members.csv")
        ),
        cached_at=clock.now(),
    )


def sample_staff() -> FakeStaff:
    return FakeStaff(
        StaffMember(row["number"], cast("Role", row["role"]), pin_hash(PINS[row["number"]]))
        for row in _rows("staff.csv")
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
        self.journal = FakeJournal(sample_store(), on_append=self.members.note)
        self.hub = FakeHubLink()
        self.desk = Desk(
            clock=self.clock,
            goods=self.goods,
            members=self.members,
            staff=self.staff,
            packs=self.packs,
            journal=self.journal,
            hub=self.hub,
            pin_check=FakePinCheck(),
        )


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
