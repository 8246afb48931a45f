"""`slotwright find`: the next slots for an order."""

from typing import Annotated

import typer

from api.cli.common import NO, Json, Now, ScenarioPath, console, now_of, scenario_at, window_options
from api.cli.options import whole_number
from api.cli.output import print_json
from api.cli.shapes import find_shape, header
from api.cli.tables import show_blockers, show_offers
from api.wording import plain, service_name
from engine.model.ids import OrderId, ResourceId, SiteId

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
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Find the next slots for an order: offers that can be booked as they stand, best first, with their reasons.

    Where there is no offer the obstacles are listed, and the exit status is 1.
    """
    from engine.jobs.find_slots import find_slots  # not at the top: solver and search take a second to load

    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    first, last = window_options(problem, start, end)
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
    if as_json:
        print_json({**header("find", problem, moment), **find_shape(problem, order, found.offers, found.reasons)})
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
    if not found.offers:
        raise typer.Exit(NO)
