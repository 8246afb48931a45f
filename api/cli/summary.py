"""A line or two on each job of a demonstration, as it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.cli.solving import result_text
from api.wording import (
    count_of,
    day_and_time,
    day_text,
    names_of,
    number,
    plain,
    seconds_text,
    service_name,
    zone_of_visit,
)
from engine.model.event import AppointmentEvent, ResourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from api.cli.walkthrough import Repair, Walkthrough

__all__ = ["show_step"]


def show_step(console: Console, name: str, walk: Walkthrough) -> None:
    """What a job came to; a job without an occasion says so."""
    words: dict[str, Callable[[Walkthrough], str]] = {
        "template": _template,
        "booking": _booking,
        "next slot": _next_slot,
        "cancellation": lambda walk: _repair(walk.cancellation),
        "absence": lambda walk: _repair(walk.absence),
    }
    line = f"{name.capitalize():<13} {words[name](walk)} ({seconds_text(walk.seconds[name])})"
    console.print(plain(line), soft_wrap=True)


def _template(walk: Walkthrough) -> str:
    if walk.planning is None:
        return "the scenario has no planning brief"
    result = walk.planning.solved.result
    if result.template is None:
        return result_text(result)
    return f"{count_of(len(result.template.sessions) + len(result.template.blocks), 'session')}, {result_text(result)}"


def _booking(walk: Walkthrough) -> str:
    if walk.booking is None:
        return "nothing was booked"
    result = walk.booking.solved.result
    left_over = number(len(result.proposals[0].left_over)) if result.proposals else "0"
    return f"{result_text(result)}; {left_over} left over"


def _next_slot(walk: Walkthrough) -> str:
    if walk.finding is None:
        return "there is no order to find a slot for"
    order, found = walk.finding.order, walk.finding.found
    problem = walk.schedule.problem
    what = f"order {order.id}, {service_name(problem, order.service)}"
    if not found.offers:
        return f"{what}: no offer"
    best = found.offers[0]
    when = day_and_time(best.start, zone_of_visit(problem, best.appointment))
    elapsed = seconds_text(walk.finding.elapsed_s)
    return f"{what}: {count_of(len(found.offers), 'offer')}, the best {when}; found in {elapsed}"


def _repair(repair: Repair | None) -> str:
    if repair is None:
        return "there is no visit for it"
    problem = repair.before.problem
    event = repair.events[0]
    if isinstance(event, AppointmentEvent):
        what = f"appointment {event.appointment} is cancelled"
    elif isinstance(event, ResourceUnavailable):
        day = day_text(event.start.astimezone(ZoneInfo(problem.time_zone)).date())
        what = f"{names_of(problem, [event.resource])} is not there on {day}"
    else:
        what = str(event.id)
    if repair.rank is None:
        return f"{what}: {result_text(repair.solved.result)}"
    plan = repair.solved.result.proposals[repair.rank - 1]
    n, left_over = count_of(len(repair.solved.result.proposals), "proposal"), number(len(plan.left_over))
    return f"{what}: {n}; accepted: {plan.title}, {count_of(len(plan.diff.calls), 'call')}, {left_over} without a place"
