"""Every job on one scenario, one after the other, with a check after each: what `slotwright demo` does."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.cli.choices import busiest_day, visit_to_cancel, visit_to_find_again
from api.cli.happened import absence, cancellation
from api.cli.solving import Solved, solve
from engine.check import CheckReport, check, check_change, check_template
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import find_slots
from engine.jobs.generate_template import generate_template
from engine.jobs.reschedule import reschedule
from engine.model.result import accept
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.jobs.find_slots import FindResult
    from engine.model.event import Event
    from engine.model.order import Order
    from engine.model.schedule import Schedule
    from engine.scenario_io import Scenario
    from engine.solver.params import SolveParams

__all__ = ["Booking", "Finding", "Planning", "Repair", "Walkthrough", "walk"]

_SHARES = {"template": 0.3, "booking": 0.4, "cancellation": 0.05, "absence": 0.07}
"""Of the time for solving. Repairing tries several kinds of plan, each with the time given here."""


@dataclass(frozen=True)
class Planning:
    """A generated template, and what the check says to it."""

    solved: Solved
    report: CheckReport


@dataclass(frozen=True)
class Booking:
    """The booked queue of orders, and what the check says to the schedule."""

    solved: Solved
    after: Schedule
    report: CheckReport


@dataclass(frozen=True)
class Finding:
    """Offers for an order, each checked as if it had been booked, and the schedule with the first one booked."""

    order: Order
    found: FindResult
    elapsed_s: float
    reports: tuple[CheckReport, ...]
    after: Schedule


@dataclass(frozen=True)
class Repair:
    """What was done about events: `rank` is the proposal accepted, None where nothing had to change."""

    events: tuple[Event, ...]
    before: Schedule
    solved: Solved
    rank: int | None
    after: Schedule
    report: CheckReport
    change: CheckReport


@dataclass
class Walkthrough:
    """How far the walk has come; a job that the scenario gives no occasion for stays None."""

    scenario: Scenario
    now: datetime
    planning: Planning | None = None
    booking: Booking | None = None
    finding: Finding | None = None
    cancellation: Repair | None = None
    absence: Repair | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_stopped(self) -> bool:
        """Whether Ctrl-C ended it."""
        return any(solved.is_stopped for solved in self.solves())

    def solves(self) -> list[Solved]:
        """Every solve so far, in order."""
        return [s.solved for s in (self.planning, self.booking, self.cancellation, self.absence) if s is not None]

    def checks(self) -> dict[str, CheckReport]:
        """Every check so far, in order."""
        reports: dict[str, CheckReport] = {}
        if self.planning is not None and self.planning.solved.result.template is not None:
            reports["template"] = self.planning.report
        if self.booking is not None:
            reports["booked"] = self.booking.report
        if self.finding is not None:
            reports |= {f"offer {n}": report for n, report in enumerate(self.finding.reports, start=1)}
        for name, repair in (("cancellation", self.cancellation), ("absence", self.absence)):
            if repair is not None:
                reports[name] = repair.report
                reports[f"{name}: what changed"] = repair.change
        return reports

    @property
    def schedule(self) -> Schedule:
        """The schedule as the last job left it."""
        for step in (self.absence, self.cancellation, self.finding, self.booking):
            if step is not None:
                return step.after
        return self.scenario.schedule


def walk(
    scenario: Scenario, *, now: datetime, params: SolveParams, is_quiet: bool
) -> Iterator[tuple[str, Walkthrough]]:
    """Do every job, and yield the job's name and the walk after each.

    Parameters
    ----------
    params
        `time_limit_s` is for all solving together, roughly: a repair may take it several times over.
    """
    done = Walkthrough(scenario, now)
    for name, job in (
        ("template", _plan),
        ("booking", _book),
        ("next slot", _find),
        ("cancellation", _cancel),
        ("absence", _be_absent),
    ):
        share = params.with_limit(max(1.0, params.time_limit_s * _SHARES.get(name, 0.0)))
        started = time.perf_counter()
        job(done, share, is_quiet)
        done.seconds[name] = time.perf_counter() - started
        yield name, done
        if done.is_stopped:
            return


def _plan(done: Walkthrough, params: SolveParams, is_quiet: bool) -> None:
    problem = done.scenario.problem
    if problem.planning is None:
        return
    solved = solve(
        "Weekly template",
        params,
        lambda control: generate_template(problem, params=params, control=control),
        is_quiet=is_quiet,
    )
    draft = solved.result.template
    done.planning = Planning(solved, CheckReport() if draft is None else check_template(problem, draft))


def _book(done: Walkthrough, params: SolveParams, is_quiet: bool) -> None:
    schedule, now = done.scenario.schedule, done.now
    solved = solve(
        "Booking",
        params,
        lambda control: book_orders(schedule, now=now, params=params, control=control),
        is_quiet=is_quiet,
    )
    after = solved.result.schedule or schedule
    done.booking = Booking(solved, after, check(after, now=now))


def _find(done: Walkthrough, _params: SolveParams, _is_quiet: bool) -> None:
    booked, now = done.schedule, done.now
    plans = () if done.booking is None else done.booking.solved.result.proposals
    visit = visit_to_find_again(booked, [v for plan in plans for v in plan.added], now=now)
    if visit is None or visit.order is None:
        return
    order = booked.problem.order(visit.order)
    before = booked.changed(removed=[visit.id])
    occupancy = Occupancy.of(before, now=now)
    started = time.perf_counter()
    found = find_slots(before, order.id, now=now, k=5, occupancy=occupancy)
    elapsed_s = time.perf_counter() - started
    taken = [before.changed(added=[offer.appointment]) for offer in found.offers]
    reports = tuple(check(schedule, now=now) for schedule in taken)
    done.finding = Finding(order, found, elapsed_s, reports, taken[0] if taken else booked)


def _cancel(done: Walkthrough, params: SolveParams, is_quiet: bool) -> None:
    schedule, now = done.schedule, done.now
    visit = visit_to_cancel(schedule, now=now)
    if visit is not None:
        events = (cancellation(schedule, visit.id, now),)
        done.cancellation = _repair(done, "Cancellation", events, params, is_quiet, rank=2)


def _be_absent(done: Walkthrough, params: SolveParams, is_quiet: bool) -> None:
    problem = done.schedule.problem
    busiest = busiest_day(done.schedule, now=done.now)
    if busiest is not None:
        resource, start, end = busiest
        events = (absence(problem, resource, start, end, done.now),)
        done.absence = _repair(done, "Absence", events, params, is_quiet, rank=1)


def _repair(
    done: Walkthrough, title: str, events: tuple[Event, ...], params: SolveParams, is_quiet: bool, *, rank: int
) -> Repair:
    before, now = done.schedule, done.now
    solved = solve(
        title,
        params,
        lambda control: reschedule(before, events, now=now, params=params, control=control),
        is_quiet=is_quiet,
    )
    result = solved.result
    accepted = min(rank, len(result.proposals)) or None
    after = result.schedule or before
    if accepted is not None:
        after = accept(before, result.proposals[accepted - 1], after.problem)
    change = check_change(before, after, now=now, events=events)
    return Repair(events, before, solved, accepted, after, check(after, now=now), change)
