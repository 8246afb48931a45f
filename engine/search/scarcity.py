"""Keeping scarce resources free: what could do much else is tried last.

A blood pressure check in the ultrasound room keeps an ultrasound waiting, one in a plain room keeps nobody. How many
different roles of the problem's services a resource could fill says which is which. It depends on no booking, so that
equal questions get equal answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.requirement import could_fill
from engine.model.resource import Equipment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.problem import Problem
    from engine.model.service import Role

__all__ = ["scarcity_of"]


def scarcity_of(problem: Problem) -> list[int]:
    """How many different roles each resource could fill, in the order of the problem's resources.

    Roles are different when they ask for another kind, other capabilities, other resources by name, or supervision
    instead of work; those of steps, of resources held across steps and of patients' needs count. A room also counts the
    roles of the equipment fixed in it, which nobody can use while the room is taken.
    """
    roles = {(r.kind, frozenset(r.capabilities), frozenset(r.any_of or ()), r.use): r for r in _roles(problem)}
    fills = {
        resource.id: {key for key, role in roles.items() if could_fill(resource, role)}
        for resource in problem.resources
    }
    for resource in problem.resources:
        if isinstance(resource, Equipment) and resource.fixed_in is not None:
            fills[resource.fixed_in] = fills[resource.fixed_in] | fills[resource.id]
    return [len(fills[resource.id]) for resource in problem.resources]


def _roles(problem: Problem) -> Iterator[Role]:
    for service in problem.services:
        for step in service.steps:
            yield from step.roles
        for held in service.held:
            yield held.role
    for need in problem.needs:
        yield from need.roles
