"""Our jobs on public instances: ``python -m benchmarks.public_instances --help``.

Prints a table in Markdown: our cost, whether both judges find the answer valid, and the baseline's cost at the same
limit. Reference values are in the README beside this file.
"""

from __future__ import annotations

import argparse
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.adapters import PublicInstancesMissingError, nuclear_medicine, operating_room
from benchmarks.adapters.nuclear_medicine_problem import day_of, plan_of
from benchmarks.adapters.nuclear_medicine_rules import cost as day_cost
from benchmarks.adapters.nuclear_medicine_rules import violations as day_violations
from benchmarks.adapters.operating_room_problem import assignment, week_of
from benchmarks.baselines import nuclear_medicine as day_baseline
from benchmarks.baselines import operating_room as week_baseline
from engine.check import check
from engine.jobs.book_orders import book_orders
from engine.jobs.reschedule import reschedule
from engine.solver.params import SolveParams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from benchmarks.adapters import PublicSource

__all__ = ["Row", "main", "run_day", "run_week"]


class Row(NamedTuple):
    """One line of the table; `is_valid` is what both judges say, `baseline` None where it was not asked or found."""

    name: str
    cost: tuple[int, ...]
    is_valid: bool
    status: str
    runtime_s: float
    baseline: tuple[int, ...] | None = None

    def __str__(self) -> str:
        valid = "yes" if self.is_valid else "NO"
        cells = [self.name, _words(self.cost), valid, self.status, f"{self.runtime_s:.1f}", _words(self.baseline)]
        return f"| {' | '.join(cells)} |"


def run_week(path: Path, params: SolveParams, *, with_baseline: bool = False, respect_specialty: bool = False) -> Row:
    """Book a week of operating rooms."""
    instance = operating_room.read_instance(path)
    schedule, now = week_of(instance, respect_specialty=respect_specialty)
    started = perf_counter()
    result = book_orders(schedule, now=now, params=params)
    runtime_s = perf_counter() - started
    after = result.schedule or schedule
    answer = assignment(after)
    broken = operating_room.violations(instance, answer, respect_specialty=respect_specialty)
    baseline = None
    if with_baseline:
        other = week_baseline.solve(
            instance,
            limit_s=params.time_limit_s,
            workers=params.workers,
            seed=params.seed,
            respect_specialty=respect_specialty,
        )
        baseline = None if other.assignment is None else operating_room.cost(instance, other.assignment)
    is_valid = not broken and check(after, now=now).is_clean
    return Row(instance.name, operating_room.cost(instance, answer), is_valid, result.status.value, runtime_s, baseline)


def run_day(path: Path, params: SolveParams, *, with_baseline: bool = False, everybody: bool = False) -> Row:
    """Repair a day of nuclear medicine."""
    instance = nuclear_medicine.read_instance(path)
    schedule, events, now = day_of(instance, everybody=everybody)
    started = perf_counter()
    result = reschedule(schedule, events, now=now, params=params)
    runtime_s = perf_counter() - started
    after = result.schedule or schedule
    answer = plan_of(instance, after, now)
    baseline = None
    if with_baseline:
        other = day_baseline.solve(instance, limit_s=params.time_limit_s, workers=params.workers, seed=params.seed)
        baseline = None if other.plan is None else day_cost(instance, other.plan)
    is_valid = not day_violations(instance, answer) and check(after, now=now).is_clean
    return Row(instance.name, day_cost(instance, answer), is_valid, result.status.value, runtime_s, baseline)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names, one instance after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public_instances", description=__doc__.split("\n")[0])
    parser.add_argument("job", choices=("book", "reschedule"))
    parser.add_argument("names", nargs="*", help="such as Imperia/input0 or low/input_0_2; none: all there are")
    parser.add_argument("--limit", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--baseline", action="store_true", help="solve with the plain CP-SAT model too")
    parser.add_argument("--specialty", action="store_true", help="book: a room-day takes its own specialties alone")
    parser.add_argument("--everybody", action="store_true", help="reschedule: every patient may be moved")
    chosen = parser.parse_args(arguments)
    params = SolveParams(time_limit_s=chosen.limit, workers=chosen.workers, seed=chosen.seed)

    def book(path: Path) -> Row:
        return run_week(path, params, with_baseline=chosen.baseline, respect_specialty=chosen.specialty)

    def repair(path: Path) -> Row:
        return run_day(path, params, with_baseline=chosen.baseline, everybody=chosen.everybody)

    jobs: dict[str, tuple[PublicSource, Callable[[Path], Row]]] = {
        "book": (operating_room.SOURCE, book),
        "reschedule": (nuclear_medicine.SOURCE, repair),
    }
    source, run = jobs[chosen.job]
    try:
        folder = source.require(f"the job '{chosen.job}' on public instances")
    except PublicInstancesMissingError as error:
        raise SystemExit(str(error)) from None
    print("| instance | ours | valid | status | s | baseline |")
    print("|---|---|---|---|---|---|")
    for path in _paths(folder, chosen.names):
        print(run(path), flush=True)


def _paths(folder: Path, names: Sequence[str]) -> Iterable[Path]:
    for path in sorted(folder.rglob("*.lp")):
        if not names or f"{path.parent.name}/{path.stem}" in names:
            yield path


def _words(cost: tuple[int, ...] | None) -> str:
    return "none" if cost is None else " / ".join(str(part) for part in cost)


if __name__ == "__main__":
    main()
