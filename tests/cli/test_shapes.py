"""The JSON of answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from api.cli.find_shapes import find_shape
from api.cli.shapes import local_text, plain_fact, proposal_shape, solve_shape, visit_shape
from engine.model.appointment import Appointment
from engine.model.explanation import (
    Blocker,
    Conflict,
    ConflictPart,
    LeftOver,
    Move,
    PenaltyTerm,
    ScheduleDiff,
    ScoreBreakdown,
)
from engine.model.result import Proposal, SolveResult, SolveStatus, StageResult
from engine.model.schedule import Schedule
from tests import factories as f

NEW_YORK = "America/New_York"
BREAKDOWN = ScoreBreakdown(
    terms=(
        PenaltyTerm(code="moved-day", subjects=("a",), amount=2, weight=40),
        PenaltyTerm(code="unplaced", subjects=("o",), amount=1, weight=2000),
    )
)


def test_times_carry_the_offset_of_their_zone_at_that_instant() -> None:
    assert local_text(f.at("2026-03-28 12:00"), f.ZONE) == "2026-03-28T12:00+01:00"
    assert local_text(f.at("2026-03-30 12:00"), f.ZONE) == "2026-03-30T12:00+02:00"
    assert local_text(f.at("2026-03-30 12:00"), NEW_YORK) == "2026-03-30T06:00-04:00"


def test_a_time_before_standard_time_keeps_the_offset_it_has() -> None:
    assert local_text(datetime(1800, 1, 1, 12, tzinfo=UTC), f.ZONE) == "1800-01-01T12:00+00:00"


def test_an_appointment_can_be_read_back() -> None:
    given = f.appointment(booked_at=f.NOW, promise={"start": f.at("09:00")})
    shape = json.loads(json.dumps(visit_shape(f.problem(), given)))
    assert Appointment.model_validate(shape) == given


def test_an_appointment_out_of_a_table_has_the_same_shape() -> None:
    world, given = f.problem(), f.appointment()
    [stored] = Schedule.of(world, [given]).appointments
    assert visit_shape(world, stored) == visit_shape(world, given)


def test_a_fact_has_the_keys_of_scenario_files() -> None:
    shape = plain_fact(f.session("s", "dr-a"), f.ZONE)
    assert shape["period"] == {"from": "08:00", "to": "12:00"}
    assert shape["day"] == "2026-03-02"


def test_an_obstacle() -> None:
    until = f.at("12:00")
    blockers = [
        Blocker(kind="kept for urgent orders", code="kept-back", resource="dr-a", until=until, message="Kept."),
        Blocker(kind="quota reached", code="segment-quota", message="Full."),
    ]
    kept, full = find_shape(f.problem(), "ord-1", [], blockers)["obstacles"]
    assert kept == {
        "kind": "kept for urgent orders",
        "rule": "kept-back",
        "resource": "dr-a",
        "resources": [],
        "until": "2026-03-02T12:00+01:00",
        "message": "Kept.",
    }
    assert (full["resource"], full["until"]) == (None, None)


def test_a_result() -> None:
    stage = StageResult(name="left out", status=SolveStatus.FEASIBLE, objective=4, bound=3.0, runtime_s=1.23456)
    conflict = Conflict(
        parts=(ConflictPart(code="capacity", subject="room-1", message="Full."),), is_minimal=True, message="No."
    )
    shape = solve_shape(
        SolveResult(
            SolveStatus.NO_SOLUTION,
            breakdown=BREAKDOWN,
            stages=(stage,),
            conflict=conflict,
            runtime_s=1.23456,
            versions={"slotwright": "1"},
        )
    )
    assert shape["status"] == "no_solution"
    assert shape["cost"] == 2080
    assert shape["costs"] == {"unplaced": 2000, "moved-day": 80}
    assert shape["stages"][0] == {
        "name": "left out",
        "status": "feasible",
        "objective": 4,
        "bound": 3.0,
        "gap": 0.25,
        "runtime_s": 1.235,
    }
    assert shape["conflict"]["parts"] == [{"rule": "capacity", "subject": "room-1", "message": "Full."}]
    assert json.loads(json.dumps(shape)) == shape


def test_a_proposal() -> None:
    def move(name: str, **fields: object) -> Move:
        return Move(appointment=name, patient="pat-1", before_start=f.at("09:00"), before_resources=("dr-a",), **fields)

    diff = ScheduleDiff(
        moved=(
            move("a", after_start=f.at("10:00"), after_resources=("dr-b",)),
            move("b", after_start=f.at("10:00"), must_call=False),
        ),
        cancelled=(move("c", must_call=False),),
        booked=(Move(appointment="d", after_start=f.at("09:00")),),
    )
    proposal = Proposal(
        id="p",
        title="Fewest calls",
        version=3,
        removed=("a", "b"),
        diff=diff,
        breakdown=BREAKDOWN,
        left_over=(LeftOver(order="ord-1", occurrence=1, code="capacity", reason="Full."), LeftOver(reason="Pinned.")),
    )
    shape = proposal_shape(f.problem(), proposal, 2)
    assert (shape["rank"], shape["schedule_version"], shape["calls"], shape["cost"]) == (2, 3, 2, 2080)
    assert shape["moved"][0]["before"] == {"start": "2026-03-02T09:00+01:00", "resources": ["dr-a"]}
    assert shape["moved"][0]["after"] == {"start": "2026-03-02T10:00+01:00", "resources": ["dr-b"]}
    assert shape["cancelled"][0]["after"] is None
    assert shape["left_over"] == [
        {"order": "ord-1", "occurrence": 1, "appointment": None, "rule": "capacity", "reason": "Full."},
        {"order": None, "occurrence": 0, "appointment": None, "rule": None, "reason": "Pinned."},
    ]
    assert shape["removed"] == ["a", "b"]
