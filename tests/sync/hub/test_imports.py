import datetime as dt
from importlib.resources import files

import msgspec
import pytest

from pos.domain.programme.loading import load_pack
from sync.hub.alliance import imports, members, stocking
from sync.hub.alliance.imports import (
    GOODS_COLUMNS,
    MEMBER_COLUMNS,
    MEMBER_COLUMNS_MORE,
    STAFF_COLUMNS,
    Mistake,
    Mistaken,
)
from sync.hub.hub import Hub
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal

TODAY = dt.date(2026, 3, 14)
SAMPLE = files("resources") / "sample"
PIN = "$argon2id$v=19$m=65536,t=3,p=4$yQAT662gmSuoOTIVNw4AKw$EjWMjc/W/JoCrS3F5I3Ks6GJ3uzF"
CARD = "91368861958193196424478"


def table(columns: tuple[str, ...], *lines: str) -> bytes:
    return "\r\n".join([",".join(columns), *lines]).encode()


def lines_of(mistakes: list[Mistake]) -> list[int]:
    return [one.line for one in mistakes]


def test_goods_as_products() -> None:
    reading = imports.read_goods((SAMPLE / "goods.csv").read_bytes(), "goods.csv")
    assert reading.mistakes == []
    apples = sales.GOODS[sales.APPLES]
    assert apples.weighed
    assert (apples.price_fen, apples.member_price_fen) == (1280, 1180)
    assert apples.initials == imports.initials(apples.name)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("农夫山泉", "nfsq"), ("7喜 Pepsi", "7xpepsi"), ("维他柠檬茶（低糖）", "wtnmcdt"), ("№", "")],
)
def test_initials(name: str, initials: str) -> None:
    assert imports.initials(name) == initials


def test_every_mistake_in_goods_is_named_with_its_line() -> None:
    bad = table(
        GOODS_COLUMNS,
        "6921168509256,农夫山泉,550ml,瓶,饮料,1.00,1.70,1.58",
        "6921168509257,校验位错,550ml,瓶,饮料,1.00,1.70,1.58",
        "6921168509256,重复,550ml,瓶,饮料,1.00,1.70,1.58",
        "20001,苹果,散,kg,水果,1.00,12.80,13.80",
        "6954767410388,可乐,330ml,听,饮料,1.00,2.405,2.23",
        "6954767410388,可乐,330ml,听,饮料",
        ",无码,330ml,听,饮料,1.00,2.40,2.23",
        "4891028164456,,330ml,听,饮料,1.00,2.40,2.23",
        "4891028164456,零价,330ml,听,饮料,1.00,0,0",
        "4891028164456,按重量,散,kg,水果,1.00,2.40,2.23",
        "4891028164456,负成本,散,盒,水果,-1.00,2.40,2.23",
    )
    reading = imports.read_goods(bad, "goods.csv")
    assert lines_of(reading.mistakes) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    with pytest.raises(Mistaken) as mistaken:
        reading.checked()
    for language in ("zh", "en"):
        said = mistaken.value.say(language)
        assert said.count("goods.csv:") == 10
        assert "10" in said.splitlines()[0]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"name,barcode\n", 1),
        ("条码,名称\n".encode(), 1),
        ("品名\n".encode("gbk"), 0),
        (",".join(GOODS_COLUMNS).encode() + b'\n"unclosed', 2),
    ],
)
def test_what_is_no_table_is_said_once(content: bytes, line: int) -> None:
    assert lines_of(imports.read_goods(content, "goods.csv").mistakes) == [line]


def test_excels_byte_order_mark_is_taken() -> None:
    content = b"\xef\xbb\xbf" + table(GOODS_COLUMNS, "6921168509256,农夫山泉,550ml,瓶,饮料,1.00,1.70,1.58")
    assert len(imports.read_goods(content, "goods.csv").checked()) == 1


def test_every_mistake_in_members_is_named() -> None:
    good = f"30000001,{CARD},某,19900000001,1990-01-01,basic,10,active,3.5"
    bad = table(
        MEMBER_COLUMNS,
        good,
        good.replace("30000001", "3x"),
        good.replace("30000001", "30000002").replace(CARD, CARD[:-1] + "0"),
        good.replace("30000001", "30000003").replace("basic", "gold"),
        good.replace("30000001", "30000004").replace("active", "asleep"),
        good.replace("30000001", "30000005").replace(",10,", ",soon,"),
        good.replace("30000001", "30000006").replace("3.5", "-3"),
        good.replace("30000001", "30000007"),
    )
    reading = imports.read_members(bad, "members.csv", pack=sales.PACK, today=TODAY)
    assert lines_of(reading.mistakes) == [3, 4, 5, 6, 7, 8, 0]
    assert reading.rows[0].opening == {"points": 350}
    assert reading.rows[0].member.expires == "2026-03-24"


ALL_MEMBER_COLUMNS = MEMBER_COLUMNS + MEMBER_COLUMNS_MORE


def test_what_members_bring_along() -> None:
    rich = f"30000001,{CARD},某,19900000001,1990-01-01,basic,10,active,3.5,12,1,S1,30000009,coupon_50_10;free_delivery;coupon_50_10"
    reading = imports.read_members(table(ALL_MEMBER_COLUMNS, rich), "m", pack=sales.PACK, today=TODAY)
    [read] = reading.checked()
    assert read.opening == {
        "points": 350,
        "time_points": 1200,
        "sales": 1,
        "coupon:coupon_50_10": 2,
        "coupon:free_delivery": 1,
    }
    assert (read.member.home_store, read.member.referrer, read.member.activated) == ("S1", "30000009", True)


def test_a_sealed_card_has_no_plan_and_no_expiry() -> None:
    sealed = f"30000001,{CARD},–,–,–,,,sealed,,,,,,"
    [read] = imports.read_members(
        table(ALL_MEMBER_COLUMNS, sealed), "m", pack=sales.PACK, today=TODAY
    ).checked()
    assert (read.member.plan, read.member.status, read.member.expires) == ("", "sealed", "")
    assert read.opening == {}
    assert members.row_of(read.member, read.opening).status == "sealed"


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ("basic,10,sealed,0,,,,,", "sealed"),
        (",10,active,0,,,,,", "plan"),
        ("basic,10,active,0,-1,,,,", "time_points"),
        ("basic,10,active,0,,some,,,", "sales"),
        ("basic,10,active,0,,1000001,,,", "sales"),
        ("basic,10,active,0,,,,30000001,", "referrer"),
        ("basic,10,active,0,,,,x,", "referrer"),
        ("basic,10,active,0,,,,,member_price", "member_price"),
        ("basic,10,active,0,,,,,coupon_50_10;gold", "gold"),
    ],
)
def test_what_members_cannot_bring_along_is_named(cells: str, named: str) -> None:
    row = f"30000001,{CARD},某,19900000001,1990-01-01,{cells}"
    reading = imports.read_members(table(ALL_MEMBER_COLUMNS, row), "m", pack=sales.PACK, today=TODAY)
    [mistake] = reading.mistakes
    assert mistake.line == 2
    assert named in mistake.say("en")


def test_a_coupon_that_its_issuer_pays_for_needs_the_command() -> None:
    row = f"30000001,{CARD},某,19900000001,1990-01-01,member,10,active,0,,,,,cash_10"
    pack = sales.PACKS["tianshang"]
    reading = imports.read_members(table(ALL_MEMBER_COLUMNS, row), "m", pack=pack, today=TODAY)
    assert lines_of(reading.mistakes) == [2]


def test_a_pack_without_points_takes_members_without_points() -> None:
    pack = load_pack(
        sales.PACK_BYTES.replace(b'"points"', b'"stars"').replace(b'asset = "points"', b'asset = "stars"')
    )
    row = f"30000001,{CARD},某,19900000001,1990-01-01,basic,10,active,"
    assert imports.read_members(table(MEMBER_COLUMNS, row + "0"), "m", pack=pack, today=TODAY).mistakes == []
    assert imports.read_members(table(MEMBER_COLUMNS, row + "1"), "m", pack=pack, today=TODAY).mistakes


def test_every_mistake_in_staff_is_named() -> None:
    bad = table(
        STAFF_COLUMNS, f'01,owner,"{PIN}"', f'1,owner,"{PIN}"', f'02,king,"{PIN}"', "03,cashier,123456"
    )
    assert lines_of(imports.read_staff(bad, "staff.csv").mistakes) == [3, 4, 5]


def test_a_shop_file_with_a_mistake_is_refused() -> None:
    good = (SAMPLE / "shop.toml").read_bytes()
    assert imports.read_shop(good, "shop.toml").terminals[0].id == "S1-1"
    for bad in (
        good.replace(b"[merchant]", b"[dealer]"),
        good.replace(b"Asia/Shanghai", b"Mars"),
        b"\xff",
        b"=",
    ):
        with pytest.raises(Mistaken, match="mistake"):
            imports.read_shop(bad, "shop.toml")


def test_importing_members_again_does_not_touch_their_balance(till: FakeTerminal, hub: Hub) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    text = (SAMPLE / "members.csv").read_bytes().replace(b"basic,178,active", b"co_creator,300,active")
    with hub.database.write() as connection:
        found = imports.read_members(text, "members.csv", pack=sales.PACK, today=TODAY).checked()
        assert stocking.put_members(hub, connection, found) == 0
    body = till.feed_row("members", sales.MEMBER).body
    assert (body["plan"], till.points(sales.MEMBER), body["home_store"]) == ("co_creator", 2900, "S1")


def test_importing_again_undoes_nothing_that_tills_have_done(till: FakeTerminal, hub: Hub) -> None:
    """A sealed card that was sold stays sold; home store, activation and a referrer stay, too."""
    text = (SAMPLE / "members.csv").read_bytes()
    with hub.database.write() as connection:
        sold = members.known(connection, "30003941")
        active = msgspec.structs.replace(sold, plan="basic", status="active", expires="2027-03-13")
        members.put(connection, msgspec.structs.replace(active, home_store="S1", activated=False))
        members.change(connection, sales.MEMBER, activated=None, referrer=sales.FRIEND)
        before = [members.known(connection, one) for one in ("30003941", sales.MEMBER)]
        found = imports.read_members(text, "m", pack=sales.PACK, today=stocking.today(hub, connection))
        assert stocking.put_members(hub, connection, found.checked()) == 0
        assert [members.known(connection, one) for one in ("30003941", sales.MEMBER)] == before


def test_a_card_belongs_to_one_member(hub: Hub) -> None:
    row = f"39999999,{CARD},某,19900000001,1990-01-01,basic,10,active,5"
    found = imports.read_members(table(MEMBER_COLUMNS, row), "m", pack=sales.PACK, today=TODAY).checked()
    with pytest.raises(Told, match="belongs to member 30006012"), hub.database.write() as connection:
        stocking.put_members(hub, connection, found)
