"""Visits as the judge sees them: everything that blocks, in epoch minutes, beside what each step requires.

Pydantic appointments are never made here: 200,000 of them would take longer than judging them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.check.clock import local_day, local_minute
from engine.model.resource import BuffersRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from engine.check.sessions import SessionAt
    from engine.model.appointment import Override
    from engine.model.codes import ConstraintCode
    from engine.model.ids import RoleId, SiteId, StepId
    from engine.model.order import Order, Priority
    from engine.model.patient import Patient
    from engine.model.resource import Resource
    from engine.model.service import HeldResource, Modality, Role, Service, Step
    from engine.model.session import PatientClass

__all__ = ["StepAt", "Use", "Visit", "patient_time", "window_of"]


@dataclass(slots=True, eq=False)
class Use:
    """A reservation `[start, end)` of a resource.

    `role` is the role of the step, or held role, that it fills: None where there is none of that name. `window` is
    the time of use without buffers (the reservation itself where the role is not known). `sessions` are those of the
    resource that the reservation or its window touches.
    """

    step: StepAt
    role_id: RoleId
    resource: Resource
    start: int
    end: int
    units: int
    is_presence: bool
    role: Role | None = None
    window: tuple[int, int] = (0, 0)
    sessions: tuple[SessionAt, ...] = ()

    @property
    def setup_min(self) -> int:
        """Minutes of set-up before the window: the role's and the resource's."""
        return self.resource.setup_min + (self.role.setup_min if self.role else 0)

    @property
    def cleanup_min(self) -> int:
        """Minutes of clean-up after the window: the role's and the resource's."""
        return self.resource.cleanup_min + (self.role.cleanup_min if self.role else 0)

    @property
    def needed(self) -> tuple[int, int]:
        """What the reservation must at least cover: the window, with buffers where these are part of it."""
        start, end = self.window
        if self.resource.buffers is BuffersRule.OVERLAP:
            return start, end
        return start - self.setup_min, end + self.cleanup_min


@dataclass(slots=True, eq=False)
class StepAt:
    """A placed step at `[start, end)`; `required` is what the service asks of it, None when it is none of its steps."""

    visit: Visit
    id: StepId
    site: SiteId
    zone: str
    modality: Modality
    start: int
    end: int
    required: Step | None
    roles: tuple[Role, ...] = ()
    uses: list[Use] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The local date on which it starts."""
        return local_day(self.start, self.zone)

    @property
    def minute(self) -> int:
        """Wall-clock minutes since local midnight at its start."""
        return local_minute(self.start, self.zone)


@dataclass(slots=True, eq=False)
class Visit:
    """A blocking appointment, or a group occurrence (`is_group`) of `n_seats`, whose `seats` are appointments.

    `booked` is the booking time. `resourced` is the visit itself or, for a seat, the group's occurrence: whoever has
    the reservations. `required` are the service's steps with needs and series worked in; `first` is the placed step
    that starts first.
    """

    id: str
    service: Service
    order: Order | None
    occurrence: int
    patient: Patient | None
    priority: Priority
    patient_classes: frozenset[PatientClass]
    is_started: bool
    is_hold: bool
    is_confirmed: bool
    booked: int
    overrides: tuple[Override, ...]
    allowed: frozenset[ConstraintCode]
    group_id: str | None
    required: Mapping[StepId, Step]
    steps: list[StepAt] = field(default_factory=list)
    first: StepAt = field(init=False)
    start: int = 0
    end: int = 0
    group: Visit | None = None
    seats: list[Visit] = field(default_factory=list)
    n_seats: int = 0
    is_group: bool = False

    @property
    def resourced(self) -> Visit:
        """Whoever has the reservations: the group's occurrence for a seat, else the visit itself."""
        return self.group or self

    @property
    def uses(self) -> Iterable[Use]:
        """Every reservation with which the visit takes place, those of a seat's group included."""
        return (use for step in self.resourced.steps for use in step.uses)

    @property
    def day(self) -> date:
        """The local date on which the visit starts, by the clock of its first step's site."""
        return self.first.day

    @property
    def in_order(self) -> list[StepAt]:
        """Its placed steps in the order of the service, each once; steps that the service has not are left out."""
        placed = {step.id: step for step in reversed(self.steps)}
        return [placed[i] for i in self.required if i in placed]

    def held_over(self, held: HeldResource) -> tuple[StepAt, StepAt] | None:
        """The first and last placed step of a resource held across steps; None while one of them is missing."""
        placed = {step.id: step for step in reversed(self.steps)}
        if held.first in placed and held.last in placed:
            return placed[held.first], placed[held.last]
        return None

    def uses_during(self, step: StepAt) -> list[Use]:
        """The reservations with which one of its steps takes place: its own, and resources held across it."""
        found = list(step.uses)
        for held in self.service.held:
            ends = self.held_over(held)
            if ends and ends[0] is not step and ends[0].start <= step.start and step.end <= ends[1].end:
                found.extend(u for u in ends[0].uses if u.role_id == held.role.id)
        return found


def window_of(role: Role, start: int, end: int, tick_min: int) -> tuple[int, int]:
    """The window of a role around `[start, end)`, offsets rounded outward to ticks, without buffers."""
    before = role.start.minutes // tick_min * tick_min
    after = -(-role.end.minutes // tick_min) * tick_min
    return (
        (start if role.start.anchor == "start" else end) + before,
        (start if role.end.anchor == "start" else end) + after,
    )


def patient_time(visit: Visit) -> list[tuple[int, int, StepAt]]:
    """The stretches `[start, end)` in which a visit has the patient, by start; the first from arrival on."""
    present = [s for s in visit.steps if s.required is None or s.required.is_patient_present]
    present.sort(key=lambda s: s.start)
    arrive = visit.service.arrive_before_min
    return [(s.start - (0 if i else arrive), s.end, s) for i, s in enumerate(present)]
