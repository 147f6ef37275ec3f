"""Puts messages into words: Chinese is the source, English the translation (gettext catalogues)."""

from __future__ import annotations

import gettext
from importlib.resources import files
from io import BytesIO

from pos.domain.message import Message

LANGUAGES = ("zh", "en")
DOMAIN = "pos"


class Words:
    """Call it with a message (or plain text) to get a sentence in its language."""

    def __init__(self, language: str = "zh") -> None:
        self.language = language if language in LANGUAGES else "zh"
        self._catalogue = _catalogue(self.language)

    def __call__(self, message: Message | str) -> str:
        if isinstance(message, str):
            return message
        sentence = self._catalogue.gettext(message.id) if message.id else ""
        if not message.params:
            return sentence
        params = {
            name: self(value) if isinstance(value, Message) else value
            for name, value in message.params.items()
        }
        return sentence.format(**params)


def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "zh":
        return gettext.NullTranslations()
    compiled = files("resources") / "translations" / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    return gettext.GNUTranslations(BytesIO(compiled.read_bytes()))
