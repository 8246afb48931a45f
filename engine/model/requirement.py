"""What a visit requires: a service's steps once the patient's needs, modifiers and series have had their say.

This is the definition, used by everyone; it decides nothing about time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.resource import Practitioner, ResourceKind
from engine.model.service import Modality, Role, RoleUse, Step
from engine.model.shorthand import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from engine.model.ids import Capability, Modifier
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import NeedRule, Service

__all__ = ["capabilities_on", "could_fill", "duration_min", "required_steps", "roles_in"]


def required_steps(
    problem: Problem, service: Service, patient: Patient | None, order: Order | None, occurrence: int = 0
) -> tuple[Step, ...]:
    """The steps of a visit with everything that the patient's needs and the order's series change in them.

    A need adds its minutes and roles to every step in which the patient is present, in the need's modalities.
    An occurrence's own duration replaces that of the service's longest step (the first of them in a tie); an
    occurrence that the series does not have changes nothing.
    """
    steps = service.steps
    minutes = order.series[occurrence].duration_min if order and 0 <= occurrence < len(order.series) else None
    if minutes is not None:
        timed = [(s.duration.minutes, s) for s in steps if s.duration is not None]
        longest = max(timed, key=lambda pair: pair[0])[1] if timed else None
        steps = tuple(
            s.model_copy(update={"duration": Duration(minutes=minutes)}) if s is longest else s for s in steps
        )
    if patient is None or not patient.needs:
        return steps
    rules = [
        rule
        for rule in problem.needs
        if rule.need in patient.needs and (rule.services is None or service.id in rule.services)
    ]
    return tuple(_with_needs(step, [r for r in rules if set(r.modalities) & set(step.modalities)]) for step in steps)


def roles_in(step: Step, modality: Modality) -> tuple[Role, ...]:
    """The roles that a step needs when it takes place in `modality`."""
    return tuple(role for role in step.roles if role.modalities is None or modality in role.modalities)


def duration_min(step: Step, modifiers: Sequence[Modifier], used: Iterable[Resource]) -> int:
    """Minutes that a step of a given duration takes when done with the resources in `used`.

    Raises
    ------
    ValueError
        For a stay, which is counted in nights.
    """
    duration = step.duration
    if duration is None:
        raise ValueError(f"step '{step.id}' is a stay of {step.nights} nights and has no duration in minutes")
    own = [
        by[resource.id]
        for resource in used
        for by in (duration.by_practitioner, duration.by_equipment)
        if resource.id in by
    ]
    minutes = max(own) if own else duration.minutes
    return max(1, minutes + sum(duration.by_modifier.get(m, 0) for m in modifiers))


def could_fill(resource: Resource, role: Role) -> bool:
    """Whether a resource belongs to a role's pool, time, site and privileges' dates apart."""
    return (
        resource.kind is role.kind
        and (role.any_of is None or resource.id in role.any_of)
        and all(c in resource.capabilities or c in _privileged(resource) for c in role.capabilities)
        and (role.use is RoleUse.EXCLUSIVE or resource.presence_limit > 0)
    )


def capabilities_on(resource: Resource, day: date) -> frozenset[Capability]:
    """A resource's capabilities on a local day, privileges in force included."""
    held = {
        p.capability
        for p in (resource.privileges if isinstance(resource, Practitioner) else ())
        if (p.valid_from is None or p.valid_from <= day) and (p.valid_until is None or day < p.valid_until)
    }
    return frozenset(held.union(resource.capabilities))


def _privileged(resource: Resource) -> frozenset[Capability]:
    if resource.kind is not ResourceKind.PRACTITIONER:
        return frozenset()
    return frozenset(p.capability for p in resource.privileges)


def _with_needs(step: Step, applied: Sequence[NeedRule]) -> Step:
    if not applied or not step.is_patient_present:
        return step
    extra_min = sum(rule.adds_min for rule in applied)
    roles = step.roles + tuple(
        role if both == _modalities(role) else role.model_copy(update={"modalities": both})
        for rule in applied
        for role in rule.roles
        if (both := tuple(m for m in _modalities(role) if m in rule.modalities))
    )
    update: dict[str, object] = {"roles": roles}
    if step.duration is not None and extra_min:
        d = step.duration
        update["duration"] = d.model_copy(
            update={
                "minutes": d.minutes + extra_min,
                "by_practitioner": {r: m + extra_min for r, m in d.by_practitioner.items()},
                "by_equipment": {r: m + extra_min for r, m in d.by_equipment.items()},
            }
        )
    return step.model_copy(update=update)


def _modalities(role: Role) -> tuple[Modality, ...]:
    return tuple(Modality) if role.modalities is None else role.modalities
