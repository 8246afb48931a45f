from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from engine.errors import InvalidProblemError, UnknownIdError
from engine.model.hours import Hours, HoursException
from engine.model.problem import Problem
from engine.model.references import problem_faults
from tests.factories import MONDAY, at, equipment, order, patient, practitioner, problem, room, session, site, weekly
from tests.model.strategies import problems


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(problems())
def test_problems_are_read_as_they_are_written(world):
    for by_alias in (True, False):
        again = Problem.model_validate_json(world.model_dump_json(by_alias=by_alias))
        assert again == world
        assert again.model_dump_json() == world.model_dump_json()
    assert Problem.model_validate(world.model_dump(by_alias=True)) == world
    assert problem_faults(world) == []


def test_faults_of_a_file_come_all_at_once():
    text = (
        problem()
        .model_dump_json()
        .replace('"patient":"pat-1"', '"patient":"pat1"')
        .replace('"tick_min":5', '"tick_min":7')
    )
    with pytest.raises(InvalidProblemError) as caught:
        Problem.model_validate_json(text)
    assert [fault.place for fault in caught.value.faults] == ["tick_min", "policy.start_grid_min", "orders[0].patient"]
    assert str(caught.value).startswith("3 faults found:\n  tick_min: found 7")


def test_everything_is_found_by_its_id():
    world = problem(sites=(site(), site("east")), resources=[practitioner(), room()])
    assert world.site("east").id == "east"
    assert world.resource("room-1").kind == "room"
    assert world.service("visit").id == "visit"
    assert world.patient("pat-1").id == "pat-1"
    assert world.order("ord-1").id == "ord-1"
    for kind in ("site", "resource", "service", "patient", "order", "template"):
        with pytest.raises(UnknownIdError, match=f"There is no {kind} 'nowhere'"):
            getattr(world, kind)("nowhere")
    with pytest.raises(UnknownIdError, match="Maybe you meant 'room-1'"):
        world.resource("romm-1")


def test_changed_is_validated_again():
    world = problem()
    assert world.changed(name="Other").name == "Other"
    assert world.changed() == world
    with pytest.raises(InvalidProblemError):
        world.changed(patients=())
    with pytest.raises(TypeError, match="no field patient, sessoins"):
        world.changed(sessoins=(), patient=())


def test_changed_forgets_what_was_looked_up():
    world = problem()
    assert world.patient_by_id.keys() == {"pat-1"}
    more = world.changed(patients=(patient(), patient("pat-2")))
    assert more.patient_by_id.keys() == {"pat-1", "pat-2"}


def test_the_grid_is_of_elapsed_time():
    start = at("2026-03-28 00:00")
    world = problem(horizon={"start": start, "end": at("2026-03-30 00:00")})
    assert world.grid.n_ticks == 47 * 12


def test_sessions_by_resource():
    pool = {"kind": "equipment", "capabilities": ["mri"]}
    late, early = session("b", "dr-a", start="13:00", end="18:00"), session("a", "dr-a")
    shared, elsewhere = session("c", pool, start="06:00"), session("d", pool, site="east")
    world = problem(
        resources=[practitioner(), equipment("m1", capabilities=("mri",)), equipment("m2", capabilities=("mri", "ct"))],
        sites=(site(), site("east")),
        sessions=(late, early, shared, elsewhere),
    )
    assert {r: [s.id for s in ss] for r, ss in world.sessions_by_resource.items()} == {
        "dr-a": ["a", "b"],
        "m1": ["c"],
        "m2": ["c"],
    }


def test_own_and_shared_sessions_of_a_resource_are_by_start():
    pool = {"kind": "equipment"}
    sessions = (session("own", "scanner", start="10:00"), session("pool", pool, start="09:00", end="10:00"))
    world = problem(resources=[practitioner(), equipment()], sessions=sessions)
    assert [s.id for s in world.sessions_by_resource["scanner"]] == ["pool", "own"]
    assert {id: s.period.start for id, s in world.session_by_id.items()} == {"own": 600, "pool": 540}


def test_blocks_by_theatre():
    def block(id, days, start):
        times = {"day": MONDAY + timedelta(days=days), "period": {"from": start, "to": "18:00"}}
        return {"id": id, "theatre": "room-1", "practitioner": "dr-a", **times}

    blocks = [block("c", 1, "08:00"), block("b", 0, "13:00")]
    world = problem(resources=[practitioner(), room()], blocks=blocks)
    assert [b.id for b in world.blocks_by_theatre["room-1"]] == ["b", "c"]
    assert {id: b.day for id, b in world.block_by_id.items()} == {"c": MONDAY + timedelta(days=1), "b": MONDAY}


def test_travel_goes_both_ways_unless_both_are_given():
    sites = [site(s) for s in ("main", "b", "c")]
    ways = [("main", "b", 10), ("b", "main", 20), ("main", "c", 30)]
    world = problem(sites=sites, travel=[{"from": a, "to": b, "minutes": n} for a, b, n in ways])
    assert world.travel_min == {("main", "b"): 10, ("b", "main"): 20, ("main", "c"): 30, ("c", "main"): 30}


def test_the_start_grid_is_the_sites_or_the_policys():
    world = problem(sites=(site(), site("east", start_grid_min=20)), policy={"start_grid_min": 15})
    assert (world.start_grid_min("main"), world.start_grid_min("east")) == (15, 20)
    assert world.zone_of("east") == "Europe/Zurich"


def test_hours_of_a_resource():
    holiday = HoursException(kind="closure", start=at("00:00"), end=at("2026-03-03 00:00"))
    leave = HoursException(kind="leave", start=at("09:00"), end=at("10:00"))
    usual, own = weekly("08:00", "18:00"), weekly("10:00", "12:00")
    home = site(hours=Hours(weekly=(usual,), exceptions=(holiday,)))
    hours = {
        "none": (None, (usual,), (holiday,)),
        "own": (Hours(weekly=(own,), exceptions=(leave,)), (own,), (leave, holiday)),
        "leave": (Hours(exceptions=(leave,)), (usual,), (leave, holiday)),
    }
    doctors = [practitioner(name, hours=given) for name, (given, _, _) in hours.items()]
    world = problem(resources=doctors, sites=(home,))
    for name, (_, week, exceptions) in hours.items():
        assert world.hours_of(world.resource(name)) == Hours(weekly=week, exceptions=exceptions)


def test_orders_of_a_problem_may_be_none():
    assert problem(orders=()).order_by_id == {}
    assert problem(orders=(order(), order("b"))).order_by_id.keys() == {"ord-1", "b"}
