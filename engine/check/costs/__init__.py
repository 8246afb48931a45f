"""Every soft cost, by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.costs import changes, orders, template
from engine.model.codes import PenaltyCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.check.book import Book
    from engine.check.changes import Change
    from engine.check.cycle import Cycle
    from engine.model.explanation import PenaltyTerm

__all__ = ["CHANGE_COSTS", "SCHEDULE_COSTS", "TEMPLATE_COSTS"]

SCHEDULE_COSTS: Mapping[PenaltyCode, Callable[[Book], Iterable[PenaltyTerm]]] = {
    PenaltyCode.UNPLACED: orders.unplaced,
    PenaltyCode.TARDINESS: orders.tardiness,
    PenaltyCode.ACCESS_DELAY: orders.access_delay,
    PenaltyCode.TARGET_DISTANCE: orders.target_distance,
    PenaltyCode.NOT_PREFERRED_PRACTITIONER: orders.not_preferred_practitioner,
    PenaltyCode.NOT_PREFERRED_SITE: orders.not_preferred_site,
    PenaltyCode.NOT_PREFERRED_TIME: orders.not_preferred_time,
    PenaltyCode.NOT_PREFERRED_MODALITY: orders.not_preferred_modality,
    PenaltyCode.PATIENT_WAIT: orders.patient_wait,
}
"""Costs of a schedule."""

CHANGE_COSTS: Mapping[PenaltyCode, Callable[[Change], Iterable[PenaltyTerm]]] = {
    PenaltyCode.MOVED_TIME: changes.moved_time,
    PenaltyCode.MOVED_DAY: changes.moved_day,
    PenaltyCode.CHANGED_NAMED: changes.changed_named,
    PenaltyCode.SHORT_NOTICE: changes.short_notice,
    PenaltyCode.MOVED_AGAIN: changes.moved_again,
    PenaltyCode.CANCELLED: changes.cancelled,
}
"""Costs of a change from one schedule to another."""

TEMPLATE_COSTS: Mapping[PenaltyCode, Callable[[Cycle], Iterable[PenaltyTerm]]] = {
    PenaltyCode.DEMAND_SHORT: template.demand_short,
    PenaltyCode.CONTRACT_SHORT: template.contract_short,
    PenaltyCode.WISH: template.wish,
    PenaltyCode.UNFAIR: template.unfair,
    PenaltyCode.UNSTABLE: template.unstable,
}
"""Costs of a weekly template."""
