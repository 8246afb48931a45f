"""Orders by themselves: whom and what they name, and windows that contradict each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.calendar import instant_at
from engine.model.references.roles import has_window
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.order import Order, TargetDate
    from engine.model.references.findings import Findings
    from engine.model.service import Service

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what does not fit in orders."""
    zones = tuple(dict.fromkeys(site.time_zone for site in f.problem.sites)) or (f.problem.time_zone,)
    for i, order in enumerate(f.problem.orders):
        place = f"orders[{i}]"
        f.refer("patient", order.patient, f"{place}.patient")
        f.refer("service", order.service, f"{place}.service")
        _add_wish_faults(f, order, place)
        f.check_words(order.modifiers, f"{place}.modifiers")
        _add_condition_faults(f, order, place)
        _add_other_visit_faults(f, order, place)
        if order.earliest_start is not None and order.deadline is not None and order.deadline <= order.earliest_start:
            f.add(
                f"{place}.deadline",
                f"found {order.deadline.isoformat()}, expected a time after the earliest start "
                f"{order.earliest_start.isoformat()}",
            )
        if order.target is not None:
            own_zone = f.zone_of(order.required_site) if order.required_site is not None else None
            _add_target_faults(f, order, order.target, (own_zone,) if own_zone else zones, f"{place}.target")
        if order.series:
            _add_series_faults(f, order, f"{place}.series")


def _add_wish_faults(f: Findings, order: Order, place: str) -> None:
    if order.required_practitioner is not None:
        f.refer_resource(order.required_practitioner, f"{place}.required_practitioner", ResourceKind.PRACTITIONER)
    if order.preferred_practitioner is not None:
        f.refer_resource(order.preferred_practitioner, f"{place}.preferred_practitioner", ResourceKind.PRACTITIONER)
    if order.required_site is not None:
        f.refer("site", order.required_site, f"{place}.required_site")
    f.refer_each("site", order.preferred_sites, f"{place}.preferred_sites")
    f.each_once(order.preference.weekdays, f"{place}.preference.weekdays")


def _add_condition_faults(f: Findings, order: Order, place: str) -> None:
    for j, condition in enumerate(order.conditions):
        begin, end = condition.valid_from, condition.valid_until
        if begin is not None and end is not None and end < begin:
            f.add(f"{place}.conditions[{j}].valid_until", f"found {end}, expected no day before {begin}, its first")


def _add_other_visit_faults(f: Findings, order: Order, place: str) -> None:
    for j, prerequisite in enumerate(order.prerequisites):
        f.refer("order", prerequisite.order, f"{place}.prerequisites[{j}].order")
    f.each_once([prerequisite.order for prerequisite in order.prerequisites], f"{place}.prerequisites")
    for j, separation in enumerate(order.separations):
        if separation.order == order.id:
            f.add(f"{place}.separations[{j}].order", f"found '{order.id}', the order itself; expected another")
            continue
        for kind, other in (("order", separation.order), ("service", separation.service)):
            if other is not None:
                f.refer(kind, other, f"{place}.separations[{j}].{kind}")
    others = [f"order {s.order}" if s.order is not None else f"service {s.service}" for s in order.separations]
    f.each_once(others, f"{place}.separations")


def _add_target_faults(f: Findings, order: Order, target: TargetDate, zones: tuple[str, ...], place: str) -> None:
    """A target's days count by the clock of a site; only what contradicts at every site is a fault."""
    first = target.day - timedelta(days=target.before_days)
    last = target.day + timedelta(days=target.after_days)
    earliest, deadline = order.earliest_start, order.deadline
    if earliest is not None and all(_midnight_after(last, zone) <= earliest for zone in zones):
        f.add(
            place,
            f"found a last day of {last} (target {target.day}), expected none before the earliest start "
            f"{earliest.isoformat()}",
        )
    if deadline is not None and all(instant_at(first, 0, zone) >= deadline for zone in zones):
        f.add(
            place,
            f"found a first day of {first} (target {target.day}), expected none after the deadline "
            f"{deadline.isoformat()}",
        )


def _add_series_faults(f: Findings, order: Order, place: str) -> None:
    offsets = [occurrence.offset_days for occurrence in order.series]
    if offsets[0] != 0:
        f.add(f"{place}[0].offset_days", f"found {offsets[0]}, expected 0 for the first occurrence")
    for j in range(1, len(offsets)):
        if offsets[j] <= offsets[j - 1]:
            f.add(
                f"{place}[{j}].offset_days",
                f"found {offsets[j]} after {offsets[j - 1]}, expected more: occurrences ascend",
            )
    service = f.problem.service_by_id.get(order.service)
    for j, occurrence in enumerate(order.series):
        role = None
        if service is not None and occurrence.duration_min is not None:
            role = _role_without_window(service, occurrence.duration_min)
        if role is not None:
            f.add(
                f"{place}[{j}].duration_min",
                f"found {occurrence.duration_min}, in which role {role} has no time; expected longer",
            )


def _role_without_window(service: Service, minutes: int) -> str | None:
    timed = [(step.duration.minutes, step) for step in service.steps if step.duration is not None]
    if not timed:
        return None
    step = max(timed, key=lambda pair: pair[0])[1]  # whose duration an occurrence replaces
    return next((f"'{role.id}' of step '{step.id}'" for role in step.roles if not has_window(role, minutes)), None)


def _midnight_after(day: date, zone: str) -> datetime:
    return instant_at(day + timedelta(days=1), 0, zone)
