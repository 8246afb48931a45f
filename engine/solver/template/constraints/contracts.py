"""Contract: everybody holds as many sessions of each activity, and in all, as the contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.model.codes import ConstraintCode

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpModel, IntVar

    from engine.solver.guards import Guards
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Variables

__all__ = ["CODE", "add"]

CODE = ConstraintCode.TEMPLATE_CONTRACT


def add(model: CpModel, inst: Instance, v: Variables, guards: Guards) -> None:
    """Minimum and maximum of each activity, and the total; a cycle counts as a whole."""
    for person in inst.people:
        name, subject = person.resource.name, person.resource.id
        everything: list[IntVar] = []
        for index, activity in enumerate(inst.activities):
            literals = v.sessions(person.index, index)
            everything += literals
            contract = person.contracts.get(index)
            if contract is None:
                if literals:
                    words = f"{name} has no contract for {activity.name}."
                    guard = guards(CODE, f"{subject}/{activity.id}", words)
                    model.add(LinearExpr.sum(literals) == 0).only_enforce_if(guard)
                continue
            held = LinearExpr.sum(literals)
            if contract.minimum:
                words = f"{name} holds at least {contract.minimum} sessions of {activity.name} in a cycle."
                if not literals:
                    words += " None is possible: a capability is missing, or no site of theirs has the rooms."
                guard = guards(CODE, f"{subject}/{activity.id}/minimum", words)
                most = len(literals) + contract.minimum
                model.add_linear_constraint(held, contract.minimum, most).only_enforce_if(guard)
            if len(literals) > contract.maximum:
                words = f"{name} holds at most {contract.maximum} sessions of {activity.name} in a cycle."
                guard = guards(CODE, f"{subject}/{activity.id}/maximum", words)
                model.add_linear_constraint(held, 0, contract.maximum).only_enforce_if(guard)
        if person.contract.activities and len(everything) > person.contract.maximum:
            words = f"{name} holds at most {person.contract.maximum} sessions in a cycle."
            guard = guards(CODE, f"{subject}/total", words)
            model.add_linear_constraint(LinearExpr.sum(everything), 0, person.contract.maximum).only_enforce_if(guard)
