"""Large-neighbourhood search: take some visits out of a plan, put them back in another order, keep what is no worse.

Ruin and recreate (Schrimpf et al. 2000) over candidates from search; each move costs a few look-ups, so that a day of a
resource or a handful of dear visits is dealt out anew some hundred times a second.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from engine.model.requirement import required_steps
from engine.solver.placement.lengths import possible_lengths

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from engine.solver.placement.place import Place
    from engine.solver.placement.plan import Plan

__all__ = ["improve"]

_LARGEST_RUIN = 12
_LARGEST_CLOSURE = 40
"""Visits that depend on each other go out together; a chain longer than this is left alone."""


def improve(
    plan: Plan,
    *,
    seed: int,
    go_on: Callable[[], bool],
    on_better: Callable[[], None] = lambda: None,
    hopeless: Collection[int] = (),
) -> int:
    """Improve a plan in place.

    Parameters
    ----------
    seed
        Same plan, same seed, same number of rounds: same result.
    go_on
        Asked before each round.
    on_better
        Called after each round that made the plan cheaper.
    hopeless
        Tasks that are left out for certain; no time is spent on them.

    Returns
    -------
    int
        Rounds made.
    """
    random = Random(seed)
    closure, lengths = _closures(plan), [_length(plan, t) for t in range(len(plan))]
    given_up = {*plan.refused, *hopeless}
    movable = [t for t in range(len(plan)) if t not in given_up and len(closure[t]) <= _LARGEST_CLOSURE]
    rounds = 0
    while movable and go_on():
        rounds += 1
        before, cost = list(plan.places), plan.cost
        chosen = _choose(plan, movable, random)
        together = sorted({other for t in chosen for other in closure[t]})
        for t in together:
            plan.remove(t)
        for t in _order(plan, together, lengths, random):
            plan.insert(t)
        if plan.cost > cost:
            plan.restore((t, before[t]) for t in together)
        elif plan.cost < cost:
            on_better()
    return rounds


def _choose(plan: Plan, movable: Sequence[int], random: Random) -> list[int]:
    """Tasks to take out: one that is dear or left out, and visits that stand where it would like to be."""
    left_out = [t for t in movable if plan.places[t] is None]
    if left_out and random.random() < 0.5:
        (worst,) = random.choices(left_out, [plan.left_out_costs[t] for t in left_out])
    else:
        worst = max(random.sample(movable, min(4, len(movable))), key=lambda t: _regret(plan, t))
    size = random.randint(2, _LARGEST_RUIN)
    pool = [t for t in random.sample(movable, min(len(movable), 40 * size)) if t != worst]
    related = sorted(pool, key=lambda t: _distance_in_kind(plan, worst, t))
    if random.random() < 0.5:
        # Whoever is left out would like to be where others of the kind are, so what is there goes out.
        around = next((p for t in [worst, *related] if (p := plan.places[t]) is not None), None)
        if around is not None:
            related = sorted(pool, key=lambda t: _distance_in_place(plan.places[t], around))
    return [worst, *related[: size - 1]]


def _order(plan: Plan, tasks: Sequence[int], lengths: Sequence[int], random: Random) -> list[int]:
    """In the tasks' own order, or by priority and then the longest first or by chance.

    What depends on another task stays behind it.
    """
    way = random.random()
    if way < 0.3:
        return list(tasks)
    if way < 0.5:
        longest = max(1, *(lengths[t] for t in tasks))
        weight = {t: plan.tasks[t].order.priority.rank - lengths[t] / (longest + 1) for t in tasks}
    else:
        weight = {t: plan.tasks[t].order.priority.rank + 2 * random.random() for t in tasks}
    key: dict[int, tuple[float, int]] = {}
    position = {plan.tasks[t].key: t for t in tasks}
    for t in tasks:  # ascending, so prerequisites and first occurrences come first
        task = plan.tasks[t]
        behind = [position[k] for k in [(p.order, 0) for p in task.order.prerequisites] if k in position]
        behind += [position[task.order.id, 0]] if task.occurrence and (task.order.id, 0) in position else []
        key[t] = (max([weight[t], *(key[b][0] for b in behind if b in key)]), t)
    return sorted(tasks, key=lambda t: key[t])


def _length(plan: Plan, t: int) -> int:
    """What the steps of a task take together, in ticks."""
    order, problem = plan.tasks[t].order, plan.problem
    patient = problem.patient_by_id.get(order.patient)
    steps = required_steps(problem, problem.service(order.service), patient, order, plan.tasks[t].occurrence)
    return sum(possible_lengths(s, order.modifiers, None, problem.tick_min)[0] for s in steps)


def _regret(plan: Plan, t: int) -> int:
    place = plan.places[t]
    return plan.left_out_costs[t] * 10 if place is None else place.cost


def _distance_in_kind(plan: Plan, one: int, other: int) -> tuple[bool, int]:
    a, b = plan.tasks[one].order, plan.tasks[other].order
    return a.service != b.service, abs(a.priority.rank - b.priority.rank)


def _distance_in_place(place: Place | None, around: Place) -> tuple[bool, int]:
    if place is None:
        return True, 0
    return place.resources.isdisjoint(around.resources), abs(around.day - place.day)


def _closures(plan: Plan) -> list[tuple[int, ...]]:
    """For each task, the tasks that must go out with it: its series, and what comes after it as a prerequisite."""
    by_order: dict[str, list[int]] = {}
    for t, task in enumerate(plan.tasks):
        by_order.setdefault(task.order.id, []).append(t)
    followers: dict[str, list[str]] = {}
    for task in plan.tasks:
        for before in task.order.prerequisites:
            followers.setdefault(before.order, []).append(task.order.id)

    def reach(order: str) -> list[str]:
        found, queue = [order], [order]
        while queue:
            for follower in followers.get(queue.pop(), ()):
                if follower not in found:
                    found.append(follower)
                    queue.append(follower)
        return found

    cache: dict[str, tuple[int, ...]] = {}
    for order in by_order:
        cache[order] = tuple(t for o in reach(order) for t in by_order[o])
    return [cache[task.order.id] for task in plan.tasks]
