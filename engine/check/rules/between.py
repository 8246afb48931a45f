"""Visits that depend on each other: prerequisites, separations, ties, series."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.check.clock import day_text, time_text
from engine.check.report import broken, listed, minutes_text, visit_text
from engine.model.codes import ConstraintCode
from engine.model.order import TieKind
from engine.model.service import Modality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Visit
    from engine.model.explanation import Violation
    from engine.model.order import Tie


def prerequisite(book: Book) -> Iterator[Violation]:
    """A visit follows the one it depends on, neither too soon nor too late."""
    code = ConstraintCode.PREREQUISITE
    for visit in book.visits:
        for wanted in visit.order.prerequisites if visit.order else ():
            others = book.visits_by_order.get(wanted.order, [])
            if not others:
                text = f"{visit_text(visit)} must follow order {wanted.order}, which has no visit."
                yield broken(code, [visit], text, wanted.order)
                continue
            last = max(others, key=lambda v: v.end)
            gap = visit.start - last.end
            if gap < wanted.min_min or (wanted.max_min is not None and gap > wanted.max_min):
                bound = f"at least {minutes_text(wanted.min_min)}"
                bound += f" and at most {minutes_text(wanted.max_min)}" if wanted.max_min is not None else ""
                text = (
                    f"{visit_text(visit)} starts {time_text(visit.start, visit.first.zone)}; it must start {bound} "
                    f"after appointment {last.id} ends, {time_text(last.end, last.first.zone)}."
                )
                # Without the other visit the rule would be broken as well: only this one's own override counts.
                yield broken(code, [visit, last], text, is_overridden=code in visit.allowed)


def separation(book: Book) -> Iterator[Violation]:
    """A visit keeps its distance from the patient's other visits that its order names."""
    for visit in book.visits:
        if visit.order is None or visit.patient is None:
            continue
        for wanted in visit.order.separations:
            for other in book.visits_by_patient[visit.patient.id]:
                is_of_order = other.order is not None and other.order.id == wanted.order
                if other is visit or not (is_of_order or other.service.id == wanted.service):
                    continue
                gap = max(0, visit.start - other.end, other.start - visit.end)
                if gap < wanted.minutes:
                    text = (
                        f"{visit_text(visit)} is {minutes_text(gap)} from appointment {other.id} of the same patient; "
                        f"at least {minutes_text(wanted.minutes)} must lie between them."
                    )
                    yield broken(ConstraintCode.SEPARATION, [visit, other], text)


def tie(book: Book) -> Iterator[Violation]:
    """Visits of tied orders are on one day; in one trip or household also at one site, with no long wait between."""
    code = ConstraintCode.TIE
    for wanted in book.problem.ties:
        by_occurrence: dict[int, list[Visit]] = {}
        for order in wanted.orders:
            for visit in book.visits_by_order.get(order, []):
                by_occurrence.setdefault(visit.occurrence, []).append(visit)
        for visits in by_occurrence.values():
            visits.sort(key=lambda v: (v.start, v.id))
            kept = [v for v in visits if code not in v.allowed]
            is_overridden = len(kept) < len(visits) and not any(_apart(wanted, kept))
            who = f"Appointments {listed(visits)} belong together ({wanted.kind}) and are"
            for how in _apart(wanted, visits):
                yield broken(code, visits, f"{who} {how}.", wanted.id, is_overridden=is_overridden)


def _apart(wanted: Tie, visits: list[Visit]) -> Iterator[str]:
    """How visits, by start, are not together as they should; those of one order alone always are."""
    if len({v.order.id for v in visits if v.order}) < 2:
        return
    days = sorted({v.day for v in visits})
    if len(days) > 1:
        yield f"on {', '.join(day_text(d) for d in days)}"
    if wanted.kind is TieKind.SAME_DAY:
        return
    sites = sorted({s.site for v in visits for s in v.steps if s.modality is Modality.IN_PERSON})
    if len(sites) > 1:
        yield f"at {', '.join(sites)}"
    if wanted.max_wait_min is not None:
        end = visits[0].end
        for visit in visits[1:]:
            if visit.start - end > wanted.max_wait_min:
                wait, allowed = minutes_text(visit.start - end), minutes_text(wanted.max_wait_min)
                yield f"{wait} apart before {visit.id}; the wait may be {allowed}"
            end = max(end, visit.end)


def series(book: Book) -> Iterator[Violation]:
    """Every visit of a series is on its day, counted from the first, give or take."""
    code = ConstraintCode.SERIES
    for order_id, visits in book.visits_by_order.items():
        wanted = book.problem.order(order_id).series
        first = next((v for v in visits if v.occurrence == 0), None)
        for visit in visits if wanted else ():
            if visit.occurrence >= len(wanted):
                continue  # `order-once` tells
            if first is None:
                text = (
                    f"{visit_text(visit)} is visit {visit.occurrence + 1} of a series whose first visit is not booked."
                )
                yield broken(code, [visit], text, order_id)
                continue
            offset = wanted[visit.occurrence]
            day = first.day + timedelta(offset.offset_days)
            earliest, latest = day - timedelta(offset.before_days), day + timedelta(offset.after_days)
            if not earliest <= visit.day <= latest:
                text = (
                    f"{visit_text(visit)} is visit {visit.occurrence + 1} of its series, on {day_text(visit.day)}; "
                    f"it must be between {day_text(earliest)} and {day_text(latest)}."
                )
                yield broken(code, [visit, first], text, order_id, is_overridden=code in visit.allowed)
