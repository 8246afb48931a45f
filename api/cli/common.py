"""What every command shares: its arguments, the two consoles, reading what was given, and its exit statuses."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from api.cli.options import BadInputError, number_option, whole_number
from api.wording import day_and_time
from engine.model.calendar import local_day_bounds
from engine.scenario_io import load_scenario
from engine.scenario_io.localtime import INSTANT_PATTERN, read_date, read_instant
from engine.scenario_io.values import found

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.problem import Problem
    from engine.scenario_io import Scenario

__all__ = [
    "BAD_INPUT",
    "DEFECT",
    "INTERRUPTED",
    "NO",
    "READER_GONE",
    "BadInputError",
    "Deterministic",
    "Force",
    "Json",
    "Now",
    "ScenarioPath",
    "Seed",
    "TimeLimit",
    "Workers",
    "console",
    "error_console",
    "instant_option",
    "now_of",
    "scenario_at",
    "window_options",
]

NO = 1
BAD_INPUT = 2
DEFECT = 3
INTERRUPTED = 130
READER_GONE = 141
"""What a shell says of a program that a broken pipe ended."""

_PIPE_WIDTH = 120
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

ScenarioPath = Annotated[
    Path,
    typer.Argument(metavar="SCENARIO", help="The scenario: a folder, or a .yaml or .json file.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Write the answer as JSON, and nothing else, to standard output.")]
Now = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="The moment to plan from, local time such as 2026-03-02T08:00. Default: the start of the horizon.",
        show_default=False,
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        parser=number_option("--time-limit", 0, 1_000_000, "a number of seconds"),
        help="Seconds to spend on solving.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers", metavar="N", parser=whole_number("--workers", 1, 256), help="Threads of the solver, 1 to 256."
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        parser=whole_number("--seed", 0, 2**31 - 1),
        help="Where chance plays a part, the seed of it.",
    ),
]
Deterministic = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="Same scenario, seed, workers and limit: same answer. The limit then counts work, not seconds.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what --out names, if it exists.")]


class _Console(Console):
    """One that leaves it to `api.cli.ending` what a broken pipe means."""

    def on_broken_pipe(self) -> None:
        """Called where the error is being handled."""
        raise


def console() -> Console:
    """For answers: standard output. Piped somewhere, lines may be longer than on a terminal of 80 columns."""
    return _console(is_error=False)


def error_console() -> Console:
    """For everything else: standard error."""
    return _console(is_error=True)


def _console(*, is_error: bool) -> Console:
    # Messages hold brackets and colons (`services[0]`), which are text here, never markup.
    made = _Console(stderr=is_error, markup=False, highlight=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _PIPE_WIDTH
    return made


def scenario_at(path: Path) -> Scenario:
    """The scenario at a path.

    Raises
    ------
    BadInputError
        When nothing is there.
    ScenarioFormatError
        With every fault.
    """
    if not path.exists():
        raise BadInputError(
            f"There is no scenario at {path}. Maybe give the path of a folder, a .yaml or a .json file."
        )
    return load_scenario(path)


def now_of(problem: Problem, given: str | None) -> datetime:
    """`--now`, or the start of the horizon.

    Raises
    ------
    BadInputError
        When it is no time, or all that is planned lies before it.
    """
    now = instant_option(problem, "--now", given)
    if now is not None and now >= problem.horizon.end:
        raise BadInputError(f"--now {given} is after {_planned(problem)}. Maybe another year is meant.")
    return problem.horizon.start if now is None else now


def _planned(problem: Problem) -> str:
    start, end = (day_and_time(at, problem.time_zone) for at in (problem.horizon.start, problem.horizon.end))
    return f"the time that is planned, which is {start} to {end}"


def instant_option(problem: Problem, option: str, given: str | None, *, is_end: bool = False) -> datetime | None:
    """An option's instant, local time of the organisation or with an offset.

    A date alone means its beginning; as the end of a stretch (`is_end`) the end of that day.

    Raises
    ------
    BadInputError
        When it is none.
    """
    if given is None:
        return None
    is_day = _DAY.fullmatch(given) is not None
    if not is_day and re.fullmatch(INSTANT_PATTERN, given) is None:
        raise BadInputError(
            f"{option}: found {found(given)}, expected a date or a time such as 2026-03-02 or 2026-03-02T08:00."
        )
    try:
        return (
            local_day_bounds(read_date(given), problem.time_zone)[is_end]
            if is_day
            else read_instant(given, problem.time_zone)
        )
    except ValueError as error:
        raise BadInputError(f"{option}: {error}.") from None


def window_options(problem: Problem, start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """`--from` and `--until`; None where not given.

    Raises
    ------
    BadInputError
        When one is no time, the end is not after the start, or nothing between them is planned.
    """
    first = instant_option(problem, "--from", start)
    last = instant_option(problem, "--until", end, is_end=True)
    if first is not None and last is not None and last <= first:
        raise BadInputError(f"--until {end} is not after --from {start}.")
    if first is not None and first >= problem.horizon.end:
        raise BadInputError(f"--from {start} is after {_planned(problem)}. Maybe another year is meant.")
    if last is not None and last <= problem.horizon.start:
        raise BadInputError(f"--until {end} is before {_planned(problem)}. Maybe another year is meant.")
    return first, last
