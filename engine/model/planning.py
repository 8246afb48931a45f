"""The brief for a weekly template: what a session can be, who may hold how many, and what demand they must cover.

Template generation decides in *periods*: half-days (or other parts of a day) that all sessions of the template share.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Count, Fact, Name
from engine.model.calendar import LocalPeriod, Weekday
from engine.model.ids import ActivityId, Capability, ResourceId, ServiceId, SiteId, Specialty, TemplateId
from engine.model.resource import ResourceKind
from engine.model.session import Segment

__all__ = [
    "Activity",
    "Contract",
    "Cover",
    "Demand",
    "DemandSource",
    "PeriodName",
    "PlanningBrief",
    "PlanningPeriod",
    "PoolNeed",
    "RoomNeed",
    "SlotRef",
    "StaffingContract",
    "Unavailable",
    "Wish",
    "WishKind",
]

PeriodName = Annotated[str, Field(min_length=1, max_length=50)]


class PlanningPeriod(Fact):
    """A part of a day that sessions of the template fill, the same on each of `days`."""

    id: PeriodName
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    period: LocalPeriod


class RoomNeed(Fact):
    """Rooms that a session of an activity takes for its whole period."""

    capabilities: tuple[Capability, ...] = ()
    count: Annotated[int, Field(ge=1, le=20, strict=True)] = 1


class PoolNeed(Fact):
    """Staff or equipment that a session takes from a pool of its site for its whole period."""

    kind: ResourceKind
    capabilities: tuple[Capability, ...] = ()
    count: Annotated[int, Field(ge=1, le=20, strict=True)] = 1


class Activity(Fact):
    """What a session of the template can be: a clinic, an imaging list, a surgery block, being on call.

    Parameters
    ----------
    sites
        Where it may take place; empty: at every site.
    is_surgery
        Its sessions become surgery blocks of the practitioner in a theatre, rather than sessions.
    counts_for_cover
        Whether a practitioner at it counts as present.
    """

    id: ActivityId
    name: Name
    services: tuple[ServiceId, ...] = ()
    specialty: Specialty | None = None
    capabilities: tuple[Capability, ...] = ()
    rooms: tuple[RoomNeed, ...] = ()
    pools: tuple[PoolNeed, ...] = ()
    sites: tuple[SiteId, ...] = ()
    is_surgery: bool = False
    counts_for_cover: bool = True
    is_unpopular: bool = False
    segments: tuple[Segment, ...] = ()


class Contract(Fact):
    """How many sessions of an activity a practitioner holds in a cycle: at least, at most, and wished."""

    activity: ActivityId
    minimum: Count = 0
    maximum: Count
    wished: Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum < self.minimum:
            raise ValueError(f"at most {self.maximum} sessions, but at least {self.minimum}")
        return self


class StaffingContract(Fact):
    """What a practitioner's sessions of a cycle consist of; `maximum` counts all activities together."""

    practitioner: ResourceId
    activities: tuple[Contract, ...]
    maximum: Count
    one_site_a_day: bool = True


class SlotRef(Fact):
    """A period of the cycle: weekday and period, in the given weeks (1 to N; empty: every week)."""

    day: Weekday
    period: PeriodName
    weeks: tuple[Annotated[int, Field(ge=1, le=52, strict=True)], ...] = ()


class Unavailable(Fact):
    """A resource that cannot be used in a period (a day off, teaching, maintenance)."""

    resource: ResourceId
    at: SlotRef
    note: str = ""


class WishKind(StrEnum):
    """Whether a practitioner would like to work then, or not."""

    WORK = "work"
    OFF = "off"


class Wish(Fact):
    """What a practitioner would like; costs the policy's weight times `strength` when not granted."""

    practitioner: ResourceId
    at: SlotRef
    kind: WishKind
    activity: ActivityId | None = None
    strength: Annotated[int, Field(ge=1, le=10, strict=True)] = 1


class DemandSource(StrEnum):
    """Where a demand comes from."""

    GIVEN = "given"
    HISTORY = "history"


class Demand(Fact):
    """Sessions of an activity that are wanted in a cycle, at one site or anywhere.

    `priority` 1 is served first. What cannot be covered is a cost, and is listed.
    """

    activity: ActivityId
    sessions: Count
    site: SiteId | None = None
    priority: Annotated[int, Field(ge=1, le=5, strict=True)] = 3
    source: DemandSource = DemandSource.GIVEN


class Cover(Fact):
    """At least so many practitioners of a specialty (or at an activity) present in a period, always."""

    minimum: Annotated[int, Field(ge=1, strict=True)]
    specialty: Specialty | None = None
    activity: ActivityId | None = None
    site: SiteId | None = None
    at: tuple[SlotRef, ...] = ()

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.specialty is None) == (self.activity is None):
            raise ValueError("expected either a specialty or an activity to cover")
        return self


class PlanningBrief(Fact):
    """Everything a weekly template is computed from, beside the resources themselves.

    `today` names the template in force, against which changes are counted.
    """

    cycle_weeks: Annotated[int, Field(ge=1, le=12, strict=True)] = 1
    periods: Annotated[tuple[PlanningPeriod, ...], Field(min_length=1)]
    activities: tuple[Activity, ...] = ()
    contracts: tuple[StaffingContract, ...] = ()
    demand: tuple[Demand, ...] = ()
    cover: tuple[Cover, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    wishes: tuple[Wish, ...] = ()
    today: TemplateId | None = None
