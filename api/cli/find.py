"""`slotwright find`: the next slots for an order."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.common import (
    NO,
    BadInputError,
    Force,
    Json,
    Now,
    ScenarioPath,
    console,
    error_console,
    now_of,
    scenario_at,
    window_options,
)
from api.cli.find_shapes import find_shape
from api.cli.options import picked, whole_number
from api.cli.output import check_scenario_target, print_json, scenario_with, write_scenario
from api.cli.progress import ctrl_c_ends
from api.cli.shapes import header
from api.cli.tables import show_blockers, show_offers, show_recall
from api.cli.together import show_together, together_shape
from api.cli.why import help_shape, hint, one_start, refuse_beside, show_help
from api.wording import from_to, plain, service_name, zone_of_visit
from engine.check import violations_of
from engine.errors import UnsupportedRuleError
from engine.model.ids import AppointmentId, OrderId, ResourceId, SiteId
from engine.model.order import Order
from engine.model.problem import Problem
from engine.model.schedule import Schedule

if TYPE_CHECKING:
    from engine.jobs.find_series import SeriesResult
    from engine.jobs.find_slots import FindResult
    from engine.jobs.find_trip import TripResult
    from engine.jobs.help import HelpResult

__all__ = ["find"]


def find(
    scenario: ScenarioPath,
    order: Annotated[str, typer.Option(metavar="ID", help="The order to find a slot for.", show_default=False)],
    count: Annotated[
        int, typer.Option(metavar="K", parser=whole_number("--count", 1, 100), help="How many offers at most.")
    ] = 5,
    occurrence: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=whole_number("--occurrence", 0, 9_999),
            help="Of a series, only this visit, from 0; else all of them together.",
            show_default=False,
        ),
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Only this order, not the others that it is tied to.", show_default=False)
    ] = False,
    practitioner: Annotated[
        str | None, typer.Option(metavar="ID", help="Only with this practitioner.", show_default=False)
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="ID", help="Only at this site.", show_default=False)] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Only visits that start then or later.", show_default=False),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help="Only visits that start before, or on this date.", show_default=False
        ),
    ] = None,
    accept_rank: Annotated[
        int | None,
        typer.Option(
            "--accept",
            metavar="N",
            parser=whole_number("--accept", 1, 100),
            help="Book offer N and write the scenario to --out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write the scenario with the offer booked: a .json file, or else a folder.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    why_not: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Say what stands in the way of a visit that starts then.", show_default=False
        ),
    ] = None,
    help_wanted: Annotated[
        bool, typer.Option("--what-would-help", help="Say which single changes would open a slot in time.")
    ] = False,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Find the next slots for an order: offers that can be booked as they stand, best first, with their reasons.

    All visits of a series are offered together, and so are all open orders of a tie (a trip, a household).

    Nothing is booked unless --accept and --out say so, and then all visits of an offer or none. Where there is no offer
    the obstacles are listed, and the exit status is 1.
    """
    from engine.jobs.find_series import (
        SeriesResult,
        find_series,
    )  # not at the top: solver and search take a second to load
    from engine.jobs.find_slots import FindResult, find_slots
    from engine.jobs.find_trip import find_trip
    from engine.jobs.what_would_help import what_would_help

    if (accept_rank is None) != (out is None):
        raise BadInputError("--accept and --out go together: which offer is booked, and where the scenario goes.")
    check_scenario_target(out, force=force)
    given = scenario_at(scenario)
    problem, schedule = given.problem, given.schedule
    moment = now_of(problem, now)
    first, last = window_options(problem, start, end)
    asked = problem.order(OrderId(order))
    person = None if practitioner is None else ResourceId(practitioner)
    place = None if site is None else SiteId(site)
    found: FindResult | SeriesResult | TripResult
    is_trip = not alone and any(asked.id in tie.orders for tie in problem.ties)
    is_series = bool(asked.series) and occurrence is None
    if why_not is not None or help_wanted:
        beside = [name for name, value in (("--from", start), ("--until", end), ("--accept", out)) if value is not None]
        refuse_beside("--what-would-help" if why_not is None else "--why-not", beside, is_trip=is_trip)
        if is_series and why_not is not None:
            raise BadInputError("--why-not asks about one visit, and the order is a series. Maybe add --occurrence 0.")
    if why_not is not None:
        first, last = one_start(problem, why_not)
    helps: HelpResult | None = None
    with ctrl_c_ends():
        try:
            if is_trip:
                _refuse_for_a_trip(person, place)
                found = find_trip(
                    schedule, asked.id, now=moment, k=count, occurrence=occurrence or 0, start=first, end=last
                )
            elif is_series:
                found = find_series(
                    schedule,
                    asked.id,
                    now=moment,
                    k=count,
                    start=first,
                    end=last,
                    practitioner=person,
                    site=place,
                    with_helps=help_wanted,
                )
            else:
                found = find_slots(
                    schedule,
                    asked.id,
                    now=moment,
                    k=count,
                    occurrence=occurrence or 0,
                    practitioner=person,
                    site=place,
                    start=first,
                    end=last,
                )
            if help_wanted and not (isinstance(found, SeriesResult) and (found.offers or found.nearly)):
                number = found.occurrence if isinstance(found, SeriesResult) else occurrence or 0
                helps = what_would_help(
                    schedule, asked.id, now=moment, occurrence=number, practitioner=person, site=place
                )
        except UnsupportedRuleError as error:
            maybe = "add --alone" if is_trip else "add --occurrence, for one visit at a time"
            raise BadInputError(f"Order {order} cannot be asked for. {error} Maybe {maybe}.") from None
    is_part = start is not None or end is not None
    _show(problem, asked, found, moment, helps, is_one_start=why_not is not None, is_part=is_part, as_json=as_json)
    if not found.offers:
        raise typer.Exit(NO)
    if out is not None and accept_rank is not None:
        with ctrl_c_ends():
            after, names = _booked(schedule, found, accept_rank, moment)
        write_scenario(out, scenario_with(given, after), force=force)
        visit = after.appointments.by_id(names[0])
        when = from_to(visit.start, visit.end, zone_of_visit(problem, visit))
        more = f" and {len(names) - 1} more visits" if len(names) > 1 else ""
        said = f"Offer {accept_rank} booked as {visit.id}, {when}{more}; written to {out}."
        error_console().print(plain(said), soft_wrap=True)


def _refuse_for_a_trip(practitioner: ResourceId | None, site: SiteId | None) -> None:
    for option, value in (("--practitioner", practitioner), ("--site", site)):
        if value is not None:
            raise BadInputError(f"{option}: the order is tied to others, which are found together. Maybe add --alone.")


def _show(
    problem: Problem,
    order: Order,
    found: "FindResult | SeriesResult | TripResult",
    now: datetime,
    helps: "HelpResult | None",
    *,
    is_one_start: bool,
    is_part: bool,
    as_json: bool,
) -> None:
    """The answer, as JSON or as tables."""
    from engine.jobs.find_slots import FindResult

    if as_json:
        if isinstance(found, FindResult):
            shape = find_shape(problem, order.id, found.offers, found.reasons, found.recall)
        else:
            shape = together_shape(problem, order.id, found)
        more = {} if helps is None else {"help": help_shape(problem, helps)}
        print_json({**header("find", problem, now), **shape, **more})
        return
    answer = console()
    what = f"order {order.id}, {service_name(problem, order.service)}, {order.priority.value}, patient {order.patient}"
    answer.print(plain(f"{problem.name}: {what}."))
    if not isinstance(found, FindResult):
        show_together(answer, problem, found)
    elif found.offers:
        show_offers(answer, problem, found.offers)
    else:
        answer.print("There is no offer.")
        show_blockers(answer, problem, found.reasons)
        show_recall(answer, found.recall)
    if helps is not None:
        show_help(answer, problem, helps)
    elif isinstance(found, FindResult) and (said := hint(order, found, is_one_start=is_one_start, is_part=is_part)):
        answer.print(said)


def _booked(
    schedule: Schedule, found: "FindResult | SeriesResult | TripResult", rank: int, now: datetime
) -> tuple[Schedule, tuple[AppointmentId, ...]]:
    """The schedule with all visits of an offer booked, checked, and their ids.

    Raises
    ------
    BadInputError
        When there is no offer of that rank.
    typer.Exit
        With status 1 when a visit breaks a rule, which would be a defect of the search; none is booked then.
    """
    from engine.jobs.book_offer import book_offer
    from engine.jobs.find_slots import FindResult
    from engine.jobs.joint_offer import book_joint_offer

    names: tuple[AppointmentId, ...]
    if isinstance(found, FindResult):
        after, name = book_offer(schedule, found, picked(found.offers, rank, "offer"))
        names = (name,)
    else:
        after, names = book_joint_offer(schedule, found, picked(found.offers, rank, "offer"))
    before = violations_of(schedule, now=now)
    broken = [v for v in violations_of(after, now=now) if v not in before and not v.is_overridden]
    if broken:
        said = [f"Offer {rank} is not booked, and nothing was written:", *(v.message for v in broken)]
        error_console().print(plain("\n".join(said)), soft_wrap=True)
        raise typer.Exit(NO)
    return after, names
