"""Orders: demand for a service, not yet timed (FHIR R4: ServiceRequest)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Day, Days, Fact, Instant, Minutes, Name, PositiveMinutes
from engine.model.calendar import LocalPeriod, Weekday
from engine.model.ids import Modifier, OrderId, PatientId, ResourceId, ServiceId, SiteId, TieId
from engine.model.patient import Contact
from engine.model.service import Modality
from engine.model.session import PatientClass

__all__ = [
    "Blocks",
    "Condition",
    "ConditionKind",
    "ConditionStatus",
    "Occurrence",
    "Order",
    "OrderStatus",
    "OrderingOffice",
    "Preference",
    "Prerequisite",
    "Priority",
    "Separation",
    "TargetDate",
    "Tie",
    "TieKind",
]


class Priority(StrEnum):
    """As FHIR R4's request priority, most urgent first."""

    STAT = "stat"
    ASAP = "asap"
    URGENT = "urgent"
    ROUTINE = "routine"

    @property
    def is_urgent(self) -> bool:
        """Whether time kept for urgent orders may be used."""
        return self is not Priority.ROUTINE

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(Priority).index(self)


class OrderStatus(StrEnum):
    """As FHIR R4's request status; only `active` orders are booked."""

    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    REVOKED = "revoked"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"


class ConditionKind(StrEnum):
    """What may have to be in place before a visit."""

    AUTHORISATION = "authorisation"
    REFERRAL = "referral"
    CONSENT = "consent"
    RESULT = "result"
    OTHER = "other"


class ConditionStatus(StrEnum):
    """How far a condition is."""

    PENDING = "pending"
    MET = "met"
    REFUSED = "refused"
    EXPIRED = "expired"


class Blocks(StrEnum):
    """What an unmet condition stands in the way of; booking includes what comes after it."""

    BOOKING = "booking"
    CONFIRMING = "confirming"
    PERFORMING = "performing"


class Condition(Fact):
    """Something that must be in place: until it is `met`, what it blocks may not happen.

    The visit must also fall on a local date in `[valid_from, valid_until]`, both inclusive, where given.
    """

    kind: ConditionKind
    status: ConditionStatus = ConditionStatus.PENDING
    blocks: Blocks = Blocks.BOOKING
    valid_from: Day | None = None
    valid_until: Day | None = None
    note: str = ""


class Prerequisite(Fact):
    """This order's visit starts at least and at most so many minutes after the end of another order's."""

    order: OrderId
    min_min: Minutes = 0
    max_min: Minutes | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.max_min is not None and self.max_min < self.min_min:
            raise ValueError(f"at most {self.max_min} min after, but at least {self.min_min} min after")
        return self


class Separation(Fact):
    """Not within so many minutes of the patient's visits for another order, or for a service; before or after."""

    minutes: PositiveMinutes
    order: OrderId | None = None
    service: ServiceId | None = None

    @model_validator(mode="after")
    def _one_other(self) -> Self:
        if (self.order is None) == (self.service is None):
            raise ValueError("expected either an order or a service to keep away from")
        return self


class TargetDate(Fact):
    """A wished local date with a tolerance in days on both sides, inclusive.

    "In three months, two weeks either way".
    """

    day: Day
    before_days: Days = 0
    after_days: Days = 0


class Occurrence(Fact):
    """One visit of a series: so many local days after the first, give or take, with an own duration where given.

    `duration_min` replaces the duration of the service's longest step.
    """

    offset_days: Days
    before_days: Days = 0
    after_days: Days = 0
    duration_min: PositiveMinutes | None = None


class Preference(Fact):
    """What the patient would like.

    Parameters
    ----------
    weekdays, times
        At a cost when it cannot be.
    modality
        Of the steps that could be in it; at a cost when one of them is not.
    """

    weekdays: tuple[Weekday, ...] = ()
    times: tuple[LocalPeriod, ...] = ()
    modality: Modality | None = None


class OrderingOffice(Fact):
    """Who ordered, and whom to call about it."""

    practitioner: Name
    office: str = ""
    contact: Contact = Contact()


class Order(Fact):
    """Demand for a service by a patient.

    Parameters
    ----------
    deadline
        Hard: the last step ends no later.
    due
        Soft: tardiness counts from here.
    target
        Hard within its tolerance; soft by distance.
    ordered_at
        Since when the patient waits.
    series
        Empty for one visit; else the offsets of all visits from the first, ascending from 0.
    """

    id: OrderId
    patient: PatientId
    service: ServiceId
    priority: Priority = Priority.ROUTINE
    status: OrderStatus = OrderStatus.ACTIVE
    patient_class: PatientClass = PatientClass.OUTPATIENT
    ordered_at: Instant | None = None
    ordered_by: OrderingOffice | None = None
    earliest_start: Instant | None = None
    due: Instant | None = None
    deadline: Instant | None = None
    target: TargetDate | None = None
    modifiers: tuple[Modifier, ...] = ()
    required_practitioner: ResourceId | None = None
    required_site: SiteId | None = None
    preferred_practitioner: ResourceId | None = None
    preferred_sites: tuple[SiteId, ...] = ()
    preference: Preference = Preference()
    conditions: tuple[Condition, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    separations: tuple[Separation, ...] = ()
    series: Annotated[tuple[Occurrence, ...], Field(max_length=400)] = ()
    note: str = ""


class TieKind(StrEnum):
    """How tied orders belong together."""

    SAME_DAY = "same-day"
    """All on one local day."""
    ONE_TRIP = "one-trip"
    """On one day at one site, with at most `max_wait_min` between two visits."""
    HOUSEHOLD = "household"
    """Several patients of a household in one trip."""


class Tie(Fact):
    """Orders that are booked together."""

    id: TieId
    kind: TieKind
    orders: Annotated[tuple[OrderId, ...], Field(min_length=2)]
    max_wait_min: Minutes | None = None
