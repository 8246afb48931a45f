"""Cross-references of a problem, validated together (stub: being written)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.errors import Fault
    from engine.model.problem import Problem


def problem_faults(problem: Problem, known: Mapping[str, frozenset[str]] | None = None) -> list[Fault]:
    """Every fault."""
    return []
