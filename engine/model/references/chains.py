"""Orders that hang together: prerequisites that go round in a circle, and ties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.order import TieKind
from engine.model.references.findings import listed

if TYPE_CHECKING:
    from engine.model.ids import OrderId
    from engine.model.references.findings import Findings

__all__ = ["add_faults"]


def add_faults(f: Findings) -> None:
    """Note circles of prerequisites, and what does not fit in ties."""
    _add_circle_faults(f)
    for i, tie in enumerate(f.problem.ties):
        f.refer_each("order", tie.orders, f"ties[{i}].orders")
        if tie.kind is TieKind.SAME_DAY:
            continue
        tied = [f.problem.order_by_id[o] for o in tie.orders if o in f.problem.order_by_id]
        sites = {order.required_site: order.id for order in tied if order.required_site is not None}
        if len(sites) > 1:
            f.add(
                f"ties[{i}].orders",
                f"found orders {listed(list(sites.values()))} that must be at sites {listed(list(sites))}, expected "
                f"one site for a tie of kind {tie.kind}",
            )


def _add_circle_faults(f: Findings) -> None:
    """Depth first without recursion; every edge that leads back to an order on the way there closes a circle."""
    place_of = {order.id: i for i, order in reversed(list(enumerate(f.problem.orders)))}
    waits_for = {o.id: [p.order for p in o.prerequisites] for o in f.problem.orders if o.prerequisites}
    done: set[OrderId] = set()
    for root in waits_for:
        if root in done:
            continue
        way: list[OrderId] = [root]
        position: dict[OrderId, int] = {root: 0}
        next_edge: list[int] = [0]
        while way:
            here, edge = way[-1], next_edge[-1]
            if edge == len(waits_for.get(here, ())):
                done.add(here)
                del position[here]
                way.pop()
                next_edge.pop()
                continue
            next_edge[-1] += 1
            there = waits_for[here][edge]
            if there in position:
                circle = [*way[position[there] :], there]
                f.add(
                    f"orders[{place_of[here]}].prerequisites[{edge}].order",
                    f"found a circle of prerequisites ({' after '.join(repr(o) for o in circle)}), expected an order "
                    "that waits for no other",
                )
            elif there not in done:
                way.append(there)
                position[there] = len(way) - 1
                next_edge.append(0)
