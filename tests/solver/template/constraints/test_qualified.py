import pytest

from engine.model.planning import RoomNeed
from engine.model.resource import Privilege
from engine.solver.template.constraints.qualified import CODE
from tests.factories import practitioner, room, site
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, block, contract, entry, template, world

SKILLED = activity(capabilities=("ultrasound",))


def able(*capabilities, **fields):
    return (practitioner("dr-a", capabilities=capabilities, **fields), room("room-1", capabilities=("consulting",)))


def test_the_code_is_the_rule_s():
    assert CODE == "template-qualified"


@pytest.mark.parametrize(
    ("resources", "can"),
    [
        (able("ultrasound"), True),
        (able("ultrasound", "more"), True),
        (able(), False),
        (able("other"), False),
        (able(privileges=(Privilege(capability="ultrasound"),)), True),
    ],
)
def test_only_who_can_do_it_holds_a_session(resources, can):
    assert (
        is_possible(world(resources, activities=(SKILLED,), contracts=(contract(clinic=(0, 5)),)), Session("dr-a"))
        is can
    )


def test_only_where_they_work_and_where_it_is_allowed():
    def at_sites(other_sites, allowed):
        return world(
            (
                practitioner("dr-a", other_sites=other_sites),
                *(room(f"room-{s}", site=s, capabilities=("consulting",)) for s in ("main", "north")),
            ),
            sites=(site(), site("north")),
            activities=(activity(sites=allowed),),
            contracts=(contract(clinic=(0, 5)),),
        )

    north = Session("dr-a", where="north")
    assert is_possible(at_sites(("north",), ()), north)
    assert is_possible(at_sites(("north",), ("north",)), north)
    assert not is_possible(at_sites((), ()), north)
    assert not is_possible(at_sites(("north",), ("main",)), north)


def conflict_of(pinned, resources, described):
    problem = world(resources, today=template(pinned), activities=(described,), contracts=(contract(clinic=(0, 5)),))
    result = generated(problem)
    return None if result.conflict is None else {part.code for part in result.conflict.parts}


CANNOT_STAY = {"template-pinned", "template-qualified"}
PINNED = entry("pinned", is_pinned=True)


@pytest.mark.parametrize(
    ("pinned", "resources", "described", "expected"),
    [
        (PINNED, able("ultrasound"), SKILLED, None),
        (PINNED, able(), SKILLED, CANNOT_STAY),
        (PINNED, able(), activity(sites=("elsewhere",)), CANNOT_STAY),
        (PINNED, able(), activity(rooms=("lab",)), CANNOT_STAY),
        (PINNED, able(), activity(rooms=("consulting", "consulting")), CANNOT_STAY),
        (PINNED, able(), activity(rooms=()), None),
    ],
)
def test_a_pinned_entry_must_be_qualified_too(pinned, resources, described, expected):
    fields = {"sites": (site(), site("elsewhere"))} if described.sites else {}
    problem = world(
        resources, today=template(pinned), activities=(described,), contracts=(contract(clinic=(0, 5)),), **fields
    )
    result = generated(problem)
    assert (None if result.conflict is None else {part.code for part in result.conflict.parts}) == expected


def test_rooms_are_dealt_out_so_that_each_need_has_its_own():
    """The first room meets both needs, the second only one: dealt in order the second need would be left without."""
    both = activity(rooms=("left", "right"))
    rooms = (room("y", capabilities=("left", "right")), room("z", capabilities=("left",)))
    pinned = entry("pinned", rooms=("y", "z"), is_pinned=True)
    assert conflict_of(pinned, (practitioner("dr-a"), *rooms), both) is None
    alone = entry("pinned", rooms=("y",), is_pinned=True)
    assert conflict_of(alone, (practitioner("dr-a"), *rooms), both) == CANNOT_STAY


def test_a_theatre_must_meet_one_of_the_needs():
    surgery = activity(rooms=("theatre", "recovery"), is_surgery=True)
    theatre, cupboard = room("theatre-1", capabilities=("theatre",)), room("theatre-1", capabilities=())
    pinned = block("pinned", is_pinned=True)
    assert conflict_of(pinned, (practitioner("dr-a"), theatre), surgery) is None
    assert conflict_of(pinned, (practitioner("dr-a"), cupboard), surgery) == CANNOT_STAY


def test_a_machine_s_own_entry_that_is_not_qualified_is_dropped():
    today = template(entry("scans", owner="scanner", activity="clinic", rooms=()))
    problem = world((practitioner("dr-a"), room("scanner")), today=today, activities=(SKILLED,))
    assert generated(problem).template.sessions == ()
    able_one = world(
        (practitioner("dr-a"), room("scanner", capabilities=("ultrasound",))),
        today=today,
        activities=(activity(capabilities=("ultrasound",), rooms=()),),
    )
    assert [e.id for e in generated(able_one).template.sessions] == ["scans"]


def test_a_session_whose_rooms_a_site_has_not_is_not_planned_there():
    needs = (RoomNeed(capabilities=("consulting",), count=2),)
    problem = world(
        able(),
        activities=(activity(rooms=needs),),
        contracts=(contract(clinic=(0, 5)),),
    )
    assert not is_possible(problem, Session("dr-a"))
