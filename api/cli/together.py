"""Several visits in one answer: the whole of a series, or the orders of a trip, as tables and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.cli.find_shapes import obstacle_shape, offer_shape, recall_shape
from api.cli.shapes import costs_shape, local_text
from api.cli.tables import MANY, resources_of, row, show_blockers, show_recall, show_rest, table
from api.cli.why import change_shape, show_changes
from api.wording import day_text, from_to, number, plain, who_and_where, zone_of_visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from engine.jobs.find_series import NearSeries, SeriesClash, SeriesResult
    from engine.jobs.find_trip import TripResult
    from engine.jobs.joint_offer import JointOffer
    from engine.model.problem import Problem

__all__ = ["show_together", "together_shape"]


def together_shape(problem: Problem, order: str, found: SeriesResult | TripResult) -> dict[str, Any]:
    """Offers of several visits, best first; where there are none, what stands in the way."""
    from engine.jobs.find_series import SeriesResult  # not at the top: search takes a second to load

    shape: dict[str, Any] = {"order": order}
    if isinstance(found, SeriesResult):
        shape["nearly"] = [_near_shape(problem, near) for near in found.nearly]
    else:
        shape |= {"tie": found.tie, "orders": list(found.orders)}
    return shape | {
        "offers": [_joint_shape(problem, offer) for offer in found.offers],
        "obstacles": [obstacle_shape(problem, blocker) for blocker in found.reasons],
        "recall": None if found.recall is None else recall_shape(found.recall),
    }


def _joint_shape(problem: Problem, offer: JointOffer) -> dict[str, Any]:
    last = max(offer.visits, key=lambda v: v.end)
    return {
        "rank": offer.rank,
        "start": local_text(offer.start, zone_of_visit(problem, offer.visits[0].appointment)),
        "end": local_text(offer.end, zone_of_visit(problem, last.appointment)),
        "cost": offer.cost,
        "costs": costs_shape(offer.breakdown),
        "reason": offer.reason,
        "is_proven": offer.is_proven,
        "visits": [offer_shape(problem, visit) for visit in offer.visits],
    }


def _near_shape(problem: Problem, near: NearSeries) -> dict[str, Any]:
    return {
        **_joint_shape(problem, near.offer),
        "clashes": [
            {
                "occurrence": clash.occurrence,
                "first_day": clash.first_day.isoformat(),
                "last_day": clash.last_day.isoformat(),
                "obstacles": [obstacle_shape(problem, blocker) for blocker in clash.reasons],
                "nearest": None if clash.nearest is None else offer_shape(problem, clash.nearest),
                "recall": None if clash.recall is None else recall_shape(clash.recall),
                "helps": [change_shape(problem, change) for change in clash.helps],
            }
            for clash in near.clashes
        ],
    }


def show_together(console: Console, problem: Problem, found: SeriesResult | TripResult) -> None:
    """The same as tables."""
    from engine.jobs.find_series import SeriesResult  # as above

    if isinstance(found, SeriesResult):
        _show_series(console, problem, found)
    elif found.offers:
        _show_trips(console, problem, found.offers)
    if not found.offers:
        if found.reasons:
            console.print("There is no offer.")
            show_blockers(console, problem, found.reasons)
        show_recall(console, found.recall)


def _show_trips(console: Console, problem: Problem, offers: Sequence[JointOffer]) -> None:
    made = table("", "When", "Order", "Patient", "Who", "Where", "Cost", "Reason", right=("", "Cost"))
    for offer in offers:
        for visit in offer.visits:
            is_first = visit is offer.visits[0]
            booked = visit.appointment
            row(
                made,
                offer.rank if is_first else "",
                from_to(visit.start, visit.end, zone_of_visit(problem, booked)),
                booked.order or "",
                booked.patient or "",
                *who_and_where(problem, resources_of(booked)),
                number(offer.cost) if is_first else "",
                visit.reason,
            )
    console.print(made)


def _show_series(console: Console, problem: Problem, found: SeriesResult) -> None:
    if found.offers:
        made = table("", "First visit", "Last visit", "Visits", "Cost", "Reason", right=("", "Visits", "Cost"))
        for offer in found.offers:
            ends = (offer.visits[0], offer.visits[-1])
            when = (from_to(v.start, v.end, zone_of_visit(problem, v.appointment)) for v in ends)
            row(made, offer.rank, *when, number(len(offer.visits)), number(offer.cost), offer.reason)
        console.print(made)
        console.print()
        console.print("The visits of offer 1; --json has those of all:" if len(found.offers) > 1 else "The visits:")
        _show_visits(console, problem, found.offers[0])
    for near in found.nearly[:1]:
        n = len(near.offer.visits) + len(near.clashes)
        console.print(f"No start makes all {n} visits fit. There is no place for {len(near.clashes)} of them:")
        _show_clashes(console, problem, near.clashes)
        console.print()
        console.print("These would fit; they are not booked without the others:")
        _show_visits(console, problem, near.offer)
    others = [_first_day(problem, near) for near in found.nearly[1:]]
    if others:
        console.print(f"Other first days: {'; '.join(others)}.")


def _first_day(problem: Problem, near: NearSeries) -> str:
    visit = near.offer.visits[0]
    when = from_to(visit.start, visit.end, zone_of_visit(problem, visit.appointment))
    return f"{when} (no place for {len(near.clashes)})"


def _show_visits(console: Console, problem: Problem, offer: JointOffer) -> None:
    made = table("Visit", "When", "Who", "Where", "Cost", right=("Visit", "Cost"))
    for visit in offer.visits[: 2 * MANY]:
        when = from_to(visit.start, visit.end, zone_of_visit(problem, visit.appointment))
        used = who_and_where(problem, resources_of(visit.appointment))
        row(made, visit.appointment.occurrence + 1, when, *used, number(visit.cost))
    console.print(made)
    show_rest(console, len(offer.visits), shown=2 * MANY)


def _show_clashes(console: Console, problem: Problem, clashes: Sequence[SeriesClash]) -> None:
    made = table("Visit", "Its days", "Why not", "Maybe", right=("Visit",))
    for clash in clashes[:MANY]:
        days = day_text(clash.first_day)
        if clash.last_day != clash.first_day:
            days += f" to {day_text(clash.last_day)}"
        row(made, clash.occurrence + 1, days, plain(clash.reasons[0].message), _advice(problem, clash))
    console.print(made)
    show_rest(console, len(clashes))
    for clash in clashes[:MANY]:
        if clash.helps:
            console.print()
            console.print(f"What would give visit {clash.occurrence + 1} a place, the smallest change first:")
            show_changes(console, clash.helps)


def _advice(problem: Problem, clash: SeriesClash) -> str:
    if clash.nearest is not None:
        visit = clash.nearest
        when = from_to(visit.start, visit.end, zone_of_visit(problem, visit.appointment))
        return f"{when}, outside its tolerance"
    return "the recall list" if clash.recall is not None else "another first day"
