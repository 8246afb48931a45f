import pytest

from engine.errors import ModelBuildError
from engine.model.planning import RoomNeed, Unavailable
from engine.solver.template.assign import assign_rooms
from engine.solver.template.instance import Held
from engine.solver.template.prepare import instance_of
from tests.factories import practitioner, room
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, at, contract, entry, template, world


def clinics(*who, rooms=3, most=20, today=None, **fields):
    people = who or ("dr-a", "dr-b")
    return world(
        (
            *(practitioner(w) for w in people),
            *(room(f"room-{i}", capabilities=("consulting",)) for i in range(1, rooms + 1)),
        ),
        today=today,
        contracts=tuple(contract(w, clinic=(most, most)) for w in people),
        **fields,
    )


def rooms_by_owner(problem):
    found: dict[str, list[tuple[str, ...]]] = {}
    for session in generated(problem).template.sessions:
        found.setdefault(session.owner, []).append(session.rooms)
    return found


def test_everybody_keeps_one_room_through_the_week():
    rooms = rooms_by_owner(clinics(most=8, cycle_weeks=2))
    assert {len(set(given)) for given in rooms.values()} == {1}
    assert len(rooms["dr-a"]) == 4, "both weeks are one entry"


def test_the_room_of_today_is_kept_where_it_can_be():
    today = template(entry("a", rooms=("room-3",)), entry("b", "mon", owner="dr-b", rooms=("room-2",)))
    rooms = rooms_by_owner(clinics(today=today, most=4))
    assert {given for owner in rooms.values() for given in owner} == {("room-3",), ("room-2",)}


def test_another_room_only_where_it_must_be():
    closed = Unavailable(resource="room-3", at=at("tue", "am"))
    rooms = rooms_by_owner(
        clinics("dr-a", today=template(entry("a", rooms=("room-3",))), most=4, unavailable=(closed,))
    )
    assert sorted(rooms["dr-a"]) != [("room-3",)] * 4
    assert rooms["dr-a"].count(("room-3",)) == 3


def test_a_room_that_is_closed_in_one_week_divides_the_entry():
    closed = Unavailable(resource="room-3", at=at("mon", "am", 2))
    today = template(entry("a", rooms=("room-3",)))
    problem = clinics("dr-a", today=today, most=8, unavailable=(closed,), cycle_weeks=2)
    monday = [s for s in generated(problem).template.sessions if (s.on.day, s.period.start) == ("mon", 8 * 60)]
    assert [(s.id, s.on.weeks) for s in monday] == [("a", (1,)), ("a-2", (2,))]
    assert monday[0].rooms == ("room-3",)
    assert monday[1].rooms != ("room-3",)


def test_several_rooms_of_several_types():
    described = activity(rooms=("lab", RoomNeed(capabilities=("consulting",), count=2)))
    problem = world(
        (
            practitioner("dr-a"),
            room("x", capabilities=("lab", "consulting")),
            room("y", capabilities=("consulting",)),
            room("z", capabilities=("consulting",)),
        ),
        activities=(described,),
        contracts=(contract(clinic=(1, 1)),),
    )
    (session,) = generated(problem).template.sessions
    assert sorted(session.rooms) == ["x", "y", "z"]


def test_sessions_for_more_rooms_than_there_are_are_a_defect():
    inst = instance_of(clinics(rooms=1))
    with pytest.raises(ModelBuildError, match="2 sessions at 'main' on Mon am were planned for more rooms"):
        assign_rooms(inst, [Held(0, 0, 0, 0), Held(1, 0, 0, 0)])
