"""Who gains from time that has become free."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from engine.check.clock import time_text
from engine.jobs.answer import proposal
from engine.model.requirement import could_fill
from engine.model.resource import ResourceKind
from engine.model.timegrid import epoch_minute
from engine.search.occupancy import Occupancy
from engine.solver.placement.plan import Plan, Window
from engine.solver.placement.tasks import tasks_for_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from engine.jobs.disruption import Disruption
    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.model.result import Proposal
    from engine.model.schedule import Schedule
    from engine.model.service import Service, Step
    from engine.solver.placement.plan import Place
    from engine.solver.placement.tasks import Task

__all__ = ["fillings"]

_MOST_ASKED = 200
"""Orders that are tried, the most urgent first: somebody waits for the answer."""


def fillings(
    schedule: Schedule,
    planned: Schedule,
    first: Proposal,
    changes: Sequence[tuple[Appointment | None, Appointment | None]],
    disruption: Disruption,
    *,
    now: datetime,
    count: int,
    go_on: Callable[[], bool],
) -> list[Proposal]:
    """Proposals that do what a first one does, in which nobody is moved, and give freed time to a waiting order.

    Parameters
    ----------
    planned
        The schedule with the first proposal accepted.
    changes
        Of the first proposal.
    go_on
        Asked before each order.

    Returns
    -------
    list of Proposal
        At most `count`, most gain first: what leaving the order out costs, less what its visit would cost.
    """
    problem = planned.problem
    services = {s.id: s for s in problem.services if _could_use(problem, s, {f.resource for f in disruption.freed})}
    waiting = (t for t in tasks_for_orders(planned, problem.orders, now=now) if t.order.service in services)
    tasks = list(islice(waiting, _MOST_ASKED))
    plan = Plan(problem, Occupancy.of(planned, now=now), tasks, now=now)
    found: list[tuple[int, int, Place]] = []
    for t, task in enumerate(tasks):
        if not go_on():
            break
        places = [plan.best_place(t, window) for window in _windows(disruption, services[task.order.service])]
        fitting = [p for p in places if p is not None and _uses(p, disruption)]
        if fitting:
            cheapest = min(fitting, key=lambda p: p.cost)
            found.append((cheapest.cost - plan.left_out_costs[t], t, cheapest))
    return [
        proposal(
            schedule,
            problem,
            number=number,
            title=_title(problem, tasks[t], place),
            changes=[*changes, (None, place.appointment)],
            left_over=first.left_over,
            terms=(*first.breakdown.terms, *place.terms),
            now=now,
            told=disruption.told,
        )
        for number, (_, t, place) in enumerate(sorted(found, key=lambda f: f[:2])[:count], start=2)
    ]


def _title(problem: Problem, task: Task, place: Place) -> str:
    """Whom to call, without a name: "Give the time to order ord-7: Follow-up, Tue 10 Mar 2026 09:20"."""
    visit = place.appointment
    zone = problem.zone_of(min(visit.steps, key=lambda s: s.start).site)
    when = time_text(epoch_minute(visit.start), zone)
    return f"Give the time to order {task.order.id}: {problem.service(task.order.service).name}, {when}"


def _could_use(problem: Problem, service: Service, freed: Collection[ResourceId]) -> bool:
    roles = [role for step in service.steps for role in step.roles]
    return any(could_fill(problem.resource(r), role) for r in freed for role in roles)


def _windows(disruption: Disruption, service: Service) -> list[Window]:
    """Starts from which a visit can reach into freed time, and those inside it, since not every visit is that long."""
    problem = disruption.problem
    grid = problem.grid
    reach = max(1, grid.ticks(sum(_longest_min(step) for step in service.steps)))
    windows: dict[Window, None] = {}
    for freed in disruption.freed:
        is_person = problem.resource(freed.resource).kind is ResourceKind.PRACTITIONER
        for first in (grid.floor(freed.start) - reach + 1, grid.floor(freed.start)):
            low, high = max(0, first), min(grid.n_ticks, grid.ceil(freed.end))
            if low < high:
                windows[Window(low, high, freed.resource if is_person else None)] = None
    return list(windows)


def _longest_min(step: Step) -> int:
    duration = step.duration
    if duration is None:
        return 0
    return max(duration.minutes, *duration.by_practitioner.values(), *duration.by_equipment.values(), 0)


def _uses(place: Place, disruption: Disruption) -> bool:
    return any(
        r.resource == f.resource and r.start < f.end and f.start < r.end
        for s in place.appointment.steps
        for r in s.reservations
        for f in disruption.freed
    )
