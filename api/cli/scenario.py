"""`slotwright scenario`: look at a scenario, make a new one."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.boards import show_info
from api.cli.common import (
    Force,
    Json,
    Now,
    ScenarioPath,
    console,
    error_console,
    now_of,
    scenario_at,
)
from api.cli.options import choice, number_option, whole_number
from api.cli.output import check_scenario_target, print_json, write_scenario
from api.cli.shapes import header, info_shape
from api.wording import plain
from engine.scenario_io import Scenario

__all__ = ["app"]

app = typer.Typer(help="Look at a scenario, or make one.", no_args_is_help=True, rich_markup_mode=None)


class World(StrEnum):
    """Worlds that can be made."""

    HOSPITAL_NETWORK = "hospital_network"


@app.command()
def info(scenario: ScenarioPath, now: Now = None, as_json: Json = False) -> None:
    """Say what a scenario holds. Reading it validates it: every fault is listed."""
    given = scenario_at(scenario)
    moment = now_of(given.problem, now)
    if as_json:
        print_json({**header("scenario info", given.problem, moment), **info_shape(given)})
    else:
        show_info(console(), given)


@app.command()
def new(
    name: Annotated[
        World,
        typer.Argument(
            metavar="WORLD", parser=choice("WORLD", World), help="Which world: hospital_network.", show_default=False
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="PATH", help="Where it goes: a .json file, or else a folder.", show_default=False)
    ],
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", parser=whole_number("--seed", 0, 2**31 - 1), help="The same seed makes the same scenario."
        ),
    ] = 1,
    scale: Annotated[
        float,
        typer.Option(
            metavar="X",
            parser=number_option("--scale", 0.02, 10),
            help="Of people, rooms, machines and orders; 0.1 is a tenth of them.",
        ),
    ] = 1.0,
    weeks: Annotated[
        int, typer.Option(metavar="N", parser=whole_number("--weeks", 1, 52), help="Length of the horizon.")
    ] = 4,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Make a scenario from a seed.

    hospital_network: four sites, 200 physicians, 220 rooms, 80 machines, 16 theatres, 8,000 orders a week.
    """
    from engine.simulate.worlds import hospital_network  # not at the top: only this command needs it

    check_scenario_target(out, force=force)
    made = hospital_network(seed, scale=scale, weeks=weeks)
    scenario = Scenario(made.problem, made.schedule, made.events)
    write_scenario(out, scenario, force=force)
    if as_json:
        print_json({**header("scenario new", made.problem, made.problem.horizon.start), **info_shape(scenario)})
    else:
        show_info(console(), scenario)
    error_console().print(plain(f"{name.value} of seed {seed} written to {out}."), soft_wrap=True)
