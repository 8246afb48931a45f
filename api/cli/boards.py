"""A scenario in numbers, and a template as a board, on a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.cli.tables import MANY, row, show_rest, table
from api.wording import count_of, day_and_time, number, plain, template_board
from engine.model.calendar import Weekday

if TYPE_CHECKING:
    from rich.console import Console

    from engine.model.planning import PlanningBrief
    from engine.model.problem import Problem
    from engine.model.template import Template
    from engine.scenario_io import Scenario

__all__ = ["show_info", "show_template"]


def show_template(console: Console, problem: Problem, template: Template) -> None:
    """Who works when at what and where: a row for each owner, a column for each weekday, a table for each week."""
    board = template_board(problem, template)
    for week in range(1, template.cycle_weeks + 1):
        days = [day for day in Weekday if any(d is day and week in weeks for _, d, weeks, _ in board)]
        owners = list(dict.fromkeys(owner for owner, _, weeks, _ in board if week in weeks))
        console.print()
        made = table(f"Week {week}" if template.cycle_weeks > 1 else "Every week", *(day.capitalize() for day in days))
        for owner in owners:
            cells = [
                "\n".join(text for o, d, weeks, text in board if o == owner and d is day and week in weeks)
                for day in days
            ]
            row(made, owner, *cells)
        console.print(made)


def show_info(console: Console, scenario: Scenario) -> None:
    """What a scenario holds."""
    problem = scenario.problem
    zone = problem.time_zone
    visits = Counter(a.status.value for a in scenario.schedule.appointments)
    kinds = Counter(r.kind.value for r in problem.resources)
    orders = Counter(o.priority.value for o in problem.orders)
    made = table("Scenario", problem.name)
    horizon = f"{day_and_time(problem.horizon.start, zone)} to {day_and_time(problem.horizon.end, zone)}, {zone}"
    row(made, "Horizon", f"{horizon}, in steps of {problem.tick_min} min")
    row(made, "Sites", ", ".join(s.name for s in problem.sites))
    row(made, "Resources", _counts(kinds))
    row(made, "Services", number(len(problem.services)))
    row(made, "Dated sessions", f"{number(len(problem.sessions))}, surgery blocks {number(len(problem.blocks))}")
    row(made, "Templates", ", ".join(f"{t.name} ({t.id})" for t in problem.templates) or "none")
    row(made, "Planning brief", "none" if problem.planning is None else _brief(problem.planning))
    row(made, "Patients", number(len(problem.patients)))
    row(made, "Orders", _counts(orders))
    row(made, "Appointments", _counts(visits))
    row(made, "Events", ", ".join(e.id for e in scenario.events[:MANY]) or "none")
    console.print(made)
    for note in scenario.notes[:MANY]:
        console.print(plain(f"Note: {note}"), soft_wrap=True)
    show_rest(console, len(scenario.notes))


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{number(n)} {what}" for what, n in counted.items()) or "none"


def _brief(brief: PlanningBrief) -> str:
    weeks = count_of(brief.cycle_weeks, "week")
    activities = count_of(len(brief.activities), "activity", "activities")
    return f"{weeks}, {activities}, {count_of(len(brief.contracts), 'contract')}"
