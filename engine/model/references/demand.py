"""What active orders need and nothing can give: roles that too few resources could ever fill."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.model.order import OrderStatus
from engine.model.references.findings import listed
from engine.model.requirement import could_fill
from engine.model.resource import Practitioner, ResourceKind
from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.ids import OrderId, ResourceId, ServiceId
    from engine.model.order import Order
    from engine.model.references.findings import Findings
    from engine.model.resource import Resource
    from engine.model.service import NeedRule, Role, Service

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note roles that active orders need and that too few resources could fill, dates and sites apart.

    Nothing is said while resources could not be read, since these might be the ones.
    """
    if f.known.get("resource"):
        return
    active = [order for order in f.problem.orders if order.status is OrderStatus.ACTIVE]
    pools = _Pools(f)
    by_service: dict[ServiceId, list[OrderId]] = defaultdict(list)
    for order in active:
        by_service[order.service].append(order.id)
    for i, service in enumerate(f.problem.services):
        if service.id in by_service:
            for place, role in _unfilled(service, pools):
                why = f"because of {_orders(by_service[service.id])} for service '{service.id}'"
                f.add(f"services[{i}].{place}", pools.message(role, why))
    _add_need_faults(f, active, pools)
    _add_practitioner_faults(f)


class _Pools:
    """How many resources could fill a role; asked once for all roles that ask for the same."""

    def __init__(self, f: Findings) -> None:
        self._by_kind = {kind: [r for r in f.problem.resources if r.kind is kind] for kind in ResourceKind}
        self._known = f.problem.resource_by_id
        self._problem = f.problem
        self._sizes: dict[tuple[object, ...], int] = {}

    def size(self, role: Role) -> int:
        """Number of resources that could fill it."""
        key = (role.kind, role.capabilities, role.any_of, role.use, role.units)
        if key not in self._sizes:
            self._sizes[key] = sum(
                could_fill(resource, role) and self._has_lanes(resource, role) for resource in self._by_kind[role.kind]
            )
        return self._sizes[key]

    def is_filled(self, role: Role) -> bool:
        """Whether there are enough; also where it names wrong or too few resources, which is a fault of its own."""
        return self._is_misnamed(role) or self.size(role) >= role.count

    def message(self, role: Role, why: str) -> str:
        """The fault of a role that is not filled."""
        able = f" with {', '.join(role.capabilities)}" if role.capabilities else ""
        units = f" and {role.units} lanes" if role.units > 1 else ""
        named = f" among {listed(role.any_of)}" if role.any_of else ""
        supervising = " who may supervise" if role.use is RoleUse.PRESENCE else ""
        return (
            f"found {self.size(role)} of kind {role.kind}{able}{units}{named}{supervising} for role '{role.id}', "
            f"expected {role.count} or more {why}"
        )

    def _is_misnamed(self, role: Role) -> bool:
        if role.any_of is None:
            return False
        named = [self._known.get(given) for given in dict.fromkeys(role.any_of)]
        return len(named) < role.count or any(r is None or r.kind is not role.kind for r in named)

    def _has_lanes(self, resource: Resource, role: Role) -> bool:
        if role.use is RoleUse.PRESENCE or role.units <= resource.lanes:
            return True
        sessions = self._problem.sessions_by_resource.get(resource.id, ())
        overbooked = max((session.overbooking_lanes for session in sessions), default=0)
        return role.units <= resource.lanes + resource.overflow_lanes + overbooked


def _orders(ids: list[OrderId]) -> str:
    return f"order '{ids[0]}'" if len(ids) == 1 else f"orders {listed(ids)}"


def _unfilled(service: Service, pools: _Pools) -> Iterator[tuple[str, Role]]:
    """Roles that stay empty in every modality of their step."""
    for j, step in enumerate(service.steps):
        missing = {
            modality: [
                k
                for k, role in enumerate(step.roles)
                if (role.modalities is None or modality in role.modalities) and not pools.is_filled(role)
            ]
            for modality in step.modalities
        }
        if all(missing.values()):
            for k in missing[step.modalities[0]]:
                yield f"steps[{j}].roles[{k}]", step.roles[k]
    modalities = {step.id: step.modalities for step in service.steps}
    for j, held in enumerate(service.held):
        in_all = held.role.modalities is None or set(modalities.get(held.first, ())) <= set(held.role.modalities)
        if in_all and not pools.is_filled(held.role):
            yield f"held[{j}].role", held.role


def _add_need_faults(f: Findings, active: list[Order], pools: _Pools) -> None:
    needing: dict[tuple[int, int], list[OrderId]] = defaultdict(list)
    empty = [
        (i, j, rule, role)
        for i, rule in enumerate(f.problem.needs)
        for j, role in enumerate(rule.roles)
        if not pools.is_filled(role)
    ]
    for order in active if empty else ():
        patient = f.problem.patient_by_id.get(order.patient)
        service = f.problem.service_by_id.get(order.service)
        if patient is None or service is None or not patient.needs:
            continue
        for i, j, rule, role in empty:
            if rule.need in patient.needs and _is_needed(service, rule, role):
                needing[i, j].append(order.id)
    for (i, j), ids in needing.items():
        rule = f.problem.needs[i]
        why = f"because of {_orders(ids)}, whose patients need '{rule.need}'"
        f.add(f"needs[{i}].roles[{j}]", pools.message(rule.roles[j], why))


def _is_needed(service: Service, rule: NeedRule, role: Role) -> bool:
    """Whether some step of the service cannot do without a role that a need adds."""
    if rule.services is not None and service.id not in rule.services:
        return False
    within = set(rule.modalities) if role.modalities is None else set(rule.modalities) & set(role.modalities)
    return any(step.is_patient_present and set(step.modalities) <= within for step in service.steps)


def _add_practitioner_faults(f: Findings) -> None:
    able: dict[tuple[ServiceId, ResourceId], bool] = {}
    hints: dict[ServiceId, str] = {}
    for i, order in enumerate(f.problem.orders):
        given = order.required_practitioner
        service = f.problem.service_by_id.get(order.service)
        practitioner = f.problem.resource_by_id.get(given) if given is not None else None
        if order.status is not OrderStatus.ACTIVE or service is None or not isinstance(practitioner, Practitioner):
            continue
        key = (service.id, practitioner.id)
        if key not in able:
            able[key] = _can_take_part(f, practitioner, service)
        if not able[key]:
            if service.id not in hints:
                hints[service.id] = _who_can(f, service)
            f.add(
                f"orders[{i}].required_practitioner",
                f"found '{given}', expected a practitioner who can fill a role of service '{service.id}'."
                f"{hints[service.id]}",
            )


def _who_can(f: Findings, service: Service) -> str:
    able = [r.id for r in f.problem.resources if isinstance(r, Practitioner) and _can_take_part(f, r, service)]
    return f" Maybe {listed(able)}." if able else ""


def _can_take_part(f: Findings, practitioner: Practitioner, service: Service) -> bool:
    """Whether a practitioner could fill any role that a visit may have, those that patients' needs add included."""
    own = [role for step in service.steps for role in step.roles] + [held.role for held in service.held]
    rules = [rule for rule in f.problem.needs if rule.services is None or service.id in rule.services]
    return any(could_fill(practitioner, role) for role in own + [role for rule in rules for role in rule.roles])
