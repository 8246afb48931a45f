"""Small CP-SAT models for tests of what all models share."""

from __future__ import annotations

import random

from ortools.sat.python.cp_model import CpModel


def endless(seed: int = 1) -> CpModel:
    """A knapsack of many dimensions, minus its value: solved within milliseconds, not proven for minutes."""
    rng = random.Random(seed)
    model = CpModel()
    items = [model.new_bool_var(f"item-{i}") for i in range(150)]
    for _ in range(20):
        model.add(sum(rng.randint(1, 60) * item for item in items) <= 750)
    model.minimize(-sum(rng.randint(20, 60) * item for item in items))
    return model
