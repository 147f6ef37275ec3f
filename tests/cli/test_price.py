"""`pos price`: baskets as files, under the shipped packs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import pos

GOODS = Path(__file__).parents[2] / "resources" / "sample" / "goods.csv"
WATER, COLA, TOBACCO, APPLES = "6921168509256", "6954767410388", "6901028075770", "20001"
AT = "2026-11-23T18:30:00+08:00"
WORKED: dict[str, Any] = {
    "at": AT,
    "lines": [
        {"code": WATER, "qty": 3},
        {"code": COLA, "qty": 2},
        {"code": TOBACCO, "qty": 1},
        {"code": APPLES, "weight_g": 1234},
    ],
    "member": {"plan": "basic", "balances": {"points": "20"}},
    "redeem": {"points": "7"},
    "store": "S1",
}


def catalogue(folder: Path, *rows: str) -> Path:
    """A price list of its own: code, list and member price in yuan."""
    path = folder / "goods.csv"
    head = "barcode,name,spec,unit,category,cost_yuan,price_yuan,member_price_yuan\n"
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def run(
    folder: Path, basket: object, *, pack: str = "tongyi", goods: Path = GOODS
) -> tuple[int, dict[str, Any]]:
    """Exit status, and the answer."""
    path = folder / "basket.json"
    path.write_text(json.dumps(basket), encoding="utf-8")
    done = pos("price", "--pack", pack, "--catalogue", str(goods), "--basket", str(path), "--json")
    return done.status, json.loads(done.out)


def earned(answer: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(one["role"], one["asset"]): one["amount"] for one in answer["earned"]}


def test_the_worked_sale(tmp_path: Path) -> None:
    status, answer = run(tmp_path, WORKED)
    assert status == 0
    assert (answer["gross_fen"], answer["payable_fen"], answer["eligible_fen"]) == (8630, 8436, 2376)
    assert answer["redeemed"][0]["amount"] == 700
    assert (answer["due_fen"], answer["received_fen"], answer["share_fen"]) == (7736, 8436, 253)
    assert earned(answer) == {("member", "points"): 1600}
    assert answer["optimal"] is True
    by_code = {line["code"]: line for line in answer["lines"]}
    assert by_code[WATER]["adjustments"] == [
        {"rule": "member_price", "amount_fen": 36, "funder": "merchant", "text": "会员价 1.58 元，省 0.36 元"}
    ]


def test_a_coupon_out_of_reach_says_what_is_missing(tmp_path: Path) -> None:
    _, answer = run(tmp_path, {**WORKED, "coupons": ["coupon_50_10"]})
    assert {"rule": "coupon_50_10", "text": "还差 26.24 元可用满50减10"} in answer["not_applied"]


def test_zhongdian_gives_the_rebate_to_both_sides(tmp_path: Path) -> None:
    goods = catalogue(tmp_path, "1000,电饭煲,,台,家电,500,1000,1000")
    basket = {
        "at": AT,
        "lines": [{"code": "1000", "qty": 1}],
        "member": {"plan": "member", "home_store": "S1", "referrer": True},
        "store": "S1",
        "merchant": {"rebate_bp": 2000},
    }
    status, answer = run(tmp_path, basket, pack="zhongdian", goods=goods)
    assert status == 0
    assert answer["share_fen"] == 200_00
    got = earned(answer)
    assert got["member", "points"] == got["merchant", "points"] == 200_00
    assert got["home_store", "voucher"] == 10_0000


def test_gongxianggou_refuses_member_sales_below_zero(tmp_path: Path) -> None:
    basket = {
        "at": AT,
        "lines": [{"code": WATER, "qty": 1}],
        "member": {"plan": "member"},
        "merchant": {"rebate_bp": 1000, "balances": {"share_points": "-0.000001"}},
    }
    status, answer = run(tmp_path, basket, pack="gongxianggou")
    assert status == 2
    assert answer["refused"]["reason"] == "gate"
    assert "充值" in answer["refused"]["text"]
    walk_in = {**basket, "member": None}
    assert run(tmp_path, walk_in, pack="gongxianggou")[0] == 0


def test_gongxianggou_burns_at_the_days_price(tmp_path: Path) -> None:
    goods = catalogue(tmp_path, "1000,电饭煲,,台,家电,50,100,100")
    basket = {
        "at": AT,
        "lines": [{"code": "1000", "qty": 1}],
        "member": {"plan": "member", "referrer": True, "activated": False},
        "merchant": {"rebate_bp": 2000, "balances": {"share_points": "0"}, "referrer": True},
        "asset_price": {"share_points": "0.30"},
    }
    status, answer = run(tmp_path, basket, pack="gongxianggou", goods=goods)
    assert status == 0
    assert answer["burned"] == [
        {"role": "merchant", "asset": "share_points", "amount": 66_666667, "scale": 6}
    ]
    got = earned(answer)
    assert ("member", "share_value") not in got
    assert got["merchant", "share_value"] == 40_00
    assert got["member_referrer", "share_points"] == got["merchant_referrer", "share_points"] == 3_333333


def test_groupbuy_issues_a_coupon_from_99(tmp_path: Path) -> None:
    goods = catalogue(tmp_path, "1000,礼盒,,盒,零食,50,99,99", "1001,糖,,包,零食,1,0.01,0.01")
    basket = {"at": AT, "lines": [{"code": "1000", "qty": 1}], "member": {"plan": "ordinary"}}
    _, answer = run(tmp_path, basket, pack="community_groupbuy", goods=goods)
    assert [one["rule"] for one in answer["issued"]] == ["coupon_5"]
    assert earned(answer) == {("member", "balance"): 4_95}
    used = {**basket, "coupons": ["coupon_5"]}
    _, answer = run(tmp_path, used, pack="community_groupbuy", goods=goods)
    assert (answer["payable_fen"], answer["received_fen"], answer["issued"]) == (94_00, 99_00, [])


def test_tianshang_pays_the_home_store_in_money_when_elsewhere(tmp_path: Path) -> None:
    basket = {**WORKED, "member": {"plan": "member", "home_store": "S2"}, "redeem": {}}
    _, answer = run(tmp_path, basket, pack="tianshang")
    assert earned(answer)["home_store", "CNY"] == 23
    at_home = {**basket, "store": "S2"}
    _, answer = run(tmp_path, at_home, pack="tianshang")
    assert ("home_store", "CNY") not in earned(answer)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"lines": [{"code": "404", "qty": 1}]}, "404"),
        ({"lines": [{"code": WATER, "qty": 0}]}, "1"),
        ({"lines": [{"code": WATER, "weight_g": 5}]}, "农夫山泉"),
        ({"lines": [{"code": APPLES}]}, "红富士苹果"),
        ({"lines": "none"}, "lines"),
        ({"at": "yesterday"}, "yesterday"),
        ({"at": "2026-11-23"}, "2026-11-23"),
        ({"member": {"plan": "gold"}}, "gold"),
        ({"member": {"plan": "basic", "balances": {"points": "1.234"}}}, "1.234"),
        ({"member": {"plan": "basic", "balances": {"gold": "1"}}}, "gold"),
        ({"redeem": {"points": "many"}}, "many"),
        ({"coupons": ["coupon_1"]}, "coupon_1"),
        ({"used": {"flash_egg": -1}}, "flash_egg"),
        ({"used": {"nothing": 1}}, "flash_bread"),
        ({"redeem": {"points": "-1"}}, "redeem.points"),
        ({"merchant": {"rebate_bp": -1}}, "rebate_bp"),
        ({"member": {}}, "member.plan"),
        ({"asset_price": {"points": "0"}}, "0"),
    ],
)
def test_a_basket_that_cannot_be_is_refused_in_a_sentence(
    tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    status, answer = run(tmp_path, {**WORKED, **change})
    assert status == 2
    assert part in answer["refused"]["text"]


@pytest.mark.parametrize("content", ["", "{", "[1", "\x00", '{"a":' * 2000])
def test_files_that_are_none_end_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "basket.json"
    path.write_text(content, encoding="utf-8")
    done = pos("price", "--pack", "tongyi", "--catalogue", str(GOODS), "--basket", str(path))
    assert done.status == 1
    assert "basket.json" in done.err
    assert "Traceback" not in done.err


def test_missing_files_and_unknown_packs_are_named(tmp_path: Path) -> None:
    basket = tmp_path / "basket.json"
    basket.write_text(json.dumps(WORKED), encoding="utf-8")
    for pack, goods in (("nothing", GOODS), ("tongyi", tmp_path / "no.csv")):
        done = pos("price", "--pack", pack, "--catalogue", str(goods), "--basket", str(basket))
        assert done.status == 1
        assert "Traceback" not in done.err
        assert (pack if pack == "nothing" else "no.csv") in done.err


def test_for_people_it_reads_like_a_receipt(tmp_path: Path) -> None:
    path = tmp_path / "basket.json"
    path.write_text(json.dumps(WORKED), encoding="utf-8")
    done = pos("price", "--pack", "tongyi", "--catalogue", str(GOODS), "--basket", str(path))
    assert done.status == 0
    assert "77.36" in done.out
    assert "首单满30减30" in done.out


def test_a_key_that_no_basket_has_is_named(tmp_path: Path) -> None:
    path = tmp_path / "basket.json"
    member = {"plan": "basic", "balance": {"points": "1"}}
    path.write_text(json.dumps({**WORKED, "coupon": ["coupon_50_10"], "member": member}), encoding="utf-8")
    done = pos("price", "--pack", "tongyi", "--catalogue", GOODS, "--basket", path, "--json")
    assert done.status == 0
    assert "coupon" in done.err
    assert "member.balance" in done.err
    assert len(done.err.splitlines()) == 2


def test_an_unknown_pack_names_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "basket.json"
    path.write_text(json.dumps(WORKED), encoding="utf-8")
    done = pos("price", "--pack", "nothing", "--catalogue", GOODS, "--basket", path)
    assert done.status == 1
    assert "zhongdian" in done.err


def test_a_cash_voucher_is_judged_before_rules_of_the_whole_sale(tmp_path: Path) -> None:
    """Ruling 3: 50.80 reaches 50.00, although a coupon then takes 3.00 off."""
    goods = catalogue(tmp_path, "1000,油,,桶,粮油,40,50.80,50.80")
    basket = {
        "at": AT,
        "lines": [{"code": "1000", "qty": 1}],
        "member": {"plan": "member"},
        "coupons": ["neighbour_30_3", "cash_10", "cash_10"],
    }
    _, answer = run(tmp_path, basket, pack="tianshang", goods=goods)
    assert (answer["payable_fen"], answer["due_fen"]) == (47_80, 27_80)
