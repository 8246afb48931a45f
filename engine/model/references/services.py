"""Services: their steps, roles, gaps, and what goes across steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.references.roles import Length, add_role_faults, add_window_fault, lengths_of, shortest_min
from engine.model.resource import ResourceKind
from engine.model.service import Gap

if TYPE_CHECKING:
    from engine.model.ids import StepId
    from engine.model.references.findings import Findings
    from engine.model.service import Eligibility, HeldResource, Role, SameResource, Service, Step
    from engine.model.shorthand import RoleRef

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what does not fit inside services."""
    for i, service in enumerate(f.problem.services):
        place = f"services[{i}]"
        for j, step in enumerate(service.steps):
            _add_step_faults(f, service, step, j, f"{place}.steps[{j}]")
        f.check_unique([step.id for step in service.steps], f"{place}.steps")
        for j, held in enumerate(service.held):
            _add_held_faults(f, service, held, f"{place}.held[{j}]")
        _add_role_id_faults(f, service, place)
        for j, same in enumerate(service.same):
            _add_same_faults(f, service, same, f"{place}.same[{j}].roles")
        _add_eligibility_faults(f, service.eligibility, f"{place}.eligibility")
        _add_span_fault(f, service, place)


def _add_step_faults(f: Findings, service: Service, step: Step, position: int, place: str) -> None:
    f.check_id(step.id, f"{place}.id")
    if "." in step.id:
        f.add(f"{place}.id", f"found '{step.id}', expected no dot, because roles are written STEP.ROLE")
    f.each_once(step.modalities, f"{place}.modalities")
    if step.gap != Gap() and not service.is_ordered:
        f.add(f"{place}.gap", f"found a gap in service '{service.id}', which is free in order; expected none")
    elif step.gap != Gap() and position == 0:
        f.add(f"{place}.gap", f"found a gap before '{step.id}', the first step of '{service.id}'; expected none")
    if step.duration is not None:
        for modifier in step.duration.by_modifier:
            f.check_id(modifier, f"{place}.duration.by_modifier.{modifier}")
        for practitioner in step.duration.by_practitioner:
            at = f"{place}.duration.by_practitioner.{practitioner}"
            f.refer_resource(practitioner, at, ResourceKind.PRACTITIONER)
        for machine in step.duration.by_equipment:
            f.refer_resource(machine, f"{place}.duration.by_equipment.{machine}", ResourceKind.EQUIPMENT)
    lengths = lengths_of(step, f.problem.policy.discharge_at)
    for j, role in enumerate(step.roles):
        add_role_faults(f, role, f"{place}.roles[{j}]")
        add_window_fault(f, role, f"{place}.roles[{j}]", lengths)
        _add_modality_fault(f, role, step, f"{place}.roles[{j}]")


def _add_modality_fault(f: Findings, role: Role, step: Step, place: str) -> None:
    if role.modalities is not None and not set(role.modalities) & set(step.modalities):
        f.add(
            f"{place}.modalities",
            f"found {', '.join(role.modalities)}, expected one in which step '{step.id}' takes place "
            f"({', '.join(step.modalities)})",
        )


def _add_held_faults(f: Findings, service: Service, held: HeldResource, place: str) -> None:
    add_role_faults(f, held.role, f"{place}.role")
    ids = [step.id for step in service.steps]
    known = [_add_step_reference(f, service, step, f"{place}.{name}") for name, step in _ends(held)]
    if not all(known):
        return
    first, last = ids.index(held.first), ids.index(held.last)
    _add_modality_fault(f, held.role, service.steps[first], f"{place}.role")
    if not service.is_ordered:
        f.add(
            place, f"found '{held.role.id}' held in service '{service.id}', which is free in order; expected an order"
        )
    elif first >= last:
        f.add(f"{place}.last", f"found '{held.last}', expected a step after the first, '{held.first}'")
    else:
        minutes = _shortest_stretch(f, service, first, last)
        add_window_fault(f, held.role, f"{place}.role", [Length(minutes, f" from '{held.first}' to '{held.last}'")])


def _ends(held: HeldResource) -> list[tuple[str, StepId]]:
    return [("first", held.first), ("last", held.last)]


def _add_step_reference(f: Findings, service: Service, step: StepId, place: str) -> bool:
    ids = [s.id for s in service.steps]
    if step not in ids:
        f.add(
            place,
            f"found '{step}', expected a step of service '{service.id}'.{f.hint(f'step of {service.id}', step, ids)}",
        )
    return step in ids


def _add_role_id_faults(f: Findings, service: Service, place: str) -> None:
    """Reservations name their role, so the roles of a step and those held from it on share their ids' space."""
    for j, step in enumerate(service.steps):
        own = [(role.id, f"{place}.steps[{j}].roles[{k}]") for k, role in enumerate(step.roles)]
        held = [(h.role.id, f"{place}.held[{k}].role") for k, h in enumerate(service.held) if h.first == step.id]
        ids, places = zip(*(own + held), strict=True) if own or held else ((), ())
        f.check_unique(ids, places)


def _add_same_faults(f: Findings, service: Service, same: SameResource, place: str) -> None:
    roles = [_referred(f, service, ref, f"{place}[{i}]") for i, ref in enumerate(same.roles)]
    f.each_once([str(ref.step) + "." + ref.role for ref in same.roles], place)
    found = [role for role in roles if role is not None]
    for i, role in enumerate(roles):
        if role is None or role is found[0]:
            continue
        if role.kind is not found[0].kind:
            f.add(
                f"{place}[{i}]",
                f"found role '{role.id}' of a {role.kind}, expected one of a {found[0].kind} like '{found[0].id}'",
            )
        elif role.count != found[0].count:
            f.add(
                f"{place}[{i}]",
                f"found role '{role.id}' of {role.count} resources, expected one of {found[0].count} like "
                f"'{found[0].id}'",
            )


def _referred(f: Findings, service: Service, ref: RoleRef, place: str) -> Role | None:
    if not _add_step_reference(f, service, ref.step, place):
        return None
    step = next(s for s in service.steps if s.id == ref.step)
    roles = {role.id: role for role in step.roles} | {h.role.id: h.role for h in service.held if h.first == ref.step}
    if ref.role not in roles:
        hint = f.hint(f"role of {service.id}.{ref.step}", ref.role, roles)
        f.add(place, f"found role '{ref.role}', expected one of step '{ref.step}' of service '{service.id}'.{hint}")
    return roles.get(ref.role)


def _add_eligibility_faults(f: Findings, eligibility: Eligibility, place: str) -> None:
    youngest, oldest = eligibility.min_age, eligibility.max_age
    if youngest is not None and oldest is not None and oldest < youngest:
        f.add(f"{place}.max_age", f"found {oldest}, expected no less than the minimum of {youngest} years")
    if eligibility.sexes is not None:
        f.each_once(eligibility.sexes, f"{place}.sexes")
        if not eligibility.sexes:
            f.add(f"{place}.sexes", "found none, so that nobody is eligible; expected one or more")


def _add_span_fault(f: Findings, service: Service, place: str) -> None:
    if service.max_span_min is None or not service.is_ordered:
        return
    shortest = _shortest_stretch(f, service, 0, len(service.steps) - 1)
    if shortest > service.max_span_min:
        f.add(
            f"{place}.max_span_min",
            f"found {service.max_span_min}, expected no less than the {shortest} min that the steps of '{service.id}' "
            "and their gaps take",
        )


def _shortest_stretch(f: Findings, service: Service, first: int, last: int) -> int:
    steps = service.steps[first : last + 1]
    gaps = sum(step.gap.min_min for step in steps[1:])
    return gaps + sum(shortest_min(step, f.problem.policy.discharge_at) for step in steps)
