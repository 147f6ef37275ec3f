"""A pack's bytes as plain values: text, integers and tables, nothing that a check could stumble over."""

from __future__ import annotations

import tomllib
from datetime import date, time
from typing import Any

from pos.domain.message import Message, say
from pos.domain.programme.mending import Path, spelt
from pos.domain.programme.mistakes import Mistake, PackMistakes

BYTES_MAX = 1 << 20
DEPTH_MAX = 12
"""A pack has seven levels at most; what lies deeper is part of something unknown, whatever it is."""

INTEGER_MAX = (1 << 63) - 1
"""TOML's own range. A longer one is as wrong in every place as this."""

_CONTROLS = {
    *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
}  # fmt: skip
"""Line ends, escapes and turns of direction: a name with one would spoil receipts and reports."""


def plain_table(text: bytes) -> tuple[dict[str, Any], list[Mistake]]:
    """The table that TOML in UTF-8 holds, with what is wrong with its texts.

    Raises:
        PackMistakes: the bytes are too many, no text, or no TOML.

    """
    if len(text) > BYTES_MAX:
        raise PackMistakes([say("方案文件有 {n} 字节，太大了；最多 {max}", n=len(text), max=BYTES_MAX)])
    try:
        table = tomllib.loads(text.decode("utf-8-sig"))  # Windows editors put a mark before the text
    except UnicodeDecodeError as error:
        raise PackMistakes([say("方案文件不是 UTF-8 文本：第 {at} 字节", at=error.start)]) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise PackMistakes([say("方案文件不是有效的 TOML：{detail}", detail=str(error)[:200])]) from error
    wrong: list[tuple[Path, Message]] = []
    plain: dict[str, Any] = _plain(table, (), wrong)
    return plain, [Mistake(spelt(plain, path), reason) for path, reason in wrong]


def _plain(value: Any, path: Path, wrong: list[tuple[Path, Message]]) -> Any:
    if isinstance(value, dict):
        deeper = value.items() if len(path) < DEPTH_MAX else ()
        return {key: _plain(one, (*path, key), wrong) for key, one in deeper}
    if isinstance(value, list):
        listed = enumerate(value) if len(path) < DEPTH_MAX else ()
        return [_plain(one, (*path, at), wrong) for at, one in listed]
    if isinstance(value, str):
        return _plain_text(value, path, wrong)
    if type(value) is int:
        return max(-INTEGER_MAX, min(value, INTEGER_MAX))
    # TOML knows dates; a pack keeps them as text
    return value.isoformat() if isinstance(value, date | time) else value


def _plain_text(value: str, path: Path, wrong: list[tuple[Path, Message]]) -> str:
    if _CONTROLS.intersection(value):
        wrong.append((path, say("不能有换行或控制字符")))
        value = "".join(char for char in value if char not in _CONTROLS)
    elif value != value.strip():
        wrong.append((path, say("前后不能有空格")))
    elif not value and isinstance(path[-1], int):
        wrong.append((path, say("不能为空")))
    return value
