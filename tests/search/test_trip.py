"""Trips against brute force: every arrangement of two or three tied orders, each judged by `engine.check`."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.check import check
from engine.errors import InvalidProblemError
from engine.jobs.find_trip import find_trip
from engine.jobs.joint_offer import book_joint_offer
from engine.model.hours import Hours
from engine.model.order import Prerequisite, Separation, Tie, TieKind
from engine.model.policy import Policy
from engine.model.resource import Travel
from engine.model.schedule import Schedule
from engine.model.session import Segment
from engine.search.neighbours import local_day
from engine.search.occupancy import Occupancy
from tests import factories as f
from tests.search.worlds import N_WORLDS

if TYPE_CHECKING:
    from datetime import date

    from engine.model.appointment import Appointment
    from engine.model.problem import Problem

STARTS = ("11:00", "11:30", "12:00", "12:30")
DAYS = 2
MINUTES = {"talk": 30, "scan": 30, "long": 60}


@st.composite
def worlds(draw: st.DrawFn) -> Schedule:
    """Two physicians (one may be at another site) and a scanner, four starts a day, orders tied together."""
    n = draw(st.integers(2, 3))
    east = draw(st.booleans())
    patients = [draw(st.sampled_from(["pat-1", "pat-2"])) for _ in range(n)]
    orders = [
        f.order(
            f"ord-{i}",
            patient=patients[i],
            service=draw(st.sampled_from(sorted(MINUTES))),
            preferred_practitioner=draw(st.sampled_from([None, None, "dr-a", "dr-b"])),
            required_practitioner=draw(st.sampled_from([None, None, None, "dr-a"])),
            priority=draw(st.sampled_from(["routine", "urgent"])),
        )
        for i in range(n)
    ]
    if draw(st.integers(0, 2)) == 0:
        least = draw(st.sampled_from([0, 30]))
        orders[0] = orders[0].model_copy(update={"prerequisites": (Prerequisite(order="ord-1", min_min=least),)})
    if draw(st.integers(0, 3)) == 0:
        orders[-1] = orders[-1].model_copy(update={"separations": (Separation(minutes=30, order="ord-0"),)})
    kind = draw(st.sampled_from(list(TieKind)))
    wait = draw(st.sampled_from([None, 0, 30])) if kind is not TieKind.SAME_DAY else None
    hours = Hours(weekly=(f.weekly("11:00", "13:00"),))
    doctor = f.role("doctor")
    segment = Segment(start="11:00", end="13:00", quota=draw(st.sampled_from([None, 1, 2])))
    in_sessions = draw(st.booleans())
    sessions = tuple(
        f.session(f"s-{d}", "dr-a", f.MONDAY + timedelta(d), "11:00", "13:00", segments=(segment,)) for d in range(DAYS)
    )
    problem = _valid(
        resources=(
            f.practitioner(use="in-sessions" if in_sessions else "when-open"),
            f.practitioner("dr-b", site="east" if east else "main"),
            f.room("scan-1", capabilities=("scanner",)),
        ),
        services=(
            f.service("talk", f.step("visit", 30, (doctor,))),
            f.service("scan", f.step("visit", 30, (f.role("scanner", "room", capabilities=("scanner",)),))),
            f.service("long", f.step("visit", 60, (doctor,))),
        ),
        sites=(f.site(hours=hours, start_grid_min=30), f.site("east", hours=hours, start_grid_min=30)),
        travel=(Travel(origin="main", destination="east", minutes=draw(st.sampled_from([0, 30]))),),
        sessions=sessions if in_sessions else (),
        patients=(f.patient(), f.patient("pat-2"), f.patient("pat-3")),
        orders=tuple(orders),
        ties=(Tie(id="tie", kind=kind, orders=tuple(o.id for o in orders), max_wait_min=wait),),
        days=DAYS,
        tick_min=30,
        policy=Policy(start_grid_min=30),
    )
    slots = st.tuples(st.integers(0, DAYS - 1), st.sampled_from(STARTS), st.sampled_from(["dr-a", "dr-b", "scan-1"]))
    taken = draw(st.sets(slots, max_size=6))
    others = [
        _visit(problem, f"other-{i}", "talk" if who != "scan-1" else "scan", d, at, who, patient="pat-3", order=None)
        for i, (d, at, who) in enumerate(sorted(taken))
    ]
    own: list[Appointment] = []
    if draw(st.integers(0, 2)) == 0:
        order = orders[1]
        d, at, who = draw(slots.filter(lambda s: (s[2] == "scan-1") == (order.service == "scan")))
        own.append(_visit(problem, "own", order.service, d, at, who, patient=order.patient, order=order.id))
    return Schedule.of(problem, [*others, *own])


def _valid(**fields: Any) -> Problem:
    try:
        return f.problem(**fields)
    except InvalidProblemError:
        reject()


def _visit(problem: Problem, id: str, service: str, day: int, at: str, who: str, **fields: Any) -> Appointment:
    role = "scanner" if service == "scan" else "doctor"
    start = f.at(f"{f.MONDAY + timedelta(day)} {at}")
    step = f.placed("visit", start, MINUTES[service], {role: who}, site=problem.resource(who).site)
    return f.appointment(id, step, service=service, booked_at=f.NOW, **fields)


def _cost(schedule: Schedule) -> int:
    return sum(t.cost for t in check(schedule, now=f.NOW).breakdown.terms if t.code != "unplaced")


def brute_force(schedule: Schedule) -> dict[tuple[date, bool], int]:
    """The least cost of a trip on each local day, by whether it starts from 12:00 on."""
    problem = schedule.problem
    done = {a.order for a in schedule.appointments}
    wanted = [o for o in problem.orders if o.id not in done]
    base = _cost(schedule)
    best: dict[tuple[date, bool], int] = {}
    choices = []
    for o in wanted:
        who = ["scan-1"] if o.service == "scan" else ["dr-a", "dr-b"]
        fields = {"patient": o.patient, "order": o.id, "priority": o.priority}
        choices.append(
            [
                _visit(problem, f"new-{o.id}", o.service, d, at, r, **fields)
                for d, at, r in product(range(DAYS), STARTS, who)
            ]
        )
    for visits in product(*choices):
        if len({a.start.date() for a in visits}) > 1:
            continue
        after = schedule.changed(added=list(visits))
        if check(after, now=f.NOW).violations:
            continue
        first = min(visits, key=lambda a: a.start)
        key = local_day(problem, first), first.start >= f.at(f"{local_day(problem, first)} 12:00")
        cost = _cost(after) - base
        best[key] = min(cost, best.get(key, cost))
    return best


@given(worlds())
@settings(max_examples=max(8, N_WORLDS // 2), deadline=None)
def test_the_best_trip_of_every_half_day_is_that_of_brute_force(schedule: Schedule) -> None:
    if check(schedule, now=f.NOW).violations:
        return
    occupancy = Occupancy.of(schedule, now=f.NOW)
    free = occupancy.free.copy()
    found = find_trip(schedule, "tie", now=f.NOW, k=99, occupancy=occupancy)
    assert (occupancy.free == free).all()
    seen = {}
    for offer in found.offers:
        after, _ = book_joint_offer(schedule, found, offer)
        assert check(after, now=f.NOW).is_clean
        assert _cost(after) - _cost(schedule) == offer.cost
        day = local_day(schedule.problem, offer.visits[0].appointment)
        seen[day, offer.start >= f.at(f"{day} 12:00")] = offer.cost
        assert offer.is_proven
    assert seen == brute_force(schedule)
    assert [o.cost for o in found.offers] == sorted(o.cost for o in found.offers)
    assert bool(found.offers) != bool(found.reasons)
