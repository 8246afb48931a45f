"""The JSON of every answer, as docs/reference/cli.md describes it.

Times carry the offset of the site's zone. Patients stand by their reference; no name of a patient appears.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from api.wording import zone_of_resources, zone_of_visit
from engine.model.appointment import AppointmentStatus
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.check import CheckReport
    from engine.model.appointment import Appointment
    from engine.model.base import Fact
    from engine.model.event import Event
    from engine.model.explanation import Conflict, LeftOver, Move, ScoreBreakdown
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.model.result import Proposal, SolveResult
    from engine.scenario_io import Scenario

__all__ = [
    "check_shape",
    "costs_shape",
    "events_shape",
    "header",
    "info_shape",
    "local_text",
    "plain_fact",
    "proposal_shape",
    "proposals_shape",
    "solve_shape",
    "template_shape",
    "visit_shape",
]


def header(command: str, problem: Problem, now: datetime) -> dict[str, Any]:
    """What every answer begins with: who answered which question about what, and the moment it was planned from."""
    return {
        "slotwright": version("slotwright"),
        "command": command,
        "scenario": problem.name,
        "time_zone": problem.time_zone,
        "now": local_text(now, problem.time_zone),
    }


def local_text(instant: datetime, zone: str) -> str:
    """ISO 8601 with the offset that holds in `zone` at that instant."""
    local = instant.astimezone(ZoneInfo(zone))
    if (local.utcoffset() or timedelta()) % timedelta(minutes=1):
        local = instant  # before standard time, offsets had seconds
    return local.isoformat(timespec="minutes")


def plain_fact(fact: Fact, zone: str) -> dict[str, Any]:
    """A fact of the model under the keys of scenario files, its instants in `zone`."""
    return {key: _plain(value, zone) for key, value in fact.model_dump(by_alias=True).items()}


def _plain(value: Any, zone: str) -> Any:
    if isinstance(value, datetime):
        return local_text(value, zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(inner, zone) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, zone) for inner in value]
    return value


def visit_shape(problem: Problem, visit: Appointment) -> dict[str, Any]:
    """An appointment as in a scenario file, and no more, so that it can be put into one; in the zone of its site."""
    return plain_fact(visit, zone_of_visit(problem, visit))


def costs_shape(breakdown: ScoreBreakdown) -> dict[str, int]:
    """Costs by their code."""
    return {code.value: cost for code, cost in breakdown.by_code().items()}


def solve_shape(result: SolveResult) -> dict[str, Any]:
    """What was found, what was proven, and how long it took."""
    return {
        "status": result.status.name.lower(),
        "objective": result.objective,
        "bound": result.bound,
        "gap": result.gap,
        "cost": result.breakdown.total,
        "costs": costs_shape(result.breakdown),
        "stages": [
            {
                "name": stage.name,
                "status": stage.status.name.lower(),
                "objective": stage.objective,
                "bound": stage.bound,
                "gap": stage.gap,
                "runtime_s": round(stage.runtime_s, 3),
            }
            for stage in result.stages
        ],
        "conflict": None if result.conflict is None else _conflict_shape(result.conflict),
        "runtime_s": round(result.runtime_s, 3),
        "seed": result.seed,
        "workers": result.workers,
        "versions": dict(result.versions),
    }


def _conflict_shape(conflict: Conflict) -> dict[str, Any]:
    return {
        "message": conflict.message,
        "is_minimal": conflict.is_minimal,
        "parts": [{"rule": p.code.value, "subject": p.subject, "message": p.message} for p in conflict.parts],
    }


def proposals_shape(problem: Problem, proposals: Iterable[Proposal]) -> dict[str, Any]:
    """All proposals, best first."""
    return {"proposals": [proposal_shape(problem, proposal, rank) for rank, proposal in enumerate(proposals, start=1)]}


def proposal_shape(problem: Problem, proposal: Proposal, rank: int) -> dict[str, Any]:
    """A proposal: what it changes, what it costs, whom to call, and the visits it adds."""
    diff = proposal.diff
    parts = {
        name: [_move_shape(problem, move) for move in moves]
        for name, moves in (
            ("booked", diff.booked),
            ("moved", diff.moved),
            ("reassigned", diff.reassigned),
            ("cancelled", diff.cancelled),
        )
    }
    return {
        "rank": rank,
        "id": proposal.id,
        "title": proposal.title,
        "schedule_version": proposal.version,
        "cost": proposal.breakdown.total,
        "costs": costs_shape(proposal.breakdown),
        "calls": len(diff.calls),
        "practitioner_changes": diff.practitioner_changes,
        "later_min": diff.later_min,
        **parts,
        "left_over": [_left_over_shape(left) for left in proposal.left_over],
        "removed": list(proposal.removed),
        "added": [visit_shape(problem, visit) for visit in proposal.added],
    }


def _move_shape(problem: Problem, move: Move) -> dict[str, Any]:
    def side(start: datetime | None, resources: Sequence[ResourceId]) -> dict[str, Any] | None:
        if start is None:
            return None
        return {"start": local_text(start, zone_of_resources(problem, resources)), "resources": list(resources)}

    return {
        "appointment": move.appointment,
        "patient": move.patient,
        "must_call": move.must_call,
        "before": side(move.before_start, move.before_resources),
        "after": side(move.after_start, move.after_resources),
    }


def _left_over_shape(left: LeftOver) -> dict[str, Any]:
    return {
        "order": left.order,
        "occurrence": left.occurrence,
        "appointment": left.appointment,
        "rule": None if left.code is None else left.code.value,
        "reason": left.reason,
    }


def template_shape(problem: Problem, result: SolveResult) -> dict[str, Any]:
    """A generated template, or None where there is none."""
    template = result.template
    return {"template": None if template is None else plain_fact(template, problem.time_zone)}


def events_shape(problem: Problem, events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as in a scenario file."""
    return [plain_fact(event, problem.time_zone) for event in events]


def check_shape(report: CheckReport) -> dict[str, Any]:
    """Every broken rule and the costs."""
    return {
        "is_clean": report.is_clean,
        "violations": [
            {
                "rule": v.code.value,
                "subjects": list(v.subjects),
                "message": v.message,
                "is_overridden": v.is_overridden,
            }
            for v in report.violations
        ],
        "cost": report.breakdown.total,
        "costs": costs_shape(report.breakdown),
    }


def info_shape(scenario: Scenario) -> dict[str, Any]:
    """What a scenario holds, in numbers."""
    problem, zone = scenario.problem, scenario.problem.time_zone
    kinds = Counter(r.kind for r in problem.resources)
    orders = Counter(o.priority for o in problem.orders)
    visits = Counter(a.status for a in scenario.schedule.appointments)
    return {
        "horizon": {
            "start": local_text(problem.horizon.start, zone),
            "end": local_text(problem.horizon.end, zone),
        },
        "tick_min": problem.tick_min,
        "sites": len(problem.sites),
        "resources": {kind.value: kinds[kind] for kind in ResourceKind},
        "services": len(problem.services),
        "sessions": len(problem.sessions),
        "blocks": len(problem.blocks),
        "templates": [t.id for t in problem.templates],
        "has_planning_brief": problem.planning is not None,
        "patients": len(problem.patients),
        "orders": {priority.value: n for priority, n in sorted(orders.items(), key=lambda item: item[0].rank)},
        "ties": len(problem.ties),
        "appointments": {status.value: visits[status] for status in AppointmentStatus if visits[status]},
        "groups": len(scenario.schedule.groups),
        "events": [event.id for event in scenario.events],
        "left_over": len(scenario.schedule.left_over),
        "schedule_version": scenario.schedule.version,
        "notes": list(scenario.notes),
    }
