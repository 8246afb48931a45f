"""The template's hard rules, one module each. Their order does not matter."""

from __future__ import annotations

from engine.solver.template.constraints import (
    availability,
    contracts,
    cover,
    double,
    pinned,
    pools,
    qualified,
    rooms,
    site_change,
)

__all__ = ["CONSTRAINTS"]

CONSTRAINTS = (
    double.add,
    rooms.add,
    availability.add,
    contracts.add,
    pools.add,
    site_change.add,
    cover.add,
    pinned.add,
    qualified.add,
)
