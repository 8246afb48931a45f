"""What benchmarks share: the big world, made once a session, and the results, written at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.results import Section, write
from engine.search import Occupancy
from engine.simulate.worlds import find_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.simulate.worlds import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a benchmark."""
    for item in items:
        item.add_marker(pytest.mark.benchmark)


@pytest.fixture(scope="session")
def sections() -> Iterator[dict[str, Section]]:
    """Sections of the results by title."""
    found: dict[str, Section] = {}
    yield found
    write(list(found.values()))


@pytest.fixture(scope="session")
def section(sections: dict[str, Section]) -> Callable[[str, str], Section]:
    """The section with a title, made when it is first asked for."""
    return lambda title, about: sections.setdefault(title, Section(title, about))


@pytest.fixture(scope="session")
def network() -> World:
    """The find world: a hospital network for 26 weeks, 200,000 appointments, booked by lead time."""
    return find_world(1)


@pytest.fixture(scope="session")
def occupancy(network: World) -> Occupancy:
    """Its free time."""
    return Occupancy.of(network.schedule, now=network.problem.horizon.start)
