"""What a scenario is: a problem, what is booked in it, and what has happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from engine.model.event import Event
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["Scenario"]


@dataclass(frozen=True)
class Scenario:
    """What a scenario's files hold.

    Two scenarios are equal when problem, schedule and events are; notes and path tell of the files only.

    Parameters
    ----------
    problem
        The planning world.
    schedule
        The problem with what is booked in it.
    events
        What has happened, in the order of the file.
    notes
        Sentences about what was read otherwise than it was written: durations rounded up to ticks.
    path
        Where it was read from, if it was read.
    """

    problem: Problem
    schedule: Schedule
    events: tuple[Event, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)
    path: Path | None = field(default=None, compare=False)
