"""Answers in words and numbers: broken rules, soft costs, conflicts, obstacles, differences."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from engine.model.base import Fact, Instant
from engine.model.codes import ConstraintCode, PenaltyCode
from engine.model.ids import AppointmentId, OrderId, PatientId, ResourceId

__all__ = [
    "Blocker",
    "BlockerKind",
    "Conflict",
    "ConflictPart",
    "LeftOver",
    "Move",
    "PenaltyTerm",
    "ScheduleDiff",
    "ScoreBreakdown",
    "Violation",
]


class Violation(Fact):
    """A broken rule: which, by what, and in a sentence.

    `subjects` are the ids concerned (appointments, resources, sessions), the first the one that breaks the rule.
    """

    code: ConstraintCode
    subjects: tuple[str, ...]
    message: str
    is_overridden: bool = False


class PenaltyTerm(Fact):
    """A soft cost: `amount` units at `weight` each."""

    code: PenaltyCode
    subjects: tuple[str, ...]
    amount: int = Field(ge=0)
    weight: int = Field(ge=0)

    @property
    def cost(self) -> int:
        """What it adds to the objective."""
        return self.amount * self.weight


class ScoreBreakdown(Fact):
    """Soft costs of a schedule or template, term by term; they sum exactly to the objective."""

    terms: tuple[PenaltyTerm, ...] = ()

    @property
    def total(self) -> int:
        """The objective."""
        return sum(t.cost for t in self.terms)

    def by_code(self) -> dict[PenaltyCode, int]:
        """Cost of each penalty that occurs, in the order of the codes."""
        sums: dict[PenaltyCode, int] = {}
        for term in self.terms:
            sums[term.code] = sums.get(term.code, 0) + term.cost
        return {code: sums[code] for code in PenaltyCode if code in sums}


class ConflictPart(Fact):
    """One of the rules that cannot hold together, for one subject, in words."""

    code: ConstraintCode
    subject: str
    message: str


class Conflict(Fact):
    """Rules that cannot all hold. `is_minimal`: dropping any one of them was shown to make the rest possible."""

    parts: tuple[ConflictPart, ...]
    is_minimal: bool
    message: str


class BlockerKind(StrEnum):
    """Why a resource cannot take a visit, in words that give nothing away."""

    NOT_AVAILABLE = "not available"
    BOOKED = "booked"
    NO_SESSION = "no session for this service"
    KEPT_FOR_URGENT = "kept for urgent orders"
    BLOCK_OWNED = "in another owner's surgery block"
    QUOTA = "quota reached"
    RULE = "not allowed"
    PATIENT = "the patient is not free"


class Blocker(Fact):
    """An obstacle: the resource (None: none in particular) and its kind; never another patient, never why.

    Parameters
    ----------
    resources
        Whom it is about: were none of these hindered in this way, the obstacle would be gone.
    until
        When a kept-back obstacle falls away.
    """

    kind: BlockerKind
    code: ConstraintCode
    resource: ResourceId | None = None
    resources: tuple[ResourceId, ...] = ()
    until: Instant | None = None
    message: str


class LeftOver(Fact):
    """An order, or an occurrence of its series, for which no place was found, and why.

    With `appointment`: a visit that can neither stay as it is nor be moved by us.
    """

    order: OrderId | None = None
    occurrence: int = 0
    appointment: AppointmentId | None = None
    code: ConstraintCode | None = None
    reason: str


class Move(Fact):
    """An appointment before and after; None: it was not, or is not any more.

    `must_call`: whether the patient has to be told by us. `is_with_another`: whether somebody who was to see the
    patient does not any more.
    """

    appointment: AppointmentId
    patient: PatientId | None = None
    before_start: Instant | None = None
    after_start: Instant | None = None
    before_resources: tuple[ResourceId, ...] = ()
    after_resources: tuple[ResourceId, ...] = ()
    must_call: bool = True
    is_with_another: bool = False

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if self.before_start is None and self.after_start is None:
            raise ValueError("neither before nor after")
        return self


class ScheduleDiff(Fact):
    """What differs between two schedules of the same problem."""

    booked: tuple[Move, ...] = ()
    cancelled: tuple[Move, ...] = ()
    moved: tuple[Move, ...] = ()
    reassigned: tuple[Move, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not self.changes

    @property
    def changes(self) -> tuple[Move, ...]:
        """All of them: moved, reassigned, cancelled, new."""
        return (*self.moved, *self.reassigned, *self.cancelled, *self.booked)

    @property
    def calls(self) -> tuple[Move, ...]:
        """The changes that somebody has to be called for: a new visit, too."""
        return tuple(move for move in self.changes if move.must_call)

    @property
    def practitioner_changes(self) -> int:
        """Visits in which the patient sees somebody else than was booked."""
        return sum(move.is_with_another for move in self.changes)

    @property
    def later_min(self) -> int:
        """Minutes by which moved visits start later, all together; those that start earlier are taken off."""
        return sum(
            (move.after_start - move.before_start) // timedelta(minutes=1)
            for move in self.moved
            if move.before_start is not None and move.after_start is not None
        )
