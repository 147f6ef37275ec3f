"""Every mistake in a pack's form at once: what is missing, unknown, or of another kind than it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from pos.domain.message import Message, say
from pos.domain.programme.guard_rails import asks_for_a_chain
from pos.domain.programme.json_schema import pack_schema
from pos.domain.programme.mending import Path, mended, shown, spelt
from pos.domain.programme.mistakes import Mistake


class Misshapen(msgspec.Struct, frozen=True):
    """Where something has the wrong form, and why; `unknown` keys are not part of a pack at all."""

    path: Path
    reason: Message
    unknown: bool = False


def shape_mistakes(table: dict[str, Any]) -> tuple[list[Mistake], dict[str, Any], dict[str, str]]:
    """The mistakes of form, the pack with something harmless in their place, and what that is called.

    The mended pack lets the rest be checked in the same run; it is never used for anything else. The
    last part tells how a stand-in's key is spelt in the file.
    """
    found = misshapen(table)
    whole, spelling = mended(table, [(one.path, one.unknown) for one in found])
    return [Mistake(spelt(table, one.path), one.reason) for one in found], whole, spelling


def misshapen(table: dict[str, Any]) -> list[Misshapen]:
    """Everything of the wrong form, in the order of the file's keys, nothing twice."""
    seen: dict[tuple[Path, str], Misshapen] = {}
    for error in _validator().iter_errors(table):
        for one in _told(error):
            seen.setdefault((one.path, str(one.reason)), one)
    return sorted(
        seen.values(), key=lambda one: [f"{key:09}" if isinstance(key, int) else key for key in one.path]
    )


def _validator() -> Any:
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - only a pack with mistakes needs it

    # JSON Schema takes 3.0 for an integer; amounts are written as integers
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    strict: Any = validators.extend
    return strict(Draft202012Validator, type_checker=types)(pack_schema())


def _told(error: Any) -> Iterator[Misshapen]:
    path: Path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield Misshapen((*path, error.instance), _pattern(error), unknown=True)
    elif error.validator == "required":
        yield Misshapen((*path, error.message.split("'")[1]), say("缺少这一项"))
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in sorted(key for key in error.instance if key not in known):
            yield Misshapen((*path, key), _unknown(key, known, path), unknown=True)
    else:
        yield Misshapen(path, _REASONS.get(error.validator, _other)(error))


def _unknown(key: str, known: dict[str, Any], path: Path) -> Message:
    names = "、".join(sorted(known))
    if path[:1] in {("accruals",), ("invitations",)} and asks_for_a_chain(key):
        return say(
            "不认识的键；可用的有 {known}。奖励只给直接推荐人一级，"
            "多级计酬属于传销，为《禁止传销条例》第七条所禁止",
            known=names,
        )
    return say("不认识的键；可用的有 {known}", known=names)


def _choice(error: Any) -> Message:
    limit = error.validator_value
    known = "、".join(map(str, limit if isinstance(limit, list) else [limit]))
    if tuple(error.absolute_path)[-1:] == ("role",):
        return say(
            "不能是 {value}；可以是 {known}。奖励只到直接推荐人一级，更多层级属于传销，"
            "为《禁止传销条例》第七条所禁止",
            value=shown(error.instance),
            known=known,
        )
    return say("不能是 {value}；可以是 {known}", value=shown(error.instance), known=known)


def _type(error: Any) -> Message:
    is_float = not isinstance(error.instance, str | int | list | dict)  # the only other kind that is left
    if is_float and error.validator_value in {"integer", "string"}:
        return say(
            "不能写成小数 {value}：金额和比率写整数，其他数写成带引号的文本", value=str(error.instance)
        )
    kind = _KINDS.get(str(error.validator_value), _KINDS["object"])
    return say("应是{kind}，现在是 {value}", kind=kind, value=shown(error.instance))


_KINDS = {
    "integer": say("整数"),
    "string": say("文本（加引号）"),
    "boolean": say("true 或 false"),
    "array": say("列表"),
    "object": say("一张表"),
}


def _pattern(error: Any) -> Message:
    return say(
        "写法不对：{value}（应符合 {pattern}）",
        value=shown(error.instance),
        pattern=str(error.validator_value),
    )


def _too_small(error: Any) -> Message:
    return say(
        "不能小于 {limit}，现在是 {value}", limit=str(error.validator_value), value=shown(error.instance)
    )


def _too_large(error: Any) -> Message:
    return say(
        "不能大于 {limit}，现在是 {value}", limit=str(error.validator_value), value=shown(error.instance)
    )


def _empty(error: Any) -> Message:
    return say("至少要有 {limit} 个", limit=str(error.validator_value))


def _too_long(error: Any) -> Message:
    return say("太长，最多 {limit}", limit=str(error.validator_value))


def _other(error: Any) -> Message:
    return say("内容不对：{detail}", detail=shown(error.message))


_REASONS: dict[str, Callable[[Any], Message]] = {
    "enum": _choice,
    "const": _choice,
    "type": _type,
    "pattern": _pattern,
    "minimum": _too_small,
    "maximum": _too_large,
    "minLength": _empty,
    "minItems": _empty,
    "maxLength": _too_long,
    "maxItems": _too_long,
}
