"""The published schema: current, valid, and of one mind with what reads packs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pos.domain.programme import shape
from pos.domain.programme.json_schema import pack_schema
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mending import stand_in
from resources.programmes import publish_schema
from tests.domain.programme.shipped import SHIPPED, planted, table_of, toml


def test_the_committed_schema_is_current() -> None:
    assert publish_schema.PUBLISHED.read_text(encoding="utf-8") == publish_schema.published()


def test_publishing_writes_the_schema(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish_schema, "PUBLISHED", tmp_path / "schema.json")
    publish_schema.main()
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")) == pack_schema()


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(pack_schema())


@pytest.mark.parametrize("pack", SHIPPED)
def test_shipped_packs_are_valid(pack: str) -> None:
    assert list(Draft202012Validator(pack_schema()).iter_errors(table_of(pack))) == []


def nodes(schema: Any) -> list[dict[str, Any]]:
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return [*([schema] if isinstance(schema, dict) else []), *(node for one in inner for node in nodes(one))]


def test_every_table_refuses_unknown_keys_and_no_value_is_null() -> None:
    schema = pack_schema()
    for name, table in schema["$defs"].items():
        assert table["additionalProperties"] is False, name
        assert table["description"].strip(), name
    assert {"type": "null"} not in nodes(schema)
    assert "null" not in json.dumps(schema)


def test_a_rule_of_one_kind_is_told_its_own_mistakes_only() -> None:
    table = planted("tongyi", {"price_rules.coupon_50_10.quota": 3})
    (error,) = Draft202012Validator(pack_schema()).iter_errors(table)
    assert list(error.absolute_path) == ["price_rules", 6]
    assert "quota" in error.message


def test_the_least_pack_that_the_schema_allows_can_be_read() -> None:
    least = stand_in(pack_schema()) | {"name": "最小"}
    pack = load_pack(toml(least).encode())
    assert [plan.id for plan in pack.plans] == ["zz_missing_0"]


def test_a_demand_of_the_schema_that_has_no_words_yet_is_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shape, "pack_schema", lambda: {"minProperties": 2})
    (told,) = shape.misshapen({"a": 1})
    assert str(told.reason).startswith("内容不对：{'a': 1}")
