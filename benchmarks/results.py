"""The table of figures that benchmarks write: a section for each, in `RESULTS.md` beside this file.

A run of some benchmarks replaces their sections and leaves the others as they are.
"""

from __future__ import annotations

import math
import os
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

__all__ = ["RESULTS", "Figure", "Section", "percentile", "short", "write"]

RESULTS = Path(__file__).with_name("RESULTS.md")

_HEAD = """# Results

Written by `make bench`; every contender of a section was timed in the same run on the same data. Absolute times depend
on the machine and on what else it does, so the ratios are what counts. *bar* is what we want to hold, *seen* what this
run gave.
"""


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, what was seen, and what it should be.

    Parameters
    ----------
    holds
        None where there is no bar.
    """

    what: str
    seen: str
    bar: str = ""
    holds: bool | None = None

    def __str__(self) -> str:
        verdict = "" if self.holds is None else "yes" if self.holds else "**no**"
        return f"| {self.what} | {self.seen} | {self.bar} | {verdict} |"


@dataclass
class Section:
    """A benchmark's part of the results."""

    title: str
    about: str
    figures: list[Figure] = field(default_factory=list)
    after: str = ""

    def add(
        self, what: str, seen: float, unit: str, *, at_most: float | None = None, at_least: float | None = None
    ) -> None:
        """Add a figure with the bar that it is held against, if there is one."""
        bar, holds = "", None
        if at_most is not None:
            bar, holds = f"≤ {at_most:g} {unit}", seen <= at_most
        if at_least is not None:
            bar, holds = f"≥ {at_least:g} {unit}", seen >= at_least
        self.figures.append(Figure(what, f"{short(seen)} {unit}".strip(), bar.strip(), holds))

    def __str__(self) -> str:
        head = ["| what | seen | bar | holds |", "|---|---|---|---|"]
        table = "\n".join([*head, *map(str, self.figures)]) if self.figures else ""
        parts = [f"## {self.title}", self.about, table, self.after, f"*{machine()}*"]
        return "\n\n".join(part for part in parts if part)


def percentile(values: list[float], share: float) -> float:
    """The value that a share of all values do not exceed, `0 < share <= 1`."""
    ranked = sorted(values)
    return ranked[math.ceil(len(ranked) * share) - 1]


def machine() -> str:
    """What the figures were taken on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "ortools"))
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {libraries}"


def write(sections: list[Section], path: Path = RESULTS) -> None:
    """Put sections into the file, each in place of the one with its title."""
    known: dict[str, str] = {}
    if path.exists():
        for part in re.split(r"(?m)^(?=## )", path.read_text(encoding="utf-8"))[1:]:
            known[part.splitlines()[0][3:]] = part.strip()
    known.update({section.title: str(section) for section in sections})
    path.write_text("\n\n".join([_HEAD.strip(), *known.values()]) + "\n", encoding="utf-8")


def short(value: float) -> str:
    """A number to three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
