"""What patients' needs add to services: roles that must get along with the roles that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.references.roles import add_role_faults, add_window_fault, lengths_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.references.findings import Findings
    from engine.model.service import NeedRule, Service, Step

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note what does not fit in the rules about needs."""
    discharge_at = f.problem.policy.discharge_at
    for i, rule in enumerate(f.problem.needs):
        place = f"needs[{i}]"
        f.check_id(rule.need, f"{place}.need")
        f.refer_each("service", rule.services or (), f"{place}.services")
        f.each_once(rule.modalities, f"{place}.modalities")
        f.check_unique([role.id for role in rule.roles], f"{place}.roles")
        taken = {role_id: where for role_id, where in _roles_met(f, rule)}
        for j, role in enumerate(rule.roles):
            at = f"{place}.roles[{j}]"
            add_role_faults(f, role, at)
            met = (length for _, step in _steps_met(f, rule) for length in lengths_of(step, discharge_at))
            add_window_fault(f, role, at, met)
            if role.id in taken:
                f.add(f"{at}.id", f"found '{role.id}', which {taken[role.id]} has already; expected an id of its own")
        _add_shared_id_faults(f, i, rule)


def _steps_met(f: Findings, rule: NeedRule) -> Iterator[tuple[Service, Step]]:
    for service in f.problem.services:
        if rule.services is None or service.id in rule.services:
            for step in service.steps:
                if step.is_patient_present and set(step.modalities) & set(rule.modalities):
                    yield service, step


def _roles_met(f: Findings, rule: NeedRule) -> Iterator[tuple[str, str]]:
    for service, step in _steps_met(f, rule):
        for role in step.roles:
            yield role.id, f"step '{step.id}' of service '{service.id}'"
        for held in service.held:
            if held.first == step.id:
                yield held.role.id, f"what service '{service.id}' holds from step '{step.id}' on"


def _add_shared_id_faults(f: Findings, i: int, rule: NeedRule) -> None:
    """A patient may have several needs: their roles come together in one step."""
    for other in f.problem.needs[:i]:
        if rule.services is not None and other.services is not None and not set(rule.services) & set(other.services):
            continue
        theirs = {role.id for role in other.roles}
        for j, role in enumerate(rule.roles):
            if role.id in theirs:
                f.add(
                    f"needs[{i}].roles[{j}].id",
                    f"found '{role.id}', which need '{other.need}' adds to the same services; expected an own id",
                )
