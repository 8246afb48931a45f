"""The weekly template: nobody twice at once, everybody able and there, contracts, pools and cover kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from engine.check.dealing import too_few_for
from engine.model.base import DAY_MIN
from engine.model.codes import ConstraintCode
from engine.model.explanation import Violation
from engine.model.problem import is_in_pool
from engine.model.resource import Practitioner
from engine.model.session import Pool
from engine.model.template import TemplateBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.check.cycle import Cycle, Entry, Slot, Standing
    from engine.model.ids import Capability, ResourceId, SiteId
    from engine.model.planning import Activity, Cover
    from engine.model.resource import Resource
    from engine.model.template import NthWeekday


def _broken(code: ConstraintCode, message: str, *subjects: str) -> Violation:
    return Violation(code=code, subjects=tuple(dict.fromkeys(subjects)), message=message)


def _slots_text(slots: Sequence[Slot], limit: int = 3) -> str:
    shown = ", ".join(str(s) for s in slots[:limit])
    return f"{shown} and {len(slots) - limit} more" if len(slots) > limit else shown


def _sessions_text(count: int) -> str:
    return f"{count} session" if count == 1 else f"{count} sessions"


def double(cycle: Cycle) -> Iterator[Violation]:
    """No owner has two entries at once, and no room more than it has lanes."""
    taken: dict[tuple[str, ResourceId], list[Standing]] = defaultdict(list)
    for standing in cycle.standings:
        owner = cycle.owner_of(standing.entry)
        if owner is not None:
            taken["owner", owner].append(standing)
        for room in cycle.rooms_of(standing.entry):
            taken["room", room].append(standing)
    for (kind, resource_id), standings in taken.items():
        resource = cycle.problem.resource(resource_id)
        lanes = resource.lanes if kind == "room" else 1
        seen = set()
        for one in standings:
            for together in _at_start(one, standings, cycle.weeks):
                ids = frozenset(s.entry.id for s in together)
                if len(together) > lanes and ids not in seen:
                    seen.add(ids)
                    text = f"{resource.name} is in {', '.join(sorted(ids))} at once, {one.text}."
                    yield _broken(ConstraintCode.TEMPLATE_DOUBLE, text, *sorted(ids), resource_id)


def _at_start(one: Standing, standings: Iterable[Standing], weeks: int) -> list[list[Standing]]:
    """Entries that go on when `one` starts, itself among them: a list for each day of the month on which they may meet.

    The cycle has no end: its last night reaches into the first Monday.
    """
    length = weeks * 7 * DAY_MIN
    going_on = [s for s in standings if s is one or (one.start - s.start) % length < s.end - s.start]
    if not any(s.is_monthly for s in going_on):
        return [going_on]
    months = {s.entry.on.monthly for s in going_on if s.entry.on.monthly}
    return [
        [s for s in going_on if s.entry.on.monthly is None or _may_meet(s.entry.on.monthly, month)]
        for month in sorted(months, key=lambda m: m.nth)
        if one.entry.on.monthly is None or _may_meet(one.entry.on.monthly, month)
    ]


def _may_meet(one: NthWeekday, other: NthWeekday) -> bool:
    """Whether two nth weekdays can be one date: the last one is a fourth or a fifth."""
    return one.day is not other.day or one.nth == other.nth or {one.nth, other.nth} in ({-1, 4}, {-1, 5})


def qualified(cycle: Cycle) -> Iterator[Violation]:
    """An owner can do the activity and works at the site, the activity may be there, and the rooms meet its needs."""
    entries: tuple[Entry, ...] = (*cycle.template.sessions, *cycle.template.blocks)
    for entry in entries:
        for fault in _faults(cycle, entry):
            yield _broken(ConstraintCode.TEMPLATE_QUALIFIED, f"{entry.id}: {fault}.", entry.id)


def _faults(cycle: Cycle, entry: Entry) -> Iterator[str]:
    activity, site, owner = cycle.activity_of(entry), cycle.site_of(entry), cycle.owner_of(entry)
    if owner is not None:
        resource = cycle.problem.resource(owner)
        works_at = {resource.site, *(resource.other_sites if isinstance(resource, Practitioner) else ())}
        if site not in works_at:
            yield f"{resource.name} does not work at {site}"
        lacking = sorted(set(activity.capabilities) - _capabilities(resource)) if activity else []
        if activity and lacking:
            yield f"{resource.name} lacks {', '.join(lacking)} for {activity.name}"
    if activity and activity.sites and site not in activity.sites:
        yield f"{activity.name} may not take place at {site}"
    if activity and not _rooms_suffice(cycle, entry, activity):
        rooms = ", ".join(cycle.problem.resource(r).name for r in cycle.rooms_of(entry)) or "none"
        yield f"{activity.name} needs other rooms than {rooms}"


def _capabilities(resource: Resource) -> set[Capability]:
    held = {p.capability for p in resource.privileges} if isinstance(resource, Practitioner) else set()
    return held.union(resource.capabilities)


def _rooms_suffice(cycle: Cycle, entry: Entry, activity: Activity) -> bool:
    """Whether the entry's rooms at its site can be dealt out to the needs; a theatre must meet one of them."""
    rooms = [r for r in map(cycle.problem.resource, cycle.rooms_of(entry)) if r.site == cycle.site_of(entry)]
    wanted = [set(need.capabilities) for need in activity.rooms for _ in range(need.count)]
    suits = [[room.id for room in rooms if need <= set(room.capabilities)] for need in wanted]
    if isinstance(entry, TemplateBlock):
        return not wanted or any(suits)
    return not too_few_for(suits)


def available(cycle: Cycle) -> Iterator[Violation]:
    """Nobody and nothing stands in a period in which the brief says it is unavailable."""
    away = _unavailable(cycle)
    found: dict[tuple[Entry, ResourceId], list[Slot]] = {}
    for standing, slot in cycle.slotted:
        owner = cycle.owner_of(standing.entry)
        for resource in (*([owner] if owner else []), *cycle.rooms_of(standing.entry)):
            if slot in away[resource]:
                found.setdefault((standing.entry, resource), []).append(slot)
    for (entry, resource_id), slots in found.items():
        text = f"{entry.id}: {cycle.problem.resource(resource_id).name} is not available {_slots_text(slots)}."
        yield _broken(ConstraintCode.TEMPLATE_AVAILABLE, text, entry.id, resource_id)


def _unavailable(cycle: Cycle) -> defaultdict[ResourceId, set[Slot]]:
    away: defaultdict[ResourceId, set[Slot]] = defaultdict(set)
    for told in cycle.brief.unavailable if cycle.brief else ():
        away[told.resource].update(cycle.referred(told.at))
    return away


def contract(cycle: Cycle) -> Iterator[Violation]:
    """A practitioner holds as many sessions of each activity, and in all, as the contract says."""
    code = ConstraintCode.TEMPLATE_CONTRACT
    for weeks in cycle.brief_cycles if cycle.brief else ():
        held = Counter({key: sum(s.week in weeks for s in slots) for key, slots in cycle.held_slots.items()})
        for who, agreed in cycle.contract_by_practitioner.items():
            name = cycle.problem.resource(who).name
            for part in agreed.activities:
                count, activity = held[who, part.activity], cycle.activity_by_id[part.activity].name
                if not part.minimum <= count <= part.maximum:
                    agreed_text = f"{part.minimum} to {part.maximum}"
                    text = f"{name} has {_sessions_text(count)} of {activity}; the contract says {agreed_text}."
                    yield _broken(code, text, who, part.activity)
            total = sum(n for (whose, _), n in held.items() if whose == who)
            if total > agreed.maximum:
                yield _broken(
                    code, f"{name} has {_sessions_text(total)} in all; the contract says at most {agreed.maximum}.", who
                )
        for (who, activity_id), count in held.items():
            agreed_of = cycle.contract_by_practitioner.get(who)
            if count and not any(part.activity == activity_id for part in (agreed_of.activities if agreed_of else ())):
                name, activity = cycle.problem.resource(who).name, cycle.activity_by_id[activity_id].name
                yield _broken(
                    code,
                    f"{name} has {_sessions_text(count)} of {activity} without a contract for it.",
                    who,
                    activity_id,
                )


def pool(cycle: Cycle) -> Iterator[Violation]:
    """The sessions of a period at a site get all the staff and equipment they need, each in one place at a time."""
    away = _unavailable(cycle)
    asked: dict[tuple[Slot, SiteId], list[tuple[str, Pool]]] = defaultdict(list)
    for standing, slot in cycle.slotted:
        activity = cycle.activity_of(standing.entry)
        for need in activity.pools if activity else ():
            wanted = Pool(kind=need.kind, capabilities=tuple(sorted(set(need.capabilities))))
            asked[slot, cycle.site_of(standing.entry)] += [(standing.entry.id, wanted)] * need.count
    for (slot, site), places in asked.items():
        there = {
            wanted: [r.id for r in cycle.problem.resources if is_in_pool(r, wanted, site) and slot not in away[r.id]]
            for _, wanted in places
        }
        for short, who in too_few_for([there[wanted] for _, wanted in places]):
            needed = Counter(places[n][1] for n in short)
            kinds = " and ".join(f"{n} of {' '.join((w.kind, *w.capabilities))}" for w, n in needed.items())
            are = f"{len(who)} is" if len(who) == 1 else f"{len(who)} are"
            text = f"{slot}: the sessions at {site} need {kinds}; {are} there{' for all' if len(needed) > 1 else ''}."
            yield _broken(ConstraintCode.TEMPLATE_POOL, text, site, *(places[n][0] for n in short))


def site_change(cycle: Cycle) -> Iterator[Violation]:
    """A practitioner who works at one site a day does."""
    sites: dict[tuple[ResourceId, int, str], dict[str, list[str]]] = defaultdict(dict)
    for standing in cycle.standings:
        owner = cycle.owner_of(standing.entry)
        agreed = cycle.contract_by_practitioner.get(owner) if owner else None
        if owner and agreed and agreed.one_site_a_day:
            there = sites[owner, standing.week, standing.day]
            there.setdefault(cycle.site_of(standing.entry), []).append(standing.entry.id)
    for (owner, week, day), by_site in sites.items():
        if len(by_site) > 1:
            name = cycle.problem.resource(owner).name
            text = f"{name} is at {' and '.join(sorted(by_site))} on {day.capitalize()} of week {week}."
            entries = [entry for site in sorted(by_site) for entry in by_site[site]]
            yield _broken(ConstraintCode.TEMPLATE_SITE_CHANGE, text, owner, *entries)


def cover(cycle: Cycle) -> Iterator[Violation]:
    """In every period that asks for it, enough practitioners of a specialty, or at an activity, are there."""
    for rule in cycle.brief.cover if cycle.brief else ():
        slots = [s for at in rule.at for s in cycle.referred(at)] or list(cycle.all_slots)
        present: dict[Slot, set[ResourceId]] = defaultdict(set)
        for standing, slot in cycle.slotted:
            who = cycle.practitioner_of(standing.entry)
            if who is not None and not standing.is_monthly and _counts(cycle, rule, standing.entry, who):
                present[slot].add(who.id)
        for slot in dict.fromkeys(slots):
            if len(present[slot]) < rule.minimum:
                what = rule.specialty or cycle.activity_by_id[rule.activity].name  # type: ignore[index]
                where = f" at {rule.site}" if rule.site else ""
                text = f"{slot}: {len(present[slot])} for {what}{where}; at least {rule.minimum} must be there."
                yield _broken(ConstraintCode.TEMPLATE_COVER, text, str(what), *sorted(present[slot]))


def _counts(cycle: Cycle, rule: Cover, entry: Entry, who: Practitioner) -> bool:
    activity = cycle.activity_of(entry)
    if activity is None or (rule.site is not None and cycle.site_of(entry) != rule.site):
        return False
    if rule.activity is not None:
        return activity.id == rule.activity
    return activity.counts_for_cover and rule.specialty in who.specialties


def pinned(cycle: Cycle) -> Iterator[Violation]:
    """Pinned entries of today's template are there unchanged."""
    if cycle.today is None:
        return
    kept = {_content(s) for s in cycle.standings}
    reported = set()
    for standing in cycle.lay_out(cycle.today):
        entry = standing.entry
        if entry.is_pinned and _content(standing) not in kept and entry.id not in reported:
            reported.add(entry.id)
            text = f"{entry.id} is pinned, {standing.text}, and is missing or changed."
            yield _broken(ConstraintCode.TEMPLATE_PINNED, text, entry.id)


def _content(standing: Standing) -> tuple[object, ...]:
    """Everything about an entry in a week but its id, its pin and the order of its rooms."""
    entry = standing.entry
    apart = {"id", "on", "is_pinned", "rooms"}
    fields = tuple(getattr(entry, name) for name in type(entry).model_fields if name not in apart)
    rooms = frozenset(entry.rooms) if not isinstance(entry, TemplateBlock) else frozenset()
    return (type(entry).__name__, standing.week, standing.day, entry.on.monthly, rooms, fields)
