"""When a resource is there: opening hours, and the way between sites."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.check.clock import stretch_text, time_text
from engine.check.report import broken, minutes_text, visit_text
from engine.model.codes import ConstraintCode
from engine.model.hours import open_intervals
from engine.model.resource import ResourceKind
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Use
    from engine.model.explanation import Violation

_MARGIN = timedelta(days=2)  # looks back past midnight, whatever the clock does


def opening_hours(book: Book) -> Iterator[Violation]:
    """A reservation, buffers included, lies inside the resource's open time."""
    for resource_id, uses in book.uses_by_resource.items():
        resource = book.problem.resource_by_id[resource_id]
        starts, ends = np.array([u.start for u in uses]), np.array([u.end for u in uses])
        first, last = from_epoch_minute(int(starts.min())) - _MARGIN, from_epoch_minute(int(ends.max())) + _MARGIN
        zone = book.problem.zone_of(resource.site)
        opened = open_intervals(book.problem.hours_of(resource), first, last, zone)
        opens = np.array([epoch_minute(a) for a, _ in opened], np.int64)
        closes = np.array([epoch_minute(b) for _, b in opened], np.int64)
        which = np.searchsorted(opens, starts, side="right") - 1
        is_inside = (which >= 0) & (ends <= closes[which]) if len(opens) else np.zeros(len(uses), np.bool_)
        for i in np.flatnonzero(~is_inside).tolist():
            use = uses[i]
            when = stretch_text(use.start, use.end, zone)
            text = f"{resource.name} is reserved {when} by {use.step.visit.id}, when it is not available."
            yield broken(ConstraintCode.OPENING_HOURS, [use.step.visit], text, resource.id)


def staff_travel(book: Book) -> Iterator[Violation]:
    """A practitioner who has been at one site has the time to get to the other."""
    farthest = max((t.minutes for t in book.problem.travel), default=0)
    for resource_id, uses in book.uses_by_resource.items():
        resource = book.problem.resource_by_id[resource_id]
        if resource.kind is not ResourceKind.PRACTITIONER or len({u.step.site for u in uses}) < 2:
            continue
        near: list[Use] = []
        for use in uses:
            near = [u for u in near if u.end + farthest > use.start]
            for other in near:
                needed = book.problem.travel_min.get((other.step.site, use.step.site), 0)
                if other.step.site != use.step.site and use.start - other.end < needed:
                    here, there = (book.problem.site_by_id[u.step.site].name for u in (other, use))
                    text = (
                        f"{resource.name} is at {here} until {time_text(other.end, other.step.zone)} "
                        f"({visit_text(other.step.visit)}) and at {there} from {time_text(use.start, use.step.zone)} "
                        f"({visit_text(use.step.visit)}); the way takes {minutes_text(needed)}."
                    )
                    yield broken(ConstraintCode.STAFF_TRAVEL, [use.step.visit, other.step.visit], text, resource.id)
            near.append(use)
