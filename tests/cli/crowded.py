"""A clinic whose week cannot be solved to the end in a few seconds, so that there is time to interrupt it."""

from __future__ import annotations

import random

from engine.model.planning import (
    Activity,
    Contract,
    Demand,
    PlanningBrief,
    PlanningPeriod,
    RoomNeed,
    SlotRef,
    StaffingContract,
    Wish,
)
from engine.model.schedule import Schedule
from engine.scenario_io import Scenario
from tests import factories as f

_DOCTORS = 40
_ORDERS = 400
_DAYS = ("mon", "tue", "wed", "thu", "fri")


def crowded_clinic() -> Scenario:
    """More orders than fit, of many lengths, each with an own due date; and a brief with many wishes."""
    dice = random.Random(7)
    doctors = [f"dr-{n}" for n in range(_DOCTORS)]
    lengths = (15, 20, 25, 35, 45, 50, 70)
    patients = tuple(f.patient(f"pat-{n}") for n in range(_ORDERS))
    orders = tuple(
        f.order(
            f"ord-{n}",
            patient=f"pat-{n}",
            service=f"visit-{dice.choice(lengths)}",
            due=f.at(f"2026-03-{dice.randint(2, 13):02d} {dice.randint(9, 17):02d}:00"),
            preferred_practitioner=dice.choice(doctors[:6]),
        )
        for n in range(_ORDERS)
    )
    room = f.role("room", "room")
    problem = f.problem(
        resources=(
            *(f.practitioner(who, capabilities=("medicine",)) for who in doctors),
            *(f.room(f"room-{n}", capabilities=("consulting",)) for n in range(4)),
        ),
        services=tuple(f.service(f"visit-{m}", f.step(minutes=m, roles=(f.role("doctor"), room))) for m in lengths),
        name="Crowded clinic",
        patients=patients,
        orders=orders,
        planning=_brief(doctors, dice),
    )
    return Scenario(problem, Schedule.of(problem))


def _brief(doctors: list[str], dice: random.Random) -> PlanningBrief:
    activities = [f"activity-{n}" for n in range(6)]
    return PlanningBrief(
        cycle_weeks=4,
        periods=(
            PlanningPeriod(id="am", days=_DAYS, period=f.period("08:00", "12:00")),
            PlanningPeriod(id="pm", days=_DAYS, period=f.period("13:00", "17:00")),
        ),
        activities=tuple(
            Activity(id=a, name=a, rooms=(RoomNeed(capabilities=("consulting",)),), is_unpopular=n % 2 == 0)
            for n, a in enumerate(activities)
        ),
        contracts=tuple(
            StaffingContract(
                practitioner=who,
                activities=tuple(
                    Contract(activity=a, maximum=dice.randint(2, 6), wished=dice.randint(1, 2)) for a in activities
                ),
                maximum=dice.randint(3, 9),
            )
            for who in doctors
        ),
        demand=tuple(
            Demand(activity=a, sessions=dice.randint(20, 40), priority=dice.randint(1, 5)) for a in activities
        ),
        wishes=tuple(
            Wish(
                practitioner=who,
                at=SlotRef(day=dice.choice(_DAYS), period=dice.choice(("am", "pm")), weeks=(dice.randint(1, 4),)),
                kind=dice.choice(("work", "off")),
                strength=dice.randint(1, 10),
            )
            for who in doctors
            for _ in range(6)
        ),
    )
