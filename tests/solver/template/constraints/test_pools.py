from engine.model.planning import PoolNeed, Unavailable
from engine.solver.template.constraints.pools import CODE
from tests.factories import equipment, practitioner, room, site
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, at, contract, entry, template, world

STAFF = tuple(practitioner(f"dr-{c}") for c in "abc")
A, B, C = (Session(f"dr-{c}") for c in "abc")
NURSE = PoolNeed(kind="practitioner", capabilities=("nursing",))


def nurses(*nurses, need=NURSE, activities=None, **fields):
    described = activities or (activity(rooms=(), pools=(need,)),)
    kinds = {a.id: (0, 5) for a in described}
    return world(
        (*STAFF, *nurses),
        activities=described,
        contracts=tuple(contract(s.id, **kinds) for s in STAFF),
        **fields,
    )


def nurse(id="nurse-1", *capabilities, **fields):
    return practitioner(id, capabilities=("nursing", *capabilities), **fields)


def test_the_code_is_the_rule_s():
    assert CODE == "template-pool"


def test_as_many_sessions_as_the_pool_allows():
    problem = nurses(nurse("nurse-1"), nurse("nurse-2"))
    assert is_possible(problem, A, B)
    assert not is_possible(problem, A, B, C)


def test_a_session_may_need_several():
    two = PoolNeed(kind="practitioner", capabilities=("nursing",), count=2)
    assert not is_possible(nurses(nurse(), need=two), A)
    assert is_possible(nurses(nurse(), nurse("nurse-2"), need=two), A)
    assert not is_possible(nurses(nurse(), nurse("nurse-2"), nurse("nurse-3"), need=two), A, B)


def test_who_is_away_or_elsewhere_does_not_count():
    gone = Unavailable(resource="nurse-1", at=at("mon", "am"))
    problem = nurses(nurse(), nurse("nurse-2"), unavailable=(gone,))
    assert is_possible(problem, A)
    assert not is_possible(problem, A, B)
    assert is_possible(problem, *(s._replace(period="pm") for s in (A, B)))
    elsewhere = nurses(nurse(site="other"), sites=(site(), site("other")))
    assert not is_possible(elsewhere, A)


def test_equipment_is_a_pool_of_its_own():
    problem = nurses(equipment("scanner"), need=PoolNeed(kind="equipment"))
    assert is_possible(problem, A)
    assert not is_possible(problem, A, B)


def test_whoever_serves_one_pool_does_not_serve_another_at_the_same_time():
    """Two nurses, one of them for chemotherapy: a chemotherapy and one other session, but not two others."""
    chemo = PoolNeed(kind="practitioner", capabilities=("nursing", "chemo"))
    problem = nurses(
        nurse("nurse-1"),
        nurse("nurse-2", "chemo"),
        activities=(activity(rooms=(), pools=(NURSE,)), activity("infusion", rooms=(), pools=(chemo,))),
    )
    infusion = A._replace(what="infusion")
    assert is_possible(problem, infusion, B._replace(what="clinic"))
    assert not is_possible(problem, infusion, B._replace(what="clinic"), C._replace(what="clinic"))
    assert not is_possible(problem, infusion, B._replace(what="infusion"))


def test_entries_that_stay_draw_on_the_pool_too():
    problem = nurses(nurse(), nurse("nurse-2"), today=template(entry("pinned", rooms=(), is_pinned=True)))
    assert is_possible(problem, B)
    assert not is_possible(problem, B, C)
    desk = entry("desk", owner="room-1", rooms=(), is_pinned=True)
    problem = nurses(room("room-1"), nurse(), today=template(desk))
    assert not is_possible(problem, A)


def test_too_few_of_a_pool_are_named():
    problem = world(
        (*STAFF, nurse()),
        activities=(activity(rooms=(), pools=(NURSE,)),),
        contracts=tuple(contract(s.id, clinic=(3, 5)) for s in STAFF[:2]),
    )
    result = generated(problem)
    assert result.conflict.is_minimal
    assert "At Site main there is nobody and nothing else of this kind than Dr nurse-1." in result.conflict.message


def test_an_empty_pool_is_said_so():
    problem = world(STAFF, activities=(activity(rooms=(), pools=(NURSE,)),), contracts=(contract(clinic=(1, 5)),))
    assert "At Site main some activities have nobody to draw on" in generated(problem).conflict.message
