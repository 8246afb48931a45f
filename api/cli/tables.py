"""Answers as tables on a terminal, for people rather than for programs.

Of a patient they show the reference and, where somebody must call, the telephone number; never the name.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.cli.columns import Columns
from api.wording import (
    COST_WORDS,
    comparison,
    cost_text,
    day_and_time,
    day_text,
    diff_text,
    from_to,
    gap_text,
    moves_text,
    names_of,
    number,
    plain,
    seconds_text,
    service_name,
    who_and_where,
    zone_of_resources,
    zone_of_visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from engine.check import CheckReport
    from engine.jobs.recall import RecallEntry
    from engine.model.appointment import Appointment, GroupOccurrence
    from engine.model.explanation import Blocker, LeftOver, Move, ScoreBreakdown
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.model.result import Proposal, SlotOffer, SolveResult, StageResult

__all__ = [
    "MANY",
    "resources_of",
    "row",
    "show_blockers",
    "show_bookings",
    "show_check",
    "show_comparison",
    "show_costs",
    "show_left_over",
    "show_offers",
    "show_proposal",
    "show_recall",
    "show_rest",
    "show_result",
    "show_stages",
    "table",
]

MANY = 20
"""Rows of a table after which the rest is only counted; --json has them all."""


def table(*columns: str, right: Sequence[str] = ()) -> Columns:
    """An empty table; numbers stand in the columns named by `right`."""
    return Columns(columns, right)


def row(made: Columns, *cells: object) -> None:
    """Add a row."""
    made.add(*cells)


def show_rest(console: Console, n: int, *, shown: int = MANY) -> None:
    """Say how many of `n` rows are not shown."""
    if n > shown:
        console.print(f"... and {number(n - shown)} more; --json lists them all.")


def show_offers(console: Console, problem: Problem, offers: Sequence[SlotOffer]) -> None:
    """Offers, best first."""
    made = table("", "When", "Who", "Where", "Cost", "Reason", right=("", "Cost"))
    for offer in offers:
        zone = zone_of_visit(problem, offer.appointment)
        who, where = who_and_where(problem, resources_of(offer.group or offer.appointment))
        row(made, offer.rank, from_to(offer.start, offer.end, zone), who, where, number(offer.cost), offer.reason)
    console.print(made)


def show_blockers(console: Console, problem: Problem, reasons: Sequence[Blocker]) -> None:
    """Why there is no offer."""
    made = table("Obstacle", "What", "Until", "In words")
    for blocker in reasons[:MANY]:
        until = "" if blocker.until is None else day_and_time(blocker.until, problem.time_zone)
        what = "" if blocker.resource is None else names_of(problem, [blocker.resource])
        row(made, blocker.kind.value, what, until, blocker.message)
    console.print(made)
    show_rest(console, len(reasons))


def show_recall(console: Console, entry: RecallEntry | None) -> None:
    """When to look again for an order whose time is not planned yet."""
    if entry is not None:
        what = "" if entry.is_ahead else "The rest of its time is not planned yet. "
        console.print(f"{what}Recall list: look again on {day_text(entry.look_again)}.")


def show_check(console: Console, report: CheckReport) -> None:
    """Broken rules, counted and one by one, then the costs."""
    if report.violations:
        broken = Counter((v.code.value, v.is_overridden) for v in report.violations)
        made = table("Rule", "Broken", "", right=("Broken",))
        for (code, is_overridden), count in broken.items():
            row(made, code, number(count), "overridden by somebody who may" if is_overridden else "")
        console.print(made)
        console.print()
        made = table("Rule", "What is wrong")
        for violation in report.violations[:MANY]:
            row(made, violation.code.value, violation.message)
        console.print(made)
        show_rest(console, len(report.violations))
    else:
        console.print("No rule is broken.")
    show_costs(console, report.breakdown, of="Cost of the whole")


def show_costs(console: Console, breakdown: ScoreBreakdown, *, of: str = "Cost") -> None:
    """Soft costs by name, and their sum; `of` says what costs."""
    costs = breakdown.by_code()
    if not costs:
        return
    console.print()
    made = table(of, "", "Points", right=("Points",))
    for code, cost in costs.items():
        row(made, COST_WORDS[code], code.value, number(cost))
    row(made, "Sum", "", number(breakdown.total))
    console.print(made)


def show_stages(console: Console, stages: Sequence[StageResult]) -> None:
    """What was minimised, one after the other, and how far each is from what was proven possible."""
    if not stages:
        return
    console.print()
    made = table("Stage", "Cost", "At least", "Proof", "Time", right=("Cost", "At least", "Time"))
    for stage in stages:
        objective = "" if stage.objective is None else number(stage.objective)
        bound = "" if stage.bound is None else number(stage.bound)
        row(made, stage.name, objective, bound, gap_text(stage.gap), seconds_text(stage.runtime_s))
    console.print(made)


def show_result(console: Console, result: SolveResult, *, of: str = "Cost") -> None:
    """Stages and costs of a solve (`of` says of what); the conflict where the rules cannot all hold."""
    if result.conflict is not None:
        console.print(plain(result.conflict.message))
        made = table("Rule", "Whose", "What it asks")
        for part in result.conflict.parts:
            row(made, part.code.value, part.subject, part.message)
        console.print(made)
        if not result.conflict.is_minimal:
            console.print("There was no time to show that each of these is needed for the conflict.")
    show_stages(console, result.stages)
    show_costs(console, result.breakdown, of=of)


def show_bookings(console: Console, problem: Problem, visits: Sequence[Appointment]) -> None:
    """Visits, earliest first."""
    if not visits:
        return
    made = table("When", "Order", "Patient", "Service", "Who", "Where")
    for visit in sorted(visits, key=lambda v: v.start)[:MANY]:
        who, where = who_and_where(problem, resources_of(visit))
        when = from_to(visit.start, visit.end, zone_of_visit(problem, visit))
        row(made, when, visit.order or "", visit.patient or "", service_name(problem, visit.service), who, where)
    console.print()
    console.print(made)
    show_rest(console, len(visits))


def show_left_over(console: Console, left_over: Sequence[LeftOver]) -> None:
    """Orders and visits without a place, and why."""
    if not left_over:
        return
    console.print()
    made = table("Without a place", "Reason")
    for left in left_over[:MANY]:
        row(made, _left_over_name(left), left.reason)
    console.print(made)
    show_rest(console, len(left_over))


def _left_over_name(left: LeftOver) -> str:
    name = left.order or left.appointment or ""
    return f"{name}, visit {left.occurrence + 1}" if left.occurrence else name


def show_comparison(console: Console, proposals: Sequence[Proposal]) -> None:
    """What each of several proposals gives."""
    columns, rows = comparison(proposals)
    if rows:
        made = table(*columns, right=columns[1:])
        for cells in rows:
            row(made, *cells)
        console.print()
        console.print(made)


def show_proposal(console: Console, problem: Problem, proposal: Proposal, rank: int) -> None:
    """A proposal as a list of telephone calls, then what changes without one."""
    diff = proposal.diff
    console.print(plain(f"Proposal {rank}: {proposal.title}"))
    console.print(diff_text(diff))
    if gives := moves_text(diff):
        console.print(gives)
    if proposal.breakdown.total:
        console.print(f"Cost {number(proposal.breakdown.total)}: {cost_text(proposal.breakdown.by_code())}.")
    if diff.calls:
        console.print()
        made = table("Call", "Telephone", "Visit", "Was", "Will be", "Who and where")
        for move in diff.calls:  # all of them: it is what the clerk works through
            row(made, move.patient or "", _telephone(problem, move), move.appointment, *_before_after(problem, move))
        console.print(made)
    at_desk = [move for move in diff.booked if not move.must_call]
    if at_desk:
        console.print()
        made = table("Tell", "New visit", "When", "Who and where")
        for move in at_desk:
            row(made, move.patient or "", move.appointment, *_before_after(problem, move)[1:])
        console.print(made)
    show_left_over(console, proposal.left_over)


def _before_after(problem: Problem, move: Move) -> tuple[str, str, str]:
    def at(start: object, resources: tuple[ResourceId, ...]) -> str:
        return day_and_time(start, zone_of_resources(problem, resources))  # type: ignore[arg-type]

    before = "(new visit)" if move.before_start is None else at(move.before_start, move.before_resources)
    after = "cancelled" if move.after_start is None else at(move.after_start, move.after_resources)
    return before, after, names_of(problem, move.after_resources)


def _telephone(problem: Problem, move: Move) -> str:
    patient = None if move.patient is None else problem.patient_by_id.get(move.patient)
    return "" if patient is None else patient.contact.telephone


def resources_of(visit: Appointment | GroupOccurrence) -> list[ResourceId]:
    """What a visit uses, each once."""
    found: Iterable[ResourceId] = (r.resource for s in visit.steps for r in s.reservations)
    return list(dict.fromkeys(found))
