"""What orders say of each other: which follows which, which are tied, which keep apart."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.ids import OrderId, TieId
    from engine.model.order import Order, Tie
    from engine.model.problem import Problem

__all__ = ["Links"]


class Links:
    """The links between a problem's orders."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._hidden: set[TieId] = set()

    def followers(self, order: OrderId) -> tuple[Order, ...]:
        """Orders that have an order as a prerequisite."""
        return self._followers.get(order, ())

    @cached_property
    def _followers(self) -> dict[OrderId, tuple[Order, ...]]:
        found: dict[OrderId, tuple[Order, ...]] = {}
        for other in self._problem.orders:
            for asked in {p.order for p in other.prerequisites}:
                found[asked] = (*found.get(asked, ()), other)
        return found

    def is_tied(self, order: OrderId) -> bool:
        """Whether an order is tied to others."""
        return bool(self.ties_of(order))

    def ties_of(self, order: OrderId) -> tuple[Tie, ...]:
        """The ties that an order is in."""
        ties = self._ties.get(order, ())
        return tuple(t for t in ties if t.id not in self._hidden) if ties and self._hidden else ties

    @contextmanager
    def untied(self, tie: TieId) -> Iterator[None]:
        """As if a tie were not there, while the context lasts: whoever places its orders together judges it."""
        is_new = tie not in self._hidden
        self._hidden.add(tie)
        try:
            yield
        finally:
            if is_new:
                self._hidden.remove(tie)

    @cached_property
    def _ties(self) -> dict[OrderId, tuple[Tie, ...]]:
        found: dict[OrderId, tuple[Tie, ...]] = {}
        for tie in self._problem.ties:
            for order in dict.fromkeys(tie.orders):
                found[order] = (*found.get(order, ()), tie)
        return found

    def is_kept_apart(self, order: Order) -> bool:
        """Whether other orders' separations name an order or its service."""
        return order.id in self._kept_apart or order.service in self._kept_apart

    @cached_property
    def _kept_apart(self) -> frozenset[str | None]:
        return frozenset(name for o in self._problem.orders for s in o.separations for name in (s.order, s.service))
