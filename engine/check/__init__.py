"""The judge: every broken rule and every soft cost by name.

Written from `docs/reference/rules.md`, in minutes, and sharing nothing with search and solvers but the model: they
count in ticks and bits, and are judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.book import Book
from engine.check.changes import Change
from engine.check.costs import CHANGE_COSTS, SCHEDULE_COSTS, TEMPLATE_COSTS
from engine.check.cycle import Cycle
from engine.check.report import CheckReport
from engine.check.rules import CHANGE_RULES, SCHEDULE_RULES, TEMPLATE_RULES
from engine.model.explanation import ScoreBreakdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from typing import TypeVar

    from engine.model.codes import ConstraintCode, PenaltyCode
    from engine.model.event import Event
    from engine.model.explanation import PenaltyTerm, Violation
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule
    from engine.model.template import Template

    Judged = TypeVar("Judged")

__all__ = ["CheckReport", "check", "check_change", "check_template", "violations_of"]


def check(schedule: Schedule, *, now: datetime) -> CheckReport:
    """Judge a schedule as of `now`.

    Parameters
    ----------
    now
        Decides which holds still block, and stands in for booking times that are not known. Seconds are dropped.

    Raises
    ------
    UnknownIdError
        When a blocking appointment names something that the problem does not have.
    """
    return _report(Book.of(schedule, now), SCHEDULE_RULES, SCHEDULE_COSTS)


def violations_of(schedule: Schedule, *, now: datetime) -> tuple[Violation, ...]:
    """The violations that `check` finds, without the costs: for whoever asks again and again."""
    return _violations(Book.of(schedule, now), SCHEDULE_RULES)


def check_change(before: Schedule, after: Schedule, *, now: datetime, events: Iterable[Event] = ()) -> CheckReport:
    """Judge what became of a schedule: whether anything moved that may not, and what the moves cost the patients.

    Whether `after` itself keeps the rules is for `check` to say.

    Parameters
    ----------
    events
        What happened: visits that an event ended may go without being missed.

    Raises
    ------
    UnknownIdError
        When a blocking appointment names something that its problem does not have.
    """
    return _report(Change.of(before, after, now, events), CHANGE_RULES, CHANGE_COSTS)


def check_template(problem: Problem, template: Template) -> CheckReport:
    """Judge a weekly template by the problem's planning brief.

    Without a brief only what needs none is judged: nobody and nothing in two places at once, owners at their sites.
    """
    return _report(Cycle.of(problem, template), TEMPLATE_RULES, TEMPLATE_COSTS)


def _report(
    judged: Judged,
    rules: Mapping[ConstraintCode, Callable[[Judged], Iterable[Violation]]],
    costs: Mapping[PenaltyCode, Callable[[Judged], Iterable[PenaltyTerm]]],
) -> CheckReport:
    terms = tuple(t for cost in costs.values() for t in cost(judged))
    return CheckReport(_violations(judged, rules), ScoreBreakdown(terms=terms))


def _violations(
    judged: Judged, rules: Mapping[ConstraintCode, Callable[[Judged], Iterable[Violation]]]
) -> tuple[Violation, ...]:
    return tuple(v for rule in rules.values() for v in rule(judged))
