"""From decided sessions and their rooms to a template that people can read.

Sessions of one owner, activity, site, weekday and period become one entry for all weeks in which they have the same
rooms. What stays as it is today keeps its id and everything that was arranged inside it: segments, quotas, breaks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.calendar import Weekday
from engine.model.ids import SessionId, TemplateId
from engine.model.session import Segment
from engine.model.template import Recurrence, Template, TemplateBlock, TemplateSession
from engine.solver.template.instance import Held, entries_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from engine.model.calendar import LocalPeriod
    from engine.model.ids import ResourceId
    from engine.model.planning import Activity
    from engine.model.session import Release
    from engine.solver.template.instance import Entry, Instance, Key

__all__ = ["to_template"]

_LONGEST_ID = 80
"""Publishing puts a date behind an entry's id."""


def to_template(inst: Instance, rooms: Mapping[Held, tuple[ResourceId, ...]]) -> Template:
    """The template in which the decided sessions have these rooms.

    It begins with the first whole week of the horizon, as a draft: the next version of today's where there is one.
    """
    entries = [*_fixed_entries(inst), *_decided_entries(inst, rooms)]
    today = inst.template
    version = 1 if today is None else today.version + 1
    taken: set[str] = {template.id for template in inst.problem.templates}
    return Template(
        id=TemplateId(_free("template" if today is None else f"{today.id}-v{version}", taken)),
        name="Weekly template" if today is None else today.name,
        version=version,
        cycle_weeks=inst.brief.cycle_weeks,
        effective_from=_first_monday(inst),
        sessions=tuple(entry for entry in entries if isinstance(entry, TemplateSession)),
        blocks=tuple(entry for entry in entries if isinstance(entry, TemplateBlock)),
    )


def _first_monday(inst: Instance) -> date:
    first = inst.problem.grid.local_date(0, inst.problem.time_zone)
    return first + timedelta(days=-first.weekday() % 7)


def _fixed_entries(inst: Instance) -> list[Entry]:
    """Entries that stay, in the weeks of the new cycle in which they do."""
    weeks: dict[SessionId, list[int]] = {}
    entries: dict[SessionId, Entry] = {}
    for fixed in inst.fixed:
        entries[fixed.entry.id] = fixed.entry
        weeks.setdefault(fixed.entry.id, []).append(fixed.week)
    found = []
    for entry_id, entry in entries.items():
        if entry.on.monthly is not None:
            found.append(entry)
        elif entry.on.day is not None:
            found.append(entry.model_copy(update={"on": _on(inst, entry.on.day, weeks[entry_id])}))
    return found


def _decided_entries(inst: Instance, rooms: Mapping[Held, tuple[ResourceId, ...]]) -> list[Entry]:
    groups: dict[tuple[Key, SessionId | None, tuple[ResourceId, ...]], list[Held]] = {}
    for held in sorted(rooms, key=lambda h: (inst.key_of(h)[:3], h.slot)):
        kept = inst.kept.get((inst.key_of(held), inst.slots[held.slot].week))
        given = rooms[held]
        if isinstance(kept, TemplateSession) and set(kept.rooms) == set(given):
            given = kept.rooms
        groups.setdefault((inst.key_of(held), None if kept is None else kept.id, given), []).append(held)
    ids: set[str] = {fixed.entry.id for fixed in inst.fixed}
    # Entries of today take their own ids before new ones are given out.
    before = {entry.id: entry for entry in entries_of(inst.template)} if inst.template else {}
    found: list[Entry] = []
    for (key, kept_id, given), sessions in sorted(groups.items(), key=lambda g: g[0][1] is None):
        weeks = [inst.slots[held.slot].week for held in sessions]
        entry_id = SessionId(_free(kept_id or _new_id(inst, key), ids))
        on = _on(inst, key[3], weeks)
        if kept_id is None:
            found.append(_new(inst, key, entry_id, on, given))
        else:
            place = {"theatre": given[0]} if isinstance(before[kept_id], TemplateBlock) else {"rooms": given}
            found.append(before[kept_id].model_copy(update={"id": entry_id, "on": on, **place}))
    return sorted(found, key=lambda entry: _order(inst, entry))


def _order(inst: Instance, entry: Entry) -> tuple[str, int, int, tuple[int, ...], str]:
    owner = entry.practitioner if isinstance(entry, TemplateBlock) else entry.owner
    day = entry.on.day or Weekday.SUN
    return str(owner), day.number, entry.period.start, entry.on.weeks, entry.id


def _new(inst: Instance, key: Key, entry_id: SessionId, on: Recurrence, rooms: Sequence[ResourceId]) -> Entry:
    person, activity_index, site, _, period = key
    activity, clock = inst.activities[activity_index], inst.periods[period].period
    owner = inst.people[person].resource.id
    if activity.is_surgery:
        return TemplateBlock(
            id=entry_id,
            on=on,
            theatre=rooms[0],
            period=clock,
            practitioner=owner,
            services=activity.services or None,
            release=_usual_release(inst, activity),
        )
    return TemplateSession(
        id=entry_id,
        on=on,
        owner=owner,
        site=inst.sites[site],
        period=clock,
        activity=activity.id,
        rooms=tuple(rooms),
        segments=_segments(activity, clock),
    )


def _segments(activity: Activity, period: LocalPeriod) -> tuple[Segment, ...]:
    """The activity's segments that lie in the period; where none does, all of it for the activity's services."""

    def minute(wall: int) -> int:
        return wall + DAY_MIN if period.crosses_midnight and wall < period.start else wall

    until = period.start + period.length_min
    inside = tuple(
        s for s in activity.segments if period.start <= minute(s.start) and minute(s.start) < minute(s.end) <= until
    )
    if inside or not activity.services:
        return inside
    return (Segment(start=period.start, end=period.end, services=activity.services),)


def _usual_release(inst: Instance, activity: Activity) -> Release | None:
    """When today's blocks of the activity are released, where they agree on it."""
    blocks = inst.template.blocks if inst.template else ()
    releases = [block.release for block in blocks if set(block.services or ()) == set(activity.services)]
    return releases[0] if releases and all(release == releases[0] for release in releases) else None


def _on(inst: Instance, day: Weekday, weeks: Sequence[int]) -> Recurrence:
    every = len(set(weeks)) == inst.brief.cycle_weeks
    return Recurrence(day=day, weeks=() if every else tuple(sorted(set(weeks))))


def _new_id(inst: Instance, key: Key) -> str:
    person, activity, site, day, period = key
    parts = [inst.people[person].resource.id, inst.activities[activity].id, day, inst.periods[period].id]
    if len(inst.people[person].sites) > 1:
        parts.insert(2, inst.sites[site])
    return "-".join(parts)[:_LONGEST_ID].rstrip()


def _free(wanted: str, taken: set[str]) -> str:
    """The id that was wanted, or with a number behind it; noted as taken."""
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    taken.add(found)
    return found
