"""Surgery blocks as a coupling: in a theatre that is somebody's, that somebody must be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.resource import Practitioner, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from engine.model.ids import ResourceId
    from engine.model.resource import Resource
    from engine.search.bits import Row
    from engine.search.plans import RolePlan
    from engine.search.query import Query

__all__ = ["Ownership"]


def _is_among(owners: Collection[str | None], resource: Resource) -> bool:
    """Whether a resource owns blocks whose practitioners or specialties are these."""
    return isinstance(resource, Practitioner) and not {resource.id, *resource.specialties}.isdisjoint(owners)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who of a step owns blocks in the theatres that it may take place in.

    Parameters
    ----------
    theatre
        The step's role for a room.
    kept
        Its theatres that have blocks not released yet.
    owning
        The roles with somebody who owns one of these.
    """

    query: Query
    theatre: RolePlan
    kept: tuple[int, ...]
    owning: tuple[RolePlan, ...]

    @classmethod
    def of(cls, query: Query, roles: Sequence[RolePlan]) -> Ownership | None:
        """That of the roles of a step; None where the step does not take place in one room."""
        rooms = [p for p in roles if p.role.kind is ResourceKind.ROOM]
        if len(rooms) != 1 or rooms[0].role.count != 1:
            return None
        blocks, resources = query.calendars.blocks, query.problem.resources
        kept = {r: found for r in rooms[0].resources if (found := blocks.unreleased(r, query.now))}
        owners = {o for found in kept.values() for b in found for o in (b.block.practitioner, b.block.specialty)}
        owning = [p for p in roles if any(_is_among(owners, resources[r]) for r in p.resources)]
        return cls(query, rooms[0], tuple(kept), tuple(owning))

    @property
    def is_of_one_role(self) -> bool:
        """Whether one practitioner in one role decides in which theatres the step may be."""
        return len(self.owning) == 1 and self.owning[0].role.count == 1

    def ways(
        self, r: int, rooms: frozenset[ResourceId] | None
    ) -> Iterator[tuple[frozenset[ResourceId] | None, Row | None]]:
        """Rooms, and the starts at which they are nobody else's when a practitioner is there; None: all starts.

        Parameters
        ----------
        rooms
            Those that the practitioner's sessions leave; None: any.
        """
        resources, tick = self.query.problem.resources, self.query.occupancy.grid.tick_min
        others = frozenset(resources[t].id for t in self.theatre.resources if t not in self.kept)
        if rooms is not None:
            others &= rooms
        if others:
            yield others, None
        for theatre in self.kept:
            name = resources[theatre].id
            if rooms is None or name in rooms:
                window = self.theatre.shape.reserved(resources[theatre], tick)
                row = self.query.calendars.blocks.starts(theatre, frozenset((r,)), window, self.query.now)
                yield frozenset((name,)), row
