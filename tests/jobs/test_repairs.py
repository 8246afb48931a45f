"""Rescheduling as a property: whatever happens, every proposal is legal, its costs are true, and others stay alone."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings

from engine.check import check, check_change
from engine.jobs.disruption import disruption_of
from engine.jobs.reschedule import reschedule
from engine.model.appointment import OPEN
from engine.model.result import accept
from engine.solver.params import SolveParams
from tests.jobs.broken_days import broken_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.model.result import Proposal
    from engine.model.schedule import Schedule
    from tests.jobs.broken_days import BrokenDay

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=0.05, workers=1)


def judge(day: BrokenDay, after: Schedule, proposal: Proposal) -> None:
    """Assert what holds of every accepted proposal."""
    before = day.schedule
    named = {left.appointment for left in proposal.left_over}
    over = {a.id for a in before.appointments if a.end <= day.now}
    report = check(after, now=day.now)
    broken = [v for v in report.violations if not v.is_overridden and not (named | over) & set(v.subjects)]
    assert broken == []
    change = check_change(before, after, now=day.now, events=day.events)
    assert change.is_clean, change.violations
    touched = {*proposal.removed, *(a.id for a in proposal.added)}
    assert [a for a in after.appointments if a.id not in touched] == [
        a for a in before.appointments if a.id not in touched
    ]
    moved = {a.id for a in proposal.added if a.blocks_at(day.now)} - {m.appointment for m in proposal.diff.booked}
    kept = {i: before.appointments.by_id(i) for i in moved}
    for visit in proposal.added:
        if visit.id in kept:
            was = kept[visit.id]
            assert (visit.patient, visit.order, visit.occurrence, visit.service) == (
                was.patient,
                was.order,
                was.occurrence,
                was.service,
            )
            assert visit.times_moved - was.times_moved in (0, 1)


def assert_each_is_worth_reading(proposals: Sequence[Proposal]) -> None:
    """A plan beats each one before it by what its title says, or by leaving less without a place."""
    criteria: dict[str, Callable[[Proposal], int]] = {
        "Fewer changes of practitioner": lambda p: p.diff.practitioner_changes,
        "Sooner": lambda p: p.diff.later_min,
        "More visits keep a place": lambda p: len(p.left_over),
    }
    for n, plan in enumerate(proposals):
        if plan.title == "Fewest calls":
            assert len(plan.diff.calls) == min(len(p.diff.calls) for p in proposals)
        if plan.title in criteria:
            mine = criteria[plan.title](plan)
            assert all(mine < criteria[plan.title](p) or len(plan.left_over) < len(p.left_over) for p in proposals[:n])


def costs_of(day: BrokenDay, after: Schedule) -> int:
    """What the judge says of the visits that had to be placed, and of the orders that have none for it."""
    disruption = disruption_of(day.schedule, day.events, now=day.now)
    new = [a for a in after.appointments if a.id not in day.schedule.appointments.row_by_id]
    placed = {a.id for a in (*disruption.displaced, *(a for a in new if a.order in disruption.wanted))}
    report = check(after, now=day.now).breakdown
    moves = check_change(day.schedule, after, now=day.now, events=day.events).breakdown
    waiting = Counter(s for t in report.terms if t.code == "unplaced" for s in t.subjects)
    waited = Counter(
        s for t in check(day.schedule, now=day.now).breakdown.terms if t.code == "unplaced" for s in t.subjects
    )
    each = {s: t.cost for t in report.terms if t.code == "unplaced" for s in t.subjects}
    orders = {*disruption.wanted, *(a.order for a in disruption.displaced if a.order is not None)}
    missing = {o: waiting[o] - (0 if o in disruption.wanted else waited[o]) for o in orders}
    return sum(t.cost for t in (*report.terms, *moves.terms) if placed & set(t.subjects)) + sum(
        n * each.get(o, 0) for o, n in missing.items()
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken_days())
def test_every_repair_is_legal_honest_and_leaves_others_alone(day: BrokenDay) -> None:
    result = reschedule(day.schedule, day.events, now=day.now, params=PARAMS)
    assert result.schedule is not None
    assert len({p.id for p in result.proposals}) == len(result.proposals)
    for proposal in result.proposals:
        after = accept(day.schedule, proposal, result.schedule.problem)
        judge(day, after, proposal)
    assert_each_is_worth_reading(result.proposals)
    if result.proposals:
        first = result.proposals[0]
        assert result.objective == first.breakdown.total
        if not any("stays where it is" in left.reason for left in first.left_over):
            assert first.breakdown.total == costs_of(day, result.schedule)
        assert result.bound is not None
        assert result.bound <= first.breakdown.total


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken_days())
def test_what_is_pinned_begun_or_over_never_moves(day: BrokenDay) -> None:
    told = {getattr(e, "appointment", None) for e in day.events}  # a patient late for it, or it takes longer
    result = reschedule(day.schedule, day.events, now=day.now, params=PARAMS)
    for proposal in result.proposals:
        for after in proposal.added:
            if after.id in told or after.id not in day.schedule.appointments.row_by_id:
                continue
            before = day.schedule.appointments.by_id(after.id)
            if before.is_pinned or before.start <= day.now or before.status not in OPEN:
                assert after.steps == before.steps


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken_days())
def test_without_an_event_nothing_changes(day: BrokenDay) -> None:
    result = reschedule(day.schedule, [], now=day.now, params=PARAMS)
    assert (result.proposals, result.schedule) == ((), day.schedule)
    assert (result.objective, result.bound) == (0, 0)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(broken_days())
def test_same_seed_same_proposals(day: BrokenDay) -> None:
    first, second = (reschedule(day.schedule, day.events, now=day.now, params=PARAMS) for _ in range(2))
    assert first.proposals == second.proposals
    assert [(s.objective, s.bound) for s in first.stages] == [(s.objective, s.bound) for s in second.stages]
