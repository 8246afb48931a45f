"""The columns of a table as numbers: ids as positions, instants as minutes, choices as positions in their class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.rows import NEVER
from engine.model.timegrid import epoch_minute
from engine.scenario_io.faults import Place, maybe
from engine.scenario_io.localtime import read_instant
from engine.scenario_io.values import found, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum

    from numpy.typing import NDArray
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from engine.scenario_io.csvtext import Table
    from engine.scenario_io.faults import FaultLog

__all__ = ["LARGEST", "MISSING", "TableReader", "row_place"]

LARGEST = 32_767
"""Of the counts that a column of an `AppointmentTable` holds."""
MISSING = -1
"""Stands for a name that is not given, and for what could not be read."""


@dataclass
class TableReader:
    """Reads the columns of a table into arrays, each distinct text once.

    Parameters
    ----------
    zone
        Of local times without an offset.
    index
        Position of each name that occurs in any table; grows with every new one.
    """

    table: Table
    zone: str
    log: FaultLog
    index: dict[str, int]

    def place(self, row: int) -> Place:
        """Where a row stands."""
        return row_place(self.table, row)

    def fault(self, row: int, column: str, message: str) -> None:
        """Note a fault of a cell."""
        self.log.add_at(self.place(row), (column,), message)

    def cell(self, row: int, column: str) -> str:
        """The text of a cell."""
        return self.table.columns[column][row]

    def each(self, column: str, read: Callable[[str], int], default: int | None) -> NDArray[np.int64]:
        """One number a row, read from its text.

        Parameters
        ----------
        default
            Of an empty cell; None: an empty cell is a fault.

        Returns
        -------
        array of int64, one a row
            `MISSING` where the cell has a fault or the whole column, when it is required, is absent.
        """
        cells = self.table.columns.get(column)
        if cells is None:
            return np.full(len(self.table), MISSING if default is None else default, np.int64)
        values = np.full(len(cells.texts), MISSING, np.int64)
        for code, text in enumerate(cells.texts):
            try:
                values[code] = self.read_one(text, read, default)
            except ValueError as error:
                for row in np.flatnonzero(cells.codes == code).tolist():
                    self.fault(row, column, str(error))
        return values[cells.codes]

    def read_one(self, text: str, read: Callable[[str], int], default: int | None) -> int:
        """The number that one text stands for."""
        if text:
            return read(text)
        if default is None:
            raise ValueError("is empty, expected a value")
        return default

    def names(self, column: str, *, is_required: bool = False) -> NDArray[np.int64]:
        """Positions of names."""
        return self.each(column, self.intern, None if is_required else MISSING)

    def intern(self, name: str) -> int:
        """The position of a name, a new one where it has none."""
        return self.index.setdefault(name, len(self.index))

    def instants(self, column: str, *, is_required: bool = False) -> NDArray[np.int64]:
        """Minutes since 1970-01-01T00:00Z; `NEVER` for an empty cell."""

        def read(text: str) -> int:
            return epoch_minute(read_instant(text, self.zone))

        return self.each(column, read, None if is_required else NEVER)

    def choices(self, column: str, choices: type[StrEnum], default: StrEnum) -> NDArray[np.int64]:
        """Positions in an enum."""
        positions = {str(choice): i for i, choice in enumerate(choices)}

        def read(text: str) -> int:
            if text not in positions:
                raise ValueError(f"found {found(text)}, expected {one_of(tuple(positions))}.{maybe(text, positions)}")
            return positions[text]

        return self.each(column, read, list(choices).index(default))

    def counts(self, column: str, model: type[BaseModel]) -> NDArray[np.int64]:
        """Whole numbers within the limits of the model's field of this name."""
        field = model.model_fields[column]
        least, most = _limits(field)

        def read(text: str) -> int:
            if not (text.isascii() and text.removeprefix("-").isdecimal()):
                raise ValueError(f"found {found(text)}, expected a whole number")
            if len(text) > 9 or not least <= int(text) <= most:
                raise ValueError(f"found {found(text)}, expected {least} to {most:,}")
            return int(text)

        return self.each(column, read, field.default)

    def positions(self, column: str) -> NDArray[np.int64]:
        """Positions among equals, from 0."""

        def read(text: str) -> int:
            if not (text.isascii() and text.isdecimal() and len(text) < 5):
                raise ValueError(f"found {found(text)}, expected 0, 1, ...")
            return int(text)

        return self.each(column, read, 0)

    def truths(self, column: str) -> NDArray[np.bool_]:
        """Truth values."""

        def read(text: str) -> int:
            if text not in ("true", "false"):
                raise ValueError(f"found {found(text)}, expected true or false")
            return int(text == "true")

        return np.equal(self.each(column, read, 0), 1)

    def filled(self, column: str) -> Iterator[tuple[int, str]]:
        """Row and text of the cells that are not empty."""
        cells = self.table.columns.get(column)
        return iter(()) if cells is None else ((row, text) for row, text in enumerate(cells.cells()) if text)


def _limits(field: FieldInfo) -> tuple[int, int]:
    """Least and most of a whole number; at most what a column of an `AppointmentTable` holds."""
    least, most = 0, LARGEST
    for limit in field.metadata:
        least = max(least, getattr(limit, "ge", least))
        most = min(most, getattr(limit, "le", most), getattr(limit, "lt", most + 1) - 1)
    return least, most


def row_place(table: Table, row: int) -> Place:
    """The place of a row of a table."""
    line = int(table.lines[row])
    return Place(table.file, "", lambda _path: line)
