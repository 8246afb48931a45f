"""Appointments: booked slots, with the reservation of every resource they use (FHIR R4: Appointment)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Fact, Instant, Name
from engine.model.codes import ConstraintCode
from engine.model.ids import AppointmentId, GroupId, OrderId, PatientId, ResourceId, RoleId, ServiceId, SiteId, StepId
from engine.model.order import Priority
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass

__all__ = [
    "BLOCKING",
    "OPEN",
    "STARTED",
    "Appointment",
    "AppointmentStatus",
    "GroupOccurrence",
    "Override",
    "PlacedStep",
    "Promise",
    "PromisedTime",
    "Reservation",
]


class AppointmentStatus(StrEnum):
    """As FHIR R4's appointment status."""

    PROPOSED = "proposed"
    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"
    WAITLIST = "waitlist"


BLOCKING: frozenset[AppointmentStatus] = frozenset(
    {
        AppointmentStatus.PENDING,
        AppointmentStatus.BOOKED,
        AppointmentStatus.ARRIVED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.FULFILLED,
    }
)
"""Statuses whose reservations take time. A hold (`pending` with `expires_at`) stops blocking when it expires."""

OPEN: frozenset[AppointmentStatus] = frozenset({AppointmentStatus.PENDING, AppointmentStatus.BOOKED})
"""Statuses in which a visit has not begun and may still move."""

STARTED: frozenset[AppointmentStatus] = BLOCKING - OPEN
"""Statuses in which the patient is there or was."""


class PromisedTime(StrEnum):
    """How exactly the patient was told when."""

    DAY = "day"
    HALF_DAY = "half-day"
    TIME = "time"


class Promise(Fact):
    """What the patient was told. Moving inside it costs nothing, because nobody has to be called.

    `start` is the time that was told (its local day, its local half-day before or after 12:00, or itself);
    `practitioner` the name that was told, if one was.
    """

    time: PromisedTime = PromisedTime.TIME
    start: Instant
    practitioner: ResourceId | None = None


class Reservation(Fact):
    """Time of a resource that a step takes, its buffers included unless the resource's buffers overlap.

    The patient's own time is not listed: it follows from the steps with the patient, arrival time included.
    A resource held across steps is listed with the first of them.
    """

    role: RoleId
    resource: ResourceId
    start: Instant
    end: Instant
    units: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    use: RoleUse = RoleUse.EXCLUSIVE

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self


class PlacedStep(Fact):
    """A step at its time `[start, end)` and site, with the resources it uses."""

    step: StepId
    start: Instant
    end: Instant
    site: SiteId
    modality: Modality = Modality.IN_PERSON
    reservations: tuple[Reservation, ...] = ()

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self


class Override(Fact):
    """A rule broken on purpose, by somebody who may, for a reason that stays on record."""

    rule: ConstraintCode
    by: Name
    role: Name
    reason: Annotated[str, Field(min_length=1)]
    at: Instant


class Appointment(Fact):
    """A booked visit, or a hold.

    Parameters
    ----------
    order
        None for a visit without an order that is still kept (a walk-in, history, another calendar's entry).
    patient
        None where only the time is known (another calendar's entry).
    occurrence
        Index into the order's series; 0 for a single visit.
    group
        The group occurrence in which this patient has a seat; the steps then carry the patient's time alone.
    booked_at
        What notice, released time and kept-back time are judged by.
    expires_at
        Of a hold: from this instant on it takes nothing.
    times_moved
        By us, not at the patient's wish.
    """

    id: AppointmentId
    patient: PatientId | None = None
    service: ServiceId
    order: OrderId | None = None
    occurrence: Annotated[int, Field(ge=0, lt=10_000, strict=True)] = 0
    priority: Priority = Priority.ROUTINE
    patient_class: PatientClass = PatientClass.OUTPATIENT
    status: AppointmentStatus = AppointmentStatus.BOOKED
    steps: Annotated[tuple[PlacedStep, ...], Field(min_length=1)]
    booked_at: Instant | None = None
    expires_at: Instant | None = None
    is_pinned: bool = False
    is_confirmed: bool = False
    promise: Promise | None = None
    times_moved: Annotated[int, Field(ge=0, lt=10_000, strict=True)] = 0
    group: GroupId | None = None
    overrides: tuple[Override, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _hold_is_pending(self) -> Self:
        if self.expires_at is not None and self.status is not AppointmentStatus.PENDING:
            raise ValueError(f"is {self.status}, but has an expiry, which only a pending hold has")
        return self

    @property
    def start(self) -> Instant:
        """Start of its first step in time."""
        return min(s.start for s in self.steps)

    @property
    def end(self) -> Instant:
        """End of its last step in time."""
        return max(s.end for s in self.steps)

    @property
    def is_hold(self) -> bool:
        """Whether it is a short-lived claim rather than a booking."""
        return self.expires_at is not None

    def blocks_at(self, now: Instant) -> bool:
        """Whether its reservations take time, as of `now`."""
        return self.status in BLOCKING and (self.expires_at is None or now < self.expires_at)


class GroupOccurrence(Fact):
    """One meeting of a group: it owns the reservations, and its seats are the lanes that patients take."""

    id: GroupId
    service: ServiceId
    seats: Annotated[int, Field(ge=1, strict=True)]
    steps: Annotated[tuple[PlacedStep, ...], Field(min_length=1)]
