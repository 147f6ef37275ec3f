"""Sentences for people, in both languages of the product, and the "no" that carries one.

The hub does not import the till's translations; its few sentences stand here in pairs where they
are used. Chinese is the source language.
"""

from __future__ import annotations

import datetime as dt
import locale
import os
import sys
from collections.abc import Callable
from typing import NamedTuple

from pos.domain.language import Language, spoken_language

Clock = Callable[[], dt.datetime]


class Words(NamedTuple):
    """One sentence in Chinese and English, with the same `{named}` places."""

    zh: str
    en: str

    def say(self, language: Language, **params: object) -> str:
        return (self.en if language == "en" else self.zh).format(**params)


class Told(Exception):  # noqa: N818 - not a fault of this program: somebody is told what to do next
    """What was asked cannot be done; the sentence says why and what to do."""

    def __init__(self, words: Words, **params: object) -> None:
        super().__init__(words.say("en", **params))
        self.words = words
        self.params = params

    def say(self, language: Language) -> str:
        return self.words.say(language, **self.params)


def system_language() -> Language:
    """What `pos-hub` speaks on this machine."""
    return spoken_language(os.environ, locale.getlocale()[0] if sys.platform == "win32" else None)


def preferred(accept_language: str) -> Language:
    """The language of an `Accept-Language` header: the first one that we speak."""
    for part in accept_language.lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def stamp(moment: dt.datetime) -> str:
    """A moment as it stands in messages and tables: ISO 8601, UTC, milliseconds."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
