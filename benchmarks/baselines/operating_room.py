"""Operating-room booking as a plain CP-SAT model: one boolean for each case and room-day. A contender to measure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

if TYPE_CHECKING:
    from benchmarks.adapters.operating_room import Assignment, Case, Instance, RoomDay

__all__ = ["Answer", "solve"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the baseline found.

    Parameters
    ----------
    assignment
        Room and day by case id, or None where the time ran out or no assignment exists.
    is_optimal
        Whether the assignment is proven best.
    is_infeasible
        Whether it is proven that no assignment exists.
    """

    assignment: Assignment | None
    is_optimal: bool
    is_infeasible: bool
    runtime_s: float


def solve(
    instance: Instance, *, limit_s: float, workers: int = 1, seed: int = 0, respect_specialty: bool = False
) -> Answer:
    """Assign as many cases as possible, higher priorities first.

    The lexicographic order is one weighted sum: a case of priority *k* weighs more than all cases of lower priority.

    Parameters
    ----------
    limit_s
        Seconds of wall-clock time.
    respect_specialty
        Whether a room-day takes cases of its own specialties alone.
    """
    model = cp_model.CpModel()
    taken: dict[tuple[int, RoomDay], cp_model.IntVar] = {
        (case.id, place): model.new_bool_var(f"case {case.id} in {place}")
        for case in instance.cases.values()
        for place, owners in instance.specialties.items()
        if not respect_specialty or case.specialty in owners
    }
    by_case: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    by_place: defaultdict[RoomDay, list[tuple[cp_model.IntVar, Case]]] = defaultdict(list)
    by_ward: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
    for (case_id, place), var in taken.items():
        case = instance.cases[case_id]
        by_case[case_id].append(var)
        by_place[place].append((var, case))
        for day in case.stay(place.day):
            by_ward[case.specialty, day].append(var)

    for case in instance.cases.values():
        if case.priority == 1:
            model.add_exactly_one(by_case[case.id])
        else:
            model.add_at_most_one(by_case[case.id])
    for case_id, place in instance.given.items():
        fixed = taken.get((case_id, place))
        model.add_bool_or([] if fixed is None else [fixed])
    for pairs in by_place.values():
        model.add(sum(case.duration_min * var for var, case in pairs) <= instance.limit_min)
    for ward, limit in instance.beds.items():
        model.add(sum(by_ward[ward]) <= limit)
    weight = _weights(instance)
    model.maximize(sum(weight[instance.cases[case_id].priority] * var for (case_id, _), var in taken.items()))

    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise ValueError(model.validate())
    assignment = None
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        assignment = {case_id: place for (case_id, place), var in taken.items() if solver.boolean_value(var)}
    return Answer(assignment, status == cp_model.OPTIMAL, status == cp_model.INFEASIBLE, solver.wall_time)


def _weights(instance: Instance) -> dict[int, int]:
    """Return the weight of a case of each priority; those of priority 1 are all assigned anyway."""
    count = Counter(case.priority for case in instance.cases.values())
    fourth = 1
    third = fourth * count[4] + 1
    second = third * (count[3] + 1)
    return {1: 0, 2: second, 3: third, 4: fourth}
