"""Plots of figures, as SVG beside the results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FOLDER", "growth_plot"]

FOLDER = Path(__file__).parent
_STYLE: Any = {
    "svg.hashsalt": "slotwright",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MARKS = "os^Dv"


def growth_plot(path: Path, what: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    """Write how times grow, both axes by doubling.

    Parameters
    ----------
    what
        Name of the horizontal axis.
    lines
        (size, milliseconds) of each contender.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.2, 3.2), layout="constrained")
        axes = figure.subplots()
        for mark, (name, points) in zip(_MARKS, lines.items(), strict=False):
            sizes, times = zip(*sorted(points), strict=True)
            axes.plot(sizes, times, marker=mark, markersize=4, linewidth=1.2, label=name)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log", base=2)
        axes.set_xticks(sorted({size for points in lines.values() for size, _ in points}))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_major_formatter("{x:.3g}")
        axes.minorticks_off()
        axes.set_xlabel(what)
        axes.set_ylabel("median, ms")
        axes.grid(visible=True, linewidth=0.3)
        axes.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})
