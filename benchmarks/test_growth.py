"""How the cost of find grows: with the horizon, with the pools, and with finer ticks; beside the bare AND."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.find_contenders import bare_and
from benchmarks.plots import FOLDER, growth_plot
from benchmarks.results import percentile, short
from benchmarks.test_find import BARE_AND, timed
from engine.model.schedule import Schedule
from engine.search import Occupancy, find
from engine.simulate.worlds import find_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.baselines.bare_and import BareAnd
    from benchmarks.results import Section
    from engine.model.order import Order
    from engine.simulate.worlds import World

SERVICE = "internal-checkup"
N_QUERIES = 50
ROUNDS = 200
SEEN_WITHIN_DAYS = 28

HORIZON, POOLS, TICKS = "the horizon", "the pools", "ticks"
OFFERS, EARLIEST = "five diverse offers", "the earliest start"
PLOTS = {HORIZON: ("growth-horizon.svg", "weeks"), POOLS: ("growth-pools.svg", "resources in the three pools")}


@dataclass(frozen=True)
class Case:
    """A world to ask in: how much longer or wider it is than the smallest of its axis."""

    axis: str
    times: int
    weeks: int
    scale: float
    tick_min: int = 5

    def __str__(self) -> str:
        if self.axis == TICKS:
            return f"ticks of {self.tick_min} min"
        return f"{self.axis} × {self.times}"


CASES = [
    *(Case(HORIZON, n, 6 * n, 0.5) for n in (1, 2, 4, 8)),
    *(Case(POOLS, n, 6, n / 4) for n in (1, 2, 4, 8)),
    *(Case(TICKS, 5 // tick, 26, 1.0, tick) for tick in (5, 1)),
]


@dataclass
class Asked:
    """A case with its questions, and how big its world is."""

    case: Case
    size: float
    label: str
    occupancy: Occupancy
    orders: list[Order]
    floors: list[BareAnd]


@pytest.fixture(scope="module")
def seen(section: Callable[[str, str], Section]) -> Iterator[dict[Case, dict[str, tuple[str, float, float]]]]:
    """(label, size, milliseconds) by case and contender; told and drawn at the end."""
    about = section(
        "How find grows",
        "Networks like the one above: twice and more as long (half as big), twice and more as big (6 weeks), and with "
        f"ticks of one minute. Each figure is the median over {N_QUERIES} orders for three roles, of random patients, "
        f"to be seen from a random day of the first {SEEN_WITHIN_DAYS // 7} weeks on. The bare AND reads the whole "
        "horizon; a search stops when nothing later can be better.",
    )
    found: dict[Case, dict[str, tuple[str, float, float]]] = defaultdict(dict)
    yield found
    about.after = "\n\n".join([_table(found), *_plots(found)])


def _table(found: dict[Case, dict[str, tuple[str, float, float]]]) -> str:
    ours = (OFFERS, EARLIEST)
    ratios = [f"{name}: times the bare AND" for name in ours]
    lines = [["", "", *ratios, *(f"{name}, ms" for name in (*ours, BARE_AND))], ["---"] * 7]
    for case, by_contender in found.items():
        label = next(label for label, _, _ in by_contender.values())
        ms = [by_contender[name][2] if name in by_contender else math.nan for name in (*ours, BARE_AND)]
        lines.append([str(case), label, *(f"{short(one / ms[-1])} ×" for one in ms[:-1]), *map(short, ms)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plots(found: dict[Case, dict[str, tuple[str, float, float]]]) -> Iterator[str]:
    for axis, (name, what) in PLOTS.items():
        lines: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for case, by_contender in found.items():
            for contender, (_, size, ms) in by_contender.items() if case.axis == axis else ():
                lines[contender].append((size, ms))
        if lines:
            growth_plot(FOLDER / name, what, lines)
            yield f"![Time to find, by {axis}]({name})"


@pytest.fixture(scope="module", params=CASES, ids=str)
def asked(request: Any, network: World) -> Asked:
    """The world of a case, and what is asked in it."""
    case: Case = request.param
    world = network if case.axis == TICKS else find_world(1, scale=case.scale, weeks=case.weeks)
    problem = world.problem if case.tick_min == 5 else world.problem.changed(tick_min=case.tick_min)
    now = problem.horizon.start
    occupancy = Occupancy.of(Schedule(problem, world.schedule.appointments), now=now)
    dice = random.Random(str(case))
    known = [o for o in problem.orders if o.service == SERVICE]
    days = [timedelta(days=dice.randrange(SEEN_WITHIN_DAYS)) for _ in range(N_QUERIES)]
    orders = [dice.choice(known).model_copy(update={"earliest_start": now + day}) for day in days]
    floors = [bare_and(occupancy, order, now=now) for order in orders[:10]]
    if case.axis == POOLS:
        pools = floors[0].sizes
        return Asked(case, sum(pools), " + ".join(map(str, pools)), occupancy, orders, floors)
    return Asked(case, case.weeks, f"{case.weeks} weeks", occupancy, orders, floors)


@pytest.mark.parametrize("contender", [OFFERS, EARLIEST, BARE_AND])
def test_growth(
    benchmark: Any, asked: Asked, seen: dict[Case, dict[str, tuple[str, float, float]]], contender: str
) -> None:
    ask = partial(find, asked.occupancy, now=asked.occupancy.now)
    if contender == BARE_AND:
        spent = timed(benchmark, lambda floor: floor.earliest(), asked.floors, ROUNDS)
    elif contender == OFFERS:
        spent = timed(benchmark, lambda order: ask(order, k=5, diverse=True), asked.orders, ROUNDS)
    else:
        spent = timed(benchmark, lambda order: ask(order, k=1), asked.orders, ROUNDS)
    seen[asked.case][contender] = asked.label, asked.size, 1e3 * percentile(spent, 0.5)
