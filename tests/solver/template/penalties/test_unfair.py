from engine.model.planning import Demand, Unavailable
from engine.solver.template.penalties.unfair import CODE
from tests.factories import practitioner
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, at, contract, world

WHO = ("dr-a", "dr-b", "dr-c")


def shared(sessions, away=(), *, is_unpopular=True, people=WHO, most=4):
    problem = world(
        tuple(practitioner(who) for who in WHO),
        activities=(activity(rooms=(), is_unpopular=is_unpopular),),
        contracts=tuple(contract(who, clinic=(0, most)) for who in people),
        demand=(Demand(activity="clinic", sessions=sessions),),
        unavailable=tuple(Unavailable(resource="dr-a", at=at(day, period)) for day, period in away),
    )
    result = generated(problem)
    return sum(term.amount for term in result.breakdown.terms if term.code is CODE)


def test_what_divides_evenly_is_shared_evenly():
    assert shared(6) == 0


def test_what_does_not_divide_is_off_by_one():
    assert shared(7) in (0, 1)
    assert shared(11) == 0, "a twelfth session costs nothing and makes it even"


def test_who_cannot_makes_it_uneven():
    assert shared(9, away=[("mon", "am"), ("mon", "pm"), ("tue", "am")]) == 3
    assert shared(9, away=[("mon", "am"), ("mon", "pm")]) == 2


def test_popular_activities_and_those_of_one_alone_are_not_shared():
    assert shared(9, away=[("mon", "am"), ("mon", "pm")], is_unpopular=False) == 0
    assert shared(4, people=WHO[:1]) == 0


def test_who_has_a_contract_without_sessions_counts_too():
    assert shared(4, away=[(d, p) for d in ("mon", "tue") for p in ("am", "pm")], people=WHO[:2]) == 4
