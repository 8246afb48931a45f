"""Time as a whole: the horizon, the tick, the start grid, and the clocks of the sites."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.calendar import instant_at, local_days

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.model.references.findings import Findings

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what keeps ticks from falling on local midnights and starts from falling on ticks."""
    p, tick = f.problem, f.problem.tick_min
    if DAY_MIN % tick:
        f.add("tick_min", f"found {tick}, expected minutes that divide a day of {DAY_MIN}, such as 5")
    length = (p.horizon.end - p.horizon.start) // timedelta(minutes=1)
    if length < tick:
        f.add("horizon", f"is {length} min long, expected at least one tick of {tick} min")
    for place, grid in _start_grids(f):
        if grid % tick:
            f.add(place, f"found {grid}, expected a multiple of the tick of {tick} min")
    stays = next((s.id for s in p.services for step in s.steps if step.nights is not None), None)
    if stays is not None and p.policy.discharge_at % tick:
        f.add(
            "policy.discharge_at",
            f"found {format_wall_time(p.policy.discharge_at)}, expected a multiple of the tick of {tick} min, "
            f"because service '{stays}' has a stay",
        )
    if DAY_MIN % tick == 0:
        _add_clock_faults(f)


def _start_grids(f: Findings) -> Iterator[tuple[str, int]]:
    yield "policy.start_grid_min", f.problem.policy.start_grid_min
    for i, site in enumerate(f.problem.sites):
        if site.start_grid_min is not None:
            yield f"sites[{i}].start_grid_min", site.start_grid_min


def _add_clock_faults(f: Findings) -> None:
    """Ticks count from the horizon's start, starts from each local midnight: both must meet at every midnight."""
    start, tick = f.problem.horizon.start, timedelta(minutes=f.problem.tick_min)
    seen: set[str] = set()
    for i, site in enumerate(f.problem.sites):
        zone = site.time_zone
        if zone in seen:
            continue
        seen.add(zone)
        midnights = _midnights(f, zone)
        if (start - midnights[0]) % tick:
            clock = f"{start.astimezone(ZoneInfo(zone)):%H:%M} at site '{site.id}' ({zone})"
            expected = f"expected a whole number of ticks of {f.problem.tick_min} min after midnight"
            if i == 0:
                f.add("horizon.start", f"is {clock}, {expected}")
            else:
                f.add(f"sites[{i}].time_zone", f"the horizon starts at {clock}, {expected}. Maybe use a shorter tick.")
            continue
        astray = next((m for m in midnights if (m - start) % tick), None)
        if astray is not None:
            f.add(
                f"sites[{i}].time_zone",
                f"the clocks of {zone} change before {astray.astimezone(ZoneInfo(zone)).date()} by no multiple of the "
                f"tick of {f.problem.tick_min} min, expected one. Maybe use a shorter tick.",
            )


def _midnights(f: Findings, zone: str) -> list[datetime]:
    horizon = f.problem.horizon
    days = list(local_days(horizon.start, horizon.end, zone))
    return [instant_at(day, 0, zone) for day in [*days, days[-1] + timedelta(days=1)]]
