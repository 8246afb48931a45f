"""Judge of a plan for a nuclear-medicine day: its broken rules, and its cost.

Both are what the published encoding enforces and counts, its slips included, except that the emergencies' own delay
comes first in the cost: the encoding meant it so, but its term never fires.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.adapters.nuclear_medicine import (
    ANAMNESES_AT_ONCE,
    ANAMNESIS,
    LAST_SLOT,
    REGULAR_SLOTS,
    SCAN,
    current_plan,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.adapters.nuclear_medicine import Instance, Patient, Plan, Visit

__all__ = ["Cost", "Rule", "Violation", "cost", "violations"]


class Rule(StrEnum):
    """Rules of the problem."""

    UNKNOWN_PATIENT = "unknown_patient"
    UNPLANNED = "unplanned"
    PHASES = "phases"
    DAY = "day"
    EARLY = "early"
    ORDER = "order"
    ANAMNESES = "anamneses"
    TOMOGRAPH = "tomograph"
    CHAIR = "chair"
    SAME_ROOM = "same_room"
    LIMIT = "limit"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, and what it is about."""

    rule: Rule
    message: str


class Cost(NamedTuple):
    """What a plan costs, to be minimised lexicographically.

    Parameters
    ----------
    emergency_delay
        Slots from the wanted slot to the entry, summed over emergencies.
    delay
        For each planned patient the sum of the *distinct* delays of the phases, in slots: phases that are equally late
        count once.
    overtime
        Pairs of a patient and a slot after the regular ones in which the patient takes a chair or a tomograph.
    moved
        Planned patients whose tomograph or chair is another one than planned.
    """

    emergency_delay: int
    delay: int
    overtime: int
    moved: int


def violations(instance: Instance, plan: Plan) -> list[Violation]:
    """Return every broken rule of a plan, in a fixed order.

    A visit that has not exactly the phases it needs is reported for that, and left out of all other rules.
    """
    found = [
        Violation(Rule.UNKNOWN_PATIENT, f"patient {key} is not of this day")
        for key in sorted(plan)
        if key not in instance.patients
    ]
    whole: list[tuple[Patient, Visit]] = []
    for key, patient in sorted(instance.patients.items()):
        visit = plan.get(key)
        if visit is None:
            found.append(Violation(Rule.UNPLANNED, f"patient {key} has no visit"))
        elif set(visit.starts) != set(patient.phases):
            message = f"patient {key} has phases {sorted(visit.starts)}, expected {list(patient.phases)}"
            found.append(Violation(Rule.PHASES, message))
        else:
            whole.append((patient, visit))
    for patient, visit in whole:
        found.extend(_times(patient, visit))
        found.extend(_places(instance, patient, visit))
    found.extend(_anamneses(whole))
    found.extend(_limits(whole))
    found.extend(_overlaps(whole))
    return found


def cost(instance: Instance, plan: Plan) -> Cost:
    """Return the cost of a plan without violations."""
    before = current_plan(instance)
    emergency_delay = delay = overtime = moved = 0
    for key, visit in plan.items():
        patient = instance.patients[key]
        taken = {*patient.chair_span(visit), *patient.tomograph_span(visit)}
        overtime += sum(slot > REGULAR_SLOTS for slot in taken)
        if patient.wanted is not None:
            emergency_delay += visit.starts[patient.entry] - patient.wanted
        else:
            old = before[key]
            delay += sum({visit.starts[phase] - old.starts[phase] for phase in patient.phases})
            moved += (visit.tomograph, visit.chair) != (old.tomograph, old.chair)
    return Cost(emergency_delay, delay, overtime, moved)


def _times(patient: Patient, visit: Visit) -> Iterator[Violation]:
    for phase in patient.phases:
        start, earliest = visit.starts[phase], patient.earliest(phase)
        if not 1 <= start <= LAST_SLOT:
            message = f"patient {patient.id} starts phase {phase} in slot {start}, expected 1 to {LAST_SLOT}"
            yield Violation(Rule.DAY, message)
        if start < earliest:
            message = f"patient {patient.id} starts phase {phase} in slot {start}, expected {earliest} or later"
            yield Violation(Rule.EARLY, message)
        if phase != SCAN:
            ready = start + patient.length(phase)
            if visit.starts[phase + 1] < ready:
                message = f"patient {patient.id} starts phase {phase + 1} in slot {visit.starts[phase + 1]}"
                yield Violation(Rule.ORDER, f"{message}, expected {ready} or later")


def _places(instance: Instance, patient: Patient, visit: Visit) -> Iterator[Violation]:
    room = instance.tomographs.get(visit.tomograph)
    if room is None:
        yield Violation(Rule.TOMOGRAPH, f"patient {patient.id} is on tomograph {visit.tomograph}, which does not exist")
    if not patient.needs_chair:
        if visit.chair is not None:
            yield Violation(Rule.CHAIR, f"patient {patient.id} has chair {visit.chair} but needs none")
    elif visit.chair is None or visit.chair not in instance.chairs:
        yield Violation(Rule.CHAIR, f"patient {patient.id} needs a chair, found {visit.chair}")
    elif room is not None and instance.chairs[visit.chair] != room:
        message = f"patient {patient.id} has chair {visit.chair} of room {instance.chairs[visit.chair]}"
        yield Violation(Rule.SAME_ROOM, f"{message} but tomograph {visit.tomograph} of room {room}")


def _anamneses(whole: list[tuple[Patient, Visit]]) -> Iterator[Violation]:
    """Anamneses take their original length here, even where a new one is longer."""
    present: Counter[int] = Counter()
    for patient, visit in whole:
        if patient.entry == ANAMNESIS:
            start = visit.starts[ANAMNESIS]
            present.update(range(start, start + patient.protocol.lengths[ANAMNESIS]))
    for slot, count in sorted(present.items()):
        if count > ANAMNESES_AT_ONCE:
            message = f"slot {slot} has {count} anamneses, expected {ANAMNESES_AT_ONCE} at most"
            yield Violation(Rule.ANAMNESES, message)


def _limits(whole: list[tuple[Patient, Visit]]) -> Iterator[Violation]:
    count = Counter((visit.tomograph, patient.protocol) for patient, visit in whole)
    for (tomograph, protocol), patients in count.items():
        if protocol.limit is not None and patients > protocol.limit:
            message = f"tomograph {tomograph} has {patients} patients of protocol {protocol.id}"
            yield Violation(Rule.LIMIT, f"{message}, expected {protocol.limit} at most")


def _overlaps(whole: list[tuple[Patient, Visit]]) -> Iterator[Violation]:
    """One violation for each pair of patients on a resource, however long they overlap."""
    users: defaultdict[tuple[str, int], list[tuple[range, int]]] = defaultdict(list)
    for patient, visit in whole:
        users["tomograph", visit.tomograph].append((patient.tomograph_span(visit), patient.id))
        if visit.chair is not None:
            users["chair", visit.chair].append((patient.chair_span(visit), patient.id))
    for (kind, number), spans in sorted(users.items()):
        for at, (first, one) in enumerate(spans):
            for second, other in spans[at + 1 :]:
                shared = range(max(first.start, second.start), min(first.stop, second.stop))
                if first and second and shared:
                    message = f"{kind} {number} has patients {one} and {other} at once, first in slot {shared.start}"
                    yield Violation(Rule.OVERLAP, message)
