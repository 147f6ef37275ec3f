"""Tells a keyboard-wedge scanner from a person, by the times between keys. Pure: no clock, no Qt.

A scanner types its code as key presses 1 to 16 ms apart and ends with Enter; people leave more than
55 ms between keys. Every character given to `WedgeDetector.feed` comes back exactly once: inside a `Scan`
or an `Overlong`, or in a `Typed` that the caller replays to the entry line. Only the key that ends a scan
is swallowed, with any Enter, line feed or Tab that the scanner sends right behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

END_KEYS = frozenset("\r\n\t")
STX, ETX = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class WedgeConfig:
    """How a scanner was set up.

    Without a `prefix` the burst itself is the sign: at least `min_chars` characters, each at most
    `gap_ms` after the one before, then one of `end_keys` just as soon. A Bluetooth scanner leaves 30 to
    60 ms; give it `gap_ms=80` or, since fast typists come near that, a prefix.

    With a `prefix` (usually STX, with ETX as the only end key) speed no longer decides. What comes
    between the two is a scan of any length, as long as no gap within exceeds `frame_gap_ms`, and
    everything else is typed and passes without delay.
    """

    gap_ms: int = 35
    min_chars: int = 6
    max_chars: int = 4096
    end_keys: frozenset[str] = END_KEYS
    prefix: str = ""
    frame_gap_ms: int = 500

    @classmethod
    def framed(cls, prefix: str = STX, suffix: str = ETX) -> WedgeConfig:
        """The sturdier set-up, for scanners that can be programmed to send a prefix and a suffix."""
        return cls(prefix=prefix, end_keys=frozenset(suffix))


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned code, without prefix and end key.

    `leaked` counts the characters at its start (prefix included) that were handed out as `Typed` before,
    because `tick` was called while the rest still waited in the event queue. The caller takes them off
    the entry line again.
    """

    code: str
    leaked: int = 0


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys that a person pressed, end keys included; to be replayed in this order."""

    chars: str


@dataclass(frozen=True, slots=True)
class Overlong:
    """A scan of more than `max_chars` characters, `length` in all; its text was not kept.

    `leaked` as in `Scan`.
    """

    length: int
    leaked: int = 0


Result = Scan | Typed | Overlong


@dataclass(slots=True)
class _Burst:
    """Characters that may become a scan."""

    text: list[str] = field(default_factory=list)  # capped
    length: int = 0  # not capped
    released: int = 0  # how many of `text` were handed out as typed


class WedgeDetector:
    """Feed it every character key with the time of the key event; call `tick` when none comes.

    Characters are held back for up to one gap, in which the next one shows whether they are a burst.
    `deadline_ms` says when to call `tick` at the latest. Results are tuples, mostly empty.

    Times are the event's own, in ms, from any fixed origin. They decide even if events arrive late
    because the program was busy. A time before the previous one counts as a gap of 0: that happens when
    events are reordered by a millisecond or two, and once in 49.7 days when X11's 32-bit clock wraps.
    """

    def __init__(self, config: WedgeConfig | None = None) -> None:
        self._config = config or WedgeConfig()
        self._burst: _Burst | None = None
        self._last_ms = 0
        self._scan_ended_ms: int | None = None

    @property
    def deadline_ms(self) -> int | None:
        """The first time at which `tick` would release characters; None when none are held."""
        if self._burst is None or not self._held(self._burst):
            return None
        return self._last_ms + self._gap_ms + 1

    def feed(self, char: str, timestamp_ms: int) -> tuple[Result, ...]:
        """Takes one character; the empty text of a bare Shift key is ignored.

        Enter is a carriage return or a line feed, Tab a tab.

        Raises:
            ValueError: `char` is more than one character, as from an input method.

        """
        if not char:
            return ()
        if len(char) > 1:
            raise ValueError(f"one character at a time, not {char!r}")
        ended = self._end_burst() if timestamp_ms - self._last_ms > self._gap_ms else ()
        self._last_ms = timestamp_ms
        return ended + self._take(char, timestamp_ms)

    def tick(self, now_ms: int) -> tuple[Result, ...]:
        """Releases what is held when no character came for longer than the gap.

        Calling it too early does no harm, not even with an event still queued: the scan then says how
        much of it has leaked. A time far before the last key's is taken for a clock that was set.
        """
        if self._burst is None or abs(now_ms - self._last_ms) <= self._gap_ms:
            return ()
        return self._release(self._burst)

    @property
    def _gap_ms(self) -> int:
        return self._config.frame_gap_ms if self._config.prefix else self._config.gap_ms

    def _take(self, char: str, timestamp_ms: int) -> tuple[Result, ...]:
        if self._follows_scan(char, timestamp_ms):
            return ()
        if self._burst is not None and char in self._config.end_keys:
            return self._end_key(self._burst, char, timestamp_ms)
        if char == self._config.prefix:
            return self._end_burst() + self._extend(_Burst(), char)
        if self._burst is not None:
            return self._extend(self._burst, char)
        if self._config.prefix or char in self._config.end_keys:
            return (Typed(char),)
        return self._extend(_Burst(), char)

    def _follows_scan(self, char: str, timestamp_ms: int) -> bool:
        """Whether this is the second half of a scanner's CR LF, or its Enter behind ETX."""
        ended_ms, self._scan_ended_ms = self._scan_ended_ms, None
        if ended_ms is None or char not in END_KEYS or timestamp_ms - ended_ms > self._config.gap_ms:
            return False
        self._scan_ended_ms = timestamp_ms
        return True

    def _extend(self, burst: _Burst, char: str) -> tuple[Result, ...]:
        self._burst = burst
        burst.length += 1
        if burst.length <= self._config.max_chars:
            burst.text.append(char)
        return ()

    def _end_key(self, burst: _Burst, char: str, timestamp_ms: int) -> tuple[Result, ...]:
        self._burst = None
        if burst.length > self._config.max_chars:
            self._scan_ended_ms = timestamp_ms
            return self._overlong(burst)
        if self._config.prefix or burst.length >= self._config.min_chars:
            self._scan_ended_ms = timestamp_ms
            return (Scan("".join(burst.text).removeprefix(self._config.prefix), burst.released),)
        return (Typed("".join(burst.text[burst.released :]) + char),)

    def _end_burst(self) -> tuple[Result, ...]:
        """A burst that no end key ended was typing after all, or is too long to be replayed."""
        burst, self._burst = self._burst, None
        if burst is None:
            return ()
        return self._overlong(burst) if burst.length > self._config.max_chars else self._release(burst)

    def _release(self, burst: _Burst) -> tuple[Result, ...]:
        """Hands out what is held and remembers that it did, should the burst go on."""
        if not self._held(burst):
            return ()
        typed = Typed("".join(burst.text[burst.released :]))
        burst.released = len(burst.text)
        return (typed,)

    def _held(self, burst: _Burst) -> bool:
        return len(burst.text) > burst.released and burst.length <= self._config.max_chars

    def _overlong(self, burst: _Burst) -> tuple[Result, ...]:
        return (Overlong(burst.length, burst.released),)
