"""What orders and patients would rather have: a visit at all, in time, on the day, with whom and where they like."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.check.clock import local_day
from engine.check.visits import patient_time
from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.order import OrderStatus
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Visit
    from engine.model.problem import Problem

_HOUR = 60


def term(problem: Problem, code: PenaltyCode, amount: int, *subjects: str) -> PenaltyTerm:
    """A term at the policy's weight."""
    return PenaltyTerm(code=code, subjects=subjects, amount=amount, weight=problem.policy.weight(code))


def unplaced(book: Book) -> Iterator[PenaltyTerm]:
    """Active orders, and occurrences of their series, without a visit."""
    for order in book.problem.orders:
        if order.status is not OrderStatus.ACTIVE:
            continue
        placed = {v.occurrence for v in book.visits_by_order.get(order.id, ())}
        for occurrence in range(max(1, len(order.series))):
            if occurrence not in placed:
                factor = book.problem.policy.priority.of(order.priority)
                yield term(book.problem, PenaltyCode.UNPLACED, factor, order.id)


def tardiness(book: Book) -> Iterator[PenaltyTerm]:
    """Started hours past the due date."""
    for visit in book.visits:
        due = visit.order.due if visit.order else None
        late = 0 if due is None else visit.end - epoch_minute(due)
        if late > 0:
            yield term(book.problem, PenaltyCode.TARDINESS, _factor(book, visit) * -(-late // _HOUR), visit.id)


def access_delay(book: Book) -> Iterator[PenaltyTerm]:
    """Local days from when the patient could first have come."""
    for visit in book.visits:
        order = visit.order
        if order is not None:
            since = epoch_minute(order.earliest_start or order.ordered_at or book.problem.horizon.start)
            days = (visit.day - local_day(since, visit.first.zone)).days
            if days > 0:
                yield term(book.problem, PenaltyCode.ACCESS_DELAY, _factor(book, visit) * days, visit.id)


def target_distance(book: Book) -> Iterator[PenaltyTerm]:
    """Days off the target date, of a series for its first visit."""
    for visit in book.visits:
        target = visit.order.target if visit.order and visit.occurrence == 0 else None
        days = 0 if target is None else abs((visit.day - target.day).days)
        if days:
            yield term(book.problem, PenaltyCode.TARGET_DISTANCE, _factor(book, visit) * days, visit.id)


def not_preferred_practitioner(book: Book) -> Iterator[PenaltyTerm]:
    """Visits without the practitioner whom the order, else the patient, prefers."""
    for visit in book.visits:
        wished = (visit.order.preferred_practitioner if visit.order else None) or (
            visit.patient.preferred_practitioner if visit.patient else None
        )
        if wished is not None and all(u.resource.id != wished for u in visit.uses):
            yield term(book.problem, PenaltyCode.NOT_PREFERRED_PRACTITIONER, 1, visit.id)


def not_preferred_site(book: Book) -> Iterator[PenaltyTerm]:
    """Visits that start at none of the sites that the order prefers."""
    for visit in book.visits:
        sites = visit.order.preferred_sites if visit.order else ()
        if sites and visit.first.site not in sites:
            yield term(book.problem, PenaltyCode.NOT_PREFERRED_SITE, 1, visit.id)


def not_preferred_time(book: Book) -> Iterator[PenaltyTerm]:
    """Visits outside the weekdays or times of day that the patient would like."""
    for visit in book.visits:
        if visit.order is None:
            continue
        wished, first = visit.order.preference, visit.first
        is_other_day = wished.weekdays and Weekday.of(first.day) not in wished.weekdays
        is_other_time = wished.times and not any(t.holds(first.minute) for t in wished.times)
        if is_other_day or is_other_time:
            yield term(book.problem, PenaltyCode.NOT_PREFERRED_TIME, 1, visit.id)


def not_preferred_modality(book: Book) -> Iterator[PenaltyTerm]:
    """Visits with a step that could be as the patient would like (in person, by video, by telephone) and is not."""
    for visit in book.visits:
        wished = None if visit.order is None else visit.order.preference.modality
        could = [s for s in visit.steps if s.required is not None and wished in s.required.modalities]
        if any(s.modality is not wished for s in could):
            yield term(book.problem, PenaltyCode.NOT_PREFERRED_MODALITY, 1, visit.id)


def patient_wait(book: Book) -> Iterator[PenaltyTerm]:
    """Minutes that a patient waits between steps that start on one local day."""
    for visit in book.visits:
        if len(visit.steps) > 1:
            steps = [step for _, _, step in patient_time(visit)]
            waits = (max(0, b.start - a.end) for a, b in pairwise(steps) if a.day == b.day)
            minutes = sum(waits)
            if minutes:
                yield term(book.problem, PenaltyCode.PATIENT_WAIT, minutes, visit.id)


def _factor(book: Book, visit: Visit) -> int:
    return book.problem.policy.priority.of(visit.priority)
