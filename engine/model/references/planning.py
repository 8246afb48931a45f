"""The planning brief of the weekly template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.references.findings import listed
from engine.model.references.shapes import add_segment_faults, segment_fits, shown
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from engine.model.planning import Activity, PlanningBrief, SlotRef, StaffingContract
    from engine.model.references.findings import Findings

__all__ = ["add_faults"]

_WEEK_MIN = 7 * DAY_MIN


def add_faults(f: Findings) -> None:
    """Note what does not fit in the planning brief, if there is one."""
    brief = f.problem.planning
    if brief is None:
        return
    _add_period_faults(f, brief)
    f.check_unique([activity.id for activity in brief.activities], "planning.activities")
    for i, activity in enumerate(brief.activities):
        _add_activity_faults(f, brief, activity, f"planning.activities[{i}]")
    _add_contracts_faults(f, brief)
    _add_demand_faults(f, brief)
    for i, cover in enumerate(brief.cover):
        place = f"planning.cover[{i}]"
        if cover.activity is not None:
            f.refer("activity", cover.activity, f"{place}.activity")
        if cover.specialty is not None:
            f.check_id(cover.specialty, f"{place}.specialty")
        if cover.site is not None:
            f.refer("site", cover.site, f"{place}.site")
        for j, slot in enumerate(cover.at):
            _add_slot_faults(f, brief, slot, f"{place}.at[{j}]")
        f.each_once([_slot_text(slot) for slot in cover.at], f"{place}.at")
    for i, unavailable in enumerate(brief.unavailable):
        f.refer("resource", unavailable.resource, f"planning.unavailable[{i}].resource")
        _add_slot_faults(f, brief, unavailable.at, f"planning.unavailable[{i}].at")
    for i, wish in enumerate(brief.wishes):
        place = f"planning.wishes[{i}]"
        f.refer_resource(wish.practitioner, f"{place}.practitioner", ResourceKind.PRACTITIONER)
        if wish.activity is not None:
            f.refer("activity", wish.activity, f"{place}.activity")
        _add_slot_faults(f, brief, wish.at, f"{place}.at")
    if brief.today is not None:
        f.refer("template", brief.today, "planning.today")


def _add_period_faults(f: Findings, brief: PlanningBrief) -> None:
    f.check_unique([planned.id for planned in brief.periods], "planning.periods")
    stretches: list[tuple[int, int, int]] = []
    for i, planned in enumerate(brief.periods):
        f.check_id(planned.id, f"planning.periods[{i}].id")
        f.each_once(planned.days, f"planning.periods[{i}].days")
        for day in dict.fromkeys(planned.days):
            start = day.number * DAY_MIN + planned.period.start
            end = start + planned.period.length_min
            # A night that begins on Sunday reaches into the Monday of the next week.
            stretches += [(start, end, i), (start + _WEEK_MIN, end + _WEEK_MIN, i)]
    stretches.sort()
    overlapping: dict[int, int] = {}
    furthest = stretches[0]
    for stretch in stretches[1:]:
        if stretch[0] < furthest[1] and stretch[2] != furthest[2]:
            overlapping.setdefault(max(stretch[2], furthest[2]), min(stretch[2], furthest[2]))
        furthest = max(furthest, stretch, key=lambda s: s[1])
    for later, earlier in sorted(overlapping.items()):
        one, other = brief.periods[later], brief.periods[earlier]
        f.add(
            f"planning.periods[{later}].period",
            f"found '{one.id}' at {shown(one.period)}, expected a time that does not overlap '{other.id}' at "
            f"{shown(other.period)}",
        )


def _add_activity_faults(f: Findings, brief: PlanningBrief, activity: Activity, place: str) -> None:
    f.check_id(activity.id, f"{place}.id")
    f.refer_each("service", activity.services, f"{place}.services")
    f.refer_each("site", activity.sites, f"{place}.sites")
    f.check_words(activity.capabilities, f"{place}.capabilities")
    for j, room in enumerate(activity.rooms):
        f.check_words(room.capabilities, f"{place}.rooms[{j}].capabilities")
    for j, pool in enumerate(activity.pools):
        f.check_words(pool.capabilities, f"{place}.pools[{j}].capabilities")
    for j, segment in enumerate(activity.segments):
        if segment.services is not None:
            f.refer_each("service", segment.services, f"{place}.segments[{j}].services")
        if not any(segment_fits(planned.period, segment) for planned in brief.periods):
            f.add(f"{place}.segments[{j}]", "is inside none of the periods, expected one that it fits into")
    for planned in brief.periods:
        before = len(f.faults)
        inside = [(j, s) for j, s in enumerate(activity.segments) if segment_fits(planned.period, s)]
        add_segment_faults(f, inside, planned.period, f"{place}.segments")
        if len(f.faults) > before:  # the same pair may stand in several periods
            return


def _add_contracts_faults(f: Findings, brief: PlanningBrief) -> None:
    for i, contract in enumerate(brief.contracts):
        place = f"planning.contracts[{i}]"
        f.refer_resource(contract.practitioner, f"{place}.practitioner", ResourceKind.PRACTITIONER)
        for j, part in enumerate(contract.activities):
            at = f"{place}.activities[{j}]"
            f.refer("activity", part.activity, f"{at}.activity")
            if part.wished is not None and not part.minimum <= part.wished <= part.maximum:
                f.add(f"{at}.wished", f"found {part.wished}, expected {part.minimum} to {part.maximum}")
        _add_total_fault(f, contract, place)
        f.each_once([part.activity for part in contract.activities], f"{place}.activities")
    f.each_once([contract.practitioner for contract in brief.contracts], "planning.contracts")


def _add_total_fault(f: Findings, contract: StaffingContract, place: str) -> None:
    least = sum(part.minimum for part in contract.activities)
    if least > contract.maximum:
        f.add(
            f"{place}.maximum",
            f"found {contract.maximum} sessions for '{contract.practitioner}', expected no less than {least}, the "
            "minimums of the activities together",
        )


def _add_demand_faults(f: Findings, brief: PlanningBrief) -> None:
    sites = {activity.id: activity.sites for activity in brief.activities}
    for i, demand in enumerate(brief.demand):
        place = f"planning.demand[{i}]"
        f.refer("activity", demand.activity, f"{place}.activity")
        if demand.site is None or not f.refer("site", demand.site, f"{place}.site"):
            continue
        allowed = sites.get(demand.activity, ())
        if allowed and demand.site not in allowed:
            f.add(
                f"{place}.site",
                f"found '{demand.site}', expected one of {listed(allowed)}, where '{demand.activity}' may take place",
            )


def _add_slot_faults(f: Findings, brief: PlanningBrief, slot: SlotRef, place: str) -> None:
    named = [planned for planned in brief.periods if planned.id == slot.period]
    if not named:
        hint = f.hint("period", slot.period, [planned.id for planned in brief.periods])
        f.add(f"{place}.period", f"found '{slot.period}', expected the id of a period of the brief.{hint}")
    elif all(slot.day not in planned.days for planned in named):
        f.add(
            f"{place}.day", f"found {slot.day}, expected a day of period '{slot.period}' ({', '.join(named[0].days)})"
        )
    f.each_once(slot.weeks, f"{place}.weeks")
    for i, week in enumerate(slot.weeks):
        if week > brief.cycle_weeks:
            f.add(f"{place}.weeks[{i}]", f"found {week}, expected a week of the cycle, 1 to {brief.cycle_weeks}")


def _slot_text(slot: SlotRef) -> str:
    weeks = f" of weeks {', '.join(map(str, slot.weeks))}" if slot.weeks else ""
    return f"{slot.day} {slot.period}{weeks}"
