"""What an order asks of its visit, and what a policy asks of every visit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.check.clock import day_text, local_day, time_text
from engine.check.report import broken, listed, minutes_text, visit_text
from engine.model.codes import SAFETY_RULES, ConstraintCode
from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority
from engine.model.requirement import could_fill
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Visit
    from engine.model.explanation import Violation
    from engine.model.order import Condition, Order

_NOT_BOOKED = {OrderStatus.REVOKED, OrderStatus.ENTERED_IN_ERROR, OrderStatus.DRAFT, OrderStatus.ON_HOLD}


def order_once(book: Book) -> Iterator[Violation]:
    """An order's occurrence has one visit, for the order's patient and service, while the order stands."""
    code = ConstraintCode.ORDER_ONCE
    for order_id, visits in book.visits_by_order.items():
        order = book.problem.order(order_id)
        by_occurrence: dict[int, list[Visit]] = {}
        for visit in visits:
            by_occurrence.setdefault(visit.occurrence, []).append(visit)
        for occurrence, found in by_occurrence.items():
            if len(found) > 1:
                last_first = sorted(found, key=lambda v: (-v.booked, v.id))
                which = f"Visit {occurrence + 1} of order" if order.series else "Order"
                yield broken(
                    code, last_first, f"{which} {order_id} is booked {len(found)} times ({listed(last_first)})."
                )
        for visit in visits:
            for fault in _mismatches(visit, order):
                yield broken(code, [visit], f"{visit_text(visit)} {fault} (order {order_id}).", order_id)


def _mismatches(visit: Visit, order: Order) -> Iterator[str]:
    if visit.patient is None or visit.patient.id != order.patient:
        yield "is for another patient than its order"
    if visit.service.id != order.service:
        yield f"is for {visit.service.name}, which is not what was ordered"
    if visit.occurrence >= max(1, len(order.series)):
        yield f"stands for visit {visit.occurrence + 1} of a series that has {max(1, len(order.series))}"
    if order.status in _NOT_BOOKED and not visit.is_started:
        yield f"is booked although its order is {order.status}"


def earliest_start(book: Book) -> Iterator[Violation]:
    """A visit starts no earlier than its order allows."""
    for visit in book.visits:
        earliest = visit.order.earliest_start if visit.order else None
        if earliest is not None and visit.start < epoch_minute(earliest):
            zone = visit.first.zone
            text = (
                f"{visit_text(visit)} starts {time_text(visit.start, zone)}; the order allows it from "
                f"{time_text(epoch_minute(earliest), zone)}."
            )
            yield broken(ConstraintCode.EARLIEST_START, [visit], text)


def deadline(book: Book) -> Iterator[Violation]:
    """A visit ends no later than its order's deadline."""
    for visit in book.visits:
        latest = visit.order.deadline if visit.order else None
        if latest is not None and visit.end > epoch_minute(latest):
            zone = visit.first.zone
            text = (
                f"{visit_text(visit)} ends {time_text(visit.end, zone)}, after the deadline "
                f"{time_text(epoch_minute(latest), zone)}."
            )
            yield broken(ConstraintCode.DEADLINE, [visit], text)


def target_window(book: Book) -> Iterator[Violation]:
    """A visit (of a series: the first) is on a day within the tolerance of its target date."""
    for visit in book.visits:
        target = visit.order.target if visit.order and visit.occurrence == 0 else None
        if target is None:
            continue
        first, last = target.day - timedelta(target.before_days), target.day + timedelta(target.after_days)
        if not first <= visit.day <= last:
            text = (
                f"{visit_text(visit)} is on {day_text(visit.day)}; it must be between {day_text(first)} and "
                f"{day_text(last)}."
            )
            yield broken(ConstraintCode.TARGET_WINDOW, [visit], text)


def notice(book: Book) -> Iterator[Violation]:
    """A visit is booked early enough; elapsed time counts."""
    for visit in book.visits:
        is_stat = Priority.STAT in (visit.priority, visit.order.priority if visit.order else None)
        needed = max(visit.service.min_notice_min, book.problem.policy.min_notice_min)
        if not visit.is_started and not is_stat and visit.start - visit.booked < needed:
            zone = visit.first.zone
            text = (
                f"{visit_text(visit)} starts {time_text(visit.start, zone)} and was booked "
                f"{time_text(visit.booked, zone)}; it must be booked {minutes_text(needed)} before."
            )
            yield broken(ConstraintCode.NOTICE, [visit], text)


def horizon(book: Book) -> Iterator[Violation]:
    """A visit that has not started yet is inside the horizon, and not booked too far ahead."""
    first, last = epoch_minute(book.problem.horizon.start), epoch_minute(book.problem.horizon.end)
    ahead = book.problem.policy.max_ahead_days
    for visit in book.visits:
        if visit.is_started:
            continue
        zone = visit.first.zone
        if visit.start < first or visit.end > last:
            text = (
                f"{visit_text(visit)} at {time_text(visit.start, zone)} is not inside the planned time, "
                f"{time_text(first, zone)} to {time_text(last, zone)}."
            )
            yield broken(ConstraintCode.HORIZON, [visit], text)
        if ahead is not None and (visit.day - local_day(visit.booked, zone)).days > ahead:
            text = (
                f"{visit_text(visit)} is on {day_text(visit.day)} and was booked on "
                f"{day_text(local_day(visit.booked, zone))}; visits are booked at most {ahead} days ahead."
            )
            yield broken(ConstraintCode.HORIZON, [visit], text)


def start_grid(book: Book) -> Iterator[Violation]:
    """Visits start at multiples of the site's start grid by the wall clock."""
    for visit in book.visits:
        for step in visit.in_order[:1] if visit.service.is_ordered else visit.steps:
            grid = book.problem.start_grid_min(step.site)
            if step.minute % grid:
                text = (
                    f"{visit_text(visit)}: step {step.id} starts {time_text(step.start, step.zone)}; at "
                    f"{book.problem.site(step.site).name} visits start every {grid} min from midnight."
                )
                yield broken(ConstraintCode.START_GRID, [visit], text)


def required_practitioner(book: Book) -> Iterator[Violation]:
    """The practitioner whom the order asks for does every step that they can do."""
    for visit in book.visits:
        asked = visit.order.required_practitioner if visit.order else None
        if asked is None:
            continue
        resource = book.problem.resource(asked)
        lacking = [
            step.id
            for step in visit.resourced.steps
            if any(
                role.kind is ResourceKind.PRACTITIONER and role.use is RoleUse.EXCLUSIVE and could_fill(resource, role)
                for role in step.roles
            )
            and asked not in {u.resource.id for u in step.uses}
        ]
        if lacking or asked not in {u.resource.id for u in visit.uses}:
            where = f" in step {', '.join(lacking)}" if lacking else ""
            text = f"{visit_text(visit)} must be with {resource.name}, and is not{where}."
            yield broken(ConstraintCode.REQUIRED_PRACTITIONER, [visit], text, asked)


def required_site(book: Book) -> Iterator[Violation]:
    """A visit is at the site that the order asks for."""
    for visit in book.visits:
        asked = visit.order.required_site if visit.order else None
        elsewhere = sorted({s.site for s in visit.steps if s.site != asked}) if asked is not None else []
        if asked is not None and elsewhere:
            text = f"{visit_text(visit)} is at {', '.join(elsewhere)}; it must be at {book.problem.site(asked).name}."
            yield broken(ConstraintCode.REQUIRED_SITE, [visit], text)


def condition(book: Book) -> Iterator[Violation]:
    """What must be in place before booking, confirming or performing is, and is valid on the day."""
    for visit in book.visits:
        for wanted in visit.order.conditions if visit.order else ():
            if wanted.status is not ConditionStatus.MET and _stands_in_the_way(wanted, visit):
                text = (
                    f"{visit_text(visit)}: the {wanted.kind} is {wanted.status}; it must be met before {wanted.blocks}."
                )
                yield broken(ConstraintCode.CONDITION, [visit], text)
            first, last = wanted.valid_from, wanted.valid_until
            if (first is not None and visit.day < first) or (last is not None and visit.day > last):
                valid = " ".join(
                    ([f"from {day_text(first)}"] if first else []) + ([f"until {day_text(last)}"] if last else [])
                )
                text = f"{visit_text(visit)} is on {day_text(visit.day)}; its {wanted.kind} is valid {valid}."
                yield broken(ConstraintCode.CONDITION, [visit], text)


def _stands_in_the_way(wanted: Condition, visit: Visit) -> bool:
    if wanted.blocks is Blocks.BOOKING:
        return not visit.is_hold
    return visit.is_confirmed if wanted.blocks is Blocks.CONFIRMING else visit.is_started


def override(book: Book) -> Iterator[Violation]:
    """Only rules that may be overridden are, by somebody who may."""
    by = book.problem.policy.overridable_by
    for visit in book.visits:
        for given in visit.overrides:
            if given.rule in SAFETY_RULES:
                text = f"{visit_text(visit)} overrides {given.rule}, a safety rule, which nobody may."
            elif given.role not in by.get(given.rule, ()):
                allowed = ", ".join(by.get(given.rule, ())) or "nobody"
                text = f"{visit_text(visit)}: {given.by} ({given.role}) overrides {given.rule}; {allowed} may."
            else:
                continue
            yield broken(ConstraintCode.OVERRIDE, [visit], text)
