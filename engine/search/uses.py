"""Reservations as facts: when, where, with what buffers and tag, and the window of use inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.appointment import PlacedStep, Reservation
    from engine.model.ids import SiteId, Tag
    from engine.model.service import RoleUse
    from engine.search.facts import RoleFacts

__all__ = ["Use", "use_with", "window_between", "window_of"]


@dataclass(frozen=True, slots=True)
class Use:
    """One reservation of a resource: reserved `[start, end)`, its role's window inside, in epoch minutes."""

    start: int
    end: int
    window_start: int
    window_end: int
    site: SiteId
    use: RoleUse
    setup_min: int
    cleanup_min: int
    tag: Tag | None


def window_of(
    facts: RoleFacts | None, v: Reservation, step: PlacedStep, steps: Iterable[PlacedStep]
) -> tuple[int, int]:
    """The window of a reservation in a placed step, in epoch minutes; `steps` are all of the visit.

    Of a reservation for a role that nobody knows it is the reservation itself.
    """
    last: int | None = epoch_minute(step.end)
    if facts is not None and facts.held_last is not None:
        last = max((epoch_minute(s.end) for s in steps if s.step == facts.held_last), default=None)
    return window_between(facts, (epoch_minute(v.start), epoch_minute(v.end)), epoch_minute(step.start), last)


def window_between(facts: RoleFacts | None, bounds: tuple[int, int], start: int, end: int | None) -> tuple[int, int]:
    """The window of a role around `[start, end)`; `bounds`, the reservation's, where the role or the end is missing."""
    if facts is None or end is None:
        return bounds
    return (end if facts.from_end else start) + facts.start_min, (end if facts.until_end else start) + facts.end_min


def use_with(
    facts: RoleFacts | None, bounds: tuple[int, int], window: tuple[int, int], site: SiteId, use: RoleUse
) -> Use:
    """A reservation `bounds` with its window, and what its role says, where that is known."""
    setup, cleanup, tag = (facts.setup_min, facts.cleanup_min, facts.tag) if facts else (0, 0, None)
    return Use(*bounds, *window, site, use, setup, cleanup, tag)
