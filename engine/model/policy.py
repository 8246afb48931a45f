"""The policy of an organisation: weights of the soft costs, notice and horizon, start grid, who may override what."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.model.base import Count, Fact, Minutes, Name, WallTime
from engine.model.codes import SAFETY_RULES, ConstraintCode, PenaltyCode
from engine.model.order import Priority

__all__ = ["DEFAULT_WEIGHTS", "Policy", "PriorityWeights"]

DEFAULT_WEIGHTS: dict[PenaltyCode, int] = {
    PenaltyCode.UNPLACED: 2_000,
    PenaltyCode.TARDINESS: 2,
    PenaltyCode.ACCESS_DELAY: 1,
    PenaltyCode.TARGET_DISTANCE: 2,
    PenaltyCode.NOT_PREFERRED_PRACTITIONER: 10,
    PenaltyCode.NOT_PREFERRED_SITE: 10,
    PenaltyCode.NOT_PREFERRED_TIME: 5,
    PenaltyCode.NOT_PREFERRED_MODALITY: 5,
    PenaltyCode.PATIENT_WAIT: 0,
    PenaltyCode.IDLE_GAP: 0,
    PenaltyCode.OPENED_SESSION: 0,
    PenaltyCode.MOVED_TIME: 10,
    PenaltyCode.MOVED_DAY: 40,
    PenaltyCode.CHANGED_NAMED: 30,
    PenaltyCode.SHORT_NOTICE: 20,
    PenaltyCode.MOVED_AGAIN: 20,
    PenaltyCode.CANCELLED: 2_000,
    PenaltyCode.DEMAND_SHORT: 100,
    PenaltyCode.CONTRACT_SHORT: 20,
    PenaltyCode.WISH: 2,
    PenaltyCode.UNFAIR: 5,
    PenaltyCode.UNSTABLE: 3,
}
"""Weights where a policy gives none; whole numbers, so that every total is exact."""


class PriorityWeights(Fact):
    """How many times a cost counts for an order of each priority."""

    stat: Count = 100
    asap: Count = 30
    urgent: Count = 10
    routine: Count = 1

    def of(self, priority: Priority) -> int:
        """The factor of a priority."""
        return {
            Priority.STAT: self.stat,
            Priority.ASAP: self.asap,
            Priority.URGENT: self.urgent,
            Priority.ROUTINE: self.routine,
        }[priority]


class Policy(Fact):
    """What an organisation has decided.

    Parameters
    ----------
    weights
        Cost per unit of each penalty; those not named have `DEFAULT_WEIGHTS`.
    start_grid_min
        Visits start at multiples of this from the site's local midnight.
    min_notice_min
        From booking to start, for every service.
    max_ahead_days
        Nothing is booked further ahead than so many local days; None: to the end of the horizon.
    short_notice_min
        A move closer than this to the visit costs `short-notice`.
    useful_gap_min
        A practitioner's idle time shorter than this is of no use, and what `idle-gap` counts.
    discharge_at
        Local time at which an inpatient stay ends.
    overtime_quantile
        The percentile of case durations that must fit a surgery block.
    overridable_by
        For each rule that may be overridden, the user roles that may. Safety rules cannot be named.
    """

    weights: dict[PenaltyCode, Count] = {}
    priority: PriorityWeights = PriorityWeights()
    start_grid_min: Annotated[int, Field(gt=0, le=1440, strict=True)] = 5
    min_notice_min: Minutes = 0
    max_ahead_days: Annotated[int, Field(ge=1, strict=True)] | None = None
    short_notice_min: Minutes = 2 * 24 * 60
    useful_gap_min: Minutes = 15
    discharge_at: WallTime = 11 * 60
    overtime_quantile: Annotated[int, Field(ge=1, le=99, strict=True)] = 80
    overridable_by: dict[ConstraintCode, tuple[Name, ...]] = {}

    @model_validator(mode="after")
    def _safety_stays(self) -> Self:
        named = sorted(set(self.overridable_by) & SAFETY_RULES)
        if named:
            raise ValueError(f"safety rules cannot be overridden: {', '.join(named)}")
        return self

    def weight(self, code: PenaltyCode) -> int:
        """Cost per unit of a penalty."""
        return self.weights.get(code, DEFAULT_WEIGHTS[code])
