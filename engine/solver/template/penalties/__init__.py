"""The template's soft costs, one module each, in the order in which they are minimised."""

from __future__ import annotations

from engine.solver.template.penalties import contract_short, demand_short, unfair, unstable, wish

__all__ = ["PENALTIES"]

PENALTIES = (demand_short.terms, contract_short.terms, unfair.terms, wish.terms, unstable.terms)
