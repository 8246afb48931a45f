"""Rescheduling of a nuclear-medicine day as a plain CP-SAT model, one stage per cost. A contender to measure.

A span of no slots counts as a point here, which another patient's span may not straddle; no public instance has one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from ortools.sat.python import cp_model

from benchmarks.adapters.nuclear_medicine import (
    ANAMNESES_AT_ONCE,
    ANAMNESIS,
    CHAIR,
    LAST_SLOT,
    REGULAR_SLOTS,
    SCAN,
    Visit,
    current_plan,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.adapters.nuclear_medicine import Instance, Patient, Plan

__all__ = ["Answer", "solve"]

Expr: TypeAlias = cp_model.LinearExprT
Literals: TypeAlias = "dict[tuple[int, int], cp_model.IntVar]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the baseline found.

    Parameters
    ----------
    plan
        Visit by patient id; None where no plan was found in time, or none exists.
    proven_stages
        How many of the four costs are proven least, each with the earlier ones held.
    is_infeasible
        Whether it is proven that no plan exists.
    """

    plan: Plan | None
    proven_stages: int
    is_infeasible: bool
    runtime_s: float


@dataclass(frozen=True, slots=True)
class Variables:
    """Start by (patient, phase); literals by (patient, tomograph) and (patient, chair)."""

    start: dict[tuple[int, int], cp_model.IntVar]
    tomograph: Literals
    chair: Literals

    def all(self) -> list[cp_model.IntVar]:
        """Every variable that a decision stands for."""
        return [*self.start.values(), *self.tomograph.values(), *self.chair.values()]


def solve(instance: Instance, *, limit_s: float, workers: int = 1, seed: int = 0) -> Answer:
    """Minimise emergency delay, delay, overtime and moved patients, in this order.

    Parameters
    ----------
    limit_s
        Seconds of wall-clock time for the four stages together. A stage that is not proven ends the search.
    """
    started = monotonic()
    model = cp_model.CpModel()
    v = _variables(model, instance)
    _hint_current_plan(model, instance, v)
    _add_rules(model, instance, v)
    stages = (
        _emergency_delay(instance, v),
        _delay(model, instance, v),
        _overtime(model, instance, v),
        _moved(model, instance, v),
    )
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    plan: Plan | None = None
    for proven, stage in enumerate(stages):
        solver.parameters.max_time_in_seconds = max(0.1, limit_s - (monotonic() - started))
        model.minimize(stage)
        status = solver.solve(model)
        if status == cp_model.MODEL_INVALID:
            raise ValueError(model.validate())
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            plan = _plan(instance, v, solver)
        if status != cp_model.OPTIMAL:
            return Answer(plan, proven, plan is None and status == cp_model.INFEASIBLE, monotonic() - started)
        model.add(stage <= round(solver.objective_value))
        model.clear_hints()  # type: ignore[no-untyped-call]
        for var in v.all():
            model.add_hint(var, solver.value(var))
    return Answer(plan, len(stages), False, monotonic() - started)


def _variables(model: cp_model.CpModel, instance: Instance) -> Variables:
    def one_of(patients: Iterable[int], resources: Mapping[int, int]) -> Literals:
        literals = {(key, number): model.new_bool_var("") for key in patients for number in resources}
        for key in {key for key, _ in literals}:
            model.add_exactly_one(literals[key, number] for number in resources)
        return literals

    start = {
        (key, phase): model.new_int_var(max(1, patient.earliest(phase)), LAST_SLOT, f"{key}/{phase}")
        for key, patient in instance.patients.items()
        for phase in patient.phases
    }
    sitting = [key for key, patient in instance.patients.items() if patient.needs_chair]
    return Variables(start, one_of(instance.patients, instance.tomographs), one_of(sitting, instance.chairs))


def _hint_current_plan(model: cp_model.CpModel, instance: Instance, v: Variables) -> None:
    current = current_plan(instance)
    for (key, phase), start in v.start.items():
        if key in current:
            model.add_hint(start, current[key].starts[phase])
    for (key, number), taken in v.tomograph.items():
        if key in current:
            model.add_hint(taken, current[key].tomograph == number)
    for (key, number), taken in v.chair.items():
        if key in current:
            model.add_hint(taken, current[key].chair == number)


def _add_rules(model: cp_model.CpModel, instance: Instance, v: Variables) -> None:
    anamneses: list[cp_model.IntervalVar] = []
    on_chair: defaultdict[int, list[cp_model.IntervalVar]] = defaultdict(list)
    on_tomograph: defaultdict[int, list[cp_model.IntervalVar]] = defaultdict(list)
    same_protocol: defaultdict[tuple[int, int, int], list[cp_model.IntVar]] = defaultdict(list)
    for key, patient in instance.patients.items():
        lengths = patient.protocol.lengths
        for phase in range(patient.entry, SCAN):
            longer = max(lengths[phase], patient.new_lengths.get(phase, 0))
            model.add(v.start[key, phase + 1] >= v.start[key, phase] + longer)
        if patient.entry == ANAMNESIS:
            anamneses.append(model.new_fixed_size_interval_var(v.start[key, ANAMNESIS], lengths[ANAMNESIS], ""))
        span = _tomograph_span(model, patient, v)
        for number, room in instance.tomographs.items():
            taken = v.tomograph[key, number]
            if patient.protocol.limit is not None:
                same_protocol[number, patient.protocol.id, patient.protocol.limit].append(taken)
            if span is not None:
                on_tomograph[number].append(_interval(model, *span, taken))
            if patient.needs_chair:
                in_room = [v.chair[key, chair] for chair, other in instance.chairs.items() if other == room]
                model.add(sum(in_room) == taken)
        if patient.needs_chair:
            for chair in instance.chairs:
                seat = _interval(model, v.start[key, CHAIR], v.start[key, SCAN], v.chair[key, chair])
                on_chair[chair].append(seat)
    model.add_cumulative(anamneses, [1] * len(anamneses), ANAMNESES_AT_ONCE)
    for intervals in (*on_chair.values(), *on_tomograph.values()):
        model.add_no_overlap(intervals)
    for (_, _, limit), literals in same_protocol.items():
        model.add(sum(literals) <= limit)


def _interval(model: cp_model.CpModel, start: Expr, end: Expr, taken: cp_model.IntVar) -> cp_model.IntervalVar:
    size = model.new_int_var(0, 2 * LAST_SLOT, "")
    return model.new_optional_interval_var(start, size, end, taken, "")


def _tomograph_span(model: cp_model.CpModel, patient: Patient, v: Variables) -> tuple[Expr, Expr] | None:
    """Return first slot and end of the tomograph's time; without a chair protocol it ends one slot early."""
    scan = v.start[patient.id, SCAN]
    end = scan + patient.protocol.lengths[SCAN]
    if patient.protocol.needs_chair:
        return scan, end
    if patient.entry > CHAIR:
        return None
    first = v.start[patient.id, CHAIR]
    return first, _at_least(model, end - 1, first)


def _at_least(model: cp_model.CpModel, value: Expr, floor: Expr) -> cp_model.IntVar:
    larger = model.new_int_var(0, 2 * LAST_SLOT, "")
    model.add_max_equality(larger, [value, floor])
    return larger


def _emergency_delay(instance: Instance, v: Variables) -> Expr:
    return cp_model.LinearExpr.sum(
        [
            v.start[key, patient.entry] - patient.wanted
            for key, patient in instance.patients.items()
            if patient.wanted is not None
        ]
    )


def _delay(model: cp_model.CpModel, instance: Instance, v: Variables) -> Expr:
    """A phase is counted in full unless an earlier phase of the same patient is exactly as late."""
    counted: list[Expr] = []
    for key, patient in instance.patients.items():
        if patient.current is None:
            continue
        late = {phase: v.start[key, phase] - patient.current.starts[phase] for phase in patient.phases}
        same: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
        for earlier, later in combinations(patient.phases, 2):
            equal = model.new_bool_var("")
            model.add(late[earlier] == late[later]).only_enforce_if(equal)
            same[later].append(equal)
        shares = {phase: model.new_int_var(0, LAST_SLOT, "") for phase in patient.phases}
        for phase in patient.phases:
            model.add(shares[phase] >= late[phase]).only_enforce_if([~equal for equal in same[phase]])
            model.add(cp_model.LinearExpr.sum(list(shares.values())) >= late[phase])  # implied, and strong
        counted.extend(shares.values())
    return cp_model.LinearExpr.sum(counted)


def _overtime(model: cp_model.CpModel, instance: Instance, v: Variables) -> Expr:
    """Chair and tomograph follow each other without a break, so that a patient's slots are one span."""
    parts: list[Expr] = []
    for key, patient in instance.patients.items():
        span = _tomograph_span(model, patient, v)
        if span is not None:
            first = v.start[key, CHAIR] if patient.needs_chair else span[0]
            parts.append(_at_least(model, span[1] - (REGULAR_SLOTS + 1), 0))
            parts.append(-_at_least(model, first - (REGULAR_SLOTS + 1), 0))
    return cp_model.LinearExpr.sum(parts)


def _moved(model: cp_model.CpModel, instance: Instance, v: Variables) -> Expr:
    moved: list[Expr] = []
    for key, patient in instance.patients.items():
        if patient.current is not None:
            other = model.new_bool_var("")
            model.add(other >= 1 - v.tomograph[key, patient.current.tomograph])
            if patient.current.chair is not None:
                model.add(other >= 1 - v.chair[key, patient.current.chair])
            moved.append(other)
    return cp_model.LinearExpr.sum(moved)


def _plan(instance: Instance, v: Variables, solver: cp_model.CpSolver) -> Plan:
    tomograph = {key: number for (key, number), taken in v.tomograph.items() if solver.boolean_value(taken)}
    chair = {key: number for (key, number), taken in v.chair.items() if solver.boolean_value(taken)}
    return {
        key: Visit(
            {phase: solver.value(v.start[key, phase]) for phase in patient.phases}, tomograph[key], chair.get(key)
        )
        for key, patient in instance.patients.items()
    }
