"""Today's template on the grid of the brief: what is decided anew, and what stays as it is.

Decided anew are sessions of practitioners at activities of the brief. Pinned ones stay; and so do those that nobody
decides here (a pool's desk hours, a machine's sessions, an nth weekday of the month, a specialty's block), as long as
they keep the rules: a new template that had lost the desk's opening hours could not be published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.resource import Practitioner
from engine.model.template import TemplateBlock
from engine.solver.template.instance import Fixed, Held, entries_of, owner_of, rooms_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.model.calendar import Weekday
    from engine.solver.template.instance import Entry, Instance, Key, Person

__all__ = ["Today", "block_activity", "is_qualified", "read_today"]


@dataclass(frozen=True, slots=True)
class Today:
    """See the fields of the same names of `Instance`."""

    fixed: tuple[Fixed, ...]
    kept: Mapping[tuple[Key, int], Entry]
    sessions: Mapping[Held, tuple[int, ...]]
    lost: int


def read_today(inst: Instance) -> Today:
    """Today's template, or nothing where there is none.

    Parameters
    ----------
    inst
        Its own fields about today are not read.
    """
    if inst.template is None:
        return Today(fixed=(), kept={}, sessions={}, lost=0)
    reader = _Reader(inst)
    for entry in sorted(entries_of(inst.template), key=lambda e: not e.is_pinned):  # what is pinned comes first
        reader.read(entry)
    sessions = {held: tuple(counts) for held, counts in reader.sessions.items()}
    return Today(tuple(reader.fixed), reader.kept, sessions, reader.lost)


class _Reader:
    def __init__(self, inst: Instance) -> None:
        self._inst = inst
        self._site = {site: i for i, site in enumerate(inst.sites)}
        self._people = {person.resource.id: person for person in inst.people}
        self._activity: dict[str, int] = {activity.id: i for i, activity in enumerate(inst.activities)}
        self.fixed: list[Fixed] = []
        self.kept: dict[tuple[Key, int], Entry] = {}
        self.sessions: dict[Held, list[int]] = {}
        self.lost = 0

    def read(self, entry: Entry) -> None:
        owner = owner_of(entry)
        person = None if owner is None else self._people.get(owner)
        activity = self._activity_of(entry, person)
        weeks = self._weeks(entry)
        if not entry.is_pinned and person is not None and activity is not None and entry.on.day is not None:
            for week, repeats in weeks.items():
                self._decide(entry, person.index, activity, week, repeats)
            return
        for week, repeats in weeks.items():
            self._fix(entry, person, activity, week, repeats)

    def _weeks(self, entry: Entry) -> Mapping[int, list[int]]:
        """Weeks of the brief's cycle in which an entry takes place, and in which repeats of it."""
        cycle, template = self._inst.brief.cycle_weeks, self._inst.template
        found: dict[int, list[int]] = {}
        for week in range(cycle * self._inst.repeats) if template else ():
            if template and (not entry.on.weeks or week % template.cycle_weeks + 1 in entry.on.weeks):
                found.setdefault(week % cycle + 1, []).append(week // cycle)
        return found

    def _decide(self, entry: Entry, person: int, activity: int, week: int, repeats: list[int]) -> None:
        there = self._placed(entry, person, activity, week)
        meets = [slot.index for slot in self._inst.slots if there.overlaps(slot, self._inst.cycle_min)]
        for slot in self._inst.stands_in(there):
            held = Held(person, activity, there.site, slot)
            counts = self.sessions.setdefault(held, [0] * self._inst.repeats)
            for repeat in repeats:
                counts[repeat] += 1
            if meets == [slot]:  # it may begin a little later than the period, and still be its session
                self.kept.setdefault((self._inst.key_of(held), week), entry)

    def _fix(self, entry: Entry, person: Person | None, activity: int | None, week: int, repeats: list[int]) -> None:
        there = self._placed(entry, None if person is None else person.index, activity, week)
        slots = len(self._inst.stands_in(there))
        if entry.is_pinned or self._fits(there):
            self.fixed.append(there)
            self.lost += slots * (self._inst.repeats - len(repeats))
        else:
            self.lost += slots * len(repeats)

    def _fits(self, there: Fixed) -> bool:
        """Whether what nobody decides keeps the rules; else it is dropped."""
        owner, rooms = owner_of(there.entry), rooms_of(there.entry)
        resources = rooms if owner is None else (owner, *rooms)
        if any(self._inst.is_unavailable(r, slot) for r in resources for slot in self._inst.stands_in(there)):
            return False
        if there.activity is not None and not is_qualified(self._inst, there):
            return False
        meeting = [other for other in self.fixed if other.overlaps(there, self._inst.cycle_min)]
        if owner is not None and any(owner_of(other.entry) == owner for other in meeting):
            return False
        return all(
            sum(room in rooms_of(other.entry) for other in meeting) < self._inst.problem.resource(room).lanes
            for room in rooms
        )

    def _placed(self, entry: Entry, person: int | None, activity: int | None, week: int) -> Fixed:
        day = _day_of(entry)
        start = ((week - 1) * 7 + day.number) * DAY_MIN + entry.period.start
        return Fixed(
            entry=entry,
            person=person,
            activity=activity,
            site=self._site_of(entry),
            week=week,
            day=day,
            start=start,
            end=start + entry.period.length_min,
        )

    def _site_of(self, entry: Entry) -> int:
        if isinstance(entry, TemplateBlock):
            return self._site[self._inst.problem.resource(entry.theatre).site]
        return self._site[entry.site]

    def _activity_of(self, entry: Entry, person: Person | None) -> int | None:
        if isinstance(entry, TemplateBlock):
            return block_activity(self._inst, person, entry.services or ())
        return self._activity.get(entry.activity or "")


def _day_of(entry: Entry) -> Weekday:
    if entry.on.day is not None:
        return entry.on.day
    if entry.on.monthly is not None:
        return entry.on.monthly.day
    raise ValueError(f"'{entry.id}' is on no day")  # pragma: no cover - a recurrence has one or the other


def block_activity(inst: Instance, person: Person | None, services: Sequence[str]) -> int | None:
    """The surgery activity that a block is of: the one with the same services; of several, one in the contract."""
    alike = [i for i, a in enumerate(inst.activities) if a.is_surgery and set(a.services) == set(services)]
    agreed = person.contracts if person is not None else {}
    return next((i for i in alike if i in agreed), alike[0] if alike else None)


def is_qualified(inst: Instance, fixed: Fixed) -> bool:
    """Whether a fixed entry's owner, site and rooms are what its activity asks for."""
    if fixed.activity is None:
        return True
    activity, owner = inst.activities[fixed.activity], owner_of(fixed.entry)
    if owner is not None:
        resource = inst.problem.resource(owner)
        can = set(resource.capabilities)
        if isinstance(resource, Practitioner):
            can |= {p.capability for p in resource.privileges}
        if not set(activity.capabilities) <= can:
            return False
    if activity.sites and inst.sites[fixed.site] not in activity.sites:
        return False
    rooms = [inst.problem.resource(room) for room in rooms_of(fixed.entry)]
    wanted = [set(need.capabilities) for need in activity.rooms for _ in range(need.count)]
    meets = [[i for i, room in enumerate(rooms) if need <= set(room.capabilities)] for need in wanted]
    if isinstance(fixed.entry, TemplateBlock):
        return not wanted or any(meets)
    return _can_deal(meets)


def _can_deal(meets: Sequence[Sequence[int]]) -> bool:
    """Whether every need can be given a room of its own (Kuhn 1955)."""
    given: dict[int, int] = {}

    def deal(need: int, tried: set[int]) -> bool:
        for room in _fresh(meets[need], tried):
            if room not in given or deal(given[room], tried):
                given[room] = need
                return True
        return False

    return all(deal(need, set()) for need in range(len(meets)))


def _fresh(rooms: Sequence[int], tried: set[int]) -> Iterator[int]:
    for room in rooms:
        if room not in tried:
            tried.add(room)
            yield room
