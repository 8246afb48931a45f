"""The report's plots, as SVG text that stands inside the page.

Drawn without pyplot, so that nothing is shared between figures and no display is looked for.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from api.report.figures import OTHER
from api.wording import day_text, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from api.report.figures import RoomUse
    from engine.jobs.measure_use import WeekUse
    from engine.model.order import Priority
    from engine.model.result import Progress

__all__ = ["convergence_plot", "is_telling", "load_plot", "room_board", "waiting_plot"]

# The colours of Okabe and Ito, which people who see colours differently can tell apart, and three darker ones.
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#6a3d9a", "#7f5539")
_GREY = "#b8bcc2"
_INK = "#22313f"
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": "#8a949e",
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "slotwright",
}
_MOST_ROWS = 60
_FIELDS_A_ROW = 3
_LEAST_S = 0.1
"""Seconds: what takes less happens at once, for a reader; no axis is shorter."""

# While it sees a machine's fonts for the first time, matplotlib says so; it is nothing that a clerk should read.
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def _svg(figure: Figure, label: str) -> str:
    """A figure as an `svg` element, without what stands before it in a file of its own."""
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing, bbox_inches="tight")
    text = buffer.getvalue()
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def room_board(uses: Sequence[RoomUse]) -> str:
    """A week by room: a column for each day, a line for each room, a bar for each visit."""
    with mpl.rc_context(_STYLE):
        days = sorted({u.day for u in uses})
        rooms = sorted({u.room for u in uses})[:_MOST_ROWS]
        line_of = {room: line for line, room in enumerate(rooms)}
        services = sorted({u.service for u in uses} - {OTHER})
        colours = {s: _COLOURS[i % len(_COLOURS)] for i, s in enumerate(services)} | {OTHER: _GREY}
        from_h = min((u.start_h for u in uses), default=8)
        to_h = max((u.end_h for u in uses), default=18)
        height = 1.4 + 0.24 * len(rooms)
        figure = Figure(figsize=(13, height))
        figure.subplots_adjust(top=1 - 0.4 / height, bottom=0.7 / height)
        axes = figure.subplots(1, max(1, len(days)), sharey=True, squeeze=False)[0]
        for day, ax in zip(days, axes, strict=False):
            for service, colour in colours.items():
                bars = [u for u in uses if u.day == day and u.service == service and u.room in line_of]
                ax.barh(
                    [line_of[u.room] for u in bars],
                    [u.end_h - u.start_h for u in bars],
                    left=[u.start_h for u in bars],
                    height=0.8,
                    color=colour,
                    edgecolor="white",
                    linewidth=0.3,
                )
            ax.set_title(day_text(day), fontsize=9)
            ax.set_xlim(from_h, to_h)
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{hour:.0f}:00"))
            ax.tick_params(axis="x", labelsize=7)
            ax.grid(axis="x", color="#e3e7eb", linewidth=0.6)
            ax.set_axisbelow(True)
        axes[0].set_yticks(range(len(rooms)), rooms)
        axes[0].set_ylim(len(rooms) - 0.4, -0.6)
        shown = [s for s in (*services, OTHER) if any(u.service == s for u in uses)]
        marks = [Patch(color=colours[s]) for s in shown]
        figure.legend(
            marks, shown, loc="upper center", bbox_to_anchor=(0.5, 0.35 / height), ncols=5, frameon=False, fontsize=8
        )
        return _svg(figure, "The week by room")


def load_plot(loads: Sequence[tuple[str, WeekUse]]) -> str:
    """Each practitioner's week: hours in visits beside the hours of sessions, and the share of these that is booked."""
    with mpl.rc_context(_STYLE):
        rows = [use for _, use in loads[:_MOST_ROWS]]
        ax, figure = _axes(8.5, 1.0 + 0.24 * len(rows))
        lines = range(len(rows))
        booked_h = [(use.booked_min + use.outside_min) / 60 for use in rows]
        ax.barh(lines, [r.open_min / 60 for r in rows], height=0.8, color="#dfe6ee", label="in sessions, or open")
        ax.barh(lines, booked_h, height=0.45, color=_COLOURS[0], label="booked")
        ends = [max(use.open_min / 60, booked) for use, booked in zip(rows, booked_h, strict=True)]
        for line, (use, end) in enumerate(zip(rows, ends, strict=True)):
            if use.percent is not None:
                ax.text(end + 0.01 * max(ends), line, f"{use.percent} %", va="center", fontsize=7)
        ax.set_yticks(lines, [name for name, _ in loads[:_MOST_ROWS]])
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlabel("hours in the week")
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
        return _svg(figure, "Load by practitioner")


def waiting_plot(days: Mapping[Priority, Sequence[int]]) -> str:
    """How long patients wait, by the priority of their order: half inside the box, nine of ten inside the line."""
    with mpl.rc_context(_STYLE):
        ax, figure = _axes(8.5, 1.0 + 0.5 * len(days))
        names = [f"{priority.value} ({number(len(found))})" for priority, found in days.items()]
        for line, found in enumerate(days.values()):
            least, low, middle, high, most = np.percentile(found, (5, 25, 50, 75, 95))
            ax.plot([least, most], [line, line], color=_COLOURS[0], linewidth=1)
            ax.barh(line, high - low, left=low, height=0.5, color="#cfe3f1", edgecolor=_COLOURS[0])
            ax.plot([middle, middle], [line - 0.25, line + 0.25], color=_COLOURS[5], linewidth=2.5)
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_axisbelow(True)
        ax.set_xlim(min(0, ax.get_xlim()[0]), max(1, ax.get_xlim()[1]))
        ax.set_xlabel("days from the day the patient may come to the visit")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(axis="x", color="#e3e7eb", linewidth=0.6)
        return _svg(figure, "Waiting days by priority")


def is_telling(trace: Sequence[Progress]) -> bool:
    """Whether anything changed over time that a plot could show: not what was found and proven at once."""
    first = {p.stage: p for p in reversed(trace)}
    return any(
        (p.objective, p.bound) != (first[p.stage].objective, first[p.stage].bound)
        and p.elapsed_s - first[p.stage].elapsed_s >= _LEAST_S
        for p in trace
    )


def convergence_plot(trace: Sequence[Progress]) -> str:
    """Cost and proven bound over time, one field for each stage; stages that were over at once are left out."""
    with mpl.rc_context(_STYLE):
        steps_of: dict[str, list[Progress]] = {}
        for progress in trace:
            steps_of.setdefault(progress.stage, []).append(progress)
        shown = {stage: steps for stage, steps in steps_of.items() if len(steps) > 1} or steps_of
        n_rows = -(-len(shown) // _FIELDS_A_ROW)
        n_columns = min(len(shown), _FIELDS_A_ROW)
        figure = Figure(figsize=(4.2 * n_columns, 2.8 * n_rows), layout="constrained")
        fields = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for (stage, steps), ax in zip(shown.items(), fields, strict=False):
            _draw_stage(ax, steps)
            ax.set_title(stage or "all", fontsize=9)
            ax.set_xlabel("seconds")
            ax.set_ylabel("cost")
            ax.yaxis.set_major_formatter(FuncFormatter(lambda cost, _: number(cost)))
            ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            ax.xaxis.set_major_locator(MaxNLocator(5))
        for ax in fields[len(shown) :]:
            ax.set_axis_off()
        return _svg(figure, "Cost and bound over time")


def _draw_stage(ax: Axes, steps: Sequence[Progress]) -> None:
    end = max(steps[-1].elapsed_s, _LEAST_S)
    known_values = [v for p in steps for v in (p.objective, p.bound) if v is not None]
    low, high = min(known_values, default=0), max(known_values, default=0)
    span = max(high - low, 1)  # of a cost that never changes, too, there is a whole number above it
    ax.set_ylim(low - 0.05 * span, low + 1.05 * span)
    ax.set_xlim(0, 1.02 * end)
    for known, colour, style, label in (
        ([(p.elapsed_s, p.objective) for p in steps], _COLOURS[0], "-", "cost of the best found"),
        ([(p.elapsed_s, p.bound) for p in steps], _COLOURS[5], "--", "no plan can cost less than"),
    ):
        points = [(t, value) for t, value in known if value is not None]
        if points:
            times, values = [t for t, _ in points], [v for _, v in points]
            ax.step([*times, end], [*values, values[-1]], style, where="post", color=colour, label=label)
    ax.legend(frameon=False, fontsize=7)


def _axes(width: float, height: float) -> tuple[Axes, Figure]:
    figure = Figure(figsize=(width, height))
    return figure.subplots(), figure
