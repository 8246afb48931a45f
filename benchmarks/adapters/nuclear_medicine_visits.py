"""A patient of a nuclear-medicine day in our own words: service, order, visit; and how slots are told as times.

How the whole is translated is told in `benchmarks.adapters.nuclear_medicine_problem`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.adapters.nuclear_medicine import ANAMNESIS, CHAIR, LAST_SLOT, SCAN, UPTAKE
from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.calendar import LocalPeriod
from engine.model.ids import (
    AppointmentId,
    Capability,
    OrderId,
    PatientId,
    ResourceId,
    RoleId,
    ServiceId,
    SiteId,
    StepId,
)
from engine.model.order import Order, Priority
from engine.model.resource import ResourceKind
from engine.model.service import Gap, HeldResource, Role, SameResource, Service, Step
from engine.model.session import PatientClass
from engine.model.shorthand import Duration, Offset, RoleRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.adapters.nuclear_medicine import Instance, Patient, Visit

__all__ = [
    "CHAIR_ROLE",
    "DESK_ID",
    "FIRST_SLOT_MIN",
    "PHASES",
    "ROOM",
    "SITE",
    "SLOT_MIN",
    "TOMOGRAPH",
    "ZONE",
    "all_starts",
    "at_slot",
    "booked_visit",
    "limit_of",
    "number_of",
    "order_id",
    "order_of",
    "person_id",
    "place_id",
    "service_of",
    "slot_of",
    "visit_id",
]

ZONE = "Europe/Rome"
DAY = date(2023, 2, 6)
FIRST_SLOT_MIN = 6 * 60
SLOT_MIN = 5
EMERGENCY_WAIT = 24  # slots: nothing is planned for an emergency, whose delay counts until it enters
SITE = SiteId("nuclear-medicine")
STEPS = {phase: StepId(name) for phase, name in enumerate(("anamnesis", "chair", "uptake", "scan"))}
PHASES = {step: phase for phase, step in STEPS.items()}
DESK, CHAIR_ROLE, TOMOGRAPH, ROOM, LIMIT = map(RoleId, ("desk", "chair", "tomograph", "room", "limit"))
DESK_ID = ResourceId("anamnesis")


# --- what a patient needs


def service_of(patient: Patient, extra_wait: int | None) -> Service:
    """The patient's phases as steps, with what they take; `extra_wait` is that of `day_of`."""
    held: list[HeldResource] = []
    by_phase: dict[int, list[Role]] = {phase: [] for phase in kept_phases(patient)}
    if ANAMNESIS in by_phase:
        minutes = max(1, patient.protocol.lengths[ANAMNESIS]) * SLOT_MIN  # a longer one still takes the old time
        until = Offset(anchor="start", minutes=minutes)
        by_phase[ANAMNESIS].append(Role(id=DESK, kind=ResourceKind.ROOM, any_of=(DESK_ID,), end=until))

    in_room = [phase for phase in (CHAIR, SCAN) if phase in by_phase]
    for phase in in_room:
        by_phase[phase].append(Role(id=ROOM, kind=ResourceKind.ROOM, capabilities=("scanning",)))
    same = tuple(RoleRef(step=STEPS[phase], role=ROOM) for phase in in_room)
    if patient.needs_chair:
        until_scan = Offset(anchor="end", minutes=-slots_of(patient, SCAN) * SLOT_MIN)
        chair = Role(id=CHAIR_ROLE, kind=ResourceKind.EQUIPMENT, capabilities=("chair",), end=until_scan)
        held.append(HeldResource(role=chair, first=STEPS[CHAIR], last=STEPS[SCAN]))
    tomograph = Role(id=TOMOGRAPH, kind=ResourceKind.EQUIPMENT, capabilities=("tomograph",))
    if patient.protocol.needs_chair:
        by_phase[SCAN].append(tomograph)
    elif CHAIR in by_phase:
        one_short = tomograph.model_copy(update={"end": Offset(anchor="end", minutes=-SLOT_MIN)})
        held.append(HeldResource(role=one_short, first=STEPS[CHAIR], last=STEPS[SCAN]))
    if patient.protocol.limit is not None:
        by_phase[SCAN].append(
            Role(
                id=LIMIT,
                kind=ResourceKind.EQUIPMENT,
                capabilities=(limit_of(patient.protocol.id),),
                start=Offset(anchor="start", minutes=-LAST_SLOT * SLOT_MIN),
                end=Offset(anchor="end", minutes=LAST_SLOT * SLOT_MIN),
            )
        )
    return Service(
        id=_service_id(patient),
        name=f"Protocol {patient.protocol.id} of patient {patient.id}",
        steps=tuple(
            Step(
                id=STEPS[phase],
                duration=Duration(minutes=slots_of(patient, phase) * SLOT_MIN),
                roles=tuple(roles),
                gap=_gap(patient, phase, extra_wait),
                start_window=_start_window(patient, phase),
            )
            for phase, roles in by_phase.items()
        ),
        same=(SameResource(roles=same),) if len(same) > 1 else (),
        held=tuple(held),
    )


def _start_window(patient: Patient, phase: int) -> LocalPeriod:
    """From the planned or wanted slot to the last one; a plan that is behind it already is too late in any case."""
    first = min(patient.earliest(phase), LAST_SLOT)
    return LocalPeriod(start=_minute_of_day(first), end=_minute_of_day(LAST_SLOT + 1))


def _gap(patient: Patient, phase: int, extra_wait: int | None) -> Gap:
    """How long the patient may wait before a phase."""
    kept = kept_phases(patient)
    if extra_wait is None or phase == kept[0]:
        return Gap()
    before, planned = kept[kept.index(phase) - 1], EMERGENCY_WAIT
    if patient.current is not None:
        ready = patient.current.starts[before] + max(1, patient.protocol.lengths[before])
        planned = max(0, patient.current.starts[phase] - ready)
    return Gap(max_min=(planned + extra_wait) * SLOT_MIN)


def order_of(patient: Patient) -> Order:
    """The patient's order: nothing starts before it was planned or wanted, and an emergency comes first."""
    current = patient.current
    return Order(
        id=order_id(patient),
        patient=person_id(patient),
        service=_service_id(patient),
        priority=Priority.STAT if current is None else Priority.ROUTINE,
        patient_class=PatientClass.EMERGENCY if current is None else PatientClass.OUTPATIENT,
        earliest_start=at_slot(patient.earliest(patient.entry)),
        due=None if current is None else at_slot(current.starts[SCAN] + slots_of(patient, SCAN)),
    )


def booked_visit(instance: Instance, patient: Patient, visit: Visit) -> Appointment:
    """A planned patient's visit, with the phases in the lengths that were planned."""
    order, length = order_of(patient), patient.protocol.lengths
    room = instance.tomographs[visit.tomograph]
    on_chair, on_tomograph = patient.chair_span(visit), patient.tomograph_span(visit)
    begin, end = visit.starts[ANAMNESIS], visit.starts[SCAN] + max(1, length[SCAN])
    uses: dict[int, list[Reservation]] = {phase: [] for phase in kept_phases(patient)}

    def use(phase: int, role: RoleId, resource: ResourceId, first: int, stop: int) -> None:
        uses[phase].append(Reservation(role=role, resource=resource, start=at_slot(first), end=at_slot(stop)))

    use(ANAMNESIS, DESK, DESK_ID, begin, begin + max(1, length[ANAMNESIS]))
    for phase in (CHAIR, SCAN):
        first = visit.starts[phase]
        use(phase, ROOM, place_id("room", room), first, first + max(1, length[phase]))
    if visit.chair is not None:
        use(CHAIR, CHAIR_ROLE, place_id("chair", visit.chair), on_chair.start, on_chair.stop)
    holder = SCAN if patient.protocol.needs_chair else CHAIR
    use(holder, TOMOGRAPH, place_id("tomograph", visit.tomograph), on_tomograph.start, on_tomograph.stop)
    if patient.protocol.limit is not None:
        scan = visit.starts[SCAN]
        use(SCAN, LIMIT, place_id(f"limit-{patient.protocol.id}", room), scan - LAST_SLOT, end + LAST_SLOT)
    steps = (
        PlacedStep(
            step=STEPS[phase],
            start=at_slot(visit.starts[phase]),
            end=at_slot(visit.starts[phase] + max(1, length[phase])),
            site=SITE,
            reservations=tuple(reservations),
        )
        for phase, reservations in uses.items()
    )
    return Appointment(
        id=visit_id(patient),
        patient=order.patient,
        service=order.service,
        order=order.id,
        patient_class=order.patient_class,
        steps=tuple(steps),
    )


# --- phases and slots


def kept_phases(patient: Patient) -> list[int]:
    """The phases that are steps: all that the patient passes, but for an uptake of no slots."""
    return [phase for phase in patient.phases if phase != UPTAKE or patient.length(phase)]


def slots_of(patient: Patient, phase: int) -> int:
    """How many slots a step takes; the scan in its original length, which is what the public problem counts."""
    return max(1, patient.protocol.lengths[phase] if phase == SCAN else patient.length(phase))


def all_starts(patient: Patient, starts: Mapping[int, int]) -> dict[int, int]:
    """The starts with that of an uptake that was left out: as early as may be."""
    if UPTAKE in starts or UPTAKE not in patient.phases:
        return dict(starts)
    before = starts[CHAIR] + patient.length(CHAIR) if CHAIR in starts else 1
    return dict(sorted({**starts, UPTAKE: max(before, patient.earliest(UPTAKE))}.items()))


def _minute_of_day(slot: int) -> int:
    return FIRST_SLOT_MIN + (slot - 1) * SLOT_MIN


def at_slot(slot: int) -> datetime:
    """The instant at which a slot begins; slots are numbered from 1."""
    midnight = datetime.combine(DAY, datetime.min.time(), ZoneInfo(ZONE))
    return midnight + timedelta(minutes=_minute_of_day(slot))


def slot_of(instant: datetime) -> int:
    """The slot that begins at an instant."""
    return (instant - at_slot(1)) // timedelta(minutes=SLOT_MIN) + 1


# --- ids


def place_id(kind: str, number: int) -> ResourceId:
    """The id of a room, chair or tomograph."""
    return ResourceId(f"{kind}-{number}")


def number_of(resource: ResourceId) -> int:
    """The number of a room, chair or tomograph."""
    return int(resource.rpartition("-")[2])


def person_id(patient: Patient) -> PatientId:
    """The id of the patient."""
    return PatientId(f"patient-{patient.id}")


def order_id(patient: Patient) -> OrderId:
    """The id of the patient's order."""
    return OrderId(f"order-{patient.id}")


def _service_id(patient: Patient) -> ServiceId:
    return ServiceId(f"visit-{patient.id}")


def visit_id(patient: Patient) -> AppointmentId:
    """The id of the patient's visit."""
    return AppointmentId(f"visit-{patient.id}")


def limit_of(protocol: int) -> Capability:
    """What the equipment that stands for a protocol's limit can do."""
    return Capability(f"limit-{protocol}")
