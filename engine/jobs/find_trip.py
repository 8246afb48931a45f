"""Find a trip: slots for all open orders of a tie together, on one day."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from engine.errors import UnknownIdError, UnsupportedRuleError, WrongArgumentError
from engine.jobs.find_slots import find_slots, slot_offer
from engine.jobs.joint_offer import JointOffer
from engine.model.arguments import check_count, check_id, check_instant, check_kind
from engine.model.codes import ConstraintCode
from engine.model.explanation import Blocker, BlockerKind
from engine.model.order import OrderStatus, TieKind
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.search.trip import TripSearch

if TYPE_CHECKING:
    from datetime import datetime

    from engine.jobs.recall import RecallEntry
    from engine.model.ids import OrderId, TieId
    from engine.model.order import Order, Tie
    from engine.model.problem import Problem
    from engine.search.trip import TripPlan

__all__ = ["TripResult", "find_trip"]


@dataclass(frozen=True, slots=True)
class TripResult:
    """What a search for a trip found.

    Parameters
    ----------
    orders
        Those of the tie that have no visit yet, and were looked for.
    offers
        Slots for all of them together, cheapest first, one for each half-day.
    reasons
        Obstacles, when there is no offer.
    recall
        When to look again, where an order is for a time that is not planned yet.
    version
        Of the schedule that was searched.
    """

    tie: TieId
    orders: tuple[OrderId, ...]
    offers: tuple[JointOffer, ...] = ()
    reasons: tuple[Blocker, ...] = ()
    recall: RecallEntry | None = None
    version: int = 0


def find_trip(
    schedule: Schedule,
    given: TieId | OrderId,
    *,
    now: datetime,
    k: int = 5,
    occupancy: Occupancy | None = None,
    occurrence: int = 0,
    start: datetime | None = None,
    end: datetime | None = None,
) -> TripResult:
    """The `k` best trips: every open order of a tie on one day, beside those that are booked already.

    Exact for orders of one step that is done in one way: every start is tried, with whatever resources make a
    difference. An order of several steps is tried at every start, with the cheapest visit there, and with others where
    what it takes could be in the way (`JointOffer.is_proven`). At most one offer for each half-day of the first start.

    Parameters
    ----------
    given
        The tie, or one of its orders. Of an order in several ties the first tie is taken.
    now
        Notice, kept-back time, block release and holds are judged by it.
    occupancy
        That of the schedule, where it is known from before; it is left as it was.
    occurrence
        Of the orders that are series; orders that are none have only a first visit.
    start, end
        Every visit starts in `[start, end)`; None: anywhere in the horizon.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind, or the order is tied to no other.
    UnknownIdError
        When there is neither such a tie nor such an order.
    UnsupportedRuleError
        When an order without a visit is for a group visit.
    """
    check_kind("schedule", schedule, Schedule)
    check_id("given", given)
    check_instant("now", now)
    check_count("k", k, 1)
    check_count("occurrence", occurrence, 0)
    for name, instant in (("start", start), ("end", end)):
        if instant is not None:
            check_instant(name, instant)
    if occupancy is not None:
        check_kind("occupancy", occupancy, Occupancy)
    problem = schedule.problem
    tie = _tie(problem, given)
    used = Occupancy.of(schedule, now=now) if occupancy is None else occupancy
    used.at(now)
    orders = [problem.order(o) for o in dict.fromkeys(tie.orders)]
    visits = {o.id: [a for a in used.bookings.of_order(o.id) if a.occurrence == occurrence] for o in orders}
    wanted = [o for o in orders if not visits[o.id] and _has(o, occurrence) and o.status is OrderStatus.ACTIVE]
    found = TripResult(tie.id, tuple(o.id for o in wanted), version=schedule.version)
    if not wanted:
        return _without(found, (_said(tie, "has no order without a visit"),))
    if any(problem.service(o.service).group_size > 1 for o in wanted):
        raise UnsupportedRuleError(["group visits"], f"The search for tie {tie.id}")
    grid = problem.grid
    with used.bookings.links.untied(tie.id):
        search = TripSearch(
            used,
            tie,
            wanted,
            now=now,
            booked=[a for o in orders for a in visits[o.id]],
            occurrence=occurrence,
            first=None if start is None else grid.ceil(start),
            stop=None if end is None else grid.ceil(end),
        )
        plans = list(islice(search.plans(), k))
        why = _why(tie, is_any_day=bool(search.days()), has_given_up=search.has_given_up)
    if plans:
        offers = tuple(_offer(problem, wanted, plan, rank, now, occurrence) for rank, plan in enumerate(plans, 1))
        return TripResult(tie.id, found.orders, offers, version=schedule.version)
    ahead: list[RecallEntry] = []
    is_partly_booked = len(wanted) < len(orders)
    for is_tied in (False, True) if is_partly_booked else (False,):
        for order in wanted:
            of_series = occurrence if order.series else 0
            with nullcontext() if is_tied else used.bookings.links.untied(tie.id):
                alone = find_slots(
                    schedule, order.id, now=now, k=1, occupancy=used, occurrence=of_series, start=start, end=end
                )
            if alone.recall is not None:
                ahead.append(alone.recall)
            waits_for_mates = any(p.order in found.orders for p in order.prerequisites)
            if not alone.offers and not waits_for_mates:
                recall = max(ahead, key=lambda r: r.look_again, default=None)
                return _without(found, tuple(_of_order(order, r) for r in alone.reasons), recall)
    return _without(found, (_said(tie, why),))


def _tie(problem: Problem, given: str) -> Tie:
    by_id = {t.id: t for t in problem.ties}
    of_order = next((t for t in problem.ties if given in t.orders), None)
    tie = next((t for t in problem.ties if t.id == given), of_order)
    if tie is None:
        if any(o.id == given for o in problem.orders):
            raise WrongArgumentError(f"Order {given} is tied to no other. Maybe ask for its slots (find_slots).")
        raise UnknownIdError("tie", given, [str(i) for i in by_id])
    return tie


def _has(order: Order, occurrence: int) -> bool:
    return occurrence < max(1, len(order.series))


def _without(found: TripResult, reasons: tuple[Blocker, ...], recall: RecallEntry | None = None) -> TripResult:
    return TripResult(found.tie, found.orders, reasons=reasons, recall=recall, version=found.version)


def _offer(
    problem: Problem, orders: list[Order], plan: TripPlan, rank: int, now: datetime, occurrence: int
) -> JointOffer:
    slots = [slot_offer(problem, o, plan.visits[o.id], rank, now, occurrence if o.series else 0) for o in orders]
    visits = tuple(sorted(slots, key=lambda s: (s.start, s.appointment.order or "")))
    waits, until = 0, visits[0].end
    for slot in visits[1:]:
        waits += max(0, int((slot.start - until).total_seconds()) // 60)
        until = max(until, slot.end)
    reason = f"{len(visits)} visits, {waits} min of waiting between them." if waits else "No waiting between visits."
    return JointOffer(rank, visits, plan.cost, reason if len(visits) > 1 else slots[0].reason, plan.is_proven)


def _of_order(order: Order, reason: Blocker) -> Blocker:
    """A reason with the order that it is about: 'the patient' of a household may be any of several."""
    return reason.model_copy(update={"message": f"{order.id}: {reason.message}"})


def _said(tie: Tie, what: str) -> Blocker:
    message = f"Tie {tie.id} ({', '.join(tie.orders)}) {what}."
    return Blocker(kind=BlockerKind.RULE, code=ConstraintCode.TIE, message=message)


def _why(tie: Tie, *, is_any_day: bool, has_given_up: bool) -> str:
    if has_given_up:
        return "has more arrangements than can be tried, and none was found. Maybe ask for a shorter stretch of time"
    if not is_any_day:
        return "has no day on which each of its orders has a place"
    if tie.kind is TieKind.SAME_DAY:
        return "has no day on which its orders have their places beside each other"
    wait = "" if tie.max_wait_min is None else f" with at most {tie.max_wait_min} min between two visits"
    return f"has no day on which its orders can all be at one site{wait}"
