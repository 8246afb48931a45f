"""The book: what blocks in a schedule as of `now`, laid out for the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from engine.check.reader import VisitReader
from engine.check.sessions import Stretches, place_block, place_session
from engine.check.sweep import load_of
from engine.model.resource import Practitioner
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.check.sessions import BlockAt, SessionAt
    from engine.check.sweep import Load
    from engine.check.visits import Use, Visit
    from engine.model.ids import OrderId, PatientId, ResourceId
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule

__all__ = ["Book"]


@dataclass(frozen=True, eq=False)
class Book:
    """Everything that blocks.

    Parameters
    ----------
    now
        Epoch minute, rounded down.
    visits
        Every blocking appointment, seats in groups included, in the schedule's order.
    groups
        Every group occurrence in which a blocking appointment has a seat.
    """

    problem: Problem
    now: int
    visits: tuple[Visit, ...]
    groups: tuple[Visit, ...]
    _stretches: dict[str, Stretches[SessionAt]] = field(default_factory=dict)
    _placed: dict[str, SessionAt] = field(default_factory=dict)

    @classmethod
    def of(cls, schedule: Schedule, now: datetime) -> Book:
        """The book of a schedule.

        Raises
        ------
        UnknownIdError
            When a blocking appointment names something that the problem does not have.
        """
        reader = VisitReader(schedule.problem, epoch_minute(now))
        visits = tuple(reader.visits(schedule.appointments))
        groups = tuple(reader.groups(schedule.groups, visits))
        book = cls(schedule.problem, epoch_minute(now), visits, groups)
        for use in book.uses:
            if use.resource.id in book.problem.sessions_by_resource:
                start, end = min(use.start, use.window[0]), max(use.end, use.window[1])
                use.sessions = book.sessions_of(use.resource.id).touching(start, end)
        return book

    @cached_property
    def resourced(self) -> tuple[Visit, ...]:
        """Whatever has reservations of its own: visits but for seats in groups, then group occurrences."""
        return (*(v for v in self.visits if v.group_id is None), *self.groups)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every reservation that counts, each once."""
        return tuple(u for v in chain(self.visits, self.groups) for s in v.steps for u in s.uses)

    @cached_property
    def uses_by_resource(self) -> Mapping[ResourceId, list[Use]]:
        """Reservations of each resource by start."""
        found: dict[ResourceId, list[Use]] = {}
        for use in self.uses:
            found.setdefault(use.resource.id, []).append(use)
        for uses in found.values():
            uses.sort(key=lambda u: u.start)
        return found

    @cached_property
    def load(self) -> Load:
        """How much of each resource is used when."""
        return load_of(self)

    @cached_property
    def visits_by_order(self) -> Mapping[OrderId, list[Visit]]:
        """Visits of each order by start."""
        found: dict[OrderId, list[Visit]] = {}
        for visit in sorted((v for v in self.visits if v.order), key=lambda v: v.start):
            found.setdefault(visit.order.id, []).append(visit)  # type: ignore[union-attr]
        return found

    @cached_property
    def visits_by_patient(self) -> Mapping[PatientId, list[Visit]]:
        """Visits of each patient by start."""
        found: dict[PatientId, list[Visit]] = {}
        for visit in sorted((v for v in self.visits if v.patient), key=lambda v: v.start):
            found.setdefault(visit.patient.id, []).append(visit)  # type: ignore[union-attr]
        return found

    def sessions_of(self, resource: ResourceId) -> Stretches[SessionAt]:
        """The sessions of a resource, those of its pools included."""
        found = self._stretches.get(resource)
        if found is None:
            placed = []
            for session in self.problem.sessions_by_resource.get(resource, ()):
                if session.id not in self._placed:  # a pool's session is placed once for all its resources
                    self._placed[session.id] = place_session(session, self.problem)
                placed.append(self._placed[session.id])
            found = self._stretches[resource] = Stretches(placed)
        return found

    def blocks_of(self, resource: ResourceId) -> Stretches[BlockAt]:
        """The surgery blocks of a theatre, or those that a practitioner owns."""
        return self._blocks.get(resource, _NO_BLOCKS)

    @cached_property
    def _blocks(self) -> dict[str, Stretches[BlockAt]]:
        found: dict[str, list[BlockAt]] = {}
        surgeons = [r for r in self.problem.resources if isinstance(r, Practitioner)] if self.problem.blocks else []
        for block in self.problem.blocks:
            placed = place_block(block, self.problem)
            found.setdefault(block.theatre, []).append(placed)
            for surgeon in surgeons:
                if block.practitioner == surgeon.id or block.specialty in surgeon.specialties:
                    found.setdefault(surgeon.id, []).append(placed)
        return {resource: Stretches(placed) for resource, placed in found.items()}


_NO_BLOCKS: Stretches[BlockAt] = Stretches()
