"""The problem: every fact of the planning world except what is booked in it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

from pydantic import Field, model_validator

from engine.errors import InvalidProblemError, UnknownIdError
from engine.model.base import Fact, Name
from engine.model.calendar import Interval, ZoneName
from engine.model.hours import Hours
from engine.model.order import Order, Tie
from engine.model.patient import ANYBODY, Patient
from engine.model.planning import PlanningBrief
from engine.model.policy import Policy
from engine.model.references import problem_faults
from engine.model.resource import Resource, Site, Travel
from engine.model.service import NeedRule, Service
from engine.model.session import Pool, Session, SurgeryBlock, is_in_pool
from engine.model.template import Template
from engine.model.timegrid import TimeGrid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.model.ids import OrderId, PatientId, ResourceId, ServiceId, SessionId, SiteId, TemplateId

__all__ = ["Problem", "is_in_pool"]

K = TypeVar("K", bound=str)
V = TypeVar("V")


class Problem(Fact):
    """The aggregate that all jobs work on.

    Parameters
    ----------
    time_zone
        Of the organisation; scenario files' times without an offset are in it.
    horizon
        Half-open planning range.
    tick_min
        Minutes per tick. Durations are rounded up to it.

    Raises
    ------
    InvalidProblemError
        When facts contradict each other; lists every fault.
    """

    name: Name
    time_zone: ZoneName
    horizon: Interval
    tick_min: Annotated[int, Field(ge=1, le=60, strict=True)] = 5
    policy: Policy = Policy()
    sites: tuple[Site, ...] = ()
    travel: tuple[Travel, ...] = ()
    resources: tuple[Resource, ...] = ()
    services: tuple[Service, ...] = ()
    needs: tuple[NeedRule, ...] = ()
    sessions: tuple[Session, ...] = ()
    blocks: tuple[SurgeryBlock, ...] = ()
    templates: tuple[Template, ...] = ()
    planning: PlanningBrief | None = None
    patients: tuple[Patient, ...] = ()
    orders: tuple[Order, ...] = ()
    ties: tuple[Tie, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        faults = problem_faults(self)
        if faults:
            raise InvalidProblemError(faults)
        return self

    @cached_property
    def grid(self) -> TimeGrid:
        """Ticks of the horizon."""
        return TimeGrid.over(self.horizon.start, self.horizon.end, self.tick_min)

    @cached_property
    def site_by_id(self) -> Mapping[SiteId, Site]:
        """Sites by id."""
        return {s.id: s for s in self.sites}

    @cached_property
    def resource_by_id(self) -> Mapping[ResourceId, Resource]:
        """Resources by id."""
        return {r.id: r for r in self.resources}

    @cached_property
    def service_by_id(self) -> Mapping[ServiceId, Service]:
        """Services by id."""
        return {s.id: s for s in self.services}

    @cached_property
    def session_by_id(self) -> Mapping[SessionId, Session]:
        """Dated sessions by id."""
        return {s.id: s for s in self.sessions}

    @cached_property
    def block_by_id(self) -> Mapping[SessionId, SurgeryBlock]:
        """Dated surgery blocks by id."""
        return {b.id: b for b in self.blocks}

    @cached_property
    def template_by_id(self) -> Mapping[TemplateId, Template]:
        """Templates by id."""
        return {t.id: t for t in self.templates}

    @cached_property
    def patient_by_id(self) -> Mapping[PatientId, Patient]:
        """Patients by id."""
        return {p.id: p for p in self.patients}

    @cached_property
    def order_by_id(self) -> Mapping[OrderId, Order]:
        """Orders by id."""
        return {o.id: o for o in self.orders}

    @cached_property
    def sessions_by_resource(self) -> Mapping[ResourceId, tuple[Session, ...]]:
        """Sessions of each resource, those of its pools included, by start."""
        found: dict[ResourceId, list[Session]] = {}
        pooled: dict[tuple[Pool, SiteId], list[Session]] = {}
        for session in self.sessions:
            if isinstance(session.owner, Pool):
                pooled.setdefault((session.owner, session.site), []).append(session)
            else:
                found.setdefault(session.owner, []).append(session)
        for (pool, site), sessions in pooled.items():
            for resource in self.resources:
                if is_in_pool(resource, pool, site):
                    found.setdefault(resource.id, []).extend(sessions)
        return {r: tuple(sorted(ss, key=lambda s: (s.day, s.period.start, s.id))) for r, ss in found.items()}

    @cached_property
    def blocks_by_theatre(self) -> Mapping[ResourceId, tuple[SurgeryBlock, ...]]:
        """Surgery blocks of each theatre, by start."""
        found: dict[ResourceId, list[SurgeryBlock]] = {}
        for block in self.blocks:
            found.setdefault(block.theatre, []).append(block)
        return {r: tuple(sorted(bs, key=lambda b: (b.day, b.period.start, b.id))) for r, bs in found.items()}

    @cached_property
    def travel_min(self) -> Mapping[tuple[SiteId, SiteId], int]:
        """Minutes between two sites; 0 where nothing is said, in both directions where one is said."""
        given = {(t.origin, t.destination): t.minutes for t in self.travel}
        both = {(b, a): minutes for (a, b), minutes in given.items()}
        return {**both, **given}

    def zone_of(self, site: SiteId) -> str:
        """The time zone of a site."""
        return self.site(site).time_zone

    def start_grid_min(self, site: SiteId) -> int:
        """Minutes between possible starts at a site, counted from local midnight."""
        return self.site(site).start_grid_min or self.policy.start_grid_min

    def hours_of(self, resource: Resource) -> Hours:
        """A resource's weekly hours and exceptions; its site's weekly hours where it has none of its own.

        The site's exceptions (a public holiday) close every resource of the site.
        """
        site = self.site(resource.site)
        own = resource.hours or Hours()
        weekly = own.weekly if resource.hours is not None and own.weekly else site.hours.weekly
        return Hours(weekly=weekly, exceptions=own.exceptions + site.hours.exceptions)

    def site(self, given: SiteId) -> Site:
        """The site with this id, or `UnknownIdError`."""
        return _found("site", self.site_by_id, given)

    def resource(self, given: ResourceId) -> Resource:
        """The resource with this id, or `UnknownIdError`."""
        return _found("resource", self.resource_by_id, given)

    def service(self, given: ServiceId) -> Service:
        """The service with this id, or `UnknownIdError`."""
        return _found("service", self.service_by_id, given)

    def patient(self, given: PatientId) -> Patient:
        """The patient with this id, `ANYBODY` among them, or `UnknownIdError`."""
        return ANYBODY if given == ANYBODY.id else _found("patient", self.patient_by_id, given)

    def order(self, given: OrderId) -> Order:
        """The order with this id, or `UnknownIdError`."""
        return _found("order", self.order_by_id, given)

    def template(self, given: TemplateId) -> Template:
        """The template with this id, or `UnknownIdError`."""
        return _found("template", self.template_by_id, given)

    def changed(self, **fields: object) -> Problem:
        """A copy with some fields replaced, validated again.

        Raises
        ------
        InvalidProblemError
            When the new facts contradict the others.
        TypeError
            When a problem has no field of that name.
        """
        unknown = sorted(set(fields) - set(Problem.model_fields))
        if unknown:
            raise TypeError(f"a problem has no field {', '.join(unknown)}")
        return Problem(**{name: fields.get(name, getattr(self, name)) for name in Problem.model_fields})


def _found(kind: str, by_id: Mapping[K, V], given: K) -> V:
    try:
        return by_id[given]
    except KeyError:
        raise UnknownIdError(kind, str(given), [str(k) for k in by_id]) from None
