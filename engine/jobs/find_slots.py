"""Find: the next slots for an order, each bookable as it stands, or what stands in the way."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.jobs.recall import RecallEntry, recall_entry
from engine.model.arguments import check_count, check_id, check_instant, check_kind, listed
from engine.model.codes import ConstraintCode, PenaltyCode
from engine.model.explanation import Blocker, BlockerKind, ScoreBreakdown
from engine.model.ids import AppointmentId
from engine.model.result import Proposal, SlotOffer, check_acceptable
from engine.model.schedule import Schedule
from engine.search.candidate import candidate_to_appointment, candidate_to_group
from engine.search.finder import find, why_not
from engine.search.neighbours import local_day
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from engine.model.appointment import GroupOccurrence
    from engine.model.explanation import PenaltyTerm
    from engine.model.ids import OrderId, ResourceId, SiteId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.search.candidate import Candidate

__all__ = ["FindResult", "find_slots", "slot_offer"]


@dataclass(frozen=True, slots=True)
class FindResult:
    """What a search found.

    Parameters
    ----------
    offers
        Best first; none where `reasons` says why.
    reasons
        Obstacles, when there is no offer.
    version
        Of the schedule that was searched.
    recall
        Without an offer: when to look again, if the time that the order is for, or a part of it, is not planned yet.
    """

    order: OrderId
    occurrence: int = 0
    offers: tuple[SlotOffer, ...] = ()
    reasons: tuple[Blocker, ...] = ()
    version: int = 0
    recall: RecallEntry | None = None


def find_slots(
    schedule: Schedule,
    order_id: OrderId,
    *,
    now: datetime,
    k: int = 5,
    occupancy: Occupancy | None = None,
    occurrence: int = 0,
    start: datetime | None = None,
    end: datetime | None = None,
    practitioner: ResourceId | None = None,
    site: SiteId | None = None,
    ignoring: Collection[AppointmentId] = (),
    diverse: bool = True,
    supposing: Proposal | None = None,
) -> FindResult:
    """The `k` best slots for an order.

    Parameters
    ----------
    now
        Notice, kept-back time, block release and holds are judged by it.
    occupancy
        That of the schedule, where it is known from before; making one takes about a second for 200,000 appointments.
    occurrence
        Of the order's series.
    start, end
        The visit starts in `[start, end)`; None: anywhere in the horizon.
    practitioner, site
        Asked for now, beside what the order requires.
    ignoring
        Appointments that count as cancelled: the visit's own, when it is to be moved.
    diverse
        At most one offer for each half-day and practitioner, as far as there are enough; otherwise the cheapest visit
        at each start, however close together.
    supposing
        A proposal that is taken as accepted: what it cancels is free, what it moves and books is taken. The offers, and
        their version, are those of the schedule that `accept` would give. Nothing is copied, so that beside the
        occupancy of a big schedule it costs microseconds a visit.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind: a time without a zone, an order instead of its id; or the proposal changes
        more than visits, so that other calendars hold.
    StaleScheduleError
        When the proposal was made on another version of the schedule.
    UnknownIdError
        When there is no such order, practitioner, site or appointment to ignore.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    check_count("k", k, 1)
    check_count("occurrence", occurrence, 0)
    for name, given_id in (("order_id", order_id), ("practitioner", practitioner), ("site", site)):
        if given_id is not None or name == "order_id":
            check_id(name, given_id)
    for name, instant in (("start", start), ("end", end)):
        if instant is not None:
            check_instant(name, instant)
    if occupancy is not None:
        check_kind("occupancy", occupancy, Occupancy)
    ignoring = listed("ignoring", ignoring, str, "an appointment's id")
    if supposing is not None:
        check_kind("supposing", supposing, Proposal)
        check_acceptable(schedule, supposing)
    version = schedule.version + (supposing is not None)
    problem = schedule.problem
    order = problem.order(order_id)
    if site is not None and order.required_site not in (None, problem.site(site).id):
        return FindResult(order_id, occurrence, reasons=(_other_site(problem, order, site),), version=version)
    asked = order if site is None else order.model_copy(update={"required_site": site})
    used = Occupancy.of(schedule, now=now) if occupancy is None else occupancy
    grid = problem.grid
    bounds: dict[str, Any] = {
        "first": None if start is None else grid.ceil(start),
        "stop": None if end is None else grid.ceil(end),
        "now": now,
        "occurrence": occurrence,
        "practitioner": practitioner,
        "ignoring": ignoring,
    }
    plan = (
        None
        if supposing is None
        else used.supposing(removed=supposing.removed, added=supposing.added, groups=supposing.groups)
    )
    with plan or nullcontext():
        found, groups = find(used, asked, k=k, diverse=diverse, tidy=True, **bounds), used.bookings.groups
        offers = tuple(
            slot_offer(problem, order, c, rank, now, occurrence, None if c.group is None else groups[c.group])
            for rank, c in enumerate(found, 1)
        )
        if offers:
            return FindResult(order_id, occurrence, offers, version=version)
        obstacles = why_not(used, asked, **bounds)
        reasons, recall = _with_recall(problem, order, occurrence, obstacles, used)
    return FindResult(order_id, occurrence, reasons=reasons, version=version, recall=recall)


def slot_offer(
    problem: Problem,
    order: Order,
    candidate: Candidate,
    rank: int,
    now: datetime,
    occurrence: int = 0,
    group: GroupOccurrence | None = None,
) -> SlotOffer:
    """A candidate as an offer, with its reason in words.

    Parameters
    ----------
    group
        The group occurrence in which the candidate is a seat, where there is one already.
    """
    number = f"{order.id}.{occurrence + 1}" if order.series else order.id
    made = candidate_to_appointment(
        problem, order, candidate, id=AppointmentId(f"offer-{number}-{rank}"), now=now, occurrence=occurrence
    )
    return SlotOffer(
        rank=rank,
        start=made.start,
        end=made.end,
        appointment=made,
        group=group or candidate_to_group(problem, order, candidate, id=made.id),
        cost=candidate.cost,
        breakdown=ScoreBreakdown(terms=candidate.terms),
        reason=_said(problem, order, candidate.terms),
    )


def _said(problem: Problem, order: Order, terms: tuple[PenaltyTerm, ...]) -> str:
    """What speaks against an offer, in a sentence."""
    factor = max(1, problem.policy.priority.of(order.priority))  # what an amount was multiplied by
    amount = {t.code: t.amount for t in terms}
    counts = (
        (PenaltyCode.TARDINESS, factor, "hour", "past the due date"),
        (PenaltyCode.ACCESS_DELAY, factor, "day", "of waiting"),
        (PenaltyCode.TARGET_DISTANCE, factor, "day", "off the target date"),
        (PenaltyCode.PATIENT_WAIT, 1, "minute", "of waiting between the steps"),
        (PenaltyCode.IDLE_GAP, 1, "minute", "beside it that nobody can use"),
    )
    said = [f"{_counted(amount[code] // each, unit)} {what}" for code, each, unit, what in counts if code in amount]
    said += [what for code, what in _REMARKS if code in amount]
    return f"{', '.join(said).capitalize()}." if said else "As soon as can be, and as wished."


_REMARKS = (
    (PenaltyCode.NOT_PREFERRED_PRACTITIONER, "not with the preferred practitioner"),
    (PenaltyCode.NOT_PREFERRED_SITE, "not at a preferred site"),
    (PenaltyCode.NOT_PREFERRED_TIME, "not at a preferred time"),
    (PenaltyCode.NOT_PREFERRED_MODALITY, "not in the preferred way"),
    (PenaltyCode.OPENED_SESSION, "the first visit of its session"),
)


def _counted(n: int, unit: str) -> str:
    return f"{n} {unit}{'' if n == 1 else 's'}"


def _with_recall(
    problem: Problem, order: Order, occurrence: int, found: tuple[Blocker, ...], used: Occupancy
) -> tuple[tuple[Blocker, ...], RecallEntry | None]:
    """The obstacles, and when to look again where the order is for a time that is not planned yet."""
    codes = {b.code for b in found}
    first = next((a for a in used.bookings.of_order(order.id) if a.occurrence == 0), None) if occurrence else None
    day = None if first is None else local_day(problem, first)
    entry = recall_entry(problem, order, now=used.now, occurrence=occurrence, first_visit=day)
    if entry is None or codes & _NOT_A_MATTER_OF_TIME:
        return found, None
    if entry.is_ahead and codes <= _LIMITS_OF_TIME:
        return (Blocker(kind=BlockerKind.RULE, code=entry.rule, message=entry.message),), entry
    return found, entry


_NOT_A_MATTER_OF_TIME = {ConstraintCode.ORDER_ONCE, ConstraintCode.CONDITION}
_LIMITS_OF_TIME = {
    ConstraintCode.TARGET_WINDOW,
    ConstraintCode.EARLIEST_START,
    ConstraintCode.SERIES,
    ConstraintCode.HORIZON,
}


def _other_site(problem: Problem, order: Order, site: SiteId) -> Blocker:
    required = problem.site(order.required_site).name if order.required_site is not None else ""
    return Blocker(
        kind=BlockerKind.RULE,
        code=ConstraintCode.REQUIRED_SITE,
        message=f"Order {order.id} must be at {required}; {problem.site(site).name} was asked for.",
    )
