"""How much of a resource is used at once: lanes, and steps under one supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.check.clock import stretch_text
from engine.check.report import broken, listed
from engine.check.sweep import stretches_where, uses_in
from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.model.explanation import Violation


def capacity(book: Book) -> Iterator[Violation]:
    """At no instant are more units of a resource used than it has lanes.

    An override of `capacity` adds no more than the resource's overflow lanes; a breach beyond them stands.
    """
    load = book.load
    lanes = np.array([r.lanes for r in load.resources], np.int64)
    overflow = np.array([r.overflow_lanes for r in load.resources], np.int64)
    used = load.units + (load.presences > 0)
    room = lanes[load.resource] + load.overbooking + np.minimum(overflow[load.resource], load.overriding)
    for resource, start, end, first in stretches_where(load, used > room):
        uses = uses_in(book.uses_by_resource[resource.id], start, end)
        when = stretch_text(start, end, uses[0].step.zone)
        visits = [u.step.visit for u in uses]
        text = (
            f"{resource.name} is used {used[first]} times at once {when}, and has room for {room[first]} "
            f"({listed(visits)})."
        )
        yield broken(ConstraintCode.CAPACITY, visits, text, resource.id, is_overridden=False)


def presence(book: Book) -> Iterator[Violation]:
    """Nobody supervises more steps at once than allowed."""
    load = book.load
    limit = np.array([r.presence_limit for r in load.resources], np.int64)
    for resource, start, end, first in stretches_where(load, load.presences > limit[load.resource]):
        uses = [u for u in uses_in(book.uses_by_resource[resource.id], start, end) if u.is_presence]
        when = stretch_text(start, end, uses[0].step.zone)
        visits = [u.step.visit for u in uses]
        text = (
            f"{resource.name} supervises {load.presences[first]} steps at once {when}, and may supervise "
            f"{resource.presence_limit} ({listed(visits)})."
        )
        yield broken(ConstraintCode.PRESENCE, visits, text, resource.id)
