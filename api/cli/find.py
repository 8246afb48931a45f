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
from api.cli.options import picked, whole_number
from api.cli.output import check_scenario_target, print_json, scenario_with, write_scenario
from api.cli.shapes import find_shape, header
from api.cli.tables import show_blockers, show_offers, show_recall
from api.wording import from_to, plain, service_name, zone_of_visit
from engine.check import violations_of
from engine.errors import UnsupportedRuleError
from engine.model.appointment import Appointment
from engine.model.ids import OrderId, ResourceId, SiteId
from engine.model.schedule import Schedule

if TYPE_CHECKING:
    from engine.jobs.find_slots import FindResult

__all__ = ["find"]


def find(
    scenario: ScenarioPath,
    order: Annotated[str, typer.Option(metavar="ID", help="The order to find a slot for.", show_default=False)],
    count: Annotated[
        int, typer.Option(metavar="K", parser=whole_number("--count", 1, 100), help="How many offers at most.")
    ] = 5,
    occurrence: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--occurrence", 0, 9_999), help="Of a series, which visit, from 0."
        ),
    ] = 0,
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
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Find the next slots for an order: offers that can be booked as they stand, best first, with their reasons.

    Nothing is booked unless --accept and --out say so. Where there is no offer the obstacles are listed, and the exit
    status is 1.
    """
    from engine.jobs.find_slots import find_slots  # not at the top: solver and search take a second to load

    if (accept_rank is None) != (out is None):
        raise BadInputError("--accept and --out go together: which offer is booked, and where the scenario goes.")
    check_scenario_target(out, force=force)
    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    first, last = window_options(problem, start, end)
    try:
        found = find_slots(
            given.schedule,
            OrderId(order),
            now=moment,
            k=count,
            occurrence=occurrence,
            practitioner=None if practitioner is None else ResourceId(practitioner),
            site=None if site is None else SiteId(site),
            start=first,
            end=last,
        )
    except UnsupportedRuleError as error:
        raise BadInputError(f"Order {order} cannot be asked for. {error}") from None
    if as_json:
        shape = find_shape(problem, order, found.offers, found.reasons, found.recall)
        print_json({**header("find", problem, moment), **shape})
    else:
        asked = problem.order(OrderId(order))
        answer = console()
        what = f"order {order}, {service_name(problem, asked.service)}, {asked.priority.value}, patient {asked.patient}"
        answer.print(plain(f"{problem.name}: {what}."))
        if found.offers:
            show_offers(answer, problem, found.offers)
        else:
            answer.print("There is no offer.")
            show_blockers(answer, problem, found.reasons)
            show_recall(answer, found.recall)
    if not found.offers:
        raise typer.Exit(NO)
    if out is not None and accept_rank is not None:
        schedule, visit = _booked(given.schedule, found, accept_rank, moment)
        write_scenario(out, scenario_with(given, schedule), force=force)
        when = from_to(visit.start, visit.end, zone_of_visit(problem, visit))
        said = f"Offer {accept_rank} booked as {visit.id}, {when}; written to {out}."
        error_console().print(plain(said), soft_wrap=True)


def _booked(schedule: Schedule, found: "FindResult", rank: int, now: datetime) -> tuple[Schedule, Appointment]:
    """The schedule with an offer booked, checked, and the visit.

    Raises
    ------
    BadInputError
        When there is no offer of that rank.
    typer.Exit
        With status 1 when the visit breaks a rule, which would be a defect of the search.
    """
    from engine.jobs.book_offer import book_offer

    after, name = book_offer(schedule, found, picked(found.offers, rank, "offer"))
    before = violations_of(schedule, now=now)
    broken = [v for v in violations_of(after, now=now) if v not in before and not v.is_overridden]
    if broken:
        said = [f"Offer {rank} is not booked, and nothing was written:", *(v.message for v in broken)]
        error_console().print(plain("\n".join(said)), soft_wrap=True)
        raise typer.Exit(NO)
    return after, after.appointments.by_id(name)
