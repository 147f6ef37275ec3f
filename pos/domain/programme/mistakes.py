"""What is wrong with a pack: which key, and why."""

from __future__ import annotations

import msgspec

from pos.domain.message import Message, say


class PackMistakes(Exception):  # noqa: N818 - says what it carries
    """The pack cannot be used; `mistakes` lists every reason found, each naming its key."""

    def __init__(self, mistakes: list[Message]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Mistake(msgspec.Struct, frozen=True):
    """One mistake: the key as written in the file, with ids in place of positions, and the reason.

    `of` names the keys that contradict one another where that is not `key` alone: while one of them is
    itself wrong, nothing can be said about how they go together.
    """

    key: str
    reason: Message
    of: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[str, ...]:
        return self.of or (self.key,)

    @property
    def message(self) -> Message:
        return say("{key}：{reason}", key=self.key, reason=self.reason)


def mistake(table: str, keys: str, reason: Message) -> Mistake:
    """A mistake in the `keys` (divided by blanks) of a table, told about the table if there are several."""
    several = tuple(f"{table}.{key}" if table else key for key in keys.split())
    return Mistake(several[0], reason) if len(several) == 1 else Mistake(table or "(pack)", reason, several)


def key_of(found: Message) -> str:
    """Which key a mistake is about; `(pack)` where it is about the whole file."""
    return str(found.params.get("key", "(pack)"))


def reason_of(found: Message) -> Message:
    """Why it is one, without the key."""
    reason = found.params.get("reason")
    return reason if isinstance(reason, Message) else found
