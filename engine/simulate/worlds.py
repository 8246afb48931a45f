"""The hospital network, made from a seed: to plan in (`hospital_network`), and to search in (`find_world`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.calendar import Interval, instant_at
from engine.model.event import AppointmentEvent, AppointmentEventKind, ResourceUnavailable, UnavailableKind
from engine.model.ids import EventId, ResourceId
from engine.model.order import Priority
from engine.model.policy import Policy
from engine.model.problem import Problem
from engine.model.schedule import Schedule
from engine.model.template import publish
from engine.simulate.demand import Demand, Item, Mix
from engine.simulate.dice import Dice
from engine.simulate.filling import draw_week
from engine.simulate.network import draw_network
from engine.simulate.network_brief import network_brief
from engine.simulate.network_figures import SPECIALTIES, ZONE
from engine.simulate.network_services import network_services
from engine.simulate.packing import pack
from engine.simulate.people import Population, draw_people
from engine.simulate.rota import draw_rota

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.event import Event
    from engine.simulate.rota import Rota

__all__ = ["MONDAY", "World", "find_world", "hospital_network"]

MONDAY = date(2026, 3, 2)
"""The horizon's first day. The clocks go forward four weeks later, on Sunday 29 March."""
_WEEKLY = 8_000
_PEOPLE = 24_000
_LEAST_USE = 0.75
"""In the world to search in, blood is drawn and bones are x-rayed by appointment too."""
_BOOKED = (0.86, 0.72, 0.56, 0.42)
"""Share of the time that is booked in the first weeks; with a week's orders four fifths of four weeks."""

_OUTPATIENTS = ((Priority.STAT, 1.0), (Priority.ASAP, 5.0), (Priority.URGENT, 19.0), (Priority.ROUTINE, 75.0))
_INPATIENTS = ((Priority.STAT, 25.0), (Priority.ASAP, 15.0), (Priority.URGENT, 20.0), (Priority.ROUTINE, 40.0))

_POPULATION = Population(
    prefix="pat",
    telephone="+44 1632 960###",
    languages=(("en", None, 92.0), ("pl", None, 2.0), ("ur", None, 2.0), ("pt", None, 2.0), ("ar", None, 2.0)),
    ages=(((0, 14), 18.0), ((15, 24), 6.0), ((25, 44), 17.0), ((45, 64), 26.0), ((65, 74), 18.0), ((75, 94), 15.0)),
)


@dataclass(frozen=True)
class World:
    """A made-up world.

    Parameters
    ----------
    problem
        Its facts, with the orders of a week that are to be booked.
    schedule
        The problem with what is booked in it.
    events
        What is known when the horizon begins.
    """

    problem: Problem
    schedule: Schedule
    events: tuple[Event, ...] = ()


def hospital_network(seed: int, *, scale: float = 1.0, weeks: int = 4) -> World:
    """Four sites, 200 physicians, 220 rooms, 80 machines, 16 theatres, 8,000 orders a week.

    Parameters
    ----------
    seed
        The same seed makes the same world.
    scale
        Of people, rooms, machines and orders; each site keeps at least one of everything that it has.
    weeks
        Length of the horizon.
    """
    dice = Dice(f"hospital network {seed}")
    empty, rota = _empty(dice, scale, weeks)
    people = draw_people(dice.child("people"), _POPULATION, max(400, round(_PEOPLE * scale)), MONDAY)
    share = _share_of(_BOOKED)
    packed = pack(empty, rota.slates, people, share, dice.child("visits"), has_orders=True)
    demand = Demand(empty, _mix(), people, dice.child("orders"), now=empty.horizon.start)
    demand.orders.extend(packed.orders)
    draw_week(demand, round(_WEEKLY * scale))
    problem = empty.changed(patients=tuple(person.patient() for person in people), orders=tuple(demand.orders))
    schedule = Schedule(problem, packed.appointments)
    return World(problem, schedule, _events(schedule))


def find_world(seed: int, *, scale: float = 1.0, weeks: int = 26) -> World:
    """The network for half a year, booked as real calendars are: 98 % to week 2, 90 % to week 6, 50 % beyond.

    Its visits have no orders, as in a calendar taken over from elsewhere; the orders are those of one week.
    Parameters are those of `hospital_network`.
    """
    dice = Dice(f"find world {seed}")
    empty, rota = _empty(dice, scale, weeks)
    people = draw_people(dice.child("people"), _POPULATION, max(400, round(1.25 * _PEOPLE * scale)), MONDAY)

    def share(week: int) -> float:
        return 0.98 if week < 2 else 0.9 if week < 6 else 0.5

    slates = [replace(slate, use=max(slate.use, _LEAST_USE)) for slate in rota.slates]
    packed = pack(empty, slates, people, share, dice.child("visits"), has_orders=False)
    demand = Demand(empty, _mix(), people, dice.child("orders"), now=empty.horizon.start)
    draw_week(demand, round(_WEEKLY * scale))
    problem = empty.changed(patients=tuple(person.patient() for person in people), orders=tuple(demand.orders))
    return World(problem, Schedule(problem, packed.appointments))


def _share_of(shares: tuple[float, ...]) -> Callable[[int], float]:
    return lambda week: shares[min(week, len(shares) - 1)]


def _empty(dice: Dice, scale: float, weeks: int) -> tuple[Problem, Rota]:
    """The network without patients."""
    network = draw_network(dice.child("network"), scale)
    rota = draw_rota(network, dice.child("rota"), MONDAY)
    until = MONDAY + timedelta(weeks=weeks)
    sessions, blocks = publish(rota.template, MONDAY, until)
    problem = Problem(
        name="Hospital network",
        time_zone=ZONE,
        horizon=Interval(start=instant_at(MONDAY, 0, ZONE), end=instant_at(until, 0, ZONE)),
        policy=Policy(min_notice_min=60),
        sites=network.sites,
        travel=network.travel,
        resources=network.resources,
        services=network_services(),
        sessions=sessions,
        blocks=blocks,
        templates=(rota.template,),
        planning=network_brief(network, rota.template, dice.child("brief")),
    )
    return problem, rota


def _mix() -> Mix:
    visits = [
        Item(
            f"{figures.id}-visit",
            float(figures.visits * sum(figures.physicians.values())),
            physicians=figures.id,
            new_share=0.3,
            named_share=0.15,
            recall_share=0.1,
        )
        for figures in SPECIALTIES
        if figures.visits
    ]
    operations = [
        Item(name, weekly, physicians=specialty, named_share=0.5, is_routine=True)
        for name, weekly, specialty in (
            ("knee-arthroscopy", 60.0, "orthopaedics"),
            ("hip-replacement", 15.0, "orthopaedics"),
            ("cholecystectomy", 30.0, "general-surgery"),
            ("hernia-repair", 25.0, "general-surgery"),
            ("gynaecological-laparoscopy", 34.0, "gynaecology"),
            ("tonsillectomy", 40.0, "ear-nose-throat"),
            ("cataract", 100.0, "ophthalmology"),
        )
    ]
    tests = [
        item
        for name, weekly, ward_share in (
            ("ultrasound", 560.0, 0.15),
            ("ct", 340.0, 0.25),
            ("ct-contrast", 140.0, 0.25),
            ("mri", 110.0, 0.15),
            ("mri-contrast", 45.0, 0.15),
            ("x-ray", 420.0, 0.2),
            ("blood-test", 420.0, 0.0),
        )
        for item in (
            Item(name, weekly * (1 - ward_share)),
            Item(name, weekly * ward_share, inpatient_share=1.0, priorities=_INPATIENTS),
        )
        if item.weekly
    ]
    others = (
        Item("internal-checkup", 360.0, physicians="internal-medicine"),
        Item("echo-clinic", 100.0, physicians="cardiology"),
        Item("preassessment", 200.0, is_routine=True),
        Item("ct-and-visit", 80.0),
        Item("mri-and-neurology", 40.0, is_routine=True),
        Item("blood-and-preassessment", 57.0, is_routine=True),
    )
    return Mix(
        items=(*visits, *operations, *tests, *others),
        priorities=_OUTPATIENTS,
        due_days={Priority.STAT: 0, Priority.ASAP: 1, Priority.URGENT: 6, Priority.ROUTINE: 27},
    )


def _events(schedule: Schedule) -> tuple[Event, ...]:
    """A cancellation, a physician away for a day, a scanner down for a morning; all known on Sunday evening."""
    problem, table = schedule.problem, schedule.appointments
    sunday = problem.horizon.start - timedelta(hours=4)
    tuesday, wednesday = (instant_at(MONDAY + timedelta(days=n), 0, ZONE) for n in (1, 2))
    return (
        AppointmentEvent(
            id=EventId("event-1"),
            at=sunday,
            kind=AppointmentEventKind.CANCELLATION,
            appointment=table[len(table) // 9].id,
        ),
        ResourceUnavailable(
            id=EventId("event-2"),
            at=sunday + timedelta(minutes=30),
            kind=UnavailableKind.ABSENCE,
            resource=ResourceId("internal-medicine-01"),
            start=tuesday,
            end=wednesday,
        ),
        ResourceUnavailable(
            id=EventId("event-3"),
            at=sunday + timedelta(minutes=45),
            kind=UnavailableKind.EQUIPMENT_DOWN,
            resource=ResourceId("mri-machine-north-1"),
            start=tuesday + timedelta(hours=7),
            end=tuesday + timedelta(hours=13),
        ),
    )
