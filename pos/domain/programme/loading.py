"""From a pack's bytes to a checked pack, or to everything that is wrong with it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pos.domain.message import say
from pos.domain.programme.checks import pack_mistakes
from pos.domain.programme.earlier import in_todays_words
from pos.domain.programme.mending import STAND_IN
from pos.domain.programme.mistakes import Mistake, PackMistakes
from pos.domain.programme.pack import Pack
from pos.domain.programme.plain import plain_table
from pos.domain.programme.shape import shape_mistakes

_STEP = re.compile(r"[.\[]")


def load_pack(text: bytes) -> Pack:
    """Decodes and checks a pack's bytes (TOML, UTF-8).

    Raises:
        PackMistakes: with every mistake that could be found; never anything else, whatever the bytes.

    """
    written, found = plain_table(text)
    table = in_todays_words(written)
    try:
        pack = msgspec.convert(table, Pack)
    except msgspec.ValidationError:
        found += _every_mistake(table)
    else:
        found += pack_mistakes(pack)
        if not found:
            return pack
    raise PackMistakes([one.message for one in {(one.key, str(one.reason)): one for one in found}.values()])


def _every_mistake(table: dict[str, Any]) -> list[Mistake]:
    """Mistakes of form, and of sense in what has the right one."""
    shaped, whole, spelling = shape_mistakes(table)
    keys = {one.key for one in shaped}
    try:
        later = pack_mistakes(msgspec.convert(whole, Pack), frozenset(keys))
    except msgspec.ValidationError as error:  # the schema let pass what the structures do not
        return [*shaped, Mistake("(pack)", say("内容不对：{detail}", detail=str(error)[:200]))]
    # of a rule whose kind is wrong nothing further can be said
    keys |= {key.removesuffix(".kind") for key in keys}
    above = {part for key in keys for part in _upwards(key)}
    respelt = [_respelt(one, spelling) for one in later]
    return shaped + [one for one in respelt if _holds(one, keys, above)]


def _respelt(one: Mistake, spelling: dict[str, str]) -> Mistake:
    """A mistake in a table that lost its name, with the key as the file has it."""
    for stand_in, spelt in spelling.items():
        if one.key == stand_in or one.key.startswith(f"{stand_in}."):
            of = tuple(key.replace(stand_in, spelt, 1) for key in one.of)
            return Mistake(one.key.replace(stand_in, spelt, 1), one.reason, of)
    return one


def _holds(one: Mistake, wrong: set[str], above: set[str]) -> bool:
    """Whether it is the file's own mistake, not one that came about by mending."""
    if STAND_IN in str(one.reason):
        return False
    return not any(key in above or wrong.intersection(_upwards(key)) for key in one.judged)


def _upwards(key: str) -> list[str]:
    """A key and every table around it: `a.b[1].c`, `a.b[1]`, `a.b`, `a`."""
    return [key, *(key[: step.start()] for step in _STEP.finditer(key))]
