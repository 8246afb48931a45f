"""What a reservation's role says about it: its window, its buffers, its tag.

A reservation carries its buffers; quotas and changeovers are judged by the role's *window*, which follows from the
placed step and the role's offsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.resource import BuffersRule

if TYPE_CHECKING:
    from engine.model.ids import RoleId, ServiceId, StepId, Tag
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Role, Service

__all__ = ["RoleFacts", "RoleLookup", "changeover_min", "needs_spacing"]


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role of a step as existing visits have it; minutes.

    Parameters
    ----------
    start_min, end_min
        The window's offsets, rounded outward to whole ticks.
    from_end, until_end
        Whether they count from the step's end (else from its start).
    held_last
        Of a held resource, the step up to whose end it is held; its window's end counts from there.
    """

    start_min: int
    from_end: bool
    end_min: int
    until_end: bool
    setup_min: int
    cleanup_min: int
    tag: Tag | None
    held_last: StepId | None = None

    @classmethod
    def of(cls, role: Role, tick_min: int, held_last: StepId | None = None) -> RoleFacts:
        """The facts of a role."""
        return cls(
            role.start.minutes // tick_min * tick_min,
            role.start.anchor == "end",
            -(-role.end.minutes // tick_min) * tick_min,
            role.end.anchor == "end",
            role.setup_min,
            role.cleanup_min,
            role.tag,
            held_last,
        )


class RoleLookup:
    """Finds the role that a reservation names, in its service or among what patients' needs add to it."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._found: dict[tuple[ServiceId, StepId, RoleId], RoleFacts | None] = {}

    def find(self, service: ServiceId, step: StepId, role: RoleId) -> RoleFacts | None:
        """The role's facts; None when there is no such role (an entry from another calendar)."""
        key = service, step, role
        if key not in self._found:
            known = self._problem.service_by_id.get(service)
            self._found[key] = None if known is None else self._look(known, step, role)
        return self._found[key]

    def _look(self, service: Service, step_id: StepId, role_id: RoleId) -> RoleFacts | None:
        tick = self._problem.tick_min
        for step in service.steps:
            if step.id == step_id:
                for role in step.roles:
                    if role.id == role_id:
                        return RoleFacts.of(role, tick)
        for held in service.held:
            if held.first == step_id and held.role.id == role_id:
                return RoleFacts.of(held.role, tick, held.last)
        for rule in self._problem.needs:
            if rule.services is None or service.id in rule.services:
                for role in rule.roles:
                    if role.id == role_id:
                        return RoleFacts.of(role, tick)
        return None


def needs_spacing(resource: Resource) -> bool:
    """Whether two uses of a resource may have to keep a distance that their reservations do not show."""
    return resource.lanes == 1 and (resource.buffers is BuffersRule.OVERLAP or bool(resource.changeovers))


def changeover_min(resource: Resource, cleanup_min: int, before: Tag | None, setup_min: int, after: Tag | None) -> int:
    """Minutes between the window of one use of a resource and the window of the next.

    Parameters
    ----------
    cleanup_min, before
        The first use's role: its clean-up and tag.
    setup_min, after
        The second use's role: its set-up and tag.
    """
    named = {t for c in resource.changeovers for t in (c.before, c.after) if t is not None}
    pair = (before if before in named else None, after if after in named else None)
    by_tags = max((c.minutes for c in resource.changeovers if (c.before, c.after) == pair), default=0)
    if resource.buffers is BuffersRule.ADD:
        return by_tags
    return max(by_tags, cleanup_min + resource.cleanup_min, setup_min + resource.setup_min)
