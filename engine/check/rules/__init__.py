"""Every hard rule, by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.rules import (
    between,
    capacity,
    change,
    changeover,
    consists,
    hours,
    order,
    patient,
    sessions,
    steps,
    template,
    together,
)
from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.check.book import Book
    from engine.check.changes import Change
    from engine.check.cycle import Cycle
    from engine.model.explanation import Violation

__all__ = ["CHANGE_RULES", "SCHEDULE_RULES", "TEMPLATE_RULES"]

SCHEDULE_RULES: Mapping[ConstraintCode, Callable[[Book], Iterable[Violation]]] = {
    ConstraintCode.STEPS_COMPLETE: consists.steps_complete,
    ConstraintCode.ROLE_FILLED: consists.role_filled,
    ConstraintCode.DURATION: consists.duration,
    ConstraintCode.CAPABLE: consists.capable,
    ConstraintCode.PRIVILEGE: consists.privilege,
    ConstraintCode.ACCEPTS_NEW: consists.accepts_new,
    ConstraintCode.RESOURCE_LIMIT: consists.resource_limit,
    ConstraintCode.ELIGIBILITY: consists.eligibility,
    ConstraintCode.CAPACITY: capacity.capacity,
    ConstraintCode.PRESENCE: capacity.presence,
    ConstraintCode.OPENING_HOURS: hours.opening_hours,
    ConstraintCode.SESSION: sessions.session,
    ConstraintCode.SEGMENT_QUOTA: sessions.segment_quota,
    ConstraintCode.CLASS_QUOTA: sessions.class_quota,
    ConstraintCode.KEPT_BACK: sessions.kept_back,
    ConstraintCode.BLOCK_OWNER: sessions.block_owner,
    ConstraintCode.FLOATING_BREAK: sessions.floating_break,
    ConstraintCode.CHANGEOVER: changeover.changeover,
    ConstraintCode.STAFF_TRAVEL: hours.staff_travel,
    ConstraintCode.ONE_SITE: together.one_site,
    ConstraintCode.FIXED_EQUIPMENT: together.fixed_equipment,
    ConstraintCode.SESSION_ROOM: together.session_room,
    ConstraintCode.PATIENT_OVERLAP: patient.patient_overlap,
    ConstraintCode.PATIENT_AVAILABLE: patient.patient_available,
    ConstraintCode.PATIENT_TRAVEL: patient.patient_travel,
    ConstraintCode.STEP_ORDER: steps.step_order,
    ConstraintCode.STEP_GAP: steps.step_gap,
    ConstraintCode.SAME_DAY: steps.same_day,
    ConstraintCode.SAME_RESOURCE: steps.same_resource,
    ConstraintCode.HELD_ACROSS: steps.held_across,
    ConstraintCode.SPAN: steps.span,
    ConstraintCode.TIME_OF_DAY: steps.time_of_day,
    ConstraintCode.GROUP_SIZE: steps.group_size,
    ConstraintCode.ORDER_ONCE: order.order_once,
    ConstraintCode.EARLIEST_START: order.earliest_start,
    ConstraintCode.DEADLINE: order.deadline,
    ConstraintCode.TARGET_WINDOW: order.target_window,
    ConstraintCode.NOTICE: order.notice,
    ConstraintCode.HORIZON: order.horizon,
    ConstraintCode.START_GRID: order.start_grid,
    ConstraintCode.REQUIRED_PRACTITIONER: order.required_practitioner,
    ConstraintCode.REQUIRED_SITE: order.required_site,
    ConstraintCode.CONDITION: order.condition,
    ConstraintCode.PREREQUISITE: between.prerequisite,
    ConstraintCode.SEPARATION: between.separation,
    ConstraintCode.TIE: between.tie,
    ConstraintCode.SERIES: between.series,
    ConstraintCode.OVERRIDE: order.override,
}
"""Rules about a schedule."""

CHANGE_RULES: Mapping[ConstraintCode, Callable[[Change], Iterable[Violation]]] = {
    ConstraintCode.PINNED: change.pinned,
    ConstraintCode.PAST: change.past,
}
"""Rules about what became of a schedule."""

TEMPLATE_RULES: Mapping[ConstraintCode, Callable[[Cycle], Iterable[Violation]]] = {
    ConstraintCode.TEMPLATE_DOUBLE: template.double,
    ConstraintCode.TEMPLATE_QUALIFIED: template.qualified,
    ConstraintCode.TEMPLATE_AVAILABLE: template.available,
    ConstraintCode.TEMPLATE_CONTRACT: template.contract,
    ConstraintCode.TEMPLATE_POOL: template.pool,
    ConstraintCode.TEMPLATE_SITE_CHANGE: template.site_change,
    ConstraintCode.TEMPLATE_COVER: template.cover,
    ConstraintCode.TEMPLATE_PINNED: template.pinned,
}
"""Rules about a weekly template."""
