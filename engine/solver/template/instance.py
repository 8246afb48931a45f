"""The weekly template as integers: slots, people, activities, sites, rooms, and today's template on the same grid.

A *slot* is one period of one weekday of one week of the cycle. Periods of a brief never overlap, so a person, room or
other is in one slot at a time; only entries of today's template that must stay as they are (`Fixed`) may lie across.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.calendar import Weekday
from engine.model.planning import RoomNeed
from engine.model.resource import ResourceKind
from engine.model.template import TemplateBlock, TemplateSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.model.ids import Capability, ResourceId, SiteId
    from engine.model.planning import (
        Activity,
        Contract,
        PlanningBrief,
        PlanningPeriod,
        PoolNeed,
        SlotRef,
        StaffingContract,
    )
    from engine.model.policy import Policy
    from engine.model.problem import Problem
    from engine.model.resource import Practitioner, Room
    from engine.model.template import NthWeekday, Template

__all__ = [
    "Entry",
    "Fixed",
    "Held",
    "Instance",
    "Key",
    "Person",
    "Slot",
    "entries_of",
    "owner_of",
    "room_needs",
    "rooms_of",
]

Entry = TemplateSession | TemplateBlock
Key = tuple[int, int, int, Weekday, int]
"""Person, activity, site, weekday and period, as indices: what makes an entry the same in every week."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A period of a day of the cycle.

    Parameters
    ----------
    week
        1 to N.
    period
        Index of the brief's period.
    start, end
        Minutes since the first Monday's midnight, by the wall clock; half-open.
    """

    index: int
    week: int
    day: Weekday
    period: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner with a contract.

    Parameters
    ----------
    sites
        Indices of the sites the practitioner may be sent to, the own one first.
    contracts
        By the activity's index.
    """

    index: int
    resource: Practitioner
    sites: tuple[int, ...]
    contract: StaffingContract
    contracts: Mapping[int, Contract]
    capabilities: frozenset[Capability]


@dataclass(frozen=True, slots=True)
class Held:
    """A session that is held: who, at what, where, when; all indices."""

    person: int
    activity: int
    site: int
    slot: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """An entry of today's template in one week, which stays as it is: pinned, or not the generator's to decide.

    Parameters
    ----------
    person, activity
        None: not one of those that are planned.
    start, end
        Minutes since the first Monday's midnight.
    """

    entry: Entry
    person: int | None
    activity: int | None
    site: int
    week: int
    day: Weekday
    start: int
    end: int

    def overlaps(self, other: Slot | Fixed, cycle_min: int) -> bool:
        """Whether the two can share a moment of the cycle, which has no end: its last night may reach into Monday.

        An entry on an nth weekday of the month may fall into any week, but never onto another nth of that weekday.
        """
        if isinstance(other, Fixed) and not _may_meet(self.entry.on.monthly, other.entry.on.monthly):
            return False
        return any(
            self.start + shift < other.end and other.start < self.end + shift for shift in (-cycle_min, 0, cycle_min)
        )


@dataclass(frozen=True)
class Instance:
    """Everything that the template's model is built from. Made by `engine.solver.template.prepare.instance_of`.

    Parameters
    ----------
    repeats
        How often the brief's cycle fits into the weeks in which it and today's template come round together. Costs
        are counted over all of these weeks.
    kept
        Entries of today's template by key and week, where the generator could have made them: whatever stays keeps
        its entry's id and segments.
    today
        Sessions of today's template that are not fixed: how many there are in each repeat of the cycle.
    lost
        Differences to today's template that nothing can make good: sessions of people who are not planned any more.
    """

    problem: Problem
    brief: PlanningBrief
    template: Template | None
    repeats: int
    sites: tuple[SiteId, ...]
    slots: tuple[Slot, ...]
    people: tuple[Person, ...]
    fixed: tuple[Fixed, ...]
    kept: Mapping[tuple[Key, int], Entry]
    today: Mapping[Held, tuple[int, ...]]
    lost: int

    @property
    def policy(self) -> Policy:
        """Weights."""
        return self.problem.policy

    @property
    def periods(self) -> tuple[PlanningPeriod, ...]:
        """The brief's."""
        return self.brief.periods

    @property
    def activities(self) -> tuple[Activity, ...]:
        """The brief's."""
        return self.brief.activities

    @property
    def cycle_min(self) -> int:
        """Minutes of the cycle."""
        return self.brief.cycle_weeks * 7 * DAY_MIN

    def key_of(self, held: Held) -> Key:
        """What the session has in common with those of other weeks."""
        slot = self.slots[held.slot]
        return (held.person, held.activity, held.site, slot.day, slot.period)

    def resource_id(self, index: int) -> ResourceId:
        """The id of a resource by its index in the problem."""
        return self.problem.resources[index].id

    # Slots

    @cached_property
    def _slots_of_day(self) -> Mapping[tuple[int, Weekday], tuple[Slot, ...]]:
        found: dict[tuple[int, Weekday], list[Slot]] = {}
        for slot in self.slots:
            found.setdefault((slot.week, slot.day), []).append(slot)
        return {day: tuple(slots) for day, slots in found.items()}

    def stands_in(self, fixed: Fixed) -> tuple[int, ...]:
        """Slots of its week and weekday that a fixed entry's clock time overlaps."""
        slots = self._slots_of_day.get((fixed.week, fixed.day), ())
        return tuple(s.index for s in slots if fixed.start < s.end and s.start < fixed.end)

    def referred(self, ref: SlotRef) -> Iterator[int]:
        """The slots that a reference of the brief names."""
        for slot in self.slots:
            is_named = slot.day is ref.day and self.periods[slot.period].id == ref.period
            if is_named and (not ref.weeks or slot.week in ref.weeks):
                yield slot.index

    @cached_property
    def unavailable(self) -> Mapping[ResourceId, frozenset[int]]:
        """Slots in which the brief says that a resource cannot be used."""
        found: dict[ResourceId, set[int]] = {}
        for item in self.brief.unavailable:
            found.setdefault(item.resource, set()).update(self.referred(item.at))
        return {resource: frozenset(slots) for resource, slots in found.items()}

    def is_unavailable(self, resource: ResourceId, slot: int) -> bool:
        """Whether a resource cannot be used in a slot."""
        return slot in self.unavailable.get(resource, ())

    def slot_name(self, slot: int) -> str:
        """For a person: "Mon am" or, in a cycle of several weeks, "Mon am of week 2"."""
        s = self.slots[slot]
        name = f"{s.day.capitalize()} {self.periods[s.period].id}"
        return f"{name} of week {s.week}" if self.brief.cycle_weeks > 1 else name

    def slot_names(self, slots: Sequence[int], at_most: int = 4) -> str:
        """Several slots for a person, the first few by name."""
        names = [self.slot_name(s) for s in slots[:at_most]]
        if len(slots) > at_most:
            names.append(f"{len(slots) - at_most} more")
        return ", ".join(names)

    # Resources

    @cached_property
    def rooms(self) -> Mapping[int, Room]:
        """Rooms by their index among the problem's resources."""
        return {i: r for i, r in enumerate(self.problem.resources) if r.kind is ResourceKind.ROOM}

    def suitable_rooms(self, need: RoomNeed, site: int) -> frozenset[int]:
        """Rooms of a site that meet a need, by index."""
        return self._matching(ResourceKind.ROOM, need.capabilities, site)

    def pool(self, need: PoolNeed, site: int) -> frozenset[int]:
        """Resources of a site that can be drawn on for a need, by index."""
        return self._matching(need.kind, need.capabilities, site)

    def _matching(self, kind: ResourceKind, capabilities: Sequence[Capability], site: int) -> frozenset[int]:
        asked = (kind, frozenset(capabilities), site)
        found = self._matched.get(asked)
        if found is None:
            found = frozenset(
                i
                for i, r in enumerate(self.problem.resources)
                if r.kind is kind and r.site == self.sites[site] and set(capabilities) <= set(r.capabilities)
            )
            self._matched[asked] = found
        return found

    @cached_property
    def _matched(self) -> dict[tuple[ResourceKind, frozenset[Capability], int], frozenset[int]]:
        return {}

    def free_lanes(self, slot: int, site: int) -> Mapping[int, int]:
        """Rooms of a site that can be used in a slot, by index, with the lanes that fixed entries leave."""
        taken = self._taken_rooms[slot]
        free = {
            i: room.lanes - taken.get(room.id, 0)
            for i, room in self.rooms.items()
            if room.site == self.sites[site] and not self.is_unavailable(room.id, slot)
        }
        return {i: lanes for i, lanes in free.items() if lanes > 0}

    @cached_property
    def _taken_rooms(self) -> tuple[Mapping[ResourceId, int], ...]:
        """Lanes of rooms that fixed entries take in each slot, at the moment when they take most."""
        taken: list[dict[ResourceId, int]] = []
        for slot in self.slots:
            users: dict[ResourceId, list[Fixed]] = {}
            for fixed in self.fixed:
                if fixed.overlaps(slot, self.cycle_min):
                    for room in rooms_of(fixed.entry):
                        users.setdefault(room, []).append(fixed)
            taken.append({room: self._most_at_once(fixed) for room, fixed in users.items()})
        return tuple(taken)

    def _most_at_once(self, fixed: Sequence[Fixed]) -> int:
        return max(sum((one.start - f.start) % self.cycle_min < f.end - f.start for f in fixed) for one in fixed)


def _may_meet(one: NthWeekday | None, other: NthWeekday | None) -> bool:
    """Whether two nth weekdays of a month can be one date, or nights that reach into each other."""
    if one is None or other is None or one.day is not other.day:
        return True
    return one.nth == other.nth or {one.nth, other.nth} in ({-1, 4}, {-1, 5})


def entries_of(template: Template) -> list[Entry]:
    """Sessions and blocks of a template."""
    return [*template.sessions, *template.blocks]


def room_needs(activity: Activity) -> tuple[RoomNeed, ...]:
    """Rooms that a session of an activity takes. A surgery block has one theatre: the first room that is asked for."""
    if not activity.is_surgery:
        return activity.rooms
    return (RoomNeed(capabilities=activity.rooms[0].capabilities if activity.rooms else ()),)


def rooms_of(entry: Entry) -> tuple[ResourceId, ...]:
    """Rooms that an entry takes for its whole period."""
    return (entry.theatre,) if isinstance(entry, TemplateBlock) else entry.rooms


def owner_of(entry: Entry) -> ResourceId | None:
    """The one resource that holds an entry; None for a pool's session or a specialty's block."""
    if isinstance(entry, TemplateBlock):
        return entry.practitioner
    return entry.owner if isinstance(entry.owner, str) else None
