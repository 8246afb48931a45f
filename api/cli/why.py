"""`find --why-not` and `find --what-would-help`: what they ask, and the answer in words and as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from api.cli.common import BadInputError, instant_option
from api.cli.find_shapes import offer_shape
from api.cli.shapes import local_text, plain_fact
from api.wording import day_and_time, day_text, plain, zone_of_visit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console

    from engine.jobs.find_slots import FindResult
    from engine.jobs.help import Help, HelpResult
    from engine.model.order import Order
    from engine.model.problem import Problem

__all__ = ["change_shape", "help_shape", "hint", "one_start", "refuse_beside", "show_changes", "show_help"]


def refuse_beside(what: str, beside: Sequence[str], *, is_trip: bool) -> None:
    """Refuse what a question does not go with.

    Raises
    ------
    BadInputError
        When other times are given, something is to be booked, or several orders would be found together.
    """
    if beside:
        raise BadInputError(f"{what} does not go with {' and '.join(beside)}. Maybe ask twice.")
    if is_trip:
        raise BadInputError(f"{what} asks about one order, and this one is tied to others. Maybe add --alone.")


def one_start(problem: Problem, given: str) -> tuple[datetime, datetime]:
    """The one tick that `--why-not` asks about, as a range of starts.

    Raises
    ------
    BadInputError
        When it is no time, not planned, or between two ticks.
    """
    start = instant_option(problem, "--why-not", given)
    assert start is not None
    first, last = (day_and_time(at, problem.time_zone) for at in (problem.horizon.start, problem.horizon.end))
    if not problem.horizon.start <= start < problem.horizon.end:
        raise BadInputError(f"--why-not {given} is outside of the time that is planned, which is {first} to {last}.")
    tick = problem.grid.floor(start)
    if problem.grid.instant(tick) != start:
        raise BadInputError(f"--why-not {given} is no start: expected a multiple of {problem.tick_min} minutes.")
    return problem.grid.instant(tick), problem.grid.instant(tick + 1)


def help_shape(problem: Problem, found: HelpResult) -> dict[str, Any]:
    """Changes that would open a slot, the smallest first; or the offer in time that there is."""
    return {
        "in_time": None if found.in_time is None else offer_shape(problem, found.in_time),
        "limit": None if found.limit is None else local_text(found.limit, problem.time_zone),
        "helps": [change_shape(problem, change) for change in found.helps],
    }


def change_shape(problem: Problem, change: Help) -> dict[str, Any]:
    """A change that would open a slot, and when that is."""
    zone = zone_of_visit(problem, change.offer.appointment)
    return {
        "kind": change.kind.value,
        "size": change.size,
        "resource": change.resource,
        "session": None if change.session is None else plain_fact(change.session, zone),
        "start": local_text(change.offer.start, zone),
        "end": local_text(change.offer.end, zone),
        "message": change.message,
    }


def show_help(console: Console, problem: Problem, found: HelpResult) -> None:
    """The same in words."""
    if found.reasons:
        console.print("No change to anybody's time would help as long as that is so.")
        return
    in_time = "" if found.limit is None else f" ({_by(found.limit, problem.time_zone)})"
    if found.in_time is not None:
        start = day_and_time(found.in_time.start, zone_of_visit(problem, found.in_time.appointment))
        console.print(plain(f"Nothing needs to change: {start} is free, and in time{in_time}."))
    elif found.helps:
        console.print(plain(f"What would open a slot in time{in_time}, the smallest change first:"))
        show_changes(console, found.helps)
    else:
        console.print(plain(f"No single change would open a slot in time{in_time}. Maybe another service or site."))


def _by(limit: datetime, zone: str) -> str:
    local = limit.astimezone(ZoneInfo(zone))
    if local.hour or local.minute:
        return f"by {day_and_time(limit, zone)}"
    return f"by the end of {day_text(local.date() - timedelta(days=1))}"


def show_changes(console: Console, changes: Sequence[Help]) -> None:
    """Changes that would open a slot, numbered."""
    for i, change in enumerate(changes, 1):
        console.print(plain(f"{i}. {change.message}"))


def hint(order: Order, found: FindResult, *, is_one_start: bool, is_part: bool) -> str | None:
    """What to ask next: where there is no offer in time that a change could open; None where that is no question."""
    from engine.jobs.lacking import NEVER_HELPED  # not at the top: search takes a second to load

    if is_one_start and found.offers:
        return "Nothing stands in the way of this start."
    if any(blocker.code in NEVER_HELPED for blocker in found.reasons):
        return None
    if is_one_start:
        return "Maybe ask without --why-not which starts are free."
    is_late = order.due is not None and all(offer.end > order.due for offer in found.offers)
    if is_part and (is_late or not found.offers):  # what would help looks at all of the time there is
        return "Maybe ask without --from and --until, or with --what-would-help in place of them."
    if not found.offers:
        return "Maybe ask with --what-would-help which single change would open a slot."
    if is_late:
        return "No offer is in time. Maybe ask with --what-would-help which single change would open a slot that is."
    return None
