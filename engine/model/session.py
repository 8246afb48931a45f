"""Sessions and surgery blocks: dated time in which a resource or pool serves given services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Count, Day, Fact, Name, PositiveMinutes, WallTime
from engine.model.calendar import LocalPeriod, instant_at
from engine.model.ids import Capability, ResourceId, ServiceId, SessionId, SiteId, Specialty
from engine.model.resource import Resource, ResourceKind

__all__ = [
    "BlockShape",
    "ClassQuota",
    "FloatingBreak",
    "PatientClass",
    "Pool",
    "Release",
    "Segment",
    "Session",
    "SessionShape",
    "SurgeryBlock",
    "is_in_pool",
]


class PatientClass(StrEnum):
    """Where the patient comes from."""

    OUTPATIENT = "outpatient"
    INPATIENT = "inpatient"
    EMERGENCY = "emergency"


class Pool(Fact):
    """A pool is a query, never a resource: every resource of a kind with the capabilities at the session's site.

    Capabilities held by privilege only do not count, because a pool is the same on every day.
    """

    kind: ResourceKind
    capabilities: tuple[Capability, ...] = ()


class Release(Fact):
    """When time kept for somebody is given to all: so many local days before the session's day, at a time of day."""

    days_before: Annotated[int, Field(ge=0, le=365, strict=True)]
    at: WallTime = 0

    def instant(self, day: date, zone: str) -> datetime:
        """The instant of release for a session that starts on `day`."""
        return instant_at(day - timedelta(days=self.days_before), self.at, zone)


class Segment(Fact):
    """A part of a session for given services.

    Parameters
    ----------
    start, end
        Wall-clock, within the session.
    services
        None: every service that the owner can do.
    quota
        At most so many visits starting in the segment; None: as many as fit.
    is_kept_for_urgent
        Only orders of priority `stat`, `asap` or `urgent`, until `release`.
    """

    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")
    services: Annotated[tuple[ServiceId, ...], Field(min_length=1)] | None = None
    quota: Count | None = None
    is_kept_for_urgent: bool = False
    release: Release | None = None

    @model_validator(mode="after")
    def _release_of_kept_time(self) -> Self:
        if self.release is not None and not self.is_kept_for_urgent:
            raise ValueError("has a release, but is not kept for urgent orders")
        return self


class ClassQuota(Fact):
    """At most so many visits of a patient class in the session."""

    patient_class: PatientClass
    quota: Count


class FloatingBreak(Fact):
    """A break of `minutes` that the owner must be able to take somewhere between two times of the session."""

    minutes: PositiveMinutes
    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")


class SessionShape(Fact):
    """What a session is apart from its date; shared by dated sessions and templates.

    Parameters
    ----------
    owner
        A resource, or a pool: each resource of the pool then has the session.
    period
        Wall-clock time of the site; a night session belongs to the day it starts.
    rooms
        Visits take place in one of these rooms; empty: in any room that the role admits.
    segments
        Ascending, disjoint; empty: the whole session for every service that the owner can do.
    overbooking_lanes
        So many more uses at the same time than the owner has lanes; counted over time, never per day.
    """

    owner: ResourceId | Pool
    site: SiteId
    period: LocalPeriod
    activity: Name | None = None
    rooms: tuple[ResourceId, ...] = ()
    segments: tuple[Segment, ...] = ()
    class_quotas: tuple[ClassQuota, ...] = ()
    overbooking_lanes: Count = 0
    breaks: tuple[FloatingBreak, ...] = ()

    @property
    def has_quotas(self) -> bool:
        """Whether visits are counted in it, of a class or in a segment."""
        return bool(self.class_quotas) or any(s.quota is not None for s in self.segments)


class Session(SessionShape):
    """A dated session."""

    id: SessionId
    day: Day

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Its instants `[start, end)`, in UTC."""
        return self.period.on(self.day, zone)

    def part_bounds(self, part: Segment | FloatingBreak, zone: str) -> tuple[datetime, datetime]:
        """The instants `[start, end)` of a segment or break window, in UTC.

        In a session over midnight, times of day before the session's start are those of the next day.
        """

        def at(wall: int) -> datetime:
            is_next = self.period.crosses_midnight and wall < self.period.start
            return instant_at(self.day + timedelta(days=is_next), wall, zone)

        return at(part.start), at(part.end)


class BlockShape(Fact):
    """What a surgery block is apart from its date: whose theatre time this is, and when the rest is given to others.

    Exactly one of `practitioner` and `specialty` owns it. Without a `release` it is never given away.
    `overtime_quantile`: the percentile of case durations that must fit the block, where it differs from the policy.
    """

    theatre: ResourceId
    period: LocalPeriod
    practitioner: ResourceId | None = None
    specialty: Specialty | None = None
    services: Annotated[tuple[ServiceId, ...], Field(min_length=1)] | None = None
    release: Release | None = None
    overtime_quantile: Annotated[int, Field(ge=1, le=99, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if (self.practitioner is None) == (self.specialty is None):
            raise ValueError("expected one owner: a practitioner or a specialty")
        return self


class SurgeryBlock(BlockShape):
    """A dated surgery block."""

    id: SessionId
    day: Day

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """Its instants `[start, end)`, in UTC."""
        return self.period.on(self.day, zone)


def is_in_pool(resource: Resource, pool: Pool, site: SiteId) -> bool:
    """Whether a resource belongs to a pool at a site."""
    return resource.kind is pool.kind and resource.site == site and set(pool.capabilities) <= set(resource.capabilities)
