"""Everything that can be wrong between the facts of a problem: references, duplicates, contradictions.

What a fact alone can get wrong, its own type says. Here facts are held against each other, all of them, so that
whoever wrote them reads every fault at once. One module per part of the problem; each adds to the same `Findings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.references import (
    chains,
    demand,
    names,
    needs,
    orders,
    patients,
    planning,
    resources,
    services,
    sessions,
    templates,
    timing,
)
from engine.model.references.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Fault
    from engine.model.problem import Problem

__all__ = ["problem_faults"]

_PARTS = (
    names.add_faults,
    timing.add_faults,
    resources.add_faults,
    services.add_faults,
    needs.add_faults,
    sessions.add_faults,
    templates.add_faults,
    planning.add_faults,
    patients.add_faults,
    orders.add_faults,
    chains.add_faults,
    demand.add_faults,
)


def problem_faults(problem: Problem, known: Mapping[str, frozenset[str]] | None = None) -> list[Fault]:
    """Every fault between the facts of a problem, each with its place in the document.

    Parameters
    ----------
    problem
        May have been made with `model_construct`, so that its faults can be listed although it is not valid.
    known
        Ids that exist although their item could not be read, by kind: "site", "resource", "service", "session"
        (surgery blocks included), "patient", "order", "template" or "activity". A reference to one of them is no
        fault, and nothing else is said about it.

    Returns
    -------
    list of Fault
        Part by part in the order of the document; empty for a problem that agrees with itself.
    """
    findings = Findings(problem, known or {})
    for add_faults in _PARTS:
        add_faults(findings)
    return findings.faults
