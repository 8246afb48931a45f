"""Makes what is bulk in the scenarios, from seeds.

    python -m scenarios.generate all                  writes the tables beside the hand-written YAML anew
    python -m scenarios.generate family_practice      those of one scenario
    python -m scenarios.generate hospital_network --seed 1 --out DIR [--scale 0.1]

What people wrote by hand stays as it is. A test holds that the tables in the repository are what this script makes.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from engine.model.schedule import Schedule
from engine.model.template import publish
from engine.scenario_io import Scenario, load_scenario, save_scenario
from engine.simulate.demand import Demand
from engine.simulate.dice import Dice
from engine.simulate.filling import fill
from engine.simulate.people import draw_people
from engine.simulate.worlds import hospital_network
from scenarios.family_practice_orders import FAMILY_PRACTICE
from scenarios.specialty_center_orders import SPECIALTY_CENTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.order import Tie
    from engine.model.problem import Problem

__all__ = ["HAND_WRITTEN", "HERE", "TABLES", "main", "make", "write_tables"]

HERE = Path(__file__).parent
GENERATED = "hospital_network"
HAND_WRITTEN = {"family_practice": FAMILY_PRACTICE, "specialty_center": SPECIALTY_CENTER}
TABLES = (
    "sessions.csv",
    "blocks.csv",
    "patients.csv",
    "orders.csv",
    "appointments.csv",
    "steps.csv",
    "reservations.csv",
    "events.csv",
    "groups.yaml",
    "ties.yaml",
)
"""Files of a hand-written scenario that are not written by hand."""


def make(name: str) -> Scenario:
    """A hand-written scenario with its bulk data made anew; nothing is written.

    Sessions and surgery blocks are those of the published template on the days of the horizon.
    """
    bulk = HAND_WRITTEN[name]
    empty = _published(_by_hand(HERE / name))
    dice = Dice(bulk.seed)
    people = draw_people(dice.child("people"), bulk.population, bulk.people, empty.grid.local_date(0, empty.time_zone))
    bulk.settle(people, empty, dice.child("settle"))
    demand = Demand(empty, bulk.mix, people, dice.child("demand"), now=empty.horizon.start)
    filled = fill(demand, bulk.rates, bulk.weekly)
    problem = filled.problem.changed(ties=bulk.ties(filled))
    schedule = Schedule.of(problem, filled.appointments, groups=filled.groups)
    return Scenario(problem, schedule, bulk.events(filled))


def write_tables(name: str, folder: Path) -> None:
    """Write the tables of a hand-written scenario into a folder, over those that are there."""
    scenario = make(name)
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / name
        save_scenario(scenario, whole)
        for table in TABLES:
            (folder / table).unlink(missing_ok=True)
            if (whole / table).exists():
                shutil.copy(whole / table, folder / table)
    if scenario.problem.ties:
        (folder / "ties.yaml").write_text(_ties_text(scenario.problem.ties), encoding="utf-8", newline="\n")


def _by_hand(folder: Path) -> Problem:
    """What people wrote of a scenario, without the tables beside it."""
    with tempfile.TemporaryDirectory() as temporary:
        for file in folder.glob("*.yaml"):
            if file.name not in TABLES:
                shutil.copy(file, temporary)
        return load_scenario(temporary).problem


def _published(problem: Problem) -> Problem:
    """The problem with the dated sessions and blocks of its template in force."""
    template = problem.template(problem.planning.today) if problem.planning and problem.planning.today else None
    if template is None:
        raise ValueError(f"{problem.name}: its brief names no template of today to publish")
    zone, grid = problem.time_zone, problem.grid
    sessions, blocks = publish(template, grid.local_date(0, zone), grid.local_date(grid.n_ticks, zone))
    return problem.changed(sessions=sessions, blocks=blocks)


def _ties_text(ties: tuple[Tie, ...]) -> str:
    rows = [tie.model_dump(mode="json", exclude_none=True) for tie in ties]
    return "# Orders that are booked together. Written by scenarios/generate.py.\n" + yaml.safe_dump(
        rows, sort_keys=False
    )


def write(name: str, out: Path, *, seed: int = 1, scale: float = 1.0, weeks: int = 4) -> None:
    """Write a generated scenario into a new folder. There is one: hospital_network.

    Raises
    ------
    ValueError
        When there is no generated scenario of this name.
    FileExistsError
        When the folder exists.
    """
    if name != GENERATED:
        raise ValueError(f"found '{name}', expected {GENERATED}")
    world = hospital_network(seed, scale=scale, weeks=weeks)
    save_scenario(Scenario(world.problem, world.schedule, world.events), out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the tables of hand-written scenarios anew, or a generated scenario into a folder."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.generate", description=main.__doc__)
    parser.add_argument("name", choices=[*HAND_WRITTEN, GENERATED, "all"], help="'all': the tables of all hand-written")
    parser.add_argument("--out", type=Path, help=f"folder to write {GENERATED} into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="1 for the full size")
    parser.add_argument("--weeks", type=int, default=4, help="length of the horizon")
    given = parser.parse_args(arguments)
    if given.name == GENERATED:
        if given.out is None:
            parser.error(f"{GENERATED} needs --out FOLDER")
        write(given.name, given.out, seed=given.seed, scale=given.scale, weeks=given.weeks)
        return
    for name in HAND_WRITTEN if given.name == "all" else [given.name]:
        write_tables(name, HERE / name)


if __name__ == "__main__":
    main()
