"""What is ordered in a made-up world: how much of it a week, by whom, how soon it is due."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.model.calendar import LocalPeriod, Weekday, instant_at
from engine.model.ids import Modifier, OrderId, ResourceId, ServiceId
from engine.model.order import Condition, Order, OrderingOffice, Preference, Prerequisite, Priority, TargetDate
from engine.model.resource import Practitioner
from engine.model.session import PatientClass

if TYPE_CHECKING:
    from datetime import date

    from engine.model.ids import Capability
    from engine.model.order import Occurrence, Separation
    from engine.model.problem import Problem
    from engine.model.service import Eligibility
    from engine.simulate.dice import Dice
    from engine.simulate.people import Person

__all__ = ["Demand", "Item", "Mix"]

_CLOSED_LIST = 1.6
"""How many more of the known patients come to a practitioner who takes no new ones."""
_DRAWS = 200
"""People who are looked at before an order is given to the last of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of order.

    Parameters
    ----------
    weekly
        How many come in a week.
    physicians
        The capability of those who treat; a return visit goes to one who knows the patient.
    new_share
        Share of orders by patients whom none of the physicians knows; these have the modifier `new`.
    modifiers
        Others, each with its share.
    named_share, wished_share
        Share of return orders that must be, or should be, with the physician who knows the patient.
    recall_share
        Share that has a target date some days from now, give or take two days.
    series, series_share
        Visits of a series, and share of orders that are one.
    inpatient_share
        Share of patients who come from a ward.
    conditions
        (condition, share of orders that have it); of a kind that is drawn twice the first. Orders that are booked
        already have none that could have kept them from it.
    after, after_min, after_share
        Service of the order that comes first, minutes from its end on, and share of orders that wait for one.
    ahead
        How many visits are booked already, relative to other kinds of orders.
    is_routine
        True: never urgent.
    priorities
        (priority, weight) where they differ from those of the mix.
    """

    service: str
    weekly: float
    physicians: str | None = None
    new_share: float = 0.0
    modifiers: tuple[tuple[str, float], ...] = ()
    named_share: float = 0.0
    wished_share: float = 0.6
    recall_share: float = 0.0
    series: tuple[Occurrence, ...] = ()
    series_share: float = 0.0
    inpatient_share: float = 0.0
    conditions: tuple[tuple[Condition, float], ...] = ()
    separations: tuple[Separation, ...] = ()
    after: str | None = None
    after_min: int = 24 * 60
    after_share: float = 0.0
    ahead: float = 1.0
    is_routine: bool = False
    priorities: tuple[tuple[Priority, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Mix:
    """All that is ordered at a place.

    Parameters
    ----------
    priorities
        (priority, weight) of the orders of the week.
    due_days, deadline_days
        Local days after today's by the evening of which an order of a priority should, or must, be done.
    offices
        Who orders.
    wish_share
        Share of orders with a wish for weekdays or a time of day.
    """

    items: tuple[Item, ...]
    priorities: tuple[tuple[Priority, float], ...]
    due_days: dict[Priority, int]
    deadline_days: dict[Priority, int] = field(default_factory=dict)
    offices: tuple[OrderingOffice, ...] = ()
    wish_share: float = 0.1


@dataclass(slots=True)
class Demand:
    """Makes orders for people.

    Parameters
    ----------
    problem
        Services and practitioners.
    now
        Orders are older than that.
    """

    problem: Problem
    mix: Mix
    people: list[Person]
    dice: Dice
    now: datetime
    orders: list[Order] = field(default_factory=list)
    waiting: defaultdict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    """Orders by service that another order can come after."""
    _treating: dict[str, tuple[tuple[ResourceId, float], ...]] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """Time zone of the organisation."""
        return self.problem.time_zone

    @property
    def today(self) -> date:
        """The local date of `now`."""
        return self.problem.grid.local_date(self.problem.grid.floor(self.now), self.zone)

    def draw(
        self, item: Item, ordered_at: datetime, *, priority: Priority | None = None, target: date | None = None
    ) -> Order:
        """A new order, kept in `orders`. Without a priority it is routine."""
        dice = self.dice
        first = self._first(item)
        person, is_new = (self.person_of(first), False) if first else self._person(item)
        physician = self._physician(item, person) if item.physicians and not is_new else None
        is_named = dice.chance(item.named_share)
        is_wished = not is_named and dice.chance(item.wished_share)
        modifiers = [m for m, share in item.modifiers if dice.chance(share)]
        is_inpatient = dice.chance(item.inpatient_share)
        priority = priority or Priority.ROUTINE
        order = Order(
            id=OrderId(f"ord-{len(self.orders) + 1:05d}"),
            patient=person.id,
            service=ServiceId(item.service),
            priority=priority,
            patient_class=PatientClass.INPATIENT if is_inpatient else PatientClass.OUTPATIENT,
            ordered_at=ordered_at,
            ordered_by=dice.pick(self.mix.offices) if self.mix.offices else None,
            due=None if target else self._day_end(self.mix.due_days.get(priority)),
            deadline=self._day_end(self.mix.deadline_days.get(priority)),
            target=None if target is None else TargetDate(day=target, before_days=2, after_days=2),
            modifiers=tuple(Modifier(m) for m in (["new", *modifiers] if is_new else modifiers)),
            required_practitioner=physician if is_named else None,
            preferred_practitioner=physician if is_wished else None,
            preference=self._wish(),
            conditions=self._conditions(item),
            prerequisites=() if first is None else (Prerequisite(order=first.id, min_min=item.after_min),),
            separations=item.separations,
            series=item.series if dice.chance(item.series_share) else (),
        )
        self.orders.append(order)
        return order

    def _conditions(self, item: Item) -> tuple[Condition, ...]:
        """What must be in place, each kind once: an order has one authorisation, and it is granted or not."""
        drawn = [c for c, share in item.conditions if self.dice.chance(share)]
        first = {c.kind: c for c in reversed(drawn)}
        return tuple(c for c in drawn if c is first[c.kind])

    def instant(self, day: date, minute: int) -> datetime:
        """A wall-clock time of the organisation."""
        return instant_at(day, minute, self.zone)

    def _first(self, item: Item) -> Order | None:
        """An order that another one of this kind comes after, taken away so that no other does."""
        if item.after is None or not self.dice.chance(item.after_share):
            return None
        eligible = self.problem.service(ServiceId(item.service)).eligibility
        able = [o for o in self.waiting[item.after] if self._is_eligible(self.person_of(o), eligible)]
        if not able:
            return None
        first = self.dice.pick(able[: (len(able) + 1) // 2])  # one of those who have waited longest
        self.waiting[item.after].remove(first)
        return first

    def person_of(self, order: Order) -> Person:
        """The patient of an order."""
        return self.people[int(order.patient.rpartition("-")[2]) - 1]

    def _person(self, item: Item) -> tuple[Person, bool]:
        """Somebody who may have the service, and whether they are new to those who treat."""
        eligible = self.problem.service(ServiceId(item.service)).eligibility
        treating = {r for r, _ in self._treat(item)} if item.physicians else set()
        is_new = self.dice.chance(item.new_share)
        person = self.dice.pick(self.people)
        for _ in range(_DRAWS):
            if self._is_eligible(person, eligible) and not (is_new and treating & person.known_to):
                return person, is_new
            person = self.dice.pick(self.people)
        return person, False

    def _is_eligible(self, person: Person, eligible: Eligibility) -> bool:
        age = person.age(self.today)
        # A year of margin on both sides: somebody may have a birthday before the visit.
        is_of_age = (eligible.min_age or 0) <= age < (200 if eligible.max_age is None else eligible.max_age)
        return is_of_age and (eligible.sexes is None or person.sex in eligible.sexes)

    def _physician(self, item: Item, person: Person) -> ResourceId:
        """Who treats the person; from now on they know each other."""
        treating = self._treat(item)
        known = [r for r, _ in treating if r in person.known_to]
        physician = known[0] if known else self.dice.weighted(treating)
        person.known_to.add(physician)
        return physician

    def _treat(self, item: Item) -> tuple[tuple[ResourceId, float], ...]:
        """Practitioners with the capability, weighted by their sessions; more where nobody new takes any away."""
        wanted = item.physicians or ""
        if wanted not in self._treating:
            sessions = self.problem.sessions_by_resource
            self._treating[wanted] = tuple(
                (r.id, (1.0 + len(sessions.get(r.id, ()))) * (1.0 if r.accepts_new else _CLOSED_LIST))
                for r in self.problem.resources
                if isinstance(r, Practitioner) and _has(r, wanted)
            )
        return self._treating[wanted]

    def _day_end(self, days: int | None) -> datetime | None:
        return None if days is None else self.instant(self.today + timedelta(days=days), 18 * 60)

    def _wish(self) -> Preference:
        if not self.dice.chance(self.mix.wish_share):
            return Preference()
        if self.dice.chance(0.5):
            days = self.dice.shuffled(list(Weekday)[:5])[: self.dice.between(1, 3)]
            return Preference(weekdays=tuple(sorted(days, key=lambda d: d.number)))
        start, end = self.dice.pick(((7 * 60, 9 * 60), (8 * 60, 12 * 60), (11 * 60, 14 * 60), (15 * 60, 20 * 60)))
        return Preference(times=(LocalPeriod(start=start, end=end),))


def _has(practitioner: Practitioner, capability: str) -> bool:
    held: list[Capability] = [*practitioner.capabilities, *(p.capability for p in practitioner.privileges)]
    return capability in held
