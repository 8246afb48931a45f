"""Weekly operating-room booking: which surgical cases of a waiting list are done this week, where and on which day.

The problem of M. Scanu, M. Mochi, C. Dodaro, G. Galatà and M. Maratea, CEUR Vol-3428 paper 19 (2023), on weeks of three
hospitals in Liguria. The rules are those of the published encoding: a case may go to any room-day that appears in the
master schedule, *whatever its specialty*; ``respect_specialty=True`` asks for the rule that a hospital would expect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from benchmarks.adapters.facts import FactError, read_facts
from benchmarks.adapters.sources import PublicSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.adapters.facts import FactFile

__all__ = [
    "PRIORITIES",
    "SOURCE",
    "Assignment",
    "Case",
    "Cost",
    "Instance",
    "RoomDay",
    "Rule",
    "Violation",
    "cost",
    "from_facts",
    "read_instance",
    "violations",
]

SOURCE = PublicSource(
    folder="operating-room-booking",
    title="weekly operating-room booking in three hospitals",
    repository="MarcoMochi/JLC2023ASL1",
    commit="2eb68b14c6eb907b4ef79668f1688476876dae28",
    layout="its folders OPT1 and OPT2",
)
PRIORITIES = (1, 2, 3, 4)
INPATIENT = "Ordinario"
SIGNATURES = {("mss", 3), ("registration", 8), ("beds", 3), ("givenSchedule", 3)}


class RoomDay(NamedTuple):
    """One operating room on one day of the week (1 to 5)."""

    room: str
    day: int

    def __str__(self) -> str:
        return f"{self.room} on day {self.day}"


Assignment: TypeAlias = "Mapping[int, RoomDay]"
"""Room and day by case id; a case that is not named stays on the waiting list."""

Cost: TypeAlias = tuple[int, int, int, int]
"""Unassigned cases of priority 1, 2, 3 and 4, to be minimised lexicographically."""


@dataclass(frozen=True, slots=True)
class Case:
    """One surgical case on the waiting list.

    Parameters
    ----------
    priority
        1 (must be assigned) to 4.
    duration_min
        Minutes of operating-room time.
    icu_days
        Days in intensive care; a case with any does not count against the ward's beds.
    days_before, days_after
        Days in hospital before and after the day of surgery.
    """

    id: int
    priority: int
    specialty: int
    regime: str
    duration_min: int
    icu_days: int
    days_before: int
    days_after: int

    @property
    def needs_bed(self) -> bool:
        """Whether the case occupies a bed of its specialty's ward."""
        return self.regime == INPATIENT and self.icu_days == 0 and self.days_before + self.days_after > 0

    def stay(self, day: int) -> range:
        """Return the days, half-open, on which the case occupies a ward bed if surgery is on `day`."""
        return range(day - self.days_before, day + self.days_after + 1) if self.needs_bed else range(0)


@dataclass(frozen=True, slots=True)
class Instance:
    """One week of one hospital.

    Parameters
    ----------
    cases
        Cases by id.
    specialties
        The specialties that own each open room-day; a room-day that is not named is closed.
    beds
        Free ward beds by (specialty, day); days before this week are negative, and there is no day 0. A day that is not
        named has no limit.
    limit_min
        Minutes of surgery that each room-day takes.
    given
        Cases whose room and day are fixed.
    """

    name: str
    cases: Mapping[int, Case]
    specialties: Mapping[RoomDay, frozenset[int]]
    beds: Mapping[tuple[int, int], int]
    limit_min: int
    given: Mapping[int, RoomDay]


class Rule(StrEnum):
    """Rules of the problem."""

    UNKNOWN_CASE = "unknown_case"
    CLOSED_ROOM = "closed_room"
    SPECIALTY = "specialty"
    TIME = "time"
    PRIORITY_ONE = "priority_one"
    GIVEN = "given"
    BEDS = "beds"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, and what it is about."""

    rule: Rule
    message: str


def read_instance(path: Path) -> Instance:
    """Read an instance from its fact file; its name is the file's last two parts without the ending.

    Raises
    ------
    FactError
        If the file is no such instance, with file and line.
    """
    return from_facts(read_facts(path), f"{path.parent.name}/{path.stem}")


def from_facts(facts: FactFile, name: str) -> Instance:
    """Make an instance from facts.

    Raises
    ------
    FactError
        If a fact is of another kind, contradicts another or is missing.
    """
    facts.require_known(SIGNATURES)
    cases: dict[int, Case] = {}
    for fact in facts.named("registration", 8):
        stay = (fact.integer(5), fact.integer(6), fact.integer(7))
        case = Case(fact.integer(0), fact.integer(1), fact.integer(2), fact.text(3), fact.integer(4), *stay)
        if case.id in cases:
            fact.fail(f"case {case.id} is registered twice")
        if case.priority not in PRIORITIES:
            fact.fail(f"case {case.id} has priority {case.priority}, expected 1 to 4")
        if min(case.duration_min, *stay) < 0:
            fact.fail(f"case {case.id} has a negative duration or stay")
        cases[case.id] = case
    specialties: defaultdict[RoomDay, set[int]] = defaultdict(set)
    for fact in facts.named("mss", 3):
        specialties[RoomDay(fact.text(0), fact.integer(2))].add(fact.integer(1))
    beds: dict[tuple[int, int], int] = {}
    for fact in facts.named("beds", 3):
        key = (fact.integer(1), fact.integer(2))
        if beds.setdefault(key, fact.integer(0)) != fact.integer(0):
            fact.fail(f"specialty {key[0]} has two numbers of beds on day {key[1]}")
    given: dict[int, RoomDay] = {}
    for fact in facts.named("givenSchedule", 3):
        place = RoomDay(fact.text(2), fact.integer(1))
        if fact.integer(0) not in cases:
            fact.fail(f"case {fact.integer(0)} is given a room but not registered")
        if given.setdefault(fact.integer(0), place) != place:
            fact.fail(f"case {fact.integer(0)} is given two places")
    if not specialties:
        raise FactError(f"{facts.source}: no 'mss' fact, so no room is open")
    frozen = {place: frozenset(owners) for place, owners in specialties.items()}
    return Instance(name, cases, frozen, beds, facts.constant("timeDisp"), given)


def violations(instance: Instance, assignment: Assignment, *, respect_specialty: bool = False) -> list[Violation]:
    """Return every broken rule of an assignment, in a fixed order.

    Parameters
    ----------
    respect_specialty
        Whether the room-day must belong to the case's specialty. The published encoding does not ask for it.
    """
    found: list[Violation] = []
    minutes: Counter[RoomDay] = Counter()
    occupants: Counter[tuple[int, int]] = Counter()
    for case_id, place in sorted(assignment.items()):
        case = instance.cases.get(case_id)
        if case is None:
            found.append(Violation(Rule.UNKNOWN_CASE, f"case {case_id} is not on the waiting list"))
            continue
        owners = instance.specialties.get(place)
        if owners is None:
            found.append(Violation(Rule.CLOSED_ROOM, f"case {case_id} is in {place}, which is closed"))
        elif respect_specialty and case.specialty not in owners:
            message = f"case {case_id} of specialty {case.specialty} is in {place}, which is owned by {sorted(owners)}"
            found.append(Violation(Rule.SPECIALTY, message))
        minutes[place] += case.duration_min
        occupants.update((case.specialty, day) for day in case.stay(place.day))
    for case in sorted(instance.cases.values(), key=lambda case: case.id):
        if case.priority == 1 and case.id not in assignment:
            found.append(Violation(Rule.PRIORITY_ONE, f"case {case.id} of priority 1 is not assigned"))
    for case_id, place in sorted(instance.given.items()):
        if assignment.get(case_id) != place:
            message = f"case {case_id} is fixed to {place}, found {assignment.get(case_id) or 'no room'}"
            found.append(Violation(Rule.GIVEN, message))
    for place, total in sorted(minutes.items()):
        if total > instance.limit_min:
            found.append(Violation(Rule.TIME, f"{place} takes {instance.limit_min} min, found {total}"))
    for (specialty, day), limit in sorted(instance.beds.items()):
        if occupants[specialty, day] > limit:
            message = f"specialty {specialty} has {limit} beds on day {day}, found {occupants[specialty, day]} patients"
            found.append(Violation(Rule.BEDS, message))
    return found


def cost(instance: Instance, assignment: Assignment) -> Cost:
    """Count the unassigned cases of each priority; cases that are not on the waiting list count for nothing."""
    left = Counter(case.priority for case in instance.cases.values() if case.id not in assignment)
    return left[1], left[2], left[3], left[4]
