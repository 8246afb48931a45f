"""Two schedules side by side: which visits of the first are still there, changed or not, and which an event ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.check.book import Book
from engine.model.event import (
    AppointmentEvent,
    AppointmentEventKind,
    LateArrival,
    OrderEvent,
    OrderEventKind,
    Overrun,
    PatientEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.check.visits import Visit
    from engine.model.appointment import Promise
    from engine.model.event import Event
    from engine.model.schedule import Schedule

__all__ = ["Change", "placement"]

_ENDS = {AppointmentEventKind.CANCELLATION, AppointmentEventKind.NO_SHOW}


@dataclass(frozen=True, eq=False)
class Change:
    """A schedule, what became of it, and why.

    Parameters
    ----------
    now
        Epoch minute.
    pinned
        Ids of the pinned appointments of the schedule before.
    promises, times_moved
        By id, of the schedule before; promises only where one was made.
    """

    before: Book
    after: Book
    now: int
    events: tuple[Event, ...]
    pinned: frozenset[str]
    promises: dict[str, Promise]
    times_moved: dict[str, int]

    @classmethod
    def of(cls, before: Schedule, after: Schedule, now: datetime, events: Iterable[Event]) -> Change:
        """The change from one schedule to another."""
        table = before.appointments
        ids = [table.names[i] for i in table.rows["id"].tolist()]
        book = Book.of(before, now)
        return cls(
            book,
            Book.of(after, now),
            book.now,
            tuple(events),
            frozenset(i for i, is_pinned in zip(ids, table.rows["is_pinned"].tolist(), strict=True) if is_pinned),
            {i: rest["promise"] for i, rest in table.rest.items() if "promise" in rest},
            dict(zip(ids, table.rows["times_moved"].tolist(), strict=True)),
        )

    @cached_property
    def pairs(self) -> tuple[tuple[Visit, Visit | None], ...]:
        """Each visit that blocked before with itself after, None where it does not block any more."""
        after = {v.id: v for v in self.after.visits}
        return tuple((v, after.get(v.id)) for v in self.before.visits)

    def is_ended(self, visit: Visit) -> bool:
        """Whether an event says that a visit will not take place: it, its order or its patient is gone."""
        for event in self.events:
            if isinstance(event, AppointmentEvent) and event.kind in _ENDS and event.appointment == visit.id:
                return True
            if isinstance(event, PatientEvent) and visit.patient is not None and event.patient == visit.patient.id:
                return True
            is_withdrawn = isinstance(event, OrderEvent) and event.kind is OrderEventKind.WITHDRAWN
            if is_withdrawn and visit.order is not None and event.order == visit.order.id:  # type: ignore[union-attr]
                return True
        return False

    def is_disturbed(self, before: Visit, after: Visit | None) -> bool:
        """Whether a visit was dropped without an event, or changed more than a late patient or an overrun explains."""
        if after is None:
            return not self.is_ended(before)
        if placement(before) == placement(after):
            return False
        if _resources(before) != _resources(after):
            return True
        named = [e for e in self.events if isinstance(e, LateArrival | Overrun) and e.appointment == before.id]
        is_late = any(isinstance(e, LateArrival) for e in named) and after.start >= before.start
        return not (is_late or (named and after.start == before.start))


def placement(visit: Visit) -> list[tuple[object, ...]]:
    """Everything about where and when a visit takes place, a seat with its group's resources, to be compared."""
    return sorted(
        (
            s.id,
            s.start,
            s.end,
            s.site,
            s.modality,
            *sorted((u.role_id, u.resource.id, u.start, u.end, u.units, u.is_presence) for u in s.uses),
        )
        for s in visit.resourced.steps
    )


def _resources(visit: Visit) -> list[tuple[str, str, str]]:
    return sorted((u.step.id, u.role_id, u.resource.id) for u in visit.uses)
