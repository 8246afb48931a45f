"""What every command shares: its arguments, the two consoles, reading what was given, and how it ends.

Exit statuses: 0 the answer is there, 1 the answer is "no", 2 bad input, 3 a defect of ours, 130 Ctrl-C.
"""

from __future__ import annotations

import functools
import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer
from rich.console import Console

from api.wording import plain
from engine.errors import EngineError, InvalidProblemError, ModelBuildError, ScenarioFormatError
from engine.model.calendar import local_day_bounds
from engine.scenario_io import load_scenario
from engine.scenario_io.localtime import read_date, read_instant
from engine.solver.params import SolveParams

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.model.problem import Problem
    from engine.scenario_io import Scenario

__all__ = [
    "BAD_INPUT",
    "DEFECT",
    "INTERRUPTED",
    "NO",
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
    "reported",
    "scenario_at",
    "solve_params",
    "window_options",
]

NO = 1
BAD_INPUT = 2
DEFECT = 3
INTERRUPTED = 130

_PIPE_WIDTH = 120

P = ParamSpec("P")

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
TimeLimit = Annotated[float, typer.Option("--time-limit", metavar="SECONDS", help="Seconds to spend on solving.")]
Workers = Annotated[int, typer.Option("--workers", metavar="N", help="Threads of the solver, 1 to 256.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Where chance plays a part, the seed of it.")]
Deterministic = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="Same scenario, seed, workers and limit: same answer. The limit then counts work, not seconds.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace what --out names, if it exists.")]


class BadInputError(Exception):
    """Something that was given on the command line cannot be used; the message says what, and what was expected."""


def console() -> Console:
    """For answers: standard output. Piped somewhere, lines may be longer than on a terminal of 80 columns."""
    return _console(is_error=False)


def error_console() -> Console:
    """For everything else: standard error."""
    return _console(is_error=True)


def _console(*, is_error: bool) -> Console:
    # Messages hold brackets and colons (`services[0]`), which are text here, never markup.
    made = Console(stderr=is_error, markup=False, highlight=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _PIPE_WIDTH
    return made


def reported(command: Callable[P, None]) -> Callable[P, None]:
    """Turn every error of a command into a message on standard error and an exit status; never into a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            _say("Stopped. Nothing was written.")
            raise typer.Exit(INTERRUPTED) from None
        except (ScenarioFormatError, InvalidProblemError) as error:
            count = len(error.faults)
            _say(f"{'1 fault' if count == 1 else f'{count} faults'} found; nothing was done.")
            for fault in error.faults:
                _say(str(fault))
            raise typer.Exit(BAD_INPUT) from None
        except ModelBuildError as error:
            _say(str(error))
            raise typer.Exit(DEFECT) from None
        except (BadInputError, EngineError) as error:
            _say(str(error))
            raise typer.Exit(BAD_INPUT) from None
        except BrokenPipeError:
            raise  # whoever read our output has gone: typer ends quietly
        except OSError as error:
            _say(f"{error.filename or 'A file'}: {error.strerror or type(error).__name__}.")
            raise typer.Exit(BAD_INPUT) from None
        except Exception as error:
            _say(_defect(error))
            raise typer.Exit(DEFECT) from None

    return run


def _say(message: str) -> None:
    error_console().print(plain(message), soft_wrap=True)


def _defect(error: Exception) -> str:
    """What to report of an error that nobody foresaw: its type and place. Its text may hold a patient's data."""
    if os.environ.get("SLOTWRIGHT_TRACEBACK"):
        return "".join(traceback.format_exception(error))
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = "/".join(Path(last.filename).parts[-2:])
    return (
        f"Slotwright failed ({type(error).__name__} in {place}, line {last.lineno}); nothing was "
        "written. This is a defect of Slotwright, please report it. Maybe set SLOTWRIGHT_TRACEBACK=1 and run the "
        "command again for the details."
    )


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
    """`--now`, or the start of the horizon."""
    now = instant_option(problem, "--now", given)
    return problem.horizon.start if now is None else now


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
    try:
        if len(given) <= len("2026-03-02"):
            return local_day_bounds(read_date(given), problem.time_zone)[is_end]
        return read_instant(given, problem.time_zone)
    except ValueError as error:
        raise BadInputError(f"{option}: {error}.") from None


def window_options(problem: Problem, start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """`--from` and `--until`; None where not given.

    Raises
    ------
    BadInputError
        When one is no time, or the end is not after the start.
    """
    first = instant_option(problem, "--from", start)
    last = instant_option(problem, "--until", end, is_end=True)
    if first is not None and last is not None and last <= first:
        raise BadInputError(f"--until {end} is not after --from {start}.")
    return first, last


def solve_params(time_limit: float, workers: int, seed: int, deterministic: bool) -> SolveParams:
    """The parameters of a solve.

    Raises
    ------
    BadInputError
        When one is outside its range.
    """
    try:
        return SolveParams(time_limit_s=time_limit, workers=workers, seed=seed, is_deterministic=deterministic)
    except ValueError as error:
        words = str(error).replace("time_limit_s", "--time-limit").replace("workers", "--workers", 1)
        raise BadInputError(f"{words.replace('seed', '--seed', 1)}.") from None
