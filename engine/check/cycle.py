"""A weekly template laid out over its cycle: each entry in each week, and the planning periods it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.resource import Practitioner
from engine.model.template import TemplateBlock, TemplateSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.model.calendar import Weekday
    from engine.model.ids import ActivityId, ResourceId, SiteId
    from engine.model.planning import Activity, PlanningBrief, SlotRef, StaffingContract
    from engine.model.problem import Problem
    from engine.model.template import Template

__all__ = ["Cycle", "Entry", "Slot", "Standing"]

Entry = TemplateSession | TemplateBlock


class Slot(NamedTuple):
    """A planning period on a weekday of a week, 1 to the number of weeks judged."""

    week: int
    day: Weekday
    period: str

    def __str__(self) -> str:
        return f"{self.day.capitalize()} {self.period} of week {self.week}"


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry in one week. `[start, end)` in minutes of wall-clock time since the first Monday's midnight.

    An entry on an nth weekday of the month (`is_monthly`) may fall in any week, so it has one of these in each.
    """

    entry: Entry
    week: int
    day: Weekday
    start: int
    end: int

    @property
    def is_monthly(self) -> bool:
        """Whether it is on an nth weekday of the month rather than in certain weeks."""
        return self.entry.on.monthly is not None

    @property
    def text(self) -> str:
        """When, for a person: "Mon 08:00 of week 1"."""
        return f"{self.day.capitalize()} {format_wall_time(self.entry.period.start)} of week {self.week}"


@dataclass(frozen=True, eq=False)
class Cycle:
    """A template and the brief it is judged by.

    `weeks` is the number of weeks laid out: the cycle's, or the least common multiple where the template, today's
    template and the brief have cycles of different lengths.
    """

    problem: Problem
    template: Template
    brief: PlanningBrief | None
    today: Template | None
    weeks: int

    @classmethod
    def of(cls, problem: Problem, template: Template) -> Cycle:
        """The cycle of a template of a problem."""
        brief = problem.planning
        today = problem.template(brief.today) if brief is not None and brief.today is not None else None
        lengths = (given.cycle_weeks for given in (template, brief, today) if given is not None)
        return cls(problem, template, brief, today, lcm(*lengths))

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """The template's entries, week by week."""
        return tuple(self.lay_out(self.template))

    def lay_out(self, template: Template) -> Iterator[Standing]:
        """The entries of a template, week by week; sessions first."""
        entries: tuple[Entry, ...] = (*template.sessions, *template.blocks)
        for entry in entries:
            day = entry.on.monthly.day if entry.on.monthly else entry.on.day
            assert day is not None  # a recurrence without an nth weekday has a weekday
            for week in range(1, self.weeks + 1):
                if not entry.on.weeks or (week - 1) % template.cycle_weeks + 1 in entry.on.weeks:
                    start = ((week - 1) * 7 + day.number) * DAY_MIN + entry.period.start
                    yield Standing(entry, week, day, start, start + entry.period.length_min)

    def slots_of(self, standing: Standing) -> list[Slot]:
        """The planning periods of its weekday that an entry's clock time overlaps."""
        found = []
        midnight = standing.start - standing.entry.period.start
        for planned in self.brief.periods if self.brief else ():
            start = midnight + planned.period.start
            end = start + planned.period.length_min
            if standing.day in planned.days and start < standing.end and standing.start < end:
                found.append(Slot(standing.week, standing.day, planned.id))
        return found

    @cached_property
    def slotted(self) -> tuple[tuple[Standing, Slot], ...]:
        """The template's entries, period by period."""
        return tuple((standing, slot) for standing in self.standings for slot in self.slots_of(standing))

    @cached_property
    def brief_cycles(self) -> tuple[range, ...]:
        """The weeks laid out, in stretches of the brief's cycle; normally one."""
        n = self.brief.cycle_weeks if self.brief else self.weeks
        return tuple(range(first, first + n) for first in range(1, self.weeks + 1, n))

    def referred(self, at: SlotRef) -> list[Slot]:
        """The slots that the brief means."""
        return [
            Slot(week, at.day, at.period)
            for cycle in self.brief_cycles
            for n, week in enumerate(cycle, start=1)
            if not at.weeks or n in at.weeks
        ]

    @cached_property
    def all_slots(self) -> tuple[Slot, ...]:
        """Every period of the brief on each of its days."""
        periods = self.brief.periods if self.brief else ()
        return tuple(Slot(w, d, p.id) for w in range(1, self.weeks + 1) for p in periods for d in p.days)

    @cached_property
    def activity_by_id(self) -> Mapping[str, Activity]:
        """Activities of the brief."""
        return {a.id: a for a in self.brief.activities} if self.brief else {}

    @cached_property
    def contract_by_practitioner(self) -> Mapping[ResourceId, StaffingContract]:
        """Contracts of the brief."""
        return {c.practitioner: c for c in self.brief.contracts} if self.brief else {}

    def site_of(self, entry: Entry) -> SiteId:
        """Where an entry takes place; a surgery block at its theatre's site."""
        return self.problem.resource(entry.theatre).site if isinstance(entry, TemplateBlock) else entry.site

    def owner_of(self, entry: Entry) -> ResourceId | None:
        """The one resource that holds an entry; None for a pool's session or a specialty's block."""
        if isinstance(entry, TemplateBlock):
            return entry.practitioner
        return entry.owner if isinstance(entry.owner, str) else None

    def practitioner_of(self, entry: Entry) -> Practitioner | None:
        """The practitioner who holds an entry, if one does."""
        owner = self.owner_of(entry)
        resource = self.problem.resource(owner) if owner is not None else None
        return resource if isinstance(resource, Practitioner) else None

    def rooms_of(self, entry: Entry) -> tuple[ResourceId, ...]:
        """Rooms that an entry takes for its whole period; of a surgery block, its theatre."""
        return (entry.theatre,) if isinstance(entry, TemplateBlock) else entry.rooms

    def activity_of(self, entry: Entry) -> Activity | None:
        """The activity of the brief that an entry is.

        A surgery block is the surgery activity with the same services; of several, one in its owner's contract.
        """
        if isinstance(entry, TemplateSession):
            return self.activity_by_id.get(entry.activity or "")
        services = set(entry.services or ())
        alike = [a for a in self.activity_by_id.values() if a.is_surgery and set(a.services) == services]
        contract = self.contract_by_practitioner.get(entry.practitioner) if entry.practitioner else None
        held: set[ActivityId] = {c.activity for c in contract.activities} if contract else set()
        return next((a for a in alike if a.id in held), alike[0] if alike else None)

    @cached_property
    def held_slots(self) -> Mapping[tuple[ResourceId, str], tuple[Slot, ...]]:
        """Slots in which each practitioner is at each activity, entries on an nth weekday of the month apart."""
        found: dict[tuple[ResourceId, str], dict[Slot, None]] = {}
        for standing, slot in self.slotted:
            who, activity = self.practitioner_of(standing.entry), self.activity_of(standing.entry)
            if who is not None and activity is not None and not standing.is_monthly:
                found.setdefault((who.id, activity.id), {})[slot] = None
        return {key: tuple(slots) for key, slots in found.items()}
