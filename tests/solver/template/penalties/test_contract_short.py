from engine.model.planning import Contract, Unavailable
from engine.solver.template.penalties.contract_short import CODE
from tests.solver.template.judged import generated
from tests.solver.template.worlds import at, contract, world


def short(wished, *away):
    wanted = Contract(activity="clinic", minimum=0, maximum=4, wished=wished)
    unavailable = tuple(Unavailable(resource="dr-a", at=at("mon", period)) for period in away)
    result = generated(world(contracts=(contract(clinic=wanted),), unavailable=unavailable))
    return sum(term.amount for term in result.breakdown.terms if term.code is CODE)


def test_what_is_wished_is_held_where_it_can_be():
    assert short(4) == 0
    assert short(3, "am") == 0
    assert short(None) == 0
    assert short(0) == 0


def test_each_session_below_counts():
    assert short(4, "am") == 1
    assert short(4, "am", "pm") == 2
