"""`slotwright book`: book a queue of orders."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import (
    NO,
    Deterministic,
    Force,
    Json,
    Now,
    ScenarioPath,
    Seed,
    TimeLimit,
    Workers,
    console,
    error_console,
    now_of,
    scenario_at,
)
from api.cli.happened import listed
from api.cli.output import check_scenario_target, print_json, scenario_with, write_scenario
from api.cli.shapes import header, proposals_shape, solve_shape
from api.cli.solving import result_text, solve
from api.cli.tables import show_bookings, show_left_over, show_result
from api.wording import plain
from engine.model.ids import OrderId
from engine.solver.params import SolveParams

__all__ = ["book"]


def book(
    scenario: ScenarioPath,
    orders: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID,ID...",
            help="Only these orders. Default: every active order without a visit.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write the scenario with the visits booked: a .json file, or else a folder.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    now: Now = None,
    time_limit: TimeLimit = 60.0,
    workers: Workers = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    as_json: Json = False,
) -> None:
    """Book a queue of orders: a visit for as many as fit, the most urgent first, and the reason for every order left.

    What is booked already stays as it is. Without --out nothing is kept. Exit status 1 when there are orders to book
    and none of them fits.
    """
    from engine.jobs.book_orders import book_orders  # not at the top: solver and search take a second to load

    params = SolveParams(time_limit_s=time_limit, workers=workers, seed=seed, is_deterministic=deterministic)
    check_scenario_target(out, force=force)
    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    wanted = None if orders is None else [OrderId(order) for order in listed("--orders", orders)]
    solved = solve(
        "Booking",
        params,
        lambda control: book_orders(given.schedule, now=moment, orders=wanted, params=params, control=control),
        is_quiet=as_json,
    )
    result = solved.result
    plan = result.proposals[0] if result.proposals else None
    booked = plan.added if plan else ()
    left_over = plan.left_over if plan else ()
    if as_json:
        print_json(
            {**header("book", problem, moment), **solve_shape(result), **proposals_shape(problem, result.proposals)}
        )
    else:
        answer = console()
        answer.print(plain(f"{problem.name}: {result_text(result)}."))
        show_bookings(answer, problem, booked)
        show_left_over(answer, left_over)
        show_result(answer, result, of="Cost of these orders")
        if result.breakdown.total and (len(given.schedule.appointments) or wanted is not None):
            answer.print("A check afterwards counts the whole schedule, with what was booked or waited before: more.")
    solved.end()
    if out is not None and result.schedule is not None:
        write_scenario(out, scenario_with(given, result.schedule), force=force)
        error_console().print(plain(f"Written to {out}."), soft_wrap=True)
    if left_over and not booked:
        raise typer.Exit(NO)
