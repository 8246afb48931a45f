"""The report of a demonstration, for a clinic's manager: what was asked, what came out, what it costs, how sure."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING

from api.report import page as html
from api.report.answers import (
    board_table,
    checked,
    comparison_table,
    cost_table,
    left_over_table,
    offers_table,
    proposal_part,
    stage_table,
)
from api.report.figures import busiest_week, load_by_practitioner, room_uses, waiting_days
from api.report.plots import convergence_plot, is_telling, load_plot, room_board, waiting_plot
from api.wording import (
    count_of,
    day_and_time,
    day_text,
    from_to,
    names_of,
    number,
    seconds_text,
    service_name,
    zone_of_resources,
)
from engine.model.event import AppointmentEvent, ResourceUnavailable
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from api.cli.walkthrough import Booking, Finding, Planning, Repair, Walkthrough
    from engine.model.event import Event
    from engine.model.problem import Problem
    from engine.model.result import SolveResult
    from engine.model.schedule import Schedule

__all__ = ["report_html"]


def report_html(walk: Walkthrough) -> str:
    """The whole report as one HTML page that needs nothing else."""
    problem, zone = walk.scenario.problem, walk.scenario.problem.time_zone
    chapters = [("clinic", "The clinic", _clinic(walk))]
    if walk.planning is not None:
        chapters.append(("template", "A new weekly template", _planning(problem, walk.planning)))
    if walk.booking is not None:
        chapters.append(("booking", "The orders booked", _booking(walk.booking, walk)))
    if walk.finding is not None:
        chapters.append(("next-slot", "The next slot for one more order", _finding(problem, walk.finding)))
    if walk.cancellation is not None:
        chapters.append(("cancellation", "A patient cancels", _repair(problem, walk.cancellation)))
    if walk.absence is not None:
        chapters.append(("absence", "A physician is absent", _repair(problem, walk.absence)))
    chapters.append(("checks", "Everything checked", _checks(walk)))
    return html.page(
        f"{problem.name}: a week planned",
        f"Planned from {day_and_time(walk.now, zone)} ({zone}). Patients stand by their references.",
        [(name, title, html.section(name, title, body)) for name, title, body in chapters],
        _footer(walk),
    )


def _clinic(walk: Walkthrough) -> str:
    problem, zone = walk.scenario.problem, walk.scenario.problem.time_zone
    kinds = Counter(r.kind for r in problem.resources)
    start, end = (day_and_time(t, zone) for t in (problem.horizon.start, problem.horizon.end))
    figures = [
        (number(len(problem.sites)), "site" if len(problem.sites) == 1 else "sites"),
        (number(kinds[ResourceKind.PRACTITIONER]), "people whose time is planned"),
        (number(kinds[ResourceKind.ROOM]), "rooms"),
        (number(kinds[ResourceKind.EQUIPMENT]), "machines and instruments"),
        (number(len(problem.services)), "services"),
        (number(len(problem.orders)), "orders"),
        (number(len(walk.scenario.schedule.appointments)), "visits booked before"),
    ]
    return html.paragraph(f"Plans reach from {start} to {end}.") + html.tiles(figures)


def _planning(problem: Problem, planning: Planning) -> str:
    result = planning.solved.result
    template = result.template
    if template is None:
        return _no_answer(result)
    n_entries = len(template.sessions) + len(template.blocks)
    return "".join(
        (
            html.paragraph(
                f"Who works when, where and at what, in a cycle of {count_of(template.cycle_weeks, 'week')}: "
                f"{count_of(n_entries, 'session')}, found in {seconds_text(result.runtime_s)}. It is a proposal: the "
                "visits below are booked into the sessions that are published today."
            ),
            html.tiles([(number(result.breakdown.total), "points of cost"), _savings(result)]),
            checked(planning.report),
            html.heading("The template"),
            board_table(problem, template),
            html.heading("What it costs"),
            cost_table(result.breakdown),
            html.heading("How good it is"),
            _proof(result),
        )
    )


def _booking(booking: Booking, walk: Walkthrough) -> str:
    result, schedule = booking.solved.result, booking.after
    problem = schedule.problem
    plan = result.proposals[0] if result.proposals else None
    if plan is None:
        return _no_answer(result)
    n_asked = len(plan.added) + len(plan.left_over)
    return "".join(
        (
            html.paragraph(
                f"{count_of(n_asked, 'visit was', 'visits were')} asked for; {number(len(plan.added))} found a place "
                f"in {seconds_text(result.runtime_s)}, the most urgent first, without a conflict."
            ),
            html.tiles(
                [
                    (number(len(plan.added)), "visits booked"),
                    (number(len(plan.left_over)), "orders left over"),
                    (number(plan.breakdown.total), "points of cost"),
                    _savings(result),
                ]
            ),
            checked(booking.report),
            _week(schedule, walk),
            _waiting(schedule, walk),
            html.heading("Orders left over, and why") if plan.left_over else "",
            left_over_table(problem, plan.left_over),
            html.heading("What it costs"),
            cost_table(plan.breakdown),
            _cost_of_the_whole(booking, plan.breakdown.total),
            html.heading("How good it is"),
            _proof(result),
        )
    )


def _cost_of_the_whole(booking: Booking, cost: int) -> str:
    """Why the check of the booked schedule has another sum."""
    more = booking.report.breakdown.total - cost
    if more <= 0:
        return ""
    return html.paragraph(
        f"This is for what was asked for here. What was booked before costs {number(more)} more: "
        f"{number(booking.report.breakdown.total)} for the whole schedule, as the check counts it."
    )


def _week(schedule: Schedule, walk: Walkthrough) -> str:
    week = busiest_week(schedule, now=walk.now)
    uses = room_uses(schedule, week, now=walk.now)
    loads = load_by_practitioner(schedule, week, now=walk.now)
    monday = day_text(week.monday)
    parts = []
    if uses:
        caption = f"The week of {monday}. Each bar is a visit in a room, setting up and cleaning included."
        parts += [html.heading("The week by room"), html.figure(room_board(uses), caption)]
    if loads:
        caption = f"The week of {monday}. Dark: in visits. Light: in sessions, or open where somebody has no sessions."
        parts += [html.heading("Load by practitioner"), html.figure(load_plot(loads), caption)]
    return "".join(parts)


def _waiting(schedule: Schedule, walk: Walkthrough) -> str:
    days = waiting_days(schedule, now=walk.now)
    if not days:
        return ""
    caption = (
        "In brackets the number of visits. The stroke is the middle patient; half of the patients are inside the box, "
        "nine of ten inside the line."
    )
    return html.heading("Waiting days by priority") + html.figure(waiting_plot(days), caption)


def _finding(problem: Problem, finding: Finding) -> str:
    order, found = finding.order, finding.found
    n_steps = len(problem.service(order.service).steps)
    taken = "; each can be booked as it stands. The first is booked" if found.offers else ""
    return "".join(
        (
            html.paragraph(
                f"Order {order.id} ({service_name(problem, order.service)}, {count_of(n_steps, 'step')}, "
                f"{order.priority.value}), as if it had come in when all others were booked. "
                f"{count_of(len(found.offers), 'offer')} in "
                f"{seconds_text(finding.elapsed_s)}{taken}."
            ),
            offers_table(problem, found.offers, finding.reports),
            html.table(("Obstacle", "In words"), [(r.kind.value, r.message) for r in found.reasons]),
        )
    )


def _repair(problem: Problem, repair: Repair) -> str:
    result = repair.solved.result
    after = repair.after.problem
    parts = [html.paragraph(_happened(problem, repair, event)) for event in repair.events]
    if not repair.solved.has_answer:
        return "".join(parts) + _no_answer(result)
    if not result.proposals:
        return "".join(parts) + html.paragraph("Nothing has to change.") + checked(repair.report)
    n = count_of(len(result.proposals), "proposal")
    parts.append(html.paragraph(f"{n}, the first at the lowest cost." if len(result.proposals) > 1 else f"{n}."))
    parts.append(comparison_table(result.proposals))
    parts += [
        proposal_part(after, proposal, rank, is_accepted=rank == repair.rank)
        for rank, proposal in enumerate(result.proposals, start=1)
    ]
    parts += [checked(repair.report), checked(repair.change, "Nothing moved that may not move.")]
    parts += [html.heading("How good it is"), _proof(result)]
    return "".join(parts)


def _happened(problem: Problem, repair: Repair, event: Event) -> str:
    if isinstance(event, AppointmentEvent):
        visit = repair.before.appointments.by_id(event.appointment)
        used = [r.resource for s in visit.steps for r in s.reservations]
        when = from_to(visit.start, visit.end, zone_of_resources(problem, used))
        return f"Appointment {visit.id} ({service_name(problem, visit.service)}, {when}) is cancelled."
    if isinstance(event, ResourceUnavailable):
        zone = zone_of_resources(problem, [event.resource])
        span = from_to(event.start, event.end, zone)
        return f"{names_of(problem, [event.resource])} is not there: {span}."
    return f"{event.kind}: {event.id}."


def _proof(result: SolveResult) -> str:
    parts = [stage_table(result.stages)]
    if is_telling(result.trace):
        caption = "Cost of the best plan found so far, and what no plan can cost less than, second by second."
        parts.append(html.figure(convergence_plot(result.trace), caption))
    return "".join(parts)


def _no_answer(result: SolveResult) -> str:
    message = "" if result.conflict is None else f" {result.conflict.message}"
    return html.badge(False, f"No answer: {result.status.value}.{message}")


def _checks(walk: Walkthrough) -> str:
    reports = walk.checks()
    broken = sum(not v.is_overridden for report in reports.values() for v in report.violations)
    rows = [
        (name, "no rule is broken" if r.is_clean else f"{number(len(r.violations))} broken", number(r.breakdown.total))
        for name, r in reports.items()
    ]
    verdict = "No rule is broken in any of them." if not broken else f"{count_of(broken, 'rule')} broken."
    found = [
        (name, v.code.value, v.message)
        for name, report in reports.items()
        for v in report.violations
        if not v.is_overridden
    ]
    return "".join(
        (
            html.paragraph(
                "Each answer was judged by a check that shares no code with what made it: every hard rule, and every "
                "cost "
                "by name."
            ),
            html.badge(not broken, verdict),
            html.table(("What", "Rules", "Cost of the whole"), rows, right=("Cost of the whole",)),
            html.table(("What", "Rule", "What is wrong"), found[:50]),
        )
    )


def _savings(result: SolveResult) -> tuple[str, str]:
    if result.gap is None:
        return "not known", "how much could be saved"
    if result.gap <= 0:
        return "proven", "nothing costs less"
    return f"{100 * result.gap:.1f} %", "of the cost could be saved at most"


def _footer(walk: Walkthrough) -> str:
    solves = walk.solves()
    seeds = f"seed {solves[0].result.seed}, {count_of(solves[0].result.workers, 'worker')}" if solves else "no solve"
    spent = ", ".join(f"{name} {seconds_text(seconds)}" for name, seconds in walk.seconds.items())
    return f"Made by slotwright {version('slotwright')} ({seeds}). Time taken: {spent}."
