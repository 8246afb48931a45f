"""A small clinic for the command line: two physicians, two rooms, a queue of orders, a brief for the week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.model.event import AppointmentEvent
from engine.model.patient import Contact
from engine.model.planning import (
    Activity,
    Contract,
    Demand,
    PlanningBrief,
    PlanningPeriod,
    RoomNeed,
    StaffingContract,
)
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.model.template import Recurrence, Template, TemplateSession
from engine.scenario_io import Scenario
from tests import factories as f

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.appointment import Appointment
    from engine.model.event import Event
    from engine.model.problem import Problem

PATIENT_NAME = "Rosalind Quince"
TELEPHONE = "+41 44 000 00 07"


def clinic_problem(**fields: Any) -> Problem:
    """Orders ord-1 to ord-8, the first urgent, the last a blood test and then a consultation."""
    patients = tuple(
        f.patient(f"pat-{n}", name=f"{PATIENT_NAME} {n}", contact=Contact(telephone=TELEPHONE)) for n in range(1, 10)
    )
    doctor = f.role("doctor")
    room = f.role("room", "room", capabilities=("consulting",))
    visit = f.service("visit", f.step(roles=(doctor, room)))
    bundle = f.service(
        "blood-and-visit",
        f.step("blood", 10, (room,)),
        f.step("talk", 20, (doctor, room), gap=Gap(max_min=60)),
        is_same_day=True,
    )
    orders = [f.order(f"ord-{n}", patient=f"pat-{n}") for n in range(1, 8)]
    orders[0] = orders[0].model_copy(update={"priority": "urgent"})
    orders.append(f.order("ord-8", patient="pat-8", service="blood-and-visit"))
    return f.problem(
        resources=(
            f.practitioner("dr-a", name="Dr. Ade", capabilities=("medicine",)),
            f.practitioner("dr-b", name="Dr. Brook", capabilities=("medicine",)),
            f.room("room-1", capabilities=("consulting",)),
            f.room("room-2", capabilities=("consulting",)),
        ),
        services=(visit, bundle),
        **{"name": "Lake clinic", "patients": patients, "orders": tuple(orders), "planning": brief(), **fields},
    )


def brief(**fields: Any) -> PlanningBrief:
    """Clinics in the mornings and afternoons, three to five for each physician."""
    days = ("mon", "tue", "wed")
    return PlanningBrief(
        **{
            "periods": (
                PlanningPeriod(id="am", days=days, period=f.period("08:00", "12:00")),
                PlanningPeriod(id="pm", days=days, period=f.period("13:00", "17:00")),
            ),
            "activities": (
                Activity(
                    id="clinic",
                    name="Clinic",
                    capabilities=("medicine",),
                    rooms=(RoomNeed(capabilities=("consulting",)),),
                ),
            ),
            "contracts": tuple(
                StaffingContract(
                    practitioner=who,
                    activities=(Contract(activity="clinic", minimum=3, maximum=5, wished=4),),
                    maximum=5,
                )
                for who in ("dr-a", "dr-b")
            ),
            "demand": (Demand(activity="clinic", sessions=9),),
            **fields,
        }
    )


def impossible_brief() -> PlanningBrief:
    """More sessions in the contracts than there are periods."""
    contract = Contract(activity="clinic", minimum=8, maximum=9)
    return brief(contracts=(StaffingContract(practitioner="dr-a", activities=(contract,), maximum=9),))


def scenario_of(problem: Problem, visits: Iterable[Appointment] = (), events: tuple[Event, ...] = ()) -> Scenario:
    """A problem with what is booked in it."""
    return Scenario(problem, Schedule.of(problem, visits), events)


def clinic(**fields: Any) -> Scenario:
    """The clinic with nothing booked."""
    return scenario_of(clinic_problem(**fields))


def booked_clinic() -> Scenario:
    """Three visits of dr-a on Tuesday morning, one of which a stored event cancels."""
    problem = clinic_problem()
    start = f.at("2026-03-03 09:00")
    visits = [
        f.appointment(
            f"app-{n}",
            f.placed("visit", start + timedelta(minutes=20 * n), 20, {"doctor": "dr-a", "room": "room-1"}),
            patient=f"pat-{n}",
            order=f"ord-{n}",
            priority=problem.order(f"ord-{n}").priority,
            booked_at=problem.horizon.start,
        )
        for n in (1, 2, 3)
    ]
    event = AppointmentEvent(id="ev-1", at=problem.horizon.start, kind="cancellation", appointment="app-2")
    return scenario_of(problem, visits, (event,))


def broken_clinic() -> Scenario:
    """Two visits of dr-a at the same time."""
    problem = clinic_problem()
    visits = [
        f.appointment(
            f"app-{n}",
            f.placed("visit", f.at("2026-03-03 09:00"), 20, {"doctor": "dr-a", "room": f"room-{n}"}),
            patient=f"pat-{n}",
            order=f"ord-{n}",
            priority=problem.order(f"ord-{n}").priority,
        )
        for n in (1, 2)
    ]
    return scenario_of(problem, visits)


def template_of(id: str, *sessions: tuple[str, str]) -> Template:
    """A weekly template of Monday sessions of four hours: (owner, start)."""
    return Template(
        id=id,
        name="Usual week",
        effective_from=f.MONDAY,
        sessions=tuple(
            TemplateSession(
                id=f"s-{n}",
                owner=owner,
                site="main",
                period=f.period(start, f"{int(start[:2]) + 4:02d}:00"),
                on=Recurrence(day="mon"),
            )
            for n, (owner, start) in enumerate(sessions)
        ),
    )
