"""Protections taken away, one at a time: the simulation must notice each of them.

A fault bends the desk that scanning and paying work with, or the projection that keeps the rights; nothing
of the product knows of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from pos.domain.journal import ChainIdentity
from pos.domain.pay_codes import terminal_mark
from pos.usecases import accept_pay_code
from pos.usecases.desk import Desk

Bend = Callable[[Desk], Desk]


class _Anything(str):
    """Equal to whatever it is compared with."""

    __slots__ = ()

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = str.__hash__


class _AnyEpoch(int):
    """A number that is equal to every other, and itself otherwise."""

    def __and__(self, _mask: int) -> _AnyEpoch:
        return self

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = int.__hash__


class _BentJournal:
    """The till's journal with some answers changed."""

    def __init__(self, journal: Any, **answers: Any) -> None:
        self._journal, self._answers = journal, answers

    def __getattr__(self, name: str) -> Any:
        return self._answers[name] if name in self._answers else getattr(self._journal, name)


def none(desk: Desk) -> Desk:
    return desk


@contextmanager
def without(protection: str | None) -> Iterator[Bend]:
    """What bends desks while a protection is away: `unique`, `fence`, `epoch`, `binding`; None for no fault."""
    match protection:
        case None:
            yield none
        case "unique":
            with patch("pos.store.projections.rights_of", lambda _event: ()):
                yield _bent(right_spent=lambda _right: False)
        case "fence":
            yield _bent(codes_closed=lambda: 0)
        case "epoch":  # and with it the data folder, which a mark names beside the terminal
            blurred = patch.object(
                accept_pay_code, "terminal_mark", lambda *chain: _Anything(terminal_mark(*chain))
            )
            with blurred:
                yield _any_epoch
        case "binding":
            with (
                patch.object(accept_pay_code, "terminal_mark", lambda *_: _Anything()),
                patch.object(accept_pay_code, "same_terminal", lambda *_: True),
            ):
                yield none
        case _:
            raise ValueError(protection)


PROTECTIONS = ("unique", "fence", "epoch", "binding")


def _bent(**answers: Any) -> Bend:
    return lambda desk: replace(desk, journal=_BentJournal(desk.journal, **answers))


def _any_epoch(desk: Desk) -> Desk:
    own = desk.journal.identity
    bent = ChainIdentity(own.terminal, _AnyEpoch(own.epoch), own.incarnation)
    return replace(desk, journal=_BentJournal(desk.journal, identity=bent))
