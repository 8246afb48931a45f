"""From which starts a visit could use a stretch of a resource's time: too many are named, never too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.requirement import could_fill, required_steps
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from engine.solver.placement.lengths import possible_lengths, reach_of
from engine.solver.placement.place import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.jobs.happened import Stretch
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Role, Service, Step
    from engine.solver.placement.tasks import Task

__all__ = ["windows_reaching"]

_LONGEST_DAY_MIN = DAY_MIN + 2 * 60


def windows_reaching(problem: Problem, task: Task, stretches: Iterable[Stretch]) -> list[Window]:
    """Where a task's visit could start so that it uses time in one of `stretches`.

    Returns
    -------
    list of Window
        Of a practitioner's time, visits with them alone; such windows overlap those of other resources.
    """
    ticks: dict[ResourceId | None, list[tuple[int, int]]] = {}
    grid = problem.grid
    for stretch in stretches:
        resource = problem.resource(stretch.resource)
        first, stop = grid.floor(stretch.start), grid.ceil(stretch.end)
        for role, soonest, latest in _uses(problem, task, resource):
            low = 0 if latest is None else max(0, first - latest + 1)
            high = min(grid.n_ticks, stop - soonest)
            does_it = resource.kind is ResourceKind.PRACTITIONER and role.use is RoleUse.EXCLUSIVE
            if low < high:
                ticks.setdefault(resource.id if does_it else None, []).append((low, high))
    return [Window(a, b, who) for who, found in ticks.items() for a, b in _united(found)]


def _uses(problem: Problem, task: Task, resource: Resource) -> Iterator[tuple[Role, int, int | None]]:
    """The roles of a task that a resource could fill, each with the ticks from the visit's start in which it may be.

    That is from the soonest beginning of its use up to the latest end; None: any time later.
    """
    order, tick_min = task.order, problem.tick_min
    service = problem.service(order.service)
    steps = required_steps(problem, service, problem.patient_by_id.get(order.patient), order, task.occurrence)
    lengths = [possible_lengths(step, order.modifiers, None, tick_min) for step in steps]
    for i, step in enumerate(steps):
        least, most = _between(problem, service, steps, lengths, 0, i)
        for role in step.roles:
            if could_fill(resource, role):
                reach = reach_of(role, [resource], lengths[i], tick_min)
                yield role, least + reach.low, None if most is None else most + reach.high
        for held in service.held:
            if held.first == step.id and could_fill(resource, held.role):
                last = next(j for j, s in enumerate(steps) if s.id == held.last)
                shortest, longest = _between(problem, service, steps, lengths, i, last)
                ends = [shortest + lengths[last][0], *([] if longest is None else [longest + lengths[last][-1]])]
                reach = reach_of(held.role, [resource], ends, tick_min)
                is_open = most is None or longest is None
                yield held.role, least + reach.low, None if is_open or most is None else most + reach.high


def _between(
    problem: Problem, service: Service, steps: tuple[Step, ...], lengths: list[tuple[int, ...]], first: int, last: int
) -> tuple[int, int | None]:
    """Ticks from the start of one step to the start of a later one, at least and at most."""
    tick_min = problem.tick_min
    is_any_order = not service.is_ordered and len(steps) > 1
    gaps = [s.gap for s in steps[first + 1 : last + 1]]
    least = sum(n[0] for n in lengths[first:last]) + sum(-(-g.min_min // tick_min) for g in gaps)
    limits = [service.max_span_min, _LONGEST_DAY_MIN if service.is_same_day else None]
    if not is_any_order and all(g.max_min is not None for g in gaps):
        limits.append(tick_min * sum(n[-1] for n in lengths[first:last]) + sum(g.max_min or 0 for g in gaps))
    known = [n for n in limits if n is not None]
    return 0 if is_any_order else least, -(-min(known) // tick_min) if known else None


def _united(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same ticks in stretches that do not touch."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(stretches):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found
