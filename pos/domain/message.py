"""Sentences as data: the rules say *what* to say, `pos.words` says it in Chinese or English.

The id of a message is its Chinese sentence with named places, so the code reads like the screen.
"""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True):
    """A sentence in Chinese with `{named}` places, and what goes into them.

    Amounts are put in as text (`money.yuan`), so that no formatter rounds them. A parameter may
    itself be a `Message` (say, the name of a plan); it is put into words first.
    """

    id: str
    params: dict[str, str | int | Message] = {}

    def __str__(self) -> str:
        if not self.params:
            return self.id
        return self.id.format(**{key: str(value) for key, value in self.params.items()})


def named(name: str) -> Message:
    """A name that a pack or the hub gave, as it stands; in words it is translated if it is known."""
    return Message(name)


def say(sentence: str, **params: str | int | Message) -> Message:
    """Makes a `Message`; translations are collected from the first argument of each call."""
    return Message(sentence, dict(params))


class Refusal(Exception):  # noqa: N818 - not an error: the till says no and tells the cashier what to do next
    """Something a person asked for cannot be done. The sale is as it was before.

    `reason` is a stable word for programs and tests, `message` the sentence for people.
    """

    def __init__(self, reason: str, message: Message) -> None:
        super().__init__(str(message))
        self.reason = reason
        self.message = message
