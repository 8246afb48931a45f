"""Find a series: all visits of an order together, or which of them clashes, why, and what could be done."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from engine.errors import UnsupportedRuleError, WrongArgumentError
from engine.jobs.find_slots import find_slots, slot_offer
from engine.jobs.joint_offer import JointOffer, said_of
from engine.jobs.lacking import Lacking
from engine.jobs.recall import RecallEntry, recall_entry
from engine.jobs.what_would_help import smallest
from engine.model.arguments import check_count, check_id, check_instant, check_kind
from engine.model.calendar import local_day_bounds
from engine.model.codes import ConstraintCode
from engine.model.explanation import Blocker, BlockerKind
from engine.model.schedule import Schedule
from engine.search.finder import why_not
from engine.search.occupancy import Occupancy
from engine.search.series import SeriesSearch
from engine.search.suppose import unnamed

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.jobs.help import Help
    from engine.model.ids import OrderId, ResourceId, SiteId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.result import SlotOffer
    from engine.search.series import SeriesPlan

__all__ = ["NearSeries", "SeriesClash", "SeriesResult", "find_series"]

_N_HELPS = 3
"""Changes that are named for each visit that clashes, at most."""


@dataclass(frozen=True, slots=True)
class SeriesClash:
    """A visit of a series for which there is no place, and what to do about it.

    Parameters
    ----------
    first_day, last_day
        The local days on which it may be, both included.
    reasons
        What stands in its way on these days.
    nearest
        A slot on the nearest day outside its tolerance, up to four weeks, beside the other visits; None: none. It
        breaks the series' rule: whoever may change the order's tolerance may book it. Not looked for where none of
        its days can be booked yet.
    recall
        When to look again, where its days are not all planned yet.
    helps
        The smallest single changes that would give it a place on its days beside the other visits, where asked for.
    """

    occurrence: int
    first_day: date
    last_day: date
    reasons: tuple[Blocker, ...]
    nearest: SlotOffer | None = None
    recall: RecallEntry | None = None
    helps: tuple[Help, ...] = ()


@dataclass(frozen=True, slots=True)
class NearSeries:
    """The visits that fit from one first day, when others do not; not to be booked without thought."""

    offer: JointOffer
    clashes: tuple[SeriesClash, ...]


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What a search for a series found.

    Parameters
    ----------
    offers
        Whole sets of visits, cheapest first, at most one for each first day.
    nearly
        Where no start makes all visits fit: the starts with the fewest clashes, then the cheapest.
    reasons
        Obstacles, when not even the first visit has a place.
    occurrence
        Whose obstacles these are: of the first visit that is not booked.
    recall
        When to look again, where visits are for a time that is not planned yet.
    version
        Of the schedule that was searched.
    """

    order: OrderId
    offers: tuple[JointOffer, ...] = ()
    nearly: tuple[NearSeries, ...] = ()
    reasons: tuple[Blocker, ...] = ()
    occurrence: int = 0
    recall: RecallEntry | None = None
    version: int = 0


def find_series(
    schedule: Schedule,
    order_id: OrderId,
    *,
    now: datetime,
    k: int = 3,
    occupancy: Occupancy | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    practitioner: ResourceId | None = None,
    site: SiteId | None = None,
    with_helps: bool = False,
) -> SeriesResult:
    """The `k` best ways to book all visits of a series that are not booked yet.

    Best first by first day: the cheapest set of visits for each, and of these the cheapest. Of visits of equal cost
    those at the wall-clock time and with the practitioner of the first are taken. Where the first visit is booked
    already, it decides, and there is one offer at most.

    Parameters
    ----------
    now
        Notice, kept-back time, block release and holds are judged by it.
    occupancy
        That of the schedule, where it is known from before; it is left as it was.
    start, end
        The first visit starts in `[start, end)`; None: anywhere in the horizon.
    practitioner, site
        Asked for now, for all visits, beside what the order requires.
    with_helps
        Whether to look, where no start makes all visits fit, for what would help those that clash at the best one: a
        second or so for each.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind, or the order is no series.
    UnknownIdError
        When there is no such order, practitioner or site.
    UnsupportedRuleError
        When its visits are group visits, or it is tied to other orders besides.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    check_count("k", k, 1)
    for name, instant in (("start", start), ("end", end)):
        if instant is not None:
            check_instant(name, instant)
    for name, given_id in (("order_id", order_id), ("practitioner", practitioner), ("site", site)):
        if given_id is not None or name == "order_id":
            check_id(name, given_id)
    if occupancy is not None:
        check_kind("occupancy", occupancy, Occupancy)
    problem = schedule.problem
    order = problem.order(order_id)
    if not order.series:
        raise WrongArgumentError(f"Order {order_id} is no series. Maybe ask for its slots (find_slots).")
    if problem.service(order.service).group_size > 1:
        raise UnsupportedRuleError(["a series of group visits"], f"The search for order {order_id}")
    if any(order_id in tie.orders for tie in problem.ties):
        raise UnsupportedRuleError(["a series that is tied to other orders"], f"The search for order {order_id}")
    used = Occupancy.of(schedule, now=now) if occupancy is None else occupancy
    used.at(now)
    booked = {a.occurrence: a for a in used.bookings.of_order(order.id)}
    missing = [i for i in range(len(order.series)) if i not in booked]
    nobody = site is not None and order.required_site not in (None, problem.site(site).id)
    if missing and not nobody:
        asked = order if site is None else order.model_copy(update={"required_site": site})
        with unnamed(used, booked.values()) if booked else nullcontext():
            search = SeriesSearch(
                used,
                asked,
                now=now,
                booked=booked,
                first=None if start is None else problem.grid.ceil(start),
                stop=None if end is None else problem.grid.ceil(end),
                practitioner=practitioner,
            )
            found = _answer(schedule, order, search, k, now, practitioner, with_helps=with_helps)
        if found is not None:
            return found
    occurrence = missing[0] if missing else 0
    first = find_slots(
        schedule,
        order_id,
        now=now,
        k=1,
        occupancy=used,
        occurrence=occurrence,
        start=start,
        end=end,
        practitioner=practitioner,
        site=site,
    )
    return SeriesResult(
        order_id, reasons=first.reasons, occurrence=occurrence, recall=first.recall, version=schedule.version
    )


def _answer(
    schedule: Schedule,
    order: Order,
    search: SeriesSearch,
    k: int,
    now: datetime,
    practitioner: ResourceId | None,
    *,
    with_helps: bool,
) -> SeriesResult | None:
    """Offers, or the sets with the fewest clashes; None where not one visit has a place."""
    plans = search.plans()
    best = next(plans, None)
    if best is None or not best.visits:
        return None
    as_good = takewhile(lambda p: not p.clashes or best.clashes, plans)
    chosen = [best, *islice(as_good, k - 1)]
    offers = [_joint(schedule.problem, order, plan, rank, now) for rank, plan in enumerate(chosen, 1)]
    if not best.clashes:
        return SeriesResult(order.id, tuple(offers), version=schedule.version)
    nearly = tuple(
        NearSeries(
            offer,
            tuple(
                _clash(search, order, plan, i, now, practitioner, with_helps=with_helps and plan is best)
                for i in plan.clashes
            ),
        )
        for offer, plan in zip(offers, chosen, strict=True)
    )
    recalls = [c.recall for c in nearly[0].clashes if c.recall is not None]
    recall = max(recalls, key=lambda r: r.look_again, default=None)
    return SeriesResult(order.id, nearly=nearly, recall=recall, version=schedule.version)


def _joint(problem: Problem, order: Order, plan: SeriesPlan, rank: int, now: datetime) -> JointOffer:
    slots = [slot_offer(problem, order, c, rank, now, i) for i, c in plan.visits.items()]
    visits = tuple(sorted(slots, key=lambda s: (s.start, s.appointment.occurrence)))
    return JointOffer(rank, visits, plan.cost, said_of(problem, visits), plan.is_proven)


def _clash(
    search: SeriesSearch,
    order: Order,
    plan: SeriesPlan,
    i: int,
    now: datetime,
    practitioner: ResourceId | None,
    *,
    with_helps: bool,
) -> SeriesClash:
    problem = search.problem
    first_day, last_day = search.days(i, plan.first_day)
    entry = recall_entry(problem, order, now=now, occurrence=i, first_visit=plan.first_day)
    if entry is not None and entry.is_ahead:
        blocker = Blocker(kind=BlockerKind.RULE, code=ConstraintCode.HORIZON, message=entry.message)
        return SeriesClash(i, first_day, last_day, (blocker,), recall=entry)
    nearest = search.nearest(i, plan)
    slot = None if nearest is None else slot_offer(problem, order, nearest, 1, now, i)
    habit = search.habit(plan.visits)
    zone = problem.time_zone if habit is None else habit.zone
    (low, _), (_, high) = local_day_bounds(first_day, zone), local_day_bounds(last_day, zone)
    with search.supposing(plan):
        reasons = why_not(
            search.occupancy,
            search.alone(i),
            now=now,
            first=max(0, problem.grid.ceil(low)),
            stop=min(problem.grid.n_ticks, max(0, problem.grid.ceil(high))),
            practitioner=practitioner,
        )
        # Its days count, whenever the series as a whole is due.
        alone = search.on_days(i, first_day, last_day).model_copy(update={"due": None})
        helps = smallest(Lacking(search.occupancy, alone, now, 0, practitioner), _N_HELPS) if with_helps else ()
    return SeriesClash(i, first_day, last_day, reasons or (_in_the_way(order, i),), slot, entry, helps)


def _in_the_way(order: Order, i: int) -> Blocker:
    message = f"Visit {i + 1} of order {order.id} has no place beside the other visits of the series."
    return Blocker(kind=BlockerKind.PATIENT, code=ConstraintCode.SERIES, message=message)
