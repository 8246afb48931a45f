"""What orders say of each other: which follows which, which are tied, which keep apart."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.ids import OrderId
    from engine.model.order import Order
    from engine.model.problem import Problem

__all__ = ["Links"]


class Links:
    """The links between a problem's orders."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

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
        return order in self._tied

    @cached_property
    def _tied(self) -> frozenset[OrderId]:
        return frozenset(order for tie in self._problem.ties for order in tie.orders)

    def is_kept_apart(self, order: Order) -> bool:
        """Whether other orders' separations name an order or its service."""
        return order.id in self._kept_apart or order.service in self._kept_apart

    @cached_property
    def _kept_apart(self) -> frozenset[str | None]:
        return frozenset(name for o in self._problem.orders for s in o.separations for name in (s.order, s.service))
