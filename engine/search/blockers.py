"""Why not: what stands in the way of a visit, as few obstacles as explain it, each proven by taking it away.

`standing` answers for plain visits at one start, `inquiry` for all others; `explained` finds the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.model.explanation import Blocker, BlockerKind
from engine.search.explained import Asked, Explainer, moment
from engine.search.inquiry import Inquiry
from engine.search.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.search.occupancy import Occupancy
    from engine.search.query import Query

__all__ = ["find_blockers"]


def find_blockers(
    occupancy: Occupancy,
    order: Order,
    *,
    now: datetime,
    first: int | None,
    stop: int | None,
    occurrence: int,
    practitioner: ResourceId | None,
) -> tuple[Blocker, ...]:
    """What stands in the way of every start that a question asks about; empty where there is a visit.

    Parameters are those of `find`, with ticks of the occupancy's grid; its `now` is set, and what is to be ignored is
    taken out.

    Notes
    -----
    Of a range of starts the obstacles are those of the start that has the fewest: the one nearest to being possible.
    An order that has its visit, or is not active, gets that answer alone. Where nobody and nothing could ever fill a
    role that alone is said, and where nothing that could be taken away lets a visit in (no start that is left was asked
    about; two roles, and one person who could fill either) that, after what the order itself lacks.
    """
    is_one_start = first is not None and stop == first + 1
    standing = None
    if is_one_start:
        standing = Standing.about(occupancy, order, now=now, occurrence=occurrence, practitioner=practitioner)
    fewest = None if standing is None or first is None else standing.fewest(first)
    if standing is not None and fewest is not None:
        about = Asked(order, standing.asker, standing.steps)
        words = Explainer(occupancy, about, standing, [fewest.placing], (), is_one_start=True)
        return words.blockers(fewest.obstacles)
    asked = Inquiry(occupancy, order, now=now, first=first, stop=stop, occurrence=occurrence, practitioner=practitioner)
    if asked.found is not None:
        return ()
    once = [m for m in asked.missing if m[0] is ConstraintCode.ORDER_ONCE]
    if once:
        return tuple(_of_missing(order, once))
    for step in asked.plan.steps:
        if not step.variants:
            return tuple(_of_empty_pools(asked.plan, step.index))
    if asked.is_outside:
        return (*_of_missing(order, asked.missing), _outside(occupancy, is_one_start=is_one_start))
    explained = asked.fewest()
    if explained is None:
        return tuple(_of_the_impossible(asked))
    obstacles, candidate = explained
    about = Asked(order, asked.pools.asker, [s.id for s in asked.plan.required])
    placings = asked.placings(candidate)
    words = Explainer(asked.part, about, asked.pools, placings, asked.missing, is_one_start=is_one_start)
    return words.blockers(obstacles)


def _of_empty_pools(query: Query, step: int) -> Iterator[Blocker]:
    """Of a step that nobody could do for this patient: the roles."""
    for role in query.planner.unfilled(step) or ("resource",):
        message = f"There is nobody and nothing that could be the {role} of step {query.required[step].id} "
        yield Blocker(kind=BlockerKind.RULE, code=ConstraintCode.CAPABLE, message=f"{message}for this patient.")


def _of_missing(order: Order, missing: Iterable[tuple[ConstraintCode, str]]) -> Iterator[Blocker]:
    """Rules that no start can meet as things stand."""
    for code, what in missing:
        yield Blocker(kind=BlockerKind.RULE, code=code, message=f"Order {order.id} cannot be booked: {what}.")


def _outside(occupancy: Occupancy, *, is_one_start: bool) -> Blocker:
    """Of starts that have all passed, or from which no visit would lie inside the horizon; or of none at all."""
    horizon, zone = occupancy.problem.horizon, occupancy.problem.time_zone
    planned = f"the planned time, from {moment(horizon.start, zone)} to {moment(horizon.end, zone)}"
    message = f"This start is not allowed: the visit must lie inside {planned}."
    if not is_one_start:
        message = f"No start is left: the visit must not begin before now, and must lie inside {planned}."
    return Blocker(kind=BlockerKind.RULE, code=ConstraintCode.HORIZON, message=message)


def _of_the_impossible(asked: Inquiry) -> Iterator[Blocker]:
    """Where no visit could be even if everything were free: what is known to be missing, and the service itself."""
    yield from _of_missing(asked.plan.order, asked.missing)
    yield Blocker(
        kind=BlockerKind.RULE,
        code=ConstraintCode.ROLE_FILLED,
        message="All that the visit needs can never be there together, in the right order and for the whole time.",
    )
