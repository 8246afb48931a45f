"""Who comes to Linden Family Practice, for what, and what goes wrong. The sources of the figures are in README.md."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.appointment import PromisedTime
from engine.model.event import (
    AppointmentEvent,
    AppointmentEventKind,
    OrderEvent,
    OrderEventKind,
    ResourceUnavailable,
    UnavailableKind,
)
from engine.model.ids import EventId, ResourceId, TieId
from engine.model.order import Occurrence, Priority, Tie, TieKind
from engine.model.resource import Practitioner
from engine.simulate.demand import Item, Mix
from engine.simulate.filling import Rates
from engine.simulate.people import Person, Population
from scenarios.bulk import Bulk, at, first_order, unbooked, visits_of

if TYPE_CHECKING:
    from engine.model.event import Event
    from engine.model.problem import Problem
    from engine.simulate.dice import Dice
    from engine.simulate.filling import Filled

__all__ = ["FAMILY_PRACTICE"]

_POPULATION = Population(
    prefix="pat",
    telephone="+41 00 000 ## ##",
    languages=(
        ("de", None, 78),
        ("fr", None, 8),
        ("it", None, 4),
        ("en", None, 2),
        ("pt", "interpreter-telephone", 3),
        ("ti", "interpreter-telephone", 2),
        ("tr", "interpreter-telephone", 2),
        ("uk", "interpreter-telephone", 1),
    ),
    needs=(("wheelchair", 0.04), ("isolation", 0.02)),
)

_MIX = Mix(
    items=(
        Item("visit", 104, physicians="family-medicine", new_share=0.08, named_share=0.1, recall_share=0.15),
        Item("acute-visit", 88, physicians="family-medicine", wished_share=0.3),
        Item("checkup", 28, physicians="family-medicine", new_share=0.08, wished_share=0.8, is_routine=True),
        Item("child-checkup", 12, physicians="paediatrics", is_routine=True),
        Item("telephone-call", 14, physicians="family-medicine", named_share=0.5),
        Item("ultrasound", 9),
        Item("minor-surgery", 4, is_routine=True),
        Item("blood-test", 9),
        Item("ecg", 4),
        Item("vaccination", 10, is_routine=True),
        Item(
            "wound-care",
            4,
            modifiers=(("festering", 0.2),),
            series=(
                Occurrence(offset_days=0),
                Occurrence(offset_days=2, after_days=1),
                Occurrence(offset_days=5, before_days=1, after_days=2),
            ),
            series_share=0.7,
        ),
        Item("septic-wound-care", 1),
        Item("blood-pressure-day", 3, is_routine=True),
        Item("heart-check", 4, physicians="family-medicine"),
        Item("lab-and-visit", 4, physicians="family-medicine", named_share=0.3, is_routine=True),
        Item("diabetes-review", 1, is_routine=True),
        Item("diabetes-group", 1, is_routine=True),
    ),
    priorities=((Priority.STAT, 1), (Priority.ASAP, 14), (Priority.URGENT, 25), (Priority.ROUTINE, 60)),
    # Today, today, tomorrow, and within two weeks.
    due_days={Priority.STAT: 0, Priority.ASAP: 0, Priority.URGENT: 1, Priority.ROUTINE: 14},
    deadline_days={Priority.STAT: 0},
)

_RATES = Rates(
    # A family practice keeps its calendar open: two fifths of its visits are booked today or yesterday.
    booked=(0.65, 0.45, 0.3, 0.2),
    promises={"blood-test": PromisedTime.HALF_DAY, "telephone-call": PromisedTime.HALF_DAY},
)


def _settle(people: list[Person], problem: Problem, dice: Dice) -> None:
    """Give nearly everybody a physician of their own: the children Dr Novak, the others by the hours they work."""
    sessions = problem.sessions_by_resource
    physicians = [
        (r.id, len(sessions[r.id]) * (1.0 if r.accepts_new else 1.3))
        for r in problem.resources
        if isinstance(r, Practitioner) and "family-medicine" in r.capabilities
    ]
    today = problem.horizon.start.date()
    for person in people:
        if dice.chance(0.08):
            continue  # new in town
        is_child = person.age(today) < 16 and dice.chance(0.8)
        person.preferred = ResourceId("dr-novak") if is_child else dice.weighted(physicians)
        person.known_to.add(person.preferred)
        if dice.chance(0.3):
            person.known_to.add(dice.weighted(physicians))


def _ties(filled: Filled) -> tuple[Tie, ...]:
    """Two who live together and come together."""
    visits = [o for o in unbooked(filled) if o.service == "vaccination"]
    return (Tie(id=TieId("household-1"), kind=TieKind.HOUSEHOLD, orders=(visits[0].id, visits[1].id), max_wait_min=20),)


def _events(filled: Filled) -> tuple[Event, ...]:
    """What is known on Sunday evening: a cancellation, a physician away for a day, somebody to be seen at once."""
    sunday = filled.problem.horizon.start - timedelta(hours=5)
    tuesday, wednesday = at(filled.problem, 1), at(filled.problem, 2)
    cancelled = visits_of(filled, "dr-novak", wednesday)[2]
    urgent = first_order(filled, Priority.STAT)
    return (
        AppointmentEvent(
            id=EventId("event-1"),
            at=sunday,
            kind=AppointmentEventKind.CANCELLATION,
            appointment=cancelled.id,
            note="By e-mail: feels better, thank you.",
        ),
        ResourceUnavailable(
            id=EventId("event-2"),
            at=sunday + timedelta(minutes=95),
            kind=UnavailableKind.ABSENCE,
            resource=ResourceId("dr-rochat"),
            start=tuesday,
            end=wednesday,
            note="Not here on Tuesday: the ultrasound list and a clinic.",
        ),
        OrderEvent(
            id=EventId("event-3"),
            at=sunday + timedelta(minutes=150),
            kind=OrderEventKind.URGENT,
            order=urgent.id,
            note="From the emergency service: to be seen on Monday.",
        ),
    )


FAMILY_PRACTICE = Bulk(
    seed=2026,
    weekly=300,
    people=700,  # the practice has some 6,000 patients; these have an order in the four weeks
    population=_POPULATION,
    mix=_MIX,
    rates=_RATES,
    settle=_settle,
    ties=_ties,
    events=_events,
)
