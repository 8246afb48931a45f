"""Small worlds with a queue of orders, and with days that are booked, for placement."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import reject
from hypothesis import strategies as st

from engine.errors import InvalidProblemError
from engine.model.appointment import Promise
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.placement.plan import Plan
from engine.solver.placement.tasks import tasks_for_orders
from tests.factories import at, order, patient, practitioner, problem, role, room, service, session, step
from tests.strategies import worlds

if TYPE_CHECKING:
    from engine.model.appointment import Appointment
    from engine.model.problem import Problem
    from tests.strategies import World

ROOM = role("room", "room", capabilities=("exam",))


def visits(prefix: str = "") -> tuple[object, ...]:
    """A short visit, a long one with a clean-up that needs no room by video, and a bundle of two steps."""
    doctor = role("doctor")
    in_person = role("room", "room", capabilities=("exam",), cleanup_min=10, modalities=("in-person",))
    return (
        service("short", step("visit", 20, roles=[doctor, ROOM])),
        service("long", step("visit", 60, roles=[doctor, in_person], modalities=("in-person", "video"))),
        service(
            "bundle",
            step("blood", 10, roles=[ROOM]),
            step("visit", 30, roles=[doctor, ROOM], gap={"min_min": 30, "max_min": 240}),
            is_same_day=True,
        ),
    )


@st.composite
def queues(draw: st.DrawFn) -> Problem:
    """One or two practitioners in one or two rooms, with sessions or open hours, and up to eight orders."""
    n_staff, n_rooms = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    in_sessions = draw(st.booleans())
    staff = [practitioner(f"dr-{c}", use="in-sessions" if in_sessions else "when-open") for c in "ab"[:n_staff]]
    rooms = [room(f"room-{n}", capabilities=("exam",)) for n in range(1, n_rooms + 1)]
    sessions = tuple(
        session(f"{who.id}-{n}", who.id, start=start, end=end)
        for who in staff
        for n, (start, end) in enumerate(
            draw(st.sampled_from([[("08:00", "10:00")], [("08:00", "09:00"), ("13:00", "15:00")]]))
        )
    )
    orders = tuple(
        order(
            f"ord-{n}",
            patient=f"pat-{n}",
            service=draw(st.sampled_from(["short", "short", "long", "bundle"])),
            priority=draw(st.sampled_from(["routine", "routine", "urgent", "asap"])),
            due=draw(st.none() | st.integers(0, 30).map(lambda h: at("08:00") + timedelta(hours=h))),
            earliest_start=draw(st.none() | st.sampled_from([at("09:00"), at("2026-03-03 08:00")])),
            deadline=draw(st.none() | st.sampled_from([at("12:00"), at("2026-03-03 12:00")])),
            preferred_practitioner=draw(st.sampled_from([None, *[s.id for s in staff]])),
            preference={"modality": draw(st.sampled_from([None, "in-person", "video"]))},
        )
        for n in range(draw(st.integers(1, 8)))
    )
    orders = tuple(
        o if o.deadline is None or o.due is None or o.due <= o.deadline else o.model_copy(update={"due": None})
        for o in orders
    )
    orders = tuple(
        o
        if o.deadline is None or o.earliest_start is None or o.earliest_start < o.deadline
        else o.model_copy(update={"deadline": None})
        for o in orders
    )
    return problem(
        resources=(*staff, *rooms),
        services=visits(),
        days=draw(st.integers(1, 3)),
        patients=tuple(patient(f"pat-{n}") for n in range(len(orders))),
        orders=orders,
        sessions=sessions if in_sessions else (),
    )


@st.composite
def crowds(draw: st.DrawFn, *features: str, extra: int = 8, most: int = 3) -> World:
    """A world about many things at once, with up to `most` more orders like its own, of patients like its own.

    Its ticks are those of the world, or finer.
    """
    world = draw(worlds(*features, extra=extra))
    n, one = draw(st.integers(0, most)), world.problem.order_by_id["ord-1"]
    like = world.problem.patient_by_id[one.patient]
    names = [f"more-{i}" for i in range(n)]
    try:
        crowded = world.problem.changed(
            tick_min=draw(st.sampled_from([world.problem.tick_min, world.problem.tick_min, 5, 1])),
            patients=(*world.problem.patients, *(like.model_copy(update={"id": name}) for name in names)),
            orders=(*world.problem.orders, *(one.model_copy(update={"id": name, "patient": name}) for name in names)),
        )
    except InvalidProblemError:
        reject()
    return replace(world, schedule=replace(world.schedule, problem=crowded))


def booked(world: World, order: list[int] | None = None) -> list[Appointment]:
    """Visits for the world's orders, as many as fit when they are inserted in an order, beside each other alone."""
    empty = Schedule.of(world.problem)
    tasks = tasks_for_orders(empty, world.problem.orders, now=world.now)
    plan = Plan(world.problem, Occupancy.of(empty, now=world.now), tasks, now=world.now)
    for t in order or range(len(tasks)):
        plan.insert(t)
    return [p.appointment for p in plan.places if p is not None]


@st.composite
def told(draw: st.DrawFn, visit: Appointment) -> Appointment:
    """A visit with something promised, and a history."""
    people = [r.resource for s in visit.steps for r in s.reservations if r.resource.startswith("dr")]
    promise = None
    if draw(st.booleans()):
        promise = Promise(
            time=draw(st.sampled_from(["time", "half-day", "day"])),
            start=visit.start + timedelta(minutes=draw(st.sampled_from([0, 0, 0, 30, -1440]))),
            practitioner=draw(st.sampled_from([None, *people])),
        )
    return visit.model_copy(
        update={
            "promise": promise,
            "times_moved": draw(st.sampled_from([0, 0, 2])),
            "is_confirmed": draw(st.booleans()),
            "is_pinned": draw(st.integers(0, 9)) == 0,
        }
    )
