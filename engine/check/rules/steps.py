"""Steps of a service together: order, gaps, same day, same resource, held resources, span, groups."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.check.clock import day_text, stretch_text, time_text
from engine.check.report import broken, listed, minutes_text, visit_text
from engine.model.base import format_wall_time
from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import StepAt, Visit
    from engine.model.explanation import Violation


def step_order(book: Book) -> Iterator[Violation]:
    """In an ordered service a step starts when the one before it has ended."""
    for visit, before, step in _pairs(book):
        if step.start < before.end:
            text = (
                f"{visit_text(visit)}: step {step.id} starts {time_text(step.start, step.zone)}, before step "
                f"{before.id} ends {time_text(before.end, before.zone)}."
            )
            yield broken(ConstraintCode.STEP_ORDER, [visit], text)


def step_gap(book: Book) -> Iterator[Violation]:
    """The time between two steps is neither too short nor too long. Steps out of order are `step-order`'s."""
    for visit, before, step in _pairs(book):
        gap, wanted = step.start - before.end, step.required.gap if step.required else None
        if wanted is None or gap < 0:
            continue
        if gap < wanted.min_min or (wanted.max_min is not None and gap > wanted.max_min):
            bound = f"at least {minutes_text(wanted.min_min)}" if gap < wanted.min_min else "at most "
            bound += minutes_text(wanted.max_min or 0) if gap >= wanted.min_min else ""
            text = (
                f"{visit_text(visit)}: step {step.id} starts {minutes_text(gap)} after step {before.id} ends; it must "
                f"be {bound}."
            )
            yield broken(ConstraintCode.STEP_GAP, [visit], text)


def _pairs(book: Book) -> Iterator[tuple[Visit, StepAt, StepAt]]:
    """Neighbouring steps of ordered services."""
    for visit in book.visits:
        if visit.service.is_ordered and len(visit.steps) > 1:
            for before, step in pairwise(visit.in_order):
                yield visit, before, step


def same_day(book: Book) -> Iterator[Violation]:
    """Steps that belong on one local day are, each by its own site's clock."""
    for visit in book.visits:
        if visit.service.is_same_day and len({s.day for s in visit.steps}) > 1:
            days = ", ".join(day_text(d) for d in sorted({s.day for s in visit.steps}))
            text = f"{visit_text(visit)} has its steps on {days}; they belong on one day."
            yield broken(ConstraintCode.SAME_DAY, [visit], text)


def same_resource(book: Book) -> Iterator[Violation]:
    """Roles of different steps that the same resource fills have the same ones."""
    for visit in book.resourced:
        for same in visit.service.same:
            wanted = {(ref.step, ref.role) for ref in same.roles}
            found = [
                {u.resource.id for u in step.uses if u.role_id == role}
                for step in visit.in_order
                for role in [r.id for r in step.roles] + [h.role.id for h in visit.service.held if h.first == step.id]
                if (step.id, role) in wanted
            ]
            if any(resources != found[0] for resources in found):
                names = " / ".join(
                    ", ".join(book.problem.resource(r).name for r in sorted(rs)) or "nobody" for rs in found
                )
                roles = ", ".join(f"{ref.step}.{ref.role}" for ref in same.roles)
                text = f"{visit_text(visit)}: {roles} must be the same, and are {names}."
                resources = sorted(frozenset().union(*found))
                yield broken(ConstraintCode.SAME_RESOURCE, [visit], text, *resources)


def held_across(book: Book) -> Iterator[Violation]:
    """A held resource is reserved from the first to the last of its steps, its window and buffers included."""
    for visit in book.resourced:
        for held in visit.service.held:
            ends = visit.held_over(held)
            if ends is None:
                continue
            for use in (u for u in ends[0].uses if u.role_id == held.role.id):
                start, end = use.needed
                if use.start > start or use.end < end:
                    has, needs = (stretch_text(a, b, ends[0].zone) for a, b in ((use.start, use.end), (start, end)))
                    text = f"{visit_text(visit)}: {use.resource.name} is held {has}; it must be held {needs}."
                    yield broken(ConstraintCode.HELD_ACROSS, [visit], text, use.resource.id)


def span(book: Book) -> Iterator[Violation]:
    """From the first start to the last end it does not take too long."""
    for visit in book.visits:
        limit = visit.service.max_span_min
        if limit is not None and visit.end - visit.start > limit:
            has = minutes_text(visit.end - visit.start)
            text = f"{visit_text(visit)} takes {has}; at most {minutes_text(limit)} are allowed."
            yield broken(ConstraintCode.SPAN, [visit], text)


def time_of_day(book: Book) -> Iterator[Violation]:
    """A step starts inside its window of local times."""
    for visit in book.visits:
        for step in visit.steps:
            window = step.required.start_window if step.required else None
            if window is not None and not window.holds(step.minute):
                text = (
                    f"{visit_text(visit)}: step {step.id} starts {time_text(step.start, step.zone)}; it must start "
                    f"from {format_wall_time(window.start)} and before {format_wall_time(window.end)}."
                )
                yield broken(ConstraintCode.TIME_OF_DAY, [visit], text)


def group_size(book: Book) -> Iterator[Violation]:
    """A group has a seat for each patient, and each patient is there when the group is."""
    code = ConstraintCode.GROUP_SIZE
    for group in book.groups:
        limit = min(group.n_seats, group.service.group_size)
        taken = sorted(group.seats, key=lambda v: (-v.booked, v.id))
        if len(taken) > limit:
            text = f"Group {group.id} has {len(taken)} patients and {limit} seats ({listed(taken)})."
            is_overridden = sum(code not in v.allowed for v in taken) <= limit
            yield broken(code, taken, text, group.id, is_overridden=is_overridden)
        shape = _shape(group)
        for seat in group.seats:
            if _shape(seat) != shape or seat.service is not group.service:
                text = f"{visit_text(seat)} differs from its group {group.id} in service, time, site or modality."
                yield broken(code, [seat], text, group.id)
    for visit in book.visits:
        if visit.group_id is not None and visit.group is None:
            yield broken(
                code, [visit], f"{visit_text(visit)} has a seat in the group {visit.group_id}, which does not exist."
            )


def _shape(visit: Visit) -> list[tuple[str, int, int, str, str]]:
    return sorted((s.id, s.start, s.end, s.site, s.modality) for s in visit.steps)
