"""Which durations are no multiple of the tick, and what they are planned as."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.model.problem import Problem
    from engine.model.shorthand import Duration
    from engine.scenario_io.faults import Path, Place

__all__ = ["rounding_notes"]


def rounding_notes(problem: Problem, places: Mapping[str, Sequence[Place]]) -> tuple[str, ...]:
    """A sentence for each duration that is rounded up to ticks, with its place.

    Parameters
    ----------
    places
        Of the services, needs and orders, in the problem's order.
    """
    tick = problem.tick_min
    notes = []
    for key, item, path, minutes in _durations(problem):
        if minutes % tick:
            place = places[key][item]
            where = f"{place.file}:{place.line_of(path)}: {place.words(path)}: {minutes} min"
            if {"by_modifier", "adds_min"} & set(path):  # it is added to others before the sum is rounded
                notes.append(f"{where} is no multiple of the tick of {tick} min; durations with it are rounded up")
            else:
                planned = -(-minutes // tick) * tick
                notes.append(f"{where} is planned as {planned} min, a multiple of the tick of {tick} min")
    return tuple(notes)


def _durations(problem: Problem) -> Iterator[tuple[str, int, Path, int]]:
    """Key, item, path and minutes of every duration of a step or visit, and of what needs add to it."""
    for i, service in enumerate(problem.services):
        for j, step in enumerate(service.steps):
            if step.duration is not None:
                for path, minutes in _minutes(step.duration):
                    yield "services", i, ("steps", j, "duration", *path), minutes
    for i, rule in enumerate(problem.needs):
        yield "needs", i, ("adds_min",), rule.adds_min
    for i, order in enumerate(problem.orders):
        for j, occurrence in enumerate(order.series):
            if occurrence.duration_min is not None:
                yield "orders", i, ("series", j, "duration_min"), occurrence.duration_min


def _minutes(duration: Duration) -> Iterator[tuple[Path, int]]:
    yield ("minutes",), duration.minutes
    for name in ("by_practitioner", "by_equipment", "by_modifier"):
        for key, minutes in getattr(duration, name).items():
            yield (name, key), minutes
