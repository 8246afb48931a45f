"""Services: what is delivered to a patient, as steps that need resources."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Count, Fact, Minutes, Name, PositiveMinutes
from engine.model.calendar import LocalPeriod
from engine.model.ids import Capability, Need, ResourceId, RoleId, ServiceId, StepId, Tag
from engine.model.resource import ResourceKind
from engine.model.shorthand import Duration, Offset, RoleRef

__all__ = [
    "PATIENT_ROLE",
    "Eligibility",
    "Gap",
    "HeldResource",
    "Modality",
    "NeedRule",
    "Role",
    "RoleUse",
    "SameResource",
    "Service",
    "Sex",
    "Step",
]

PATIENT_ROLE = RoleId("patient")
"""The role that the patient fills in every step; no other role may have this id."""


class Sex(StrEnum):
    """Administrative sex, as FHIR R4 has it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Modality(StrEnum):
    """How a step takes place."""

    IN_PERSON = "in-person"
    VIDEO = "video"
    TELEPHONE = "telephone"


class RoleUse(StrEnum):
    """How a role uses its resource."""

    EXCLUSIVE = "exclusive"
    PRESENCE = "presence"
    """Supervision: the resource may cover several steps at once, up to its `presence_limit`."""


class Role(Fact):
    """A need for `count` different resources during a window around a step.

    Parameters
    ----------
    kind, capabilities
        A pool by query: every resource of the kind with all the capabilities at the step's site.
    any_of
        Where given, only these.
    count, units
        How many different resources, and how many lanes of each.
    start, end
        The window `[from, until)` of use, relative to the step: by default the step itself.
    setup_min, cleanup_min
        Buffers before and after the window, part of the reservation.
    use
        Exclusive, or supervision.
    modalities
        The role is needed only in these; None: in all.
    tag
        What the use leaves behind or asks for, for the resource's changeovers.
    """

    id: RoleId
    kind: ResourceKind
    capabilities: tuple[Capability, ...] = ()
    any_of: Annotated[tuple[ResourceId, ...], Field(min_length=1)] | None = None
    count: Annotated[int, Field(ge=1, le=50, strict=True)] = 1
    units: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    start: Offset = Field(default=Offset(anchor="start"), alias="from")
    end: Offset = Field(default=Offset(anchor="end"), alias="until")
    setup_min: Minutes = 0
    cleanup_min: Minutes = 0
    use: RoleUse = RoleUse.EXCLUSIVE
    modalities: Annotated[tuple[Modality, ...], Field(min_length=1)] | None = None
    tag: Tag | None = None

    def window_min(self, duration_min: int) -> tuple[int, int]:
        """The window `[from, until)` in minutes from the step's start, for a step of `duration_min`; buffers apart."""
        bounds = [o.minutes + (duration_min if o.anchor == "end" else 0) for o in (self.start, self.end)]
        return bounds[0], bounds[1]


class Gap(Fact):
    """Minutes between the end of one step and the start of the next."""

    min_min: Minutes = 0
    max_min: Minutes | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max_min is not None and self.max_min < self.min_min:
            raise ValueError(f"the longest gap ({self.max_min} min) is shorter than the shortest ({self.min_min} min)")
        return self


class Step(Fact):
    """A part of a service that takes place at one time, at one site.

    Parameters
    ----------
    duration
        Of a step in minutes; None for a stay.
    nights
        Of an inpatient stay: it ends so many local days after it starts, at the policy's `discharge_at`.
    gap
        In an ordered service, the time since the step before ends.
    start_window
        Local times of day at which the step may start (fasting before 11:00: 00:00 to 11:00).
    modalities
        How it may take place, the preferred one first.
    is_patient_present
        False for what is done without the patient (a laboratory's work, a report).
    """

    id: StepId
    name: Name | None = None
    duration: Duration | None = None
    nights: Annotated[int, Field(ge=1, le=365, strict=True)] | None = None
    roles: tuple[Role, ...] = ()
    gap: Gap = Gap()
    start_window: LocalPeriod | None = None
    modalities: Annotated[tuple[Modality, ...], Field(min_length=1)] = (Modality.IN_PERSON,)
    is_patient_present: bool = True

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if (self.duration is None) == (self.nights is None):
            raise ValueError("expected either a duration or a number of nights")
        return self


class SameResource(Fact):
    """Roles of different steps that the same resource fills (the same physician, the same room)."""

    roles: Annotated[tuple[RoleRef, ...], Field(min_length=2)]


class HeldResource(Fact):
    """A resource held from the start of one step to the end of a later one (the infusion chair, the recovery bay).

    The role's window is relative to that whole stretch.
    """

    role: Role
    first: StepId
    last: StepId


class Eligibility(Fact):
    """Who may have a service. Age is in completed years at the visit's local date, both ends inclusive."""

    min_age: Count | None = None
    max_age: Count | None = None
    sexes: tuple[Sex, ...] | None = None


class NeedRule(Fact):
    """What a patient's need adds: roles in, or minutes to, the steps with the patient of the services it applies to.

    `services` None: all services.
    """

    need: Need
    adds_min: Minutes = 0
    roles: tuple[Role, ...] = ()
    services: tuple[ServiceId, ...] | None = None
    modalities: tuple[Modality, ...] = (Modality.IN_PERSON, Modality.VIDEO, Modality.TELEPHONE)


class Service(Fact):
    """What is delivered: one step, or several that belong together (a bundle).

    Parameters
    ----------
    steps
        In their order when `is_ordered`, else free in order.
    is_same_day
        All steps on one local day.
    max_span_min
        From the first start to the last end.
    group_size
        More than 1: patients share one occurrence, up to so many.
    min_notice_min
        From booking to start; the policy's own counts too.
    arrive_before_min
        What the patient is told; part of the patient's time.
    no_show_rate
        Share of visits at which the patient does not appear, in percent, where known.
    """

    id: ServiceId
    name: Name
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    is_ordered: bool = True
    is_same_day: bool = False
    max_span_min: PositiveMinutes | None = None
    same: tuple[SameResource, ...] = ()
    held: tuple[HeldResource, ...] = ()
    eligibility: Eligibility = Eligibility()
    group_size: Annotated[int, Field(ge=1, le=500, strict=True)] = 1
    min_notice_min: Minutes = 0
    arrive_before_min: Minutes = 0
    instructions: str = ""
    no_show_rate: Annotated[int, Field(ge=0, le=100, strict=True)] | None = None
