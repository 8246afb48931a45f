"""Small worlds with a queue of orders, for placement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.factories import at, order, patient, practitioner, problem, role, room, service, session, step

if TYPE_CHECKING:
    from engine.model.problem import Problem

ROOM = role("room", "room", capabilities=("exam",))


def visits(prefix: str = "") -> tuple[object, ...]:
    """A short visit, a long one with a clean-up, and a bundle of two steps."""
    doctor = role("doctor")
    return (
        service("short", step("visit", 20, roles=[doctor, ROOM])),
        service("long", step("visit", 60, roles=[doctor, ROOM.model_copy(update={"cleanup_min": 10})])),
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
