"""Planning worlds for tests of the weekly template: small ones by hand, and of any size with a template planted."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model.calendar import LocalPeriod, Weekday
from engine.model.planning import (
    Activity,
    Contract,
    Cover,
    Demand,
    PlanningBrief,
    PlanningPeriod,
    PoolNeed,
    RoomNeed,
    SlotRef,
    StaffingContract,
    Unavailable,
    Wish,
)
from engine.model.template import Recurrence, Template, TemplateBlock, TemplateSession
from tests.factories import MONDAY, WORKDAYS, practitioner, problem, room, site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.problem import Problem
    from engine.model.resource import Resource

AM = LocalPeriod(start="08:00", end="12:00")
PM = LocalPeriod(start="13:00", end="17:00")
CLOCK = {"am": AM, "pm": PM}


def activity(id: str = "clinic", *, rooms: Sequence[str | RoomNeed] = ("consulting",), **fields: Any) -> Activity:
    """In one room of each capability named."""
    needs = tuple(need if isinstance(need, RoomNeed) else RoomNeed(capabilities=(need,)) for need in rooms)
    return Activity(**{"id": id, "name": id.capitalize(), "rooms": needs, **fields})


def contract(
    who: str = "dr-a", maximum: int = 20, *, one_site_a_day: bool = False, **activities: tuple[int, int] | Contract
) -> StaffingContract:
    """`clinic=(2, 5)` is a contract for two to five sessions of the activity `clinic`."""
    parts = tuple(
        part if isinstance(part, Contract) else Contract(activity=what, minimum=part[0], maximum=part[1])
        for what, part in activities.items()
    )
    return StaffingContract(practitioner=who, activities=parts, maximum=maximum, one_site_a_day=one_site_a_day)


def at(day: str, period: str = "am", *weeks: int) -> SlotRef:
    return SlotRef(day=day, period=period, weeks=weeks)


def entry(id: str, day: str = "mon", period: Any = "am", *weeks: int, **fields: Any) -> TemplateSession:
    """A clinic of dr-a in room-1."""
    return TemplateSession(
        **{
            "id": id,
            "owner": "dr-a",
            "site": "main",
            "activity": "clinic",
            "rooms": ("room-1",),
            "on": Recurrence(day=day, weeks=weeks),
            "period": CLOCK.get(period, period),
            **fields,
        }
    )


def block(id: str, day: str = "mon", period: Any = "am", *weeks: int, **fields: Any) -> TemplateBlock:
    """A surgery block of dr-a in theatre-1."""
    return TemplateBlock(
        **{
            "id": id,
            "practitioner": "dr-a",
            "theatre": "theatre-1",
            "on": Recurrence(day=day, weeks=weeks),
            "period": CLOCK.get(period, period),
            **fields,
        }
    )


def template(*entries: TemplateSession | TemplateBlock, **fields: Any) -> Template:
    return Template(
        **{
            "id": "today",
            "name": "Today",
            "effective_from": MONDAY,
            "sessions": tuple(e for e in entries if isinstance(e, TemplateSession)),
            "blocks": tuple(e for e in entries if isinstance(e, TemplateBlock)),
            **fields,
        }
    )


def brief(days: Sequence[str] = ("mon", "tue"), periods: Sequence[str] = ("am", "pm"), **fields: Any) -> PlanningBrief:
    """Two days of two half-days, one week, the activity `clinic`."""
    return PlanningBrief(
        **{
            "periods": tuple(PlanningPeriod(id=p, days=days, period=CLOCK[p]) for p in periods),
            "activities": (activity(),),
            **fields,
        }
    )


def world(resources: Sequence[Resource] = (), today: Template | None = None, **fields: Any) -> Problem:
    """dr-a and one consulting room, and a brief of these fields. `today` is today's template."""
    given = {key: fields.pop(key) for key in ("sites", "services", "policy") if key in fields}
    return problem(
        resources=resources or (practitioner("dr-a"), room("room-1", capabilities=("consulting",))),
        planning=brief(**fields, today=None if today is None else today.id),
        templates=() if today is None else (today,),
        patients=(),
        orders=(),
        **given,
    )


def plan_of(problem: Problem) -> PlanningBrief:
    """Its brief, which every world here has."""
    assert problem.planning is not None
    return problem.planning


@dataclass
class _Plant:
    """What has been planted so far."""

    sessions: list[tuple[str, str, str, int, str, str, tuple[str, ...]]]
    taken: set[tuple[str, int, str, str]]


def planted(
    seed: int,
    *,
    people: int = 4,
    weeks: int = 1,
    sites: int = 2,
    rooms: int = 3,
    activities: int = 3,
    days: Sequence[str] = WORKDAYS,
    busy: float = 0.7,
    slack: int = 0,
    lanes: int = 1,
    other_sites: int = 1,
) -> tuple[Problem, Template]:
    """A problem, and a template that keeps all its rules and covers all its demand.

    Contracts are what was planted, plus and minus `slack`; cover is asked where it was planted, people and rooms are
    unavailable where they were not used, demand is what was planted, and today's template is a part of the plan with
    other sessions mixed in, a few of the right ones pinned.

    Parameters
    ----------
    busy
        Part of the slots in which a person is given a session, where there is room.
    """
    rng = random.Random(seed)
    names = [f"site-{i}" for i in range(sites)]
    kinds = [f"type-{i}" for i in range(activities)]
    described = [
        Activity(
            id=f"act-{i}",
            name=f"Activity {i}",
            rooms=tuple(
                RoomNeed(capabilities=(kinds[j],)) for j in {i, rng.randrange(activities)} if rng.random() < 0.6
            ),
            pools=(PoolNeed(kind="practitioner", capabilities=("assist",)),) if rng.random() < 0.3 else (),
            is_surgery=False,
            is_unpopular=rng.random() < 0.4,
            counts_for_cover=rng.random() < 0.8,
        )
        for i in range(activities)
    ]
    described.append(
        Activity(id="surgery", name="Surgery", rooms=(RoomNeed(capabilities=("theatre",)),), is_surgery=True)
    )
    room_list = []
    for name in names:
        for i in range(rooms):
            can = {kinds[i % activities]} | {kind for kind in kinds if rng.random() < 0.25}
            many = rng.randint(1, lanes)
            room_list.append(room(f"{name}-room-{i}", site=name, capabilities=tuple(sorted(can)), lanes=many))
        room_list.append(room(f"{name}-theatre", site=name, capabilities=("theatre",)))
    helpers = [practitioner(f"helper-{n}-{i}", site=n, capabilities=("assist",)) for n in names for i in range(2)]
    staff = []
    for i in range(people):
        home = rng.choice(names)
        others = [n for n in names if n != home]
        rng.shuffle(others)
        staff.append(
            practitioner(
                f"dr-{i:03d}",
                site=home,
                other_sites=tuple(others[: rng.randint(0, other_sites)]),
                specialties=(f"specialty-{i % 3}",),
            )
        )
    plant = _Plant([], set())
    can_do = {s.id: rng.sample(described, k=min(len(described), rng.randint(1, 3))) for s in staff}
    slots = [(week, day, period) for week in range(1, weeks + 1) for day in days for period in CLOCK]
    free = {(r.id, *slot): r.lanes for r in room_list for slot in slots}
    helpers_free = {(name, *slot): 2 for name in names for slot in slots}
    for week in range(1, weeks + 1):
        for day in days:
            for person in rng.sample(staff, k=len(staff)):
                where = rng.choice((person.site, *person.other_sites))
                for period in CLOCK:
                    if rng.random() < busy:
                        what = rng.choice(can_do[person.id])
                        slot = (week, day, period)
                        given = _rooms_for(what, where, slot, room_list, free)
                        if given is None or (what.pools and not helpers_free[where, *slot]):
                            continue
                        for taken in given:
                            free[taken, *slot] -= 1
                        if what.pools:
                            helpers_free[where, *slot] -= 1
                        plant.sessions.append((person.id, what.id, where, week, day, period, given))
    return _problem(
        rng, plant, names, described, staff, [*staff, *room_list, *helpers], can_do, slots, weeks, days, slack
    )


def _rooms_for(what, where, slot, rooms, free):
    given: list[str] = []
    for need in what.rooms:
        found = [
            r.id
            for r in rooms
            if r.site == where
            and set(need.capabilities) <= set(r.capabilities)
            and free[r.id, *slot]
            and r.id not in given
        ]
        if not found:
            return None
        given.append(found[0])
    return tuple(given)


def _problem(
    rng, plant, names, described, staff, resources, can_do, slots, weeks, days, slack
) -> tuple[Problem, Template]:
    count: dict[tuple[str, str], int] = {}
    demand: dict[tuple[str, str | None], int] = {}
    for who, what, where, *_ in plant.sessions:
        count[who, what] = count.get((who, what), 0) + 1
        key = (what, where if rng.random() < 0.5 else None)
        demand[key] = demand.get(key, 0) + 1
    contracts = tuple(
        StaffingContract(
            practitioner=s.id,
            activities=tuple(
                Contract(
                    activity=a.id,
                    minimum=max(0, count.get((s.id, a.id), 0) - slack),
                    maximum=count.get((s.id, a.id), 0) + slack,
                    wished=count.get((s.id, a.id), 0) if rng.random() < 0.5 else None,
                )
                for a in can_do[s.id]
            ),
            maximum=sum(count.get((s.id, a.id), 0) for a in can_do[s.id]) + slack,
        )
        for s in staff
    )
    counting = {a.id for a in described if a.counts_for_cover}
    specialty = {s.id: s.specialties[0] for s in staff}
    cover = []
    for week, day, period, who, where in sorted(
        {
            (week, day, period, specialty[who], where)
            for who, what, where, week, day, period, _ in plant.sessions
            if what in counting
        }
    ):
        if rng.random() < 0.05:
            cover.append(Cover(specialty=who, minimum=1, site=where, at=(at(day, period, week),)))
    busy = {(who, week, day, period) for who, _, _, week, day, period, _ in plant.sessions}
    busy |= {(r, week, day, period) for *_, week, day, period, given in plant.sessions for r in given}
    unavailable = tuple(
        Unavailable(resource=r.id, at=at(day, period, week))
        for r in resources
        for week, day, period in slots
        if not r.id.startswith("helper") and (r.id, week, day, period) not in busy and rng.random() < 0.15
    )
    wishes = tuple(
        Wish(
            practitioner=s.id,
            at=at(
                rng.choice(list(days)),
                rng.choice(list(CLOCK)),
                *([rng.randint(1, weeks)] if rng.random() < 0.5 else []),
            ),
            kind=rng.choice(("work", "off")),
            strength=rng.randint(1, 10),
        )
        for s in staff
        if rng.random() < 0.5
    )
    plan = _template("plan", plant.sessions, described, weeks, lambda: False)
    kept = [s for s in plant.sessions if rng.random() < 0.7]
    today = _template("today", kept, described, weeks, lambda: rng.random() < 0.1)
    planning = PlanningBrief(
        cycle_weeks=weeks,
        periods=tuple(PlanningPeriod(id=p, days=tuple(Weekday(d) for d in days), period=c) for p, c in CLOCK.items()),
        activities=tuple(described),
        contracts=contracts,
        demand=tuple(
            Demand(activity=what, site=where, sessions=n, priority=rng.randint(1, 5))
            for (what, where), n in demand.items()
        ),
        cover=tuple(cover),
        unavailable=unavailable,
        wishes=wishes,
        today="today",
    )
    return (
        problem(
            resources=tuple(resources),
            sites=tuple(site(name) for name in names),
            services=(),
            planning=planning,
            templates=(today,),
            patients=(),
            orders=(),
        ),
        plan,
    )


def _template(id, sessions, described, weeks, is_pinned):
    surgery = {a.id for a in described if a.is_surgery}
    entries = []
    for n, (who, what, where, week, day, period, given) in enumerate(sessions):
        shared = {
            "id": f"{id}-{n}",
            "on": Recurrence(day=day, weeks=(week,)),
            "period": CLOCK.get(period, period),
            "is_pinned": is_pinned(),
        }
        if what in surgery:
            entries.append(TemplateBlock(practitioner=who, theatre=given[0], **shared))
        else:
            entries.append(TemplateSession(owner=who, site=where, activity=what, rooms=given, **shared))
    return template(*entries, id=id, cycle_weeks=weeks)
