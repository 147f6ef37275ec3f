"""Passwords: what makes a good one, and Argon2id. Checking one takes as long for a user who is not there."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sync.hub.words import Told, Words

LENGTH_MIN = 10
LENGTH_MAX = 200
_DIFFERENT_MIN = 5
_AT_ONCE_MAX = 2  # each takes 64 MiB and a core
_WAITING_MAX = 6

_hasher = PasswordHasher()
_at_once = threading.BoundedSemaphore(_AT_ONCE_MAX)
_in_line = threading.BoundedSemaphore(_AT_ONCE_MAX + _WAITING_MAX)
_nobodys = _hasher.hash(secrets.token_urlsafe(16))

_COMMON = (
    "password", "passw0rd", "qwertyuiop", "asdfghjkl", "zxcvbnm", "iloveyou", "letmein", "welcome", "admin",
    "woaini", "mima", "1q2w3e4r", "qazwsx", "abc123", "alliance",
)  # fmt: skip
_ROWS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN = 4


class Busy(Exception):  # noqa: N818 - an answer: too many passwords are being checked
    """Nothing was looked at."""


def check_new(password: str, user_name: str) -> None:
    """What a new password must be.

    Raises:
        Told: it is too short, too long, or among the first that anybody would try.

    """
    if len(password) < LENGTH_MIN:
        raise Told(_TOO_SHORT, min=LENGTH_MIN)
    if len(password) > LENGTH_MAX:
        raise Told(_TOO_LONG, max=LENGTH_MAX)
    if _left_to_guess(password.casefold(), user_name.casefold()) < _DIFFERENT_MIN:
        raise Told(_TOO_COMMON)


def hashed(password: str) -> str:
    """The Argon2id hash of a password.

    Raises:
        Busy: many are being checked just now.

    """
    with _Turn():
        return _hasher.hash(_folded(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a kept hash; None (nobody's) takes as long and is never right.

    Raises:
        Busy: many are being checked just now.

    """
    with _Turn():
        try:
            _hasher.verify(kept or _nobodys, _folded(password[: LENGTH_MAX + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


class _Turn:
    """A place among the few that hash at once; a short line waits, everybody else is told to come again."""

    def __enter__(self) -> None:
        if not _in_line.acquire(blocking=False):
            raise Busy
        _at_once.acquire()

    def __exit__(self, *_: object) -> None:
        _at_once.release()
        _in_line.release()


def _folded(password: str) -> bytes:
    """The same bytes, whichever keyboard a password was typed on."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _left_to_guess(password: str, user_name: str) -> int:
    """How many different characters are left without common words, rows of keys and the user's own name."""
    for word in (user_name, *_COMMON):
        password = password.replace(word, "")
    for row in _ROWS:
        for start in range(len(row) - _RUN + 1):
            password = password.replace(row[start : start + _RUN], "")
    return len(set(password))


_TOO_SHORT = Words(
    "密码太短：至少 {min} 个字符。几个不相干的词连起来最好记。",
    "The password is too short: at least {min} characters. A few unrelated words are easy to remember.",
)
_TOO_LONG = Words("密码太长：最多 {max} 个字符。", "The password is too long: at most {max} characters.")
_TOO_COMMON = Words(
    "这个密码太容易猜（常见的词、连续或重复的键、用户名都不算）。请换几个不相干的词。",
    "This password is easy to guess: common words, rows of keys, repetitions and your own name do not count. "
    "Use a few unrelated words.",
)
