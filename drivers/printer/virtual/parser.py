"""An incremental parser of ESC/POS: bytes in any portions to commands. Pure.

Source: Epson's ESC/POS command reference. Only what a receipt shows becomes an event of its own; other
commands are recognised by their length, so that their parameters do not print as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.printer.virtual.events import (
    Characters,
    Cut,
    DrawerPulse,
    Event,
    FeedDots,
    FeedLines,
    Ignored,
    Justify,
    LineFeed,
    Raster,
    Reset,
    Scale,
    StatusQuery,
    Unknown,
    Weight,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.printer.virtual.events import Side

_DLE, _ESC, _FS, _GS = 0x10, 0x1B, 0x1C, 0x1D

_MAX_RASTER_BYTES = 2_000_000  # 80 mm paper, 3 m long; garbage that announces more is no image
_MAX_TAB_STOPS = 32
_MAX_BARCODE_BYTES = 255


@dataclass(frozen=True, slots=True)
class Command:
    """An event and the bytes it was; the `raw` of all commands in order are the input."""

    event: Event
    raw: bytes


class Parser:
    """Takes portions of a byte stream; never raises, whatever the bytes."""

    def __init__(self) -> None:
        self._pending = bytearray()
        # A real printer sold in China starts in Chinese mode. Starting outside it shows a driver that
        # forgot `FS &`, as the imported ones do.
        self._chinese = False

    @property
    def pending(self) -> bytes:
        """What was fed but is not a whole command yet."""
        return bytes(self._pending)

    def feed(self, data: bytes) -> Iterator[Command]:
        self._pending += data
        while self._pending:
            taken = self._text() if _is_text(self._pending[0]) else _command(self._pending)
            if taken is None:
                return
            length, event = taken
            raw = bytes(self._pending[:length])
            del self._pending[:length]
            self._switch_mode(raw, event)
            yield Command(event, raw)

    def _switch_mode(self, raw: bytes, event: Event) -> None:
        if raw in (b"\x1c&", b"\x1c."):
            self._chinese = raw == b"\x1c&"
        elif isinstance(event, Reset):
            self._chinese = False

    def _text(self) -> _Taken | None:
        """The run of text at the start, without a hanzi whose second byte has not come."""
        end = next((i for i, byte in enumerate(self._pending) if not _is_text(byte)), len(self._pending))
        run = bytes(self._pending[:end])
        if not self._chinese:
            return end, Characters(run.decode("cp437"), chinese=False)
        codes = _gbk_codes(run)
        if not codes and end == len(self._pending):
            return None
        codes = codes or [run]  # a lone lead byte before a command stays lone
        return sum(map(len, codes)), Characters("".join(map(_decode_gbk, codes)), chinese=True)


_Taken = tuple[int, Event]


def _is_text(byte: int) -> bool:
    return byte >= 0x20


def _gbk_codes(run: bytes) -> list[bytes]:
    """Splits text into codes of one or two bytes, without an unfinished pair at its end."""
    codes, position = [], 0
    while position < len(run):
        step = 2 if 0x81 <= run[position] <= 0xFE else 1
        codes.append(run[position : position + step])
        position += step
    return codes[:-1] if position > len(run) else codes


def _decode_gbk(code: bytes) -> str:
    """One character, or what stands for an undefined one of the same width."""
    try:
        return code.decode("gbk")
    except UnicodeDecodeError:
        return "〓" if len(code) == 2 else "\ufffd"


def _scale(n: int) -> Scale:
    return Scale(width=(n >> 4 & 7) + 1, height=(n & 7) + 1, latin=True, hanzi=True)


def _hanzi_scale(n: int) -> Scale:
    return Scale(width=1 + (n >> 2 & 1), height=1 + (n >> 3 & 1), latin=False, hanzi=True)


def _hanzi_quadruple(n: int) -> Scale:
    return Scale(width=1 + (n & 1), height=1 + (n & 1), latin=False, hanzi=True)


def _justify(n: int) -> Event:
    sides: tuple[Side, ...] = ("left", "center", "right")
    return Justify(sides[n & 0x0F]) if n & 0x0F < len(sides) else Unknown()


def _ignored(*_: int) -> Event:
    return Ignored()


# Command → number of parameter bytes, and the event they make.
_FIXED: dict[bytes, tuple[int, Callable[..., Event]]] = {
    b"\n": (0, LineFeed),
    b"\r": (0, _ignored),
    b"\t": (0, lambda: Characters("\t", chinese=False)),
    b"\x0c": (0, LineFeed),
    b"\x18": (0, _ignored),
    b"\x10\x04": (1, StatusQuery),
    b"\x10\x05": (1, _ignored),
    b"\x10\x14": (3, _ignored),
    b"\x1b@": (0, Reset),
    b"\x1bE": (1, lambda n: Weight(bold=bool(n & 1))),
    b"\x1bG": (1, lambda n: Weight(bold=bool(n & 1))),
    b"\x1ba": (1, _justify),
    b"\x1bd": (1, FeedLines),
    b"\x1bJ": (1, FeedDots),
    b"\x1bp": (3, lambda m, on, off: DrawerPulse(m & 1, on, off)),
    b"\x1bi": (0, Cut),
    b"\x1bm": (0, Cut),
    b"\x1b2": (0, _ignored),
    **{b"\x1b" + bytes([c]): (1, _ignored) for c in b"!-3MRSTt{V= %&rUu"},
    **{b"\x1b" + bytes([c]): (2, _ignored) for c in b"$\\cB"},
    b"\x1c&": (0, _ignored),
    b"\x1c.": (0, _ignored),
    b"\x1c!": (1, _hanzi_scale),
    b"\x1cW": (1, _hanzi_quadruple),
    b"\x1c-": (1, _ignored),
    b"\x1cC": (1, _ignored),
    b"\x1cS": (2, _ignored),
    b"\x1cp": (2, _ignored),
    b"\x1d!": (1, _scale),
    **{b"\x1d" + bytes([c]): (1, _ignored) for c in b"BbHfhwraIT/"},
    **{b"\x1d" + bytes([c]): (2, _ignored) for c in b"LWP$\\"},
}


def _gs_cut(pending: bytearray) -> _Taken | None:
    """`GS V m`, and one byte more for the forms that feed first."""
    if len(pending) < 3:
        return None
    length = 4 if pending[2] in (65, 66, 97, 98, 103, 104) else 3
    return (length, Cut()) if len(pending) >= length else None


def _gs_raster(pending: bytearray) -> _Taken | None:
    """`GS v 0 m xL xH yL yH data`."""
    if len(pending) < 8:
        return None
    width_bytes, height = pending[4] + 256 * pending[5], pending[6] + 256 * pending[7]
    length = 8 + width_bytes * height
    if pending[2] != ord("0") or not 8 < length <= _MAX_RASTER_BYTES:
        return 8, Unknown()
    if len(pending) < length:
        return None
    mode = pending[3]
    return length, Raster(width_bytes, height, bytes(pending[8:length]), 1 + (mode & 1), 1 + (mode >> 1 & 1))


def _gs_counted(pending: bytearray) -> _Taken | None:
    """`GS ( fn pL pH data`: symbols, printer settings and other things not drawn."""
    return _sized(pending, 5, lambda head: head[3] + 256 * head[4])


def _gs_barcode(pending: bytearray) -> _Taken | None:
    """`GS k m data NUL` for m below 7, `GS k m n data` from 65 on."""
    if len(pending) < 4:
        return None
    if pending[2] <= 6:
        return _terminated(pending, 3, _MAX_BARCODE_BYTES)
    return _sized(pending, 4, lambda head: head[3])


def _esc_column_image(pending: bytearray) -> _Taken | None:
    """`ESC * m nL nH data`: one or three bytes a column."""
    return _sized(pending, 5, lambda head: (head[3] + 256 * head[4]) * (3 if head[2] >= 32 else 1))


def _esc_tab_stops(pending: bytearray) -> _Taken | None:
    """`ESC D positions NUL`."""
    return _terminated(pending, 2, _MAX_TAB_STOPS)


def _sized(pending: bytearray, head: int, data_bytes: Callable[[bytearray], int]) -> _Taken | None:
    """A command whose head says how much data follows."""
    if len(pending) < head:
        return None
    length = head + data_bytes(pending)
    return (length, Ignored()) if len(pending) >= length else None


def _terminated(pending: bytearray, head: int, max_bytes: int) -> _Taken | None:
    """A command whose data ends with NUL, or is garbage if none comes."""
    end = pending.find(0, head, head + max_bytes + 1)
    if end >= 0:
        return end + 1, Ignored()
    return (head, Unknown()) if len(pending) > head + max_bytes else None


_VARIABLE: dict[bytes, Callable[[bytearray], _Taken | None]] = {
    b"\x1dV": _gs_cut,
    b"\x1dv": _gs_raster,
    b"\x1d(": _gs_counted,
    b"\x1dk": _gs_barcode,
    b"\x1b*": _esc_column_image,
    b"\x1bD": _esc_tab_stops,
}


def _command(pending: bytearray) -> _Taken | None:
    """The command at the start; None while it is not complete."""
    name_length = 2 if pending[0] in (_DLE, _ESC, _FS, _GS) else 1
    name = bytes(pending[:name_length])
    if len(name) < name_length:
        return None
    if name in _VARIABLE:
        return _VARIABLE[name](pending)
    if name not in _FIXED:
        return name_length, Unknown()
    parameters, event = _FIXED[name]
    length = name_length + parameters
    return (length, event(*pending[name_length:length])) if len(pending) >= length else None
