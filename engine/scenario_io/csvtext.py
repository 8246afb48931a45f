"""CSV taken apart: columns of repeated texts, with the line of every row.

A table of a million rows has few distinct texts in a column. Each is kept once, and the rows as numbers of texts: that
takes a tenth of the memory, and whatever reads a column reads each text once.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.scenario_io.faults import UnreadableFileError, maybe

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from engine.scenario_io.faults import FaultLog

__all__ = ["Column", "Table", "read_table", "table_text"]

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_CHUNK = 500
"""Rows taken in at once: few enough to stay in the processor's cache."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_NOTHING = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Column:
    """Cells of a column: each distinct text once, and its number for every row."""

    texts: list[str]
    codes: NDArray[np.int32]

    def __getitem__(self, row: int) -> str:
        return self.texts[int(self.codes[row])]

    def cells(self) -> Iterator[str]:
        """The texts, row by row."""
        return map(self.texts.__getitem__, self.codes.tolist())


@dataclass(frozen=True)
class Table:
    """A CSV file.

    Parameters
    ----------
    lines
        The line on which each row begins.
    absent
        Required columns that the file does not have; that is one fault, not one in every row.
    broken
        What stands in the column `id`, or `appointment`, of rows that have too few or too many cells.
    """

    file: str
    columns: Mapping[str, Column]
    lines: NDArray[np.int64]
    absent: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self) -> Iterator[dict[str, str]]:
        """Rows as mappings without their empty cells."""
        names = list(self.columns)
        for cells in zip(*(column.cells() for column in self.columns.values()), strict=True):
            yield {name: cell for name, cell in zip(names, cells, strict=True) if cell}


@dataclass
class _Gathered:
    """Columns while they are read."""

    header: list[str]
    texts: list[defaultdict[str, int]] = field(default_factory=list)
    codes: list[list[NDArray[np.int32]]] = field(default_factory=list)
    lines: list[NDArray[np.int64]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    faults: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts = [defaultdict() for _ in self.header]
        for texts in self.texts:
            texts.default_factory = texts.__len__  # a text that is new gets the next number
        self.codes = [[_NOTHING] for _ in self.header]
        self.lines = [np.zeros(0, np.int64)]

    def take(self, rows: list[list[str]], lines: NDArray[np.int64], *, is_end: bool) -> None:
        """Some rows; those of another length than the header are noted and left out."""
        width = len(self.header)
        if set(map(len, rows)) != {width}:
            for i, row in enumerate(rows):
                if row and len(row) != width:
                    self.leave_out(row, int(lines[i]), is_last=is_end and not any(rows[i + 1 :]))
            right = [i for i, row in enumerate(rows) if len(row) == width]
            rows, lines = [rows[i] for i in right], lines[right]
        for cells, texts, codes in zip(zip(*rows, strict=True), self.texts, self.codes, strict=bool(rows)):
            codes.append(np.fromiter(map(texts.__getitem__, cells), np.int32, len(cells)))
        self.lines.append(lines)

    def leave_out(self, row: list[str], line: int, *, is_last: bool) -> None:
        hint = " Maybe the file is cut off." if is_last and len(row) < len(self.header) else ""
        self.faults.append((line, f"found {len(row)} cells, expected {len(self.header)} as in the header.{hint}"))
        key = next((i for i, name in enumerate(self.header) if name in ("id", "appointment")), len(row))
        self.broken.update(row[key : key + 1])


def read_table(data: bytes, file: str, known: Collection[str], required: Collection[str], log: FaultLog) -> Table:
    """Take a CSV file apart.

    Rows with too few or too many cells, and unknown columns, are noted as faults and left out.

    Parameters
    ----------
    data
        UTF-8, with or without a byte order mark.

    Raises
    ------
    UnreadableFileError
        When it is not a table with these columns at all.
    """
    try:
        reader = _reader(data)
        header: list[str] = next(filter(None, reader), [])
        line = header_line = reader.line_num
        _check_header(header, line, known)
        gathered = _Gathered(header)
        while rows := list(islice(reader, _CHUNK)):
            gathered.take(rows, _lines(rows, line, reader.line_num), is_end=len(rows) < _CHUNK)
            line = reader.line_num
    except csv.Error as error:
        raise _broken(error, data) from None
    for line, message in gathered.faults:
        log.add(file, line, message)
    columns = {
        name: Column(list(texts), np.concatenate(codes))
        for name, texts, codes in zip(header, gathered.texts, gathered.codes, strict=True)
    }
    for name in header:
        if name not in known:
            log.add(file, header_line, f"unknown column '{name}'.{maybe(name, known)}")
            del columns[name]
    absent = frozenset(required).difference(columns)
    for name in sorted(absent):
        log.add(file, header_line, f"column '{name}' is missing")
    return Table(file, columns, np.concatenate(gathered.lines), absent, frozenset(gathered.broken))


def _reader(data: bytes) -> Any:
    return csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)


def _lines(rows: list[list[str]], before: int, last: int) -> NDArray[np.int64]:
    """The line on which each row begins; `before` and `last` are the last lines before and of them."""
    if last - before == len(rows):
        return np.arange(before + 1, last + 1)
    heights = [1 + sum(len(_LINE_END.findall(cell)) for cell in row) for row in rows]
    return before + 1 + np.cumsum([0, *heights[:-1]])


def _check_header(header: list[str], line: int, known: Collection[str]) -> None:
    if len(header) == 1 and header[0] not in known:
        for delimiter, name in _OTHER_DELIMITERS.items():
            if delimiter in header[0]:
                message = f"columns are separated by {name}, expected commas. Maybe save the table again with commas."
                raise UnreadableFileError(line, message)
    if not set(header) & set(known):
        names = ", ".join(list(known)[:4])
        raise UnreadableFileError(line, f"found no column that is known, expected a header such as {names}, ...")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UnreadableFileError(line, f"the column '{twice[0]}' is there twice")


def _broken(error: csv.Error, data: bytes) -> UnreadableFileError:
    """The one fault of a file, on the line where the row begins that cannot be read."""
    reader, line = _reader(data), 0
    try:
        for _ in reader:
            line = reader.line_num
    except csv.Error:
        line += 1
    if "end of data" in str(error) or "field limit" in str(error):
        message = "a quotation mark that opens in this row is never closed. Maybe the file is cut off."
        return UnreadableFileError(line, message)
    if "expected after" in str(error):
        message = "found text behind a closing quotation mark, expected a comma. Maybe a quotation mark is not doubled."
        return UnreadableFileError(line, message)
    return UnreadableFileError(line, f"cannot be read as CSV ({error})")


def table_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a CSV file, one string a row."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")  # it quotes what it would end a line with, so \r too
    for row in chain((header,), rows):
        writer.writerow(row)
        yield buffer.getvalue().removesuffix("\r\n") + "\n"
        buffer.seek(0)
        buffer.truncate()
