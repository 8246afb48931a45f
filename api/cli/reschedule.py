"""`slotwright reschedule`: repair a schedule after something happened."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.common import (
    BadInputError,
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
from api.cli.happened import events_asked_for
from api.cli.options import picked, whole_number
from api.cli.output import check_scenario_target, print_json, scenario_with, write_scenario
from api.cli.shapes import events_shape, header, proposals_shape, solve_shape
from api.cli.solving import result_text, solve
from api.cli.tables import show_comparison, show_proposal, show_stages
from api.wording import count_of, plain
from engine.model.result import SolveResult, accept
from engine.model.schedule import Schedule
from engine.solver.params import SolveParams

__all__ = ["accepted", "reschedule"]


def reschedule(
    scenario: ScenarioPath,
    event: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID,ID...",
            help="These events of the scenario. Default: all of them, unless --cancel or --absent is given.",
            show_default=False,
        ),
    ] = None,
    cancel: Annotated[
        list[str] | None,
        typer.Option(metavar="ID,ID...", help="These appointments are cancelled.", show_default=False),
    ] = None,
    absent: Annotated[
        str | None,
        typer.Option(
            metavar="RESOURCE",
            help="This person, room or machine is not there, --from ... --until.",
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Local time or date, with --absent.", show_default=False),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="TIME", help="Local time, or the last date, with --absent.", show_default=False
        ),
    ] = None,
    accept_rank: Annotated[
        int | None,
        typer.Option(
            "--accept",
            metavar="N",
            parser=whole_number("--accept", 1, 100),
            help="Accept proposal N and write it to --out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Write the scenario with the accepted proposal: a .json file, or else a folder.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    now: Now = None,
    time_limit: TimeLimit = 10.0,
    workers: Workers = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    as_json: Json = False,
) -> None:
    """Propose what to do after a cancellation, an absence or any other event: a few plans, each a list of calls.

    Nothing is changed unless --accept and --out say so. Exit status 1 when there is no plan.
    """
    from engine.jobs.reschedule import reschedule as repair  # not at the top: solver and search take a second to load

    params = SolveParams(time_limit_s=time_limit, workers=workers, seed=seed, is_deterministic=deterministic)
    if (accept_rank is None) != (out is None):
        raise BadInputError("--accept and --out go together: which proposal, and where the scenario goes.")
    check_scenario_target(out, force=force)
    given = scenario_at(scenario)
    problem = given.problem
    moment = now_of(problem, now)
    events = events_asked_for(given, now=moment, chosen=event, cancelled=cancel, absent=absent, start=start, end=end)
    solved = solve(
        "Rescheduling",
        params,
        lambda control: repair(given.schedule, events, now=moment, params=params, control=control),
        is_quiet=as_json,
    )
    result = solved.result
    after = problem if result.schedule is None else result.schedule.problem
    if as_json:
        print_json(
            {
                **header("reschedule", problem, moment),
                "events": events_shape(problem, events),
                **solve_shape(result),
                **proposals_shape(after, result.proposals),
            }
        )
    else:
        answer = console()
        answer.print(plain(f"{problem.name}, {count_of(len(events), 'event')}: {result_text(result)}."))
        show_comparison(answer, result.proposals)
        for rank, proposal in enumerate(result.proposals, start=1):
            answer.print()
            show_proposal(answer, after, proposal, rank)
        show_stages(answer, result.stages)
    solved.end()
    if out is not None and accept_rank is not None:
        rest = tuple(e for e in given.events if e not in events)
        schedule = accepted(given.schedule, result, accept_rank)
        write_scenario(out, scenario_with(given, schedule, events=rest), force=force)
        done = f"Proposal {accept_rank} accepted" if result.proposals else "What happened is noted, no visit changes"
        error_console().print(plain(f"{done}; written to {out}."), soft_wrap=True)


def accepted(schedule: Schedule, result: SolveResult, rank: int) -> Schedule:
    """The schedule with a proposal accepted; where nothing had to change, with what the events changed in the world.

    Raises
    ------
    BadInputError
        When there is no proposal of that rank.
    """
    if result.schedule is not None and not result.proposals and rank == 1:
        return result.schedule
    proposal = picked(result.proposals, rank, "proposal")
    return accept(schedule, proposal, None if result.schedule is None else result.schedule.problem)
