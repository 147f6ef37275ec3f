"""Tables as people fill them in (CSV): every mistake is found and named with its line.

A file with a mistake gives nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pos.domain.catalogue import PRICE_MAX_FEN
from pos.domain.language import Language
from pos.domain.money import parse_decimal
from sync.hub.words import Told, Words

TEXT_LENGTH_MAX = 100
DAYS_MAX = 3_650

Row = Mapping[str, str]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in which line of which file; line 0 is the file as a whole."""

    file: str
    line: int
    words: Words
    params: dict[str, object] = field(default_factory=dict)

    def say(self, language: Language) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.words.say(language, **self.params)}"


class Mistaken(Told):
    """Files that cannot be taken in; all their mistakes are listed and nothing was changed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(_HEADING, count=len(self.mistakes))

    def say(self, language: Language) -> str:
        return "\n".join([super().say(language), *(f"  {one.say(language)}" for one in self.mistakes)])


@dataclass(slots=True)
class Reading(Generic[Parsed]):
    """The rows of one file and the mistakes in it."""

    rows: list[Parsed]
    mistakes: list[Mistake]

    def checked(self) -> list[Parsed]:
        """The rows of a file without mistakes.

        Raises:
            Mistaken: with all of them.

        """
        if self.mistakes:
            raise Mistaken(self.mistakes)
        return self.rows


class WrongCell(Exception):  # noqa: N818 - one cell is wrong
    def __init__(self, words: Words, **params: object) -> None:
        super().__init__(words.en)
        self.words = words
        self.params = params


def read_table(
    text: bytes,
    file: str,
    columns: tuple[str, ...],
    key: str | None,
    parse: Callable[[Row], Parsed],
    *,
    more: tuple[str, ...] = (),
) -> Reading[Parsed]:
    """Applies `parse` to each line; `key` is the column that may not repeat, `more` a file may leave off."""
    reader = _Lines(file, columns, key, parse)
    mistakes = reader.reading.mistakes
    try:
        lines = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(file, 0, _ENCODING, {"at": error.start}))
        return reader.reading
    try:
        header = tuple(next(lines, ()))
        if header in (columns, columns + more):
            reader.columns = header
            for cells in lines:
                reader.take(lines.line_num, cells)
        else:
            wanted: dict[str, object] = {"columns": ",".join(columns), "found": ",".join(header)[:200]}
            mistakes.append(Mistake(file, 1, _HEADER, wanted))
    except csv.Error as error:
        mistakes.append(Mistake(file, lines.line_num, _CSV, {"detail": error}))
    return reader.reading


class _Lines(Generic[Parsed]):
    """One file being read: what it gave so far, and which keys stood where."""

    def __init__(
        self, file: str, columns: tuple[str, ...], key: str | None, parse: Callable[[Row], Parsed]
    ) -> None:
        self.reading: Reading[Parsed] = Reading([], [])
        self.columns = columns
        self._file, self._key, self._parse = file, key, parse
        self._seen: dict[str, int] = {}

    def take(self, line: int, cells: list[str]) -> None:
        try:
            self.reading.rows.append(self._parse(self._row(line, cells)))
        except WrongCell as no:
            self.reading.mistakes.append(Mistake(self._file, line, no.words, no.params))

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != len(self.columns):
            raise WrongCell(_CELLS, found=len(cells), expected=len(self.columns))
        row = {name: cell.strip() for name, cell in zip(self.columns, cells, strict=True)}
        if self._key is None:
            return row
        first = self._seen.setdefault(row[self._key], line)
        if first != line:
            raise WrongCell(_TWICE, key=row[self._key][:40], line=first)
        return row


def text_in(row: Row, column: str) -> str:
    cell = row[column]
    if not cell or len(cell) > TEXT_LENGTH_MAX or not cell.isprintable():
        raise WrongCell(BAD_CELL, column=column, cell=cell[:40])
    return cell


def fen_in(row: Row, column: str) -> int:
    fen = parse_decimal(row[column], 2)
    if fen is None or fen > PRICE_MAX_FEN:
        raise WrongCell(BAD_CELL, column=column, cell=row[column][:40])
    return fen


def whole_in(row: Row, column: str) -> int:
    cell = row[column]
    if not re.fullmatch(r"-?[0-9]{1,4}", cell) or abs(int(cell)) > DAYS_MAX:
        raise WrongCell(BAD_CELL, column=column, cell=cell[:40])
    return int(cell)


_HEADING = Words(
    "有 {count} 处错误，没有导入任何内容，请改好后重新导入：",
    "{count} mistake(s) found; nothing was imported. Correct them and import again:",
)
_HEADER = Words("表头应为 {columns}，现在是 {found}", "the columns should be {columns}, found {found}")
_ENCODING = Words(
    "不是 UTF-8 文本（第 {at} 字节）；请另存为 UTF-8 CSV",
    "not UTF-8 text (byte {at}); save it as CSV UTF-8",
)
_CSV = Words("不是有效的 CSV：{detail}", "not valid CSV: {detail}")
_CELLS = Words("应有 {expected} 格，现在是 {found} 格", "{expected} cells expected, found {found}")
_TWICE = Words("{key} 与第 {line} 行重复", "{key} stands in line {line} already")
BAD_CELL = Words("{column} 的内容「{cell}」不对", "{column} cannot be “{cell}”")
