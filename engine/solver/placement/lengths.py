"""How long a step can take, and when around it a role can be in use: in ticks, for whoever is in the main role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.base import DAY_MIN
from engine.model.resource import BuffersRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.model.ids import Modifier
    from engine.model.resource import Resource
    from engine.model.service import Role, Step

__all__ = ["Reach", "possible_lengths", "reach_of", "window_of"]

_LONGEST_DAY_MIN = DAY_MIN + 2 * 60
"""Clocks that go back, and a little more."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a role takes around the start of a step, whichever resource fills it and however long the step is.

    Parameters
    ----------
    low, high
        Ticks from the step's start, half-open: nothing is taken outside.
    least
        Ticks that it takes at least.
    """

    low: int
    high: int
    least: int


def possible_lengths(
    step: Step, modifiers: Sequence[Modifier], resource: Resource | None, tick_min: int
) -> tuple[int, ...]:
    """The lengths that a step can have with a resource among those who do it, ascending.

    Of a stay, which is counted in nights and may begin and end at any time of a day, the shortest and the longest.
    """
    duration = step.duration
    if duration is None:
        return 1, -(-((step.nights or 0) + 1) * _LONGEST_DAY_MIN // tick_min)
    own_figures = (duration.by_practitioner, duration.by_equipment)
    others = [minutes for by in own_figures for minutes in by.values()]
    own = [by[resource.id] for by in own_figures if resource is not None and resource.id in by]
    least = max(own, default=0)  # the longest figure of those who do it counts
    figures = {least, *(m for m in others if m > least)} if own else {duration.minutes, *others}
    extra = sum(duration.by_modifier.get(m, 0) for m in modifiers)
    return tuple(sorted({-(-max(1, m + extra) // tick_min) for m in figures}))


def window_of(role: Role, resource: Resource, length: int, tick_min: int) -> tuple[int, int]:
    """What a resource is reserved for in a role of a step of `length` ticks: ticks from the step's start, half-open."""
    low = role.start.minutes // tick_min + (length if role.start.anchor == "end" else 0)
    high = -(-role.end.minutes // tick_min) + (length if role.end.anchor == "end" else 0)
    if resource.buffers is BuffersRule.OVERLAP:
        return low, high
    before = -(-(role.setup_min + resource.setup_min) // tick_min)
    after = -(-(role.cleanup_min + resource.cleanup_min) // tick_min)
    return low - before, high + after


def reach_of(role: Role, resources: Iterable[Resource], lengths: Sequence[int], tick_min: int) -> Reach:
    """The reach of a role whose pool is `resources`; nothing where the pool is empty."""
    windows = [window_of(role, r, n, tick_min) for r in resources for n in lengths]
    return Reach(
        low=min((low for low, _ in windows), default=0),
        high=max((high for _, high in windows), default=0),
        least=max(0, min((high - low for low, high in windows), default=0)),
    )
