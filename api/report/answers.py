"""Answers as tables of the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.report import page as html
from api.wording import (
    COST_WORDS,
    comparison,
    cost_text,
    count_of,
    day_and_time,
    diff_text,
    from_to,
    gap_text,
    moves_text,
    names_of,
    number,
    seconds_text,
    service_name,
    template_board,
    who_and_where,
    zone_of_resources,
    zone_of_visit,
)
from engine.model.calendar import Weekday

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.check import CheckReport
    from engine.model.explanation import LeftOver, Move, ScoreBreakdown
    from engine.model.problem import Problem
    from engine.model.result import Proposal, SlotOffer, StageResult
    from engine.model.template import Template

__all__ = [
    "board_table",
    "checked",
    "comparison_table",
    "cost_table",
    "left_over_table",
    "offers_table",
    "proposal_part",
    "stage_table",
]

_MANY = 40


def checked(report: CheckReport, good: str = "Checked: no rule is broken.") -> str:
    """The verdict of a check."""
    broken = sum(not v.is_overridden for v in report.violations)
    return html.badge(report.is_clean, good if report.is_clean else f"Checked: {count_of(broken, 'rule')} broken.")


def cost_table(breakdown: ScoreBreakdown) -> str:
    """Soft costs by name, and their sum."""
    costs = breakdown.by_code()
    if not costs:
        return html.paragraph("Nothing.")
    rows = [(COST_WORDS[code], number(cost)) for code, cost in costs.items()]
    return html.table(("Cost", "Points"), [*rows, ("Sum", number(breakdown.total))], right=("Points",))


def stage_table(stages: Sequence[StageResult]) -> str:
    """What was minimised, one after the other; an earlier stage is never traded for a later one."""
    rows = [
        (
            stage.name,
            "" if stage.objective is None else number(stage.objective),
            "" if stage.bound is None else number(stage.bound),
            gap_text(stage.gap),
            seconds_text(stage.runtime_s),
        )
        for stage in stages
    ]
    columns = ("Stage", "Cost", "At least", "Proof", "Time")
    return html.table(columns, rows, right=("Cost", "At least", "Time"))


def board_table(problem: Problem, template: Template) -> str:
    """Who works when at what and where, a table for each week of the cycle."""
    board = template_board(problem, template)
    parts = []
    for week in range(1, template.cycle_weeks + 1):
        rows = [row for row in board if week in row[2]]
        days = [day for day in Weekday if any(d is day for _, d, _, _ in rows)]
        cells: dict[str, dict[Weekday, list[str]]] = {}
        for owner, day, _, text in rows:
            cells.setdefault(owner, {}).setdefault(day, []).append(text)
        made = html.table(
            ("", *(day.capitalize() for day in days)),
            [(owner, *("\n".join(found.get(day, ())) for day in days)) for owner, found in cells.items()],
        )
        parts.append(html.fold(f"Week {week} of {template.cycle_weeks}", made, is_open=True))
    return "".join(parts)


def left_over_table(problem: Problem, left_over: Sequence[LeftOver]) -> str:
    """Orders without a place: how many of each service and priority for which reason, then one by one."""
    orders = problem.order_by_id
    rows = []
    for left in left_over:
        order = None if left.order is None else orders.get(left.order)
        what = ("", "") if order is None else (service_name(problem, order.service), order.priority.value)
        rows.append((left.order or left.appointment or "", *what, left.reason))
    kinds = Counter((service, priority, _of_any(name, reason)) for name, service, priority, reason in rows)
    counted = [(service, priority, number(n), reason) for (service, priority, reason), n in kinds.most_common(_MANY)]
    others = len(left_over) - sum(n for _, n in kinds.most_common(_MANY))
    if others:
        counted.append(("", "", number(others), "for other reasons; the list of all is in booked.json"))
    columns = ("Service", "Priority", "Left over", "Why")
    single = html.table(("Order or visit", "Service", "Priority", "Why"), rows[:_MANY])
    shown = f"The first {_MANY} of {number(len(rows))}" if len(rows) > _MANY else "Each of them"
    return html.table(columns, counted, right=("Left over",)) + html.fold(f"{shown}, one by one", single)


def _of_any(name: str, reason: str) -> str:
    """A reason without the order's id, so that like reasons can be counted."""
    return reason.replace(f"Order {name}", "The order").replace(f"order {name}", "the order")


def offers_table(problem: Problem, offers: Sequence[SlotOffer], reports: Sequence[CheckReport]) -> str:
    """Offers, best first, each with the verdict of the check."""
    rows = []
    for offer, report in zip(offers, reports, strict=True):
        visit = offer.appointment
        who, where = who_and_where(problem, [r.resource for s in (offer.group or visit).steps for r in s.reservations])
        when = from_to(offer.start, offer.end, zone_of_visit(problem, visit))
        verdict = "passes" if report.is_clean else "breaks a rule"
        rows.append((offer.rank, when, who, where, number(offer.cost), offer.reason, verdict))
    return html.table(("", "When", "Who", "Where", "Cost", "Reason", "Check"), rows, right=("", "Cost"))


def comparison_table(proposals: Sequence[Proposal]) -> str:
    """What each of several proposals gives."""
    columns, rows = comparison(proposals)
    return html.table(columns, rows, right=columns[1:])


def proposal_part(problem: Problem, proposal: Proposal, rank: int, *, is_accepted: bool) -> str:
    """A proposal as a list of telephone calls, then what else it changes."""
    diff = proposal.diff
    costs = f"Cost {number(proposal.breakdown.total)}: {cost_text(proposal.breakdown.by_code())}."
    at_desk = [_move_row(problem, move) for move in diff.booked if not move.must_call]
    parts = [
        html.heading(f"Proposal {rank}: {proposal.title}{' (accepted here)' if is_accepted else ''}"),
        html.paragraph(f"{diff_text(diff)} {moves_text(diff)}".rstrip()),
        html.paragraph(costs) if proposal.breakdown.total else "",
        html.table(("Call", "Visit", "Was", "Will be", "Who and where"), [_move_row(problem, m) for m in diff.calls]),
        html.table(("Tell", "New visit", "When", "Who and where"), [(a, b, d, e) for a, b, _, d, e in at_desk]),
    ]
    if proposal.left_over:
        rows_left = [(left.order or left.appointment or "", left.reason) for left in proposal.left_over[:_MANY]]
        title = f"{number(len(proposal.left_over))} without a place"
        parts.append(html.fold(title, html.table(("Without a place", "Reason"), rows_left)))
    return "".join(parts)


def _move_row(problem: Problem, move: Move) -> tuple[str, str, str, str, str]:
    before, after = "(new visit)", "cancelled"
    if move.before_start is not None:
        before = day_and_time(move.before_start, zone_of_resources(problem, move.before_resources))
    if move.after_start is not None:
        after = day_and_time(move.after_start, zone_of_resources(problem, move.after_resources))
    return move.patient or "", move.appointment, before, after, names_of(problem, move.after_resources)
