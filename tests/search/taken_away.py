"""A world without some obstacles, by editing its problem and its bookings: nothing here is known to `engine.search`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.model.calendar import Weekday
from engine.model.hours import Hours
from engine.model.problem import Problem
from engine.model.schedule import Schedule
from engine.model.service import Eligibility
from engine.model.session import Pool, Release, Session, is_in_pool
from tests import factories as f

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.model.appointment import Appointment, GroupOccurrence
    from engine.model.explanation import Blocker
    from engine.model.ids import ResourceId
    from tests.strategies import World

SETTLED_FIRST = {"order-once", "capable", "role-filled"}
"""Rules that are named alone, whatever else there may be."""


def taken_away(world: World, blockers: Iterable[Blocker]) -> World:
    for blocker in blockers:
        edit = _BY_KIND.get(blocker.kind) or _BY_RULE[blocker.code]
        world = edit(world, frozenset(blocker.resources))
    return world


def changed(world: World, **fields: Any) -> World:
    """With other facts in its problem. Not validated: here a person may be in two sessions at a time."""
    given = {name: getattr(world.problem, name) for name in Problem.model_fields}
    problem = Problem.model_construct(**{**given, **fields})
    return with_visits(world, list(world.schedule.appointments), world.schedule.groups, problem)


def with_visits(
    world: World, visits: Iterable[Appointment], groups: Iterable[GroupOccurrence], problem: Problem | None = None
) -> World:
    return replace(world, schedule=Schedule.of(problem or world.problem, list(visits), groups=tuple(groups)))


def edited(items: Iterable[Any], **fields: Any) -> tuple[Any, ...]:
    return tuple(i.model_copy(update=fields) for i in items)


# --- resources --------------------------------------------------------------------------------------------------------


def unbooked(world: World, resources: frozenset[ResourceId]) -> World:
    """Without the reservations of some resources; whatever else a visit or a group has stays reserved."""

    def without(visit: Any) -> Any:
        steps = (
            edited([s], reservations=tuple(v for v in s.reservations if v.resource not in resources))[0]
            for s in visit.steps
        )
        return visit.model_copy(update={"steps": tuple(steps)})

    groups = tuple(without(g) for g in world.schedule.groups)
    return with_visits(world, [without(a) for a in world.schedule.appointments], groups)


def always_open(world: World, resources: frozenset[ResourceId]) -> World:
    hours = Hours(weekly=(f.weekly("00:00", "24:00", days=tuple(Weekday)),))
    made = tuple(r.model_copy(update={"hours": hours}) if r.id in resources else r for r in world.problem.resources)
    return of_sessions(changed(world, resources=made), resources, lambda _: {"breaks": ()})


def in_session(world: World, resources: frozenset[ResourceId]) -> World:
    """In two sessions at a time, everywhere: no visit is so long that it lies in neither."""
    problem = world.problem
    n_days = (problem.horizon.end - problem.horizon.start).days + 2
    first = problem.horizon.start.date() - timedelta(days=1)
    more = [
        Session(
            id=f"more-{r}-{s.id}-{day}-{start}",
            owner=r,
            site=s.id,
            day=first + timedelta(days=day),
            period=f.period(start, end),
        )
        for r in sorted(resources)
        for s in problem.sites
        for day in range(n_days)
        for start, end in (("00:00", "24:00"), ("12:00", "11:59"))
    ]
    return changed(world, sessions=(*problem.sessions, *more))


def of_sessions(world: World, resources: frozenset[ResourceId], fields: Callable[[Session], dict[str, Any]]) -> World:
    """With other fields in the sessions of some resources alone: those of a pool are dealt out to its members."""
    made: list[Session] = []
    for s in world.problem.sessions:
        owners = _owners(world.problem, s)
        for r in owners:
            name = s.id if len(owners) == 1 else f"{s.id}-{r}"
            update = {"id": name, "owner": r, **(fields(s) if r in resources else {})}
            made.append(s.model_copy(update=update))
    return changed(world, sessions=tuple(made))


def _owners(problem: Problem, session: Session) -> list[ResourceId]:
    if not isinstance(session.owner, Pool):
        return [session.owner]
    return [r.id for r in problem.resources if is_in_pool(r, session.owner, session.site)]


def unkept(world: World, resources: frozenset[ResourceId]) -> World:
    return of_sessions(
        world, resources, lambda s: {"segments": edited(s.segments, is_kept_for_urgent=False, release=None)}
    )


def without_quotas(world: World, resources: frozenset[ResourceId]) -> World:
    return of_sessions(world, resources, lambda s: {"segments": edited(s.segments, quota=None), "class_quotas": ()})


def released(world: World, resources: frozenset[ResourceId]) -> World:
    long_ago = Release(days_before=365, at="00:00")
    blocks = tuple(
        b.model_copy(update={"release": long_ago}) if b.theatre in resources else b for b in world.problem.blocks
    )
    return changed(world, blocks=blocks)


def patient_free(world: World, _: object) -> World:
    """The patient has no times of absence; the visits stay, as somebody else's."""
    patient = world.order.patient
    patients = tuple(p.model_copy(update={"unavailable": ()}) if p.id == patient else p for p in world.problem.patients)
    world = changed(world, patients=patients)
    visits = [
        a.model_copy(update={"patient": None}) if a.patient == patient else a for a in world.schedule.appointments
    ]
    return with_visits(world, visits, world.schedule.groups)


_BY_KIND: dict[str, Callable[[World, frozenset[ResourceId]], World]] = {
    "booked": unbooked,
    "not available": always_open,
    "no session for this service": in_session,
    "kept for urgent orders": unkept,
    "quota reached": without_quotas,
    "in another owner's surgery block": released,
    "the patient is not free": patient_free,
}


# --- rules ------------------------------------------------------------------------------------------------------------


def with_order(**fields: Any) -> Callable[[World, object], World]:
    def edit(world: World, _: object) -> World:
        orders = (o.model_copy(update=fields) if o.id == world.order_id else o for o in world.problem.orders)
        return changed(world, orders=tuple(orders))

    return edit


def with_policy(**fields: Any) -> Callable[[World, object], World]:
    return lambda world, _: changed(world, policy=world.problem.policy.model_copy(update=fields))


def with_services(**fields: Any) -> Callable[[World, object], World]:
    return lambda world, _: changed(world, services=edited(world.problem.services, **fields))


def no_notice(world: World, _: object) -> World:
    return with_policy(min_notice_min=0)(with_services(min_notice_min=0)(world, _), _)


def any_tick(world: World, _: object) -> World:
    return with_policy(start_grid_min=world.problem.tick_min)(world, _)


def any_time_of_day(world: World, _: object) -> World:
    services = tuple(s.model_copy(update={"steps": edited(s.steps, start_window=None)}) for s in world.problem.services)
    return changed(world, services=services)


def privileged(world: World, _: object) -> World:
    made = tuple(
        r.model_copy(update={"capabilities": (*r.capabilities, "cut")}) if r.kind == "practitioner" else r
        for r in world.problem.resources
    )
    return changed(world, resources=made)


def any_age(world: World, _: object) -> World:
    made = tuple(
        r.model_copy(update={"limits": tuple(i for i in r.limits if i.kind != "age-years")})
        for r in world.problem.resources
    )
    return changed(world, resources=made)


def any_day_of_series(world: World, _: object) -> World:
    series = edited(world.order.series, before_days=30, after_days=30)
    return with_order(series=series)(world, _)


_BY_RULE: dict[str, Callable[[World, frozenset[ResourceId]], World]] = {
    "notice": no_notice,
    "earliest-start": with_order(earliest_start=None),
    "deadline": with_order(deadline=None),
    "target-window": with_order(target=None),
    "condition": with_order(conditions=()),
    "required-practitioner": with_order(required_practitioner=None),
    "eligibility": with_services(eligibility=Eligibility()),
    "horizon": with_policy(max_ahead_days=None),
    "start-grid": any_tick,
    "time-of-day": any_time_of_day,
    "privilege": privileged,
    "resource-limit": any_age,
    "series": any_day_of_series,
    "prerequisite": lambda world, _: changed(world, orders=edited(world.problem.orders, prerequisites=())),
    "separation": lambda world, _: changed(world, orders=edited(world.problem.orders, separations=())),
    "tie": lambda world, _: changed(world, ties=()),
}
