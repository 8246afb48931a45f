"""Find for steps that are free in order: four examinations on one day, five, and four on whatever days."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from benchmarks.results import percentile
from benchmarks.test_find import N_QUERIES, timed
from engine.model.ids import ServiceId, StepId
from engine.model.problem import Problem
from engine.model.service import Service
from engine.search import Occupancy, find

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from benchmarks.results import Section
    from engine.model.order import Order
    from engine.simulate.worlds import World

EXAMINATIONS = ("blood-test", "x-ray", "ultrasound", "ct", "mri")


def together(problem: Problem, n: int, *, is_same_day: bool) -> Service:
    """The first so many examinations of the network as one service, in whatever order."""
    steps = [
        step.model_copy(update={"id": StepId(f"{name}-{step.id}")})
        for name in EXAMINATIONS[:n]
        for step in problem.service(ServiceId(name)).steps
    ]
    name = f"{n} examinations{' on one day' if is_same_day else ''}"
    return Service(
        id=ServiceId(name.replace(" ", "-")), name=name, steps=steps, is_ordered=False, is_same_day=is_same_day
    )


@pytest.fixture(scope="module")
def services(network: World) -> dict[str, Service]:
    made = (together(network.problem, n, is_same_day=on_day) for n, on_day in ((4, True), (5, True), (4, False)))
    return {service.name: service for service in made}


@pytest.fixture(scope="module")
def wider(network: World, services: dict[str, Service]) -> Occupancy:
    """The find world with services for several examinations in any order."""
    fields = {name: getattr(network.problem, name) for name in Problem.model_fields}
    problem = Problem(**{**fields, "services": (*network.problem.services, *services.values())})
    return Occupancy.of(replace(network.schedule, problem=problem), now=problem.horizon.start)


@pytest.fixture(scope="module")
def about(section: Callable[[str, str], Section]) -> Section:
    return section(
        "Find, free in order",
        f"The world above. Each figure is over {N_QUERIES} orders of random patients, to be seen from a random day of "
        f"the next ten weeks on, for examinations that may follow each other in any order.",
    )


@pytest.mark.parametrize(
    ("name", "p99_ms"), [("4 examinations on one day", 10), ("5 examinations on one day", None), ("4 examinations", 10)]
)
def test_in_any_order(
    benchmark: Any,
    network: World,
    wider: Occupancy,
    services: dict[str, Service],
    about: Section,
    name: str,
    p99_ms: float | None,
) -> None:
    dice, start = random.Random(name), network.problem.horizon.start
    known = [o for o in network.problem.orders if o.service == "ct-and-visit"]

    def drawn() -> Order:
        since = start + timedelta(days=dice.randrange(70))
        return dice.choice(known).model_copy(update={"service": services[name].id, "earliest_start": since})

    ask = partial(find, wider, now=start, k=5, diverse=True)
    spent = timed(benchmark, ask, [drawn() for _ in range(N_QUERIES)], rounds=2 * N_QUERIES)
    about.add(f"five diverse offers, {name}: median", 1e3 * percentile(spent, 0.5), "ms")
    about.add(f"five diverse offers, {name}: p99", 1e3 * percentile(spent, 0.99), "ms", at_most=p99_ms)
