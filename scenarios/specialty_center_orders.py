"""Who comes to Riverbend Specialty Center, for what, and what goes wrong. For the sources of figures see README.md."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.appointment import PromisedTime
from engine.model.event import (
    AppointmentEvent,
    AppointmentEventKind,
    ResourceUnavailable,
    UnavailableKind,
)
from engine.model.ids import EventId, ResourceId, ServiceId, TieId
from engine.model.order import (
    Blocks,
    Condition,
    ConditionKind,
    ConditionStatus,
    Occurrence,
    OrderingOffice,
    Priority,
    Separation,
    Tie,
    TieKind,
)
from engine.model.patient import Contact
from engine.simulate.demand import Item, Mix
from engine.simulate.filling import Rates
from engine.simulate.people import Population
from scenarios.bulk import Bulk, at, unbooked, visits_of

if TYPE_CHECKING:
    from engine.model.event import Event
    from engine.model.problem import Problem
    from engine.simulate.dice import Dice
    from engine.simulate.filling import Filled
    from engine.simulate.people import Person

__all__ = ["SPECIALTY_CENTER"]

_POPULATION = Population(
    prefix="pat",
    telephone="+1 555 01# ####",
    languages=(
        ("en", None, 92.0),
        ("es", "interpreter-es", 6.5),
        ("zh", "interpreter-zh", 1.5),
    ),
    needs=(("hoist", 0.01), ("isolation", 0.02), ("wheelchair", 0.04)),
    known_weight_share=0.4,
    heavy_share=0.04,
)

_OFFICES = tuple(
    OrderingOffice(practitioner=name, office=office, contact=Contact(telephone=telephone))
    for name, office, telephone in (
        ("Dr. Alice Merriweather", "Mill Road Family Medicine", "+1 555 0101"),
        ("Dr. Ben Castellanos", "Eastside Primary Care", "+1 555 0102"),
        ("Dr. Joan Prentiss", "Harbor Internal Medicine", "+1 555 0103"),
        ("Dr. Ravi Menon", "Lakeview Family Practice", "+1 555 0104"),
        ("Dr. Susan Ostrowski", "Mercy Across The River, ward 3", "+1 555 0105"),
        ("Dr. Theo Lindqvist", "Riverbend Specialty Center", "+1 555 0106"),
    )
)

# The insurer has agreed: for most, until further notice; for some, until a date; for a few, not yet.
_AUTHORISED = Condition(kind=ConditionKind.AUTHORISATION, status=ConditionStatus.MET, note="MRI")
_AUTHORISED_UNTIL = Condition(
    kind=ConditionKind.AUTHORISATION,
    status=ConditionStatus.MET,
    valid_until=date(2026, 3, 20),
    note="runs out; ask again in time",
)
_NOT_YET = Condition(kind=ConditionKind.AUTHORISATION, status=ConditionStatus.PENDING, note="sent to the insurer")
_REFERRED = Condition(kind=ConditionKind.REFERRAL, status=ConditionStatus.MET, valid_until=date(2026, 6, 30))
_KIDNEYS = Condition(
    kind=ConditionKind.RESULT, status=ConditionStatus.PENDING, blocks=Blocks.PERFORMING, note="creatinine"
)
_CONSENT = Condition(kind=ConditionKind.CONSENT, status=ConditionStatus.PENDING, blocks=Blocks.PERFORMING)
_TWO_DAYS = 48 * 60
# Not two contrast agents within 48 hours.
_AFTER_MRI = (Separation(minutes=_TWO_DAYS, service=ServiceId("mri-contrast")),)
_AFTER_CT = (Separation(minutes=_TWO_DAYS, service=ServiceId("ct-contrast")),)
_MRI_PAPERS = ((_AUTHORISED, 0.55), (_AUTHORISED_UNTIL, 0.15), (_NOT_YET, 0.05))
_WEEKLY_INFUSIONS = (
    Occurrence(offset_days=0),
    Occurrence(offset_days=7, before_days=1, after_days=1),
    Occurrence(offset_days=14, before_days=1, after_days=1),
)


def _visit(specialty: str, weekly: float, *, named: float = 0.15, recall: float = 0.15, ahead: float = 1.0) -> Item:
    """Visits to a specialty: three in ten by somebody new."""
    return Item(
        f"{specialty}-visit",
        weekly,
        physicians=specialty,
        new_share=0.3,
        named_share=named,
        recall_share=recall,
        conditions=((_REFERRED, 0.25),),
        ahead=ahead,
    )


def _operation(service: str, weekly: float, physicians: str, *, is_general: bool = True) -> Item:
    """Operations; under general anaesthesia the day after the preassessment at the earliest."""
    return Item(
        service,
        weekly,
        physicians=physicians,
        named_share=0.5,
        wished_share=0.8,
        conditions=((_CONSENT, 0.3),),
        after="preassessment" if is_general else None,
        after_share=0.7 if is_general else 0.0,
        is_routine=True,
    )


_MIX = Mix(
    items=(
        # Visits
        _visit("cardiology", 76),
        Item(
            "orthopaedics-visit",
            132,
            physicians="orthopaedics",
            new_share=0.3,
            modifiers=(("cast", 0.12),),
            named_share=0.15,
            recall_share=0.15,
            conditions=((_REFERRED, 0.25),),
        ),
        _visit("general-surgery", 45, ahead=0.9),
        _visit("gynaecology", 68, named=0.3),
        _visit("ophthalmology", 75),
        _visit("neurology", 48, named=0.3, recall=0.25, ahead=0.9),
        _visit("gastroenterology", 48),
        _visit("dermatology", 60),
        _visit("oncology", 36, named=0.6, recall=0.3),
        # Imaging: of a hundred about 40 CT, 13 MRI (and more in bundles), 47 ultrasound
        Item("mri", 27, inpatient_share=0.04, conditions=_MRI_PAPERS),
        Item(
            "mri-contrast",
            10,
            inpatient_share=0.05,
            conditions=(*_MRI_PAPERS, (_KIDNEYS, 0.3)),
            separations=_AFTER_CT,
        ),
        Item("ct", 80, inpatient_share=0.06),
        Item("ct-contrast", 36, inpatient_share=0.06, conditions=((_KIDNEYS, 0.3),), separations=_AFTER_MRI),
        Item("ultrasound", 127, inpatient_share=0.03),
        # Heart, nerves, blood
        Item("echo", 26),
        Item("stress-test", 14, is_routine=True),
        Item("eeg", 14, modifiers=(("sleep-deprived", 0.25),), is_routine=True),
        Item("blood-test", 36),
        # Endoscopy, skin, wounds, infusions
        Item("gastroscopy", 18, physicians="endoscopy"),
        Item("colonoscopy", 18, physicians="endoscopy", is_routine=True),
        Item("skin-excision", 10, is_routine=True),
        Item("septic-dressing", 6),
        Item("infusion-short", 11, series=_WEEKLY_INFUSIONS, series_share=0.3, is_routine=True),
        Item("infusion-medium", 14, series=_WEEKLY_INFUSIONS, series_share=0.2, is_routine=True),
        Item("infusion-long", 9, is_routine=True),
        # Before and in theatre
        Item("preassessment", 42, modifiers=(("asa-1", 0.3), ("asa-3", 0.25)), is_routine=True),
        _operation("cataract", 28, "ophthalmology", is_general=False),
        _operation("carpal-tunnel", 10, "hand-surgery", is_general=False),
        _operation("knee-arthroscopy", 18, "arthroscopy"),
        _operation("cholecystectomy", 9, "general-surgery"),
        _operation("hernia-repair", 8, "general-surgery"),
        _operation("gynaecological-laparoscopy", 8, "gynaecology"),
        _operation("hip-replacement", 2, "joint-replacement"),
        _operation("knee-replacement", 2, "joint-replacement"),
        # Bundles and groups
        Item("cardiac-mri-workup", 7, conditions=((_AUTHORISED, 0.7),), ahead=0.6, is_routine=True),
        Item(
            "liver-mri-workup",
            5,
            physicians="gastroenterology",
            named_share=1.0,
            conditions=((_AUTHORISED, 0.7),),
            ahead=0.35,
            is_routine=True,
        ),
        Item("echo-and-visit", 10, physicians="cardiology", named_share=0.2),
        Item("pre-surgery-check", 3, is_routine=True),
        Item("joint-school", 4, is_routine=True),
    ),
    priorities=((Priority.STAT, 1), (Priority.ASAP, 4), (Priority.URGENT, 20), (Priority.ROUTINE, 75)),
    due_days={Priority.STAT: 0, Priority.ASAP: 1, Priority.URGENT: 6, Priority.ROUTINE: 27},
    deadline_days={Priority.STAT: 1},
    offices=_OFFICES,
)

_RATES = Rates(
    # Three fifths of the four weeks, less and less of each; with the week's orders four fifths.
    booked=(0.98, 0.87, 0.74, 0.6),
    promises={
        **dict.fromkeys(
            (
                "cataract",
                "carpal-tunnel",
                "knee-arthroscopy",
                "cholecystectomy",
                "hernia-repair",
                "gynaecological-laparoscopy",
                "hip-replacement",
                "knee-replacement",
            ),
            PromisedTime.DAY,  # the hour is told the day before
        ),
        "infusion-long": PromisedTime.HALF_DAY,
        "infusion-medium": PromisedTime.HALF_DAY,
        "blood-test": PromisedTime.HALF_DAY,
    },
)


def _settle(people: list[Person], problem: Problem, dice: Dice) -> None:
    """Nobody is anybody's: patients get to know a specialist by their orders."""


def _ties(filled: Filled) -> tuple[Tie, ...]:
    """Patients with two orders who want to come once."""
    waiting = unbooked(filled)
    by_patient: dict[str, list[str]] = {}
    for order in waiting:
        if order.service in ("blood-test", "ultrasound", "ct", "dermatology-visit", "ophthalmology-visit"):
            by_patient.setdefault(order.patient, []).append(order.id)
    pairs = [orders for orders in by_patient.values() if len(orders) == 2]
    return tuple(
        Tie(id=TieId(f"trip-{n}"), kind=TieKind.ONE_TRIP, orders=tuple(pair), max_wait_min=90)
        for n, pair in enumerate(pairs[:3], start=1)
    )


def _events(filled: Filled) -> tuple[Event, ...]:
    """What is known on Sunday evening: a cancellation, an absence, a room closed, a scanner down."""
    sunday = filled.problem.horizon.start - timedelta(hours=4)
    wednesday = at(filled.problem, 2)
    cancelled = next(a for a in visits_of(filled, "mri", wednesday) if a.service == "mri")
    return (
        AppointmentEvent(
            id=EventId("event-1"),
            at=sunday,
            kind=AppointmentEventKind.CANCELLATION,
            appointment=cancelled.id,
            note="On the answering machine: cannot get away from work.",
        ),
        ResourceUnavailable(
            id=EventId("event-2"),
            at=sunday + timedelta(minutes=40),
            kind=UnavailableKind.ABSENCE,
            resource=ResourceId("dr-adeyemi"),
            start=at(filled.problem, 0),
            end=at(filled.problem, 1),
            note="Not here tomorrow; she is the only dermatologist, and her Monday is the fullest day of all.",
        ),
        ResourceUnavailable(
            id=EventId("event-3"),
            at=sunday + timedelta(minutes=65),
            kind=UnavailableKind.ROOM_CLOSED,
            resource=ResourceId("us-room-2"),
            start=at(filled.problem, 1),
            end=at(filled.problem, 2),
            note="Water from the floor above; dried out on Tuesday.",
        ),
        ResourceUnavailable(
            id=EventId("event-4"),
            at=sunday + timedelta(minutes=120),
            kind=UnavailableKind.EQUIPMENT_DOWN,
            resource=ResourceId("mri"),
            start=at(filled.problem, 4, 12 * 60 + 30),
            end=at(filled.problem, 4, 18 * 60),
            note="The helium is refilled on Friday afternoon.",
        ),
    )


SPECIALTY_CENTER = Bulk(
    seed=1200,
    weekly=1_200,
    people=3_400,
    population=_POPULATION,
    mix=_MIX,
    rates=_RATES,
    settle=_settle,
    ties=_ties,
    events=_events,
)
