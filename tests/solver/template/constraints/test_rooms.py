import pytest

from engine.model.planning import RoomNeed, Unavailable
from engine.solver.template import matching
from engine.solver.template.build import build
from engine.solver.template.constraints.rooms import CODE
from engine.solver.template.prepare import instance_of
from tests.factories import practitioner, room, site
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, at, contract, entry, template, world

STAFF = tuple(practitioner(f"dr-{c}") for c in "abc")
A, B, C = (Session(f"dr-{c}") for c in "abc")


@pytest.fixture(params=["sets", "flow"], autouse=True)
def formulation(request, monkeypatch):
    """Both ways of writing the rule."""
    if request.param == "flow":
        monkeypatch.setattr(matching, "_MOST_SETS", 0)


def clinics(*rooms, **fields):
    given = {"contracts": tuple(contract(s.id, clinic=(0, 5)) for s in STAFF), **fields}
    return world((*STAFF, *rooms), **given)


def consulting(id, **fields):
    return room(id, capabilities=("consulting",), **fields)


def test_the_code_is_the_rule_s():
    assert CODE == "template-double"


def test_as_many_sessions_as_rooms_and_no_more():
    problem = clinics(consulting("room-1"), consulting("room-2"))
    assert is_possible(problem, A, B)
    assert not is_possible(problem, A, B, C)


def test_a_room_takes_as_many_as_it_has_lanes():
    problem = clinics(consulting("room-1", lanes=2))
    assert is_possible(problem, A, B)
    assert not is_possible(problem, A, B, C)


def test_a_room_of_another_type_or_site_does_not_count():
    problem = clinics(
        consulting("room-1"),
        room("room-2", capabilities=("lab",)),
        consulting("room-3", site="other"),
        sites=(site(), site("other")),
    )
    assert is_possible(problem, A)
    assert not is_possible(problem, A, B)


def test_a_room_that_is_unavailable_does_not_count_then():
    problem = clinics(consulting("room-1"), unavailable=(Unavailable(resource="room-1", at=at("mon", "am")),))
    assert not is_possible(problem, A)
    assert is_possible(problem, Session("dr-a", "mon", "pm"))


def nested(*rooms):
    """`special` sessions need a room with both capabilities; `clinic` ones any consulting room."""
    return world(
        (*STAFF, *rooms),
        activities=(
            activity(),
            activity("special", rooms=(RoomNeed(capabilities=("consulting", "special")),)),
        ),
        contracts=tuple(contract(s.id, clinic=(0, 5), special=(0, 5)) for s in STAFF),
    )


def test_nested_types_are_counted_by_type_and_all_together():
    problem = nested(consulting("room-1"), room("room-2", capabilities=("consulting", "special")))
    special = [s._replace(what="special") for s in (A, B, C)]
    clinic = [s._replace(what="clinic") for s in (A, B, C)]
    assert is_possible(problem, special[0], clinic[1])
    assert is_possible(problem, clinic[0], clinic[1])
    assert not is_possible(problem, special[0], special[1]), "there is one special room"
    assert not is_possible(problem, special[0], clinic[1], clinic[2]), "there are two rooms in all"


def test_types_that_overlap_in_one_room_of_three():
    """Each of two types is in two rooms, and one room is of both: three sessions fit, two and two do not."""
    problem = world(
        (
            *STAFF,
            practitioner("dr-d"),
            room("x", capabilities=("left",)),
            room("y", capabilities=("left", "right")),
            room("z", capabilities=("right",)),
        ),
        activities=(activity("left", rooms=("left",)), activity("right", rooms=("right",))),
        contracts=tuple(contract(f"dr-{c}", left=(0, 5), right=(0, 5)) for c in "abcd"),
    )
    left, right = ([Session(f"dr-{c}", what=what) for c in "abcd"] for what in ("left", "right"))
    assert is_possible(problem, left[0], left[1], right[2])
    assert is_possible(problem, left[0], right[1], right[2])
    assert not is_possible(problem, left[0], left[1], right[2], right[3])
    assert not is_possible(problem, left[0], left[1], left[2])


def test_a_session_of_two_rooms_takes_two():
    two = activity(rooms=(RoomNeed(capabilities=("consulting",), count=2),))
    rooms = [consulting(f"room-{i}") for i in range(3)]
    assert is_possible(clinics(*rooms[:2], activities=(two,)), A)
    assert not is_possible(clinics(*rooms[:1], activities=(two,)), A)
    assert not is_possible(clinics(*rooms, activities=(two,)), A, B)


def test_a_session_of_two_rooms_does_not_get_two_lanes_of_one():
    """One big room and a small one: the small one is in every session, so there is one session only."""
    two = activity(rooms=(RoomNeed(capabilities=("consulting",), count=2),))
    problem = clinics(consulting("big", lanes=5), consulting("small"), activities=(two,))
    assert is_possible(problem, A)
    assert not is_possible(problem, A, B)
    assert is_possible(clinics(consulting("big", lanes=5), consulting("small", lanes=2), activities=(two,)), A, B)


def test_a_big_room_that_nobody_with_two_rooms_could_use_changes_nothing():
    """The lab's two chairs are no reason to write out who has which consulting room."""
    two = activity(rooms=(RoomNeed(capabilities=("consulting",), count=2),))
    small = clinics(*(consulting(f"room-{i}") for i in range(3)), activities=(two,))
    large = small.changed(resources=(*small.resources, room("lab", lanes=2)))
    before, after = (len(build(instance_of(problem)).model.proto.variables) for problem in (small, large))
    assert before == after


def test_two_needs_of_a_session_are_two_rooms():
    both = activity(rooms=("left", "right"))
    assert not is_possible(clinics(room("y", capabilities=("left", "right")), activities=(both,)), A)
    assert not is_possible(clinics(room("y", capabilities=("left", "right"), lanes=2), activities=(both,)), A)
    assert is_possible(
        clinics(room("y", capabilities=("left", "right")), room("z", capabilities=("right",)), activities=(both,)), A
    )


def test_a_pinned_entry_keeps_its_room():
    pinned = entry("pinned", is_pinned=True)
    problem = clinics(consulting("room-1"), consulting("room-2"), today=template(pinned))
    assert is_possible(problem, B)
    assert not is_possible(problem, B, C)
    assert is_possible(problem, *(s._replace(period="pm") for s in (B, C)))


def test_too_few_rooms_for_the_contracts_are_named():
    problem = clinics(consulting("room-1"), contracts=tuple(contract(s.id, clinic=(3, 5)) for s in STAFF[:2]))
    result = generated(problem)
    assert result.conflict.is_minimal
    assert {part.code for part in result.conflict.parts} == {"template-double", "template-contract"}
    assert "there is no other room of this kind than Room room-1" in result.conflict.message
    assert "Dr dr-a holds at least 3 sessions of Clinic" in result.conflict.message
    assert generated(
        clinics(consulting("room-1"), contracts=tuple(contract(s.id, clinic=(2, 5)) for s in STAFF[:2]))
    ).template
