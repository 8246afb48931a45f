"""Rows and columns for people, which become a list where the terminal is too narrow for them."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from api.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = ["Columns"]

_NARROW = 80
"""Below so many letters a line, rows that would have to be wrapped are listed instead."""
_GAP = 3
"""Letters between columns."""


class Columns:
    """A table that never breaks a word where a list of its rows could keep it whole.

    Parameters
    ----------
    names
        Of the columns. What stands in a column without a name stands without one in a list, too.
    right
        Columns of numbers.
    """

    def __init__(self, names: Sequence[str], right: Sequence[str] = ()) -> None:
        self._names = [plain(name) for name in names]
        self._right = set(right)
        self._rows: list[list[str]] = []

    def add(self, *cells: object) -> None:
        """Add a row."""
        self._rows.append([plain(cell) for cell in cells])

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        yield self._table(widths) if widths else Text("\n\n".join(self._listed(options.max_width)))

    def _widths(self, most: int) -> list[int]:
        """Of the columns, so that no word is broken; none where a list is easier to read."""
        columns = list(zip(self._names, *self._rows, strict=True))
        widths = [max(cell_len(line) for cell in cells for line in cell.splitlines() or [""]) for cells in columns]
        least = [max(cell_len(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
        room = most - _GAP * (len(columns) - 1)
        if sum(least) > room or (sum(widths) > room and most < _NARROW):
            return []
        while sum(widths) > room:  # the widest that may becomes narrower
            _, c = max((width, c) for c, width in enumerate(widths) if width > least[c])
            widths[c] -= 1
        return widths

    def _table(self, widths: Sequence[int]) -> Table:
        made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name, width in zip(self._names, widths, strict=True):
            made.add_column(name, justify="right" if name in self._right else "left", width=width)
        for cells in self._rows:
            made.add_row(*cells)
        return made

    def _listed(self, width: int) -> Iterator[str]:
        """Each row as lines that begin with the names of their columns; what is empty is left out."""
        for cells in self._rows:
            yield "\n".join(
                wrapped
                for name, cell in zip(self._names, cells, strict=True)
                for n, line in enumerate(cell.splitlines())
                for wrapped in wrap(
                    f"{name}: {line}" if name and not n else line,
                    width,
                    initial_indent="  " if n else "",
                    subsequent_indent="  ",
                    break_on_hyphens=False,
                )
            )
