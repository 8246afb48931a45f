"""A nuclear-medicine day that goes wrong: emergencies arrive and phases take longer; who moves, and how far?

The problem of C. Dodaro, G. Galatà, M. Maratea, C. Marte and M. Mochi, CEUR Vol-3880 paper 21 (2024), on one real day.
A patient passes four phases: anamnesis, chair (positioning), uptake and scan; an emergency enters at one of them.
Slots are numbered from 1 and spans of slots are half-open. This module holds the data and its reader;
`benchmarks.adapters.nuclear_medicine_rules` judges a plan.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from benchmarks.adapters.facts import FactError, read_facts
from benchmarks.adapters.sources import PublicSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.adapters.facts import Fact, FactFile

__all__ = [
    "ANAMNESES_AT_ONCE",
    "ANAMNESIS",
    "CHAIR",
    "LAST_SLOT",
    "REGULAR_SLOTS",
    "SCAN",
    "SOURCE",
    "UPTAKE",
    "Instance",
    "Patient",
    "Plan",
    "Protocol",
    "Visit",
    "current_plan",
    "from_facts",
    "read_instance",
]

SOURCE = PublicSource(
    folder="nuclear-medicine-rescheduling",
    title="rescheduling of a nuclear-medicine day",
    repository="MarcoMochi/HC2024NMR",
    commit="5866d0e6b3c045b01662044f7b796eb8ae9e94ce",
    layout="the folders low, medium and high of its folder Input",
)
V = TypeVar("V")

ANAMNESIS, CHAIR, UPTAKE, SCAN = range(4)
LAST_SLOT = 150  # the last slot in which a phase may start
REGULAR_SLOTS = 120  # a slot after this one is overtime
ANAMNESES_AT_ONCE = 2
SIGNATURES = {
    *(("chair", 2), ("chair", 4), ("tomograph", 2), ("tomograph", 4), ("required_chair", 1), ("limit", 2)),
    *(("exam", 3), ("exam_new", 3), ("x", 5), ("new_reg", 4), ("cost", 2), ("on", 2)),
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """How an examination is done.

    Parameters
    ----------
    lengths
        Slots of each of the four phases.
    needs_chair
        Whether the patient sits in a chair until the scan; without, the tomograph is taken from the chair phase on.
    limit
        How many patients of this protocol one tomograph takes in the day; None is no limit.
    """

    id: int
    lengths: tuple[int, int, int, int]
    needs_chair: bool
    limit: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """When and where: `starts` maps each phase to its slot, and `chair` is None where none is needed."""

    starts: Mapping[int, int]
    tomograph: int
    chair: int | None


Plan: TypeAlias = "Mapping[int, Visit]"
"""Visit by patient id."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A planned patient or an emergency.

    Parameters
    ----------
    entry
        First phase of the patient; 0 except for emergencies.
    current
        The visit as planned; None for an emergency.
    wanted
        Slot in which an emergency wants to enter; None for a planned patient.
    new_lengths
        Slots by phase where a phase now takes longer.
    """

    id: int
    protocol: Protocol
    entry: int = ANAMNESIS
    current: Visit | None = None
    wanted: int | None = None
    new_lengths: Mapping[int, int] = field(default_factory=dict)

    @property
    def phases(self) -> range:
        """The phases that the patient passes."""
        return range(self.entry, SCAN + 1)

    @property
    def needs_chair(self) -> bool:
        """Whether the patient sits in a chair: not after entering at the uptake or later."""
        return self.protocol.needs_chair and self.entry <= CHAIR

    def earliest(self, phase: int) -> int:
        """Return the first slot in which the phase may start, as far as the file says."""
        if self.current is not None:
            return self.current.starts[phase]
        return self.wanted if self.wanted is not None and phase == self.entry else 1

    def length(self, phase: int) -> int:
        """Return the least number of slots from the start of this phase to the start of the next one."""
        return max(self.protocol.lengths[phase], self.new_lengths.get(phase, 0))

    def chair_span(self, visit: Visit) -> range:
        """Return the slots in which the patient takes a chair: from the chair phase to the scan."""
        return range(visit.starts[CHAIR], visit.starts[SCAN]) if self.needs_chair else range(0)

    def tomograph_span(self, visit: Visit) -> range:
        """Return the slots in which the patient takes a tomograph.

        Notes
        -----
        With a chair protocol this is the scan, in its original length. Without, it starts with the chair phase and ends
        one slot *before* the scan does, as in the published encoding; who then enters after the chair phase takes no
        time at all.
        """
        end = visit.starts[SCAN] + self.protocol.lengths[SCAN]
        if self.protocol.needs_chair:
            return range(visit.starts[SCAN], end)
        return range(visit.starts[CHAIR], end - 1) if self.entry <= CHAIR else range(0)


@dataclass(frozen=True, slots=True)
class Instance:
    """One day: resources by id with their room, and all patients by id, planned ones and emergencies."""

    name: str
    chairs: Mapping[int, int]
    tomographs: Mapping[int, int]
    patients: Mapping[int, Patient]


def current_plan(instance: Instance) -> Plan:
    """Return the plan of the file, as it was before anything went wrong: planned patients, no emergency."""
    return {patient.id: patient.current for patient in instance.patients.values() if patient.current is not None}


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
    protocols = _protocols(facts)
    new_lengths: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for fact in facts.named("exam_new", 3):
        _set(new_lengths[fact.integer(0)], _phase(fact, 1), fact.integer(2), fact)
    current = _current_visits(facts)
    patients: dict[int, Patient] = {}
    for fact in facts.named("x", 5):
        patient_id = fact.integer(0)
        patient = Patient(
            patient_id,
            _protocol(fact, 3, protocols),
            current=current[patient_id],
            new_lengths=new_lengths.get(patient_id, {}),
        )
        _set(patients, patient_id, patient, fact)
        if patient.needs_chair != (current[patient_id].chair is not None):
            fact.fail(f"patient {patient_id} has a chair but protocol {patient.protocol.id} none, or the reverse")
    for fact in facts.named("new_reg", 4):
        if fact.integer(0) in patients:
            fact.fail(f"patient {fact.integer(0)} is registered twice")
        patients[fact.integer(0)] = Patient(
            fact.integer(0),
            _protocol(fact, 3, protocols),
            entry=_phase(fact, 2),
            wanted=fact.integer(1),
            new_lengths=new_lengths.get(fact.integer(0), {}),
        )
    for fact in facts.named("exam_new", 3):
        if fact.integer(0) not in patients:
            fact.fail(f"patient {fact.integer(0)} has a new length but no visit")
    return Instance(name, _rooms(facts, "chair"), _rooms(facts, "tomograph"), patients)


def _protocols(facts: FactFile) -> dict[int, Protocol]:
    """Read the protocols that have lengths; a flag of a protocol that nobody can have is of no use."""
    lengths: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for fact in facts.named("exam", 3):
        _set(lengths[fact.integer(0)], _phase(fact, 1), fact.integer(2), fact)
    limits: dict[int, int] = {}
    for fact in facts.named("limit", 2):
        _set(limits, fact.integer(0), fact.integer(1), fact)
    with_chair = {fact.integer(0) for fact in facts.named("required_chair", 1)}
    protocols: dict[int, Protocol] = {}
    for key, phases in lengths.items():
        if len(phases) != 4 or min(phases.values()) < 0:
            raise FactError(f"{facts.source}: protocol {key} has lengths {phases}, expected four that are not negative")
        four = (phases[ANAMNESIS], phases[CHAIR], phases[UPTAKE], phases[SCAN])
        protocols[key] = Protocol(key, four, key in with_chair, limits.get(key))
    return protocols


def _current_visits(facts: FactFile) -> dict[int, Visit]:
    """Read the current plan: starts from ``x``, resources from the slots in which they are used."""
    starts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for fact in facts.named("x", 5):
        _set(starts[fact.integer(0)], _phase(fact, 4), fact.integer(2), fact)
    used: dict[str, dict[int, int]] = {"chair": {}, "tomograph": {}}
    for kind, resource in used.items():
        for fact in facts.named(kind, 4):
            _set(resource, fact.integer(1), fact.integer(0), fact)
    dates = {fact.text(1) for fact in facts.named("x", 5)}
    if len(dates) > 1:
        raise FactError(f"{facts.source}: expected the patients of one day, found {sorted(dates)}")
    for patient, phases in starts.items():
        if len(phases) != 4 or patient not in used["tomograph"]:
            raise FactError(f"{facts.source}: patient {patient} needs the starts of four phases and a tomograph")
    return {
        patient: Visit(phases, used["tomograph"][patient], used["chair"].get(patient))
        for patient, phases in starts.items()
    }


def _rooms(facts: FactFile, kind: str) -> dict[int, int]:
    rooms: dict[int, int] = {}
    for fact in facts.named(kind, 2):
        _set(rooms, fact.integer(0), fact.integer(1), fact)
    return rooms


def _protocol(fact: Fact, index: int, protocols: Mapping[int, Protocol]) -> Protocol:
    if fact.integer(index) not in protocols:
        fact.fail(f"protocol {fact.integer(index)} has no 'exam' lengths")
    return protocols[fact.integer(index)]


def _phase(fact: Fact, index: int) -> int:
    if fact.integer(index) not in range(SCAN + 1):
        fact.fail(f"phase {fact.integer(index)} of '{fact.name}', expected 0 to {SCAN}")
    return fact.integer(index)


def _set(mapping: dict[int, V], key: int, value: V, fact: Fact) -> None:
    """Store a value; the same fact twice is harmless, two different values are an error."""
    if mapping.setdefault(key, value) != value:
        fact.fail(f"'{fact.name}' says two things about {key}: {mapping[key]} and {value}")
