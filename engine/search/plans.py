"""A question in the engine's own terms: steps, the ways to do each, the roles of each way with their pools."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from engine.model.resource import ResourceKind
from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.ids import SiteId
    from engine.model.service import HeldResource, Modality, Role, Step
    from engine.search.bits import Row
    from engine.search.meetings import Meeting
    from engine.search.starts import Entry, RoleShape

__all__ = ["RolePlan", "StepPlan", "Turn", "Variant"]


class Turn(Enum):
    """Of steps free in order: when it is a step's turn, which decides what the order and the patient allow."""

    FIRST = "begins the visit"
    LATER = "follows another step"
    ARRIVING = "follows others, and is the first with the patient, who arrives before it"


@dataclass(slots=True, eq=False)
class RolePlan:
    """A role of one variant of a step.

    Parameters
    ----------
    held
        Of a resource held across steps: what the service says of it. The shape's window is then the shortest possible.
    resources
        Who could fill it for this patient, whatever the time, the least scarce first, then in the order of the problem.
    entries
        Its pool: those who can at some time; a resource has an entry for each set of rooms.
    could
        Whoever could fill it by kind and capability, whether or not this patient may go to them.
    alone
        The entries before others in the step narrowed them.
    """

    role: Role
    shape: RoleShape
    resources: tuple[int, ...]
    entries: tuple[Entry, ...]
    could: frozenset[int]
    held: HeldResource | None = None
    pool: frozenset[int] = field(init=False)
    alone: tuple[Entry, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.alone = self.entries
        self.pool = frozenset(e.r for e in self.entries)

    def narrow(self, entries: Iterable[Entry]) -> None:
        """Take other entries instead."""
        self.entries = tuple(entries)
        self.pool = frozenset(e.r for e in self.entries)

    @property
    def is_treating(self) -> bool:
        """Whether it is a practitioner who does the step, not one who supervises."""
        return self.role.kind is ResourceKind.PRACTITIONER and self.role.use is RoleUse.EXCLUSIVE


@dataclass(slots=True, eq=False)
class Variant:
    """One way to do a step: how, where, and for how long.

    Parameters
    ----------
    length
        Ticks.
    roles
        In the order of the step, then those of resources held from this step on.
    calendar
        Starts that the calendar and the order allow.
    allowed
        Those of them at which the patient is free.
    row
        Starts at which it can be done as far as bits can say: never too few.
    lead
        The place among the roles of the one that leads the step: the first practitioner who does something in it, or
        who has to be the same one in other steps; None where nobody does.
    turn
        Of a step free in order: when this is a way to do it; None: in the service's order, and so at all times.
    meeting
        The group occurrence in which it is a seat, which has all that it needs; None: it has roles of its own.
    """

    modality: Modality
    site: SiteId
    length: int
    roles: tuple[RolePlan, ...]
    calendar: Row
    allowed: Row
    row: Row
    lead: int | None
    turn: Turn | None = None
    meeting: Meeting | None = None

    @property
    def is_hopeless(self) -> bool:
        """Whether one of its roles has too few resources at any time."""
        return any(len(role.pool) < role.role.count for role in self.roles)


@dataclass(slots=True, eq=False)
class StepPlan:
    """A step with all its variants.

    Parameters
    ----------
    gap
        Ticks from the end of the step before to its start, both included; no upper end: None.
    reach
        Resources that this or a later step may use.
    """

    index: int
    step: Step
    variants: list[Variant]
    gap: tuple[int, int | None]
    reach: frozenset[int] = frozenset()

    @property
    def shortest(self) -> int:
        """Ticks of its shortest variant."""
        return min((v.length for v in self.variants), default=1)
