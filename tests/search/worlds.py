"""What tests of search ask a world, by search and by brute force."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from engine.search import Occupancy, find
from tests.search.oracle import Oracle

if TYPE_CHECKING:
    from engine.search import Candidate
    from tests.strategies import World

N_WORLDS = int(os.environ.get("SLOTWRIGHT_WORLDS", "20"))
"""Worlds drawn for each feature. `SLOTWRIGHT_WORLDS=2000 pytest tests/search/test_oracle.py` draws many."""

EVERY_START = 1_000_000


def found(world: World, k: int = EVERY_START, *, diverse: bool = False) -> list[Candidate]:
    occupancy = Occupancy.of(world.schedule, now=world.now)
    return find(occupancy, world.order, now=world.now, k=k, occurrence=world.occurrence, diverse=diverse, tidy=True)


def oracle(world: World) -> Oracle:
    schedule = world.schedule
    return Oracle(world.problem, list(schedule.appointments), world.order, world.now, world.occurrence, schedule.groups)
