"""What a weekly template leaves to be desired: demand, wished sessions, wishes, fairness, stability."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.check.costs.orders import term
from engine.model.codes import PenaltyCode
from engine.model.planning import WishKind
from engine.model.template import TemplateBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.cycle import Cycle
    from engine.model.explanation import PenaltyTerm
    from engine.model.template import Template

_LOWEST_PRIORITY = 6
"""A demand of priority p counts this much less p."""


def demand_short(cycle: Cycle) -> Iterator[PenaltyTerm]:
    """Sessions of a demand that nobody holds, more the more urgent."""
    for demand in cycle.brief.demand if cycle.brief else ():
        missing = 0
        for weeks in cycle.brief_cycles:
            held = sum(
                slot.week in weeks and not standing.is_monthly
                for standing, slot in cycle.slotted
                if (activity := cycle.activity_of(standing.entry)) is not None
                and activity.id == demand.activity
                and demand.site in (None, cycle.site_of(standing.entry))
            )
            missing += max(0, demand.sessions - held)
        if missing:
            subjects = (demand.activity, *([demand.site] if demand.site else []))
            amount = missing * (_LOWEST_PRIORITY - demand.priority)
            yield term(cycle.problem, PenaltyCode.DEMAND_SHORT, amount, *subjects)


def contract_short(cycle: Cycle) -> Iterator[PenaltyTerm]:
    """Sessions below the wished number."""
    for agreed in cycle.brief.contracts if cycle.brief else ():
        for part in agreed.activities:
            slots = cycle.held_slots.get((agreed.practitioner, part.activity), ())
            short = sum(
                max(0, part.wished - sum(s.week in weeks for s in slots))
                for weeks in cycle.brief_cycles
                if part.wished is not None
            )
            if short:
                yield term(cycle.problem, PenaltyCode.CONTRACT_SHORT, short, agreed.practitioner, part.activity)


def wish(cycle: Cycle) -> Iterator[PenaltyTerm]:
    """Wishes not granted, week by week."""
    for wished in cycle.brief.wishes if cycle.brief else ():
        held = {
            slot
            for standing, slot in cycle.slotted
            if cycle.owner_of(standing.entry) == wished.practitioner
            and not standing.is_monthly
            and (
                wished.activity is None
                or ((activity := cycle.activity_of(standing.entry)) is not None and activity.id == wished.activity)
            )
        }
        refused = sum((slot in held) == (wished.kind is WishKind.OFF) for slot in cycle.referred(wished.at))
        if refused:
            yield term(cycle.problem, PenaltyCode.WISH, refused * wished.strength, wished.practitioner)


def unfair(cycle: Cycle) -> Iterator[PenaltyTerm]:
    """How unevenly unpopular sessions are shared among those with a contract for them."""
    for activity in cycle.brief.activities if cycle.brief else ():
        if not activity.is_unpopular:
            continue
        counts = [
            len(cycle.held_slots.get((who, activity.id), ()))
            for who, agreed in cycle.contract_by_practitioner.items()
            if any(part.activity == activity.id for part in agreed.activities)
        ]
        spread = max(counts, default=0) - min(counts, default=0)
        if spread:
            yield term(cycle.problem, PenaltyCode.UNFAIR, spread, activity.id)


def unstable(cycle: Cycle) -> Iterator[PenaltyTerm]:
    """Sessions of today's template that are gone, and new ones that it has not."""
    if cycle.today is None:
        return
    before, after = _sessions(cycle, cycle.today), _sessions(cycle, cycle.template)
    changes = ((before - after) + (after - before)).total()
    if changes:
        yield term(cycle.problem, PenaltyCode.UNSTABLE, changes, cycle.today.id)


def _sessions(cycle: Cycle, template: Template) -> Counter[tuple[object, ...]]:
    """How often each session occurs: owner, activity, site and slot, whatever the room."""
    found: Counter[tuple[object, ...]] = Counter()
    for standing in cycle.lay_out(template):
        entry, activity = standing.entry, cycle.activity_of(standing.entry)
        if isinstance(entry, TemplateBlock):
            what: tuple[object, ...] = (
                entry.practitioner or entry.specialty,
                activity.id if activity else entry.services,
            )
        else:
            what = (entry.owner, activity.id if activity else entry.activity)
        for slot in cycle.slots_of(standing):
            found[(*what, cycle.site_of(entry), slot, entry.on.monthly)] += 1
    return found
