"""Which of our two languages a command line speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["zh", "en"]

_NO_LANGUAGE = ("", "C", "POSIX")


def asked_language(environment: Mapping[str, str]) -> Language | None:
    """What `POS_LANGUAGE` asks for, if it is one we speak."""
    match environment.get("POS_LANGUAGE", "")[:2]:
        case "zh":
            return "zh"
        case "en":
            return "en"
    return None


def spoken_language(environment: Mapping[str, str], system: str | None) -> Language:
    """What was asked for; else Chinese, or English where the machine is set to another language.

    `system` is what the operating system says where no environment variable does (Windows). `C` and
    its kin name no language; Python reports `C.UTF-8` as American English, so the variables are read
    here, in POSIX's order.
    """
    asked = asked_language(environment)
    if asked is not None:
        return asked
    named = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), None
    )
    set_to = (system or "" if named is None else named).partition(".")[0]
    return "zh" if set_to in _NO_LANGUAGE or set_to.lower().startswith(("zh", "chinese")) else "en"
