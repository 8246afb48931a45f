from engine.model.planning import Demand
from engine.solver.template.penalties.demand_short import CODE
from tests.factories import practitioner, room, site
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, contract, entry, template, world


def amounts(result):
    return {term.subjects: term.amount for term in result.breakdown.terms if term.code is CODE}


def clinics(*demand, most=2, **fields):
    return world(contracts=(contract(clinic=(0, most)),), demand=demand, **fields)


def test_what_can_be_covered_is_and_costs_nothing():
    result = generated(clinics(Demand(activity="clinic", sessions=2)))
    assert amounts(result) == {}
    assert len(result.template.sessions) == 2


def test_each_missing_session_counts_more_the_more_urgent():
    for priority in (1, 3, 5):
        result = generated(clinics(Demand(activity="clinic", sessions=4, priority=priority)))
        assert amounts(result) == {("clinic",): 2 * (6 - priority)}


def test_more_than_is_wanted_costs_nothing():
    assert (
        amounts(generated(world(contracts=(contract(clinic=(3, 3)),), demand=(Demand(activity="clinic", sessions=1),))))
        == {}
    )


def test_a_demand_may_be_for_a_site():
    problem = world(
        (
            practitioner("dr-a", other_sites=("north",)),
            *(room(f"room-{s}", site=s, capabilities=("consulting",)) for s in ("main", "north")),
        ),
        sites=(site(), site("north")),
        contracts=(contract(clinic=(0, 3), one_site_a_day=True),),
        demand=(Demand(activity="clinic", sessions=3, site="north"), Demand(activity="clinic", sessions=3)),
    )
    result = generated(problem)
    assert amounts(result) == {}
    assert {e.site for e in result.template.sessions} == {"north"}


def test_priority_one_is_served_first_whatever_it_costs_the_others():
    """One session of the first keeps two of the second from taking place."""
    problem = world(
        (
            practitioner("dr-a"),
            practitioner("dr-b"),
            room("x", capabilities=("left",)),
            room("y", capabilities=("right",)),
        ),
        periods=("am",),
        days=("mon",),
        activities=(
            activity("both", rooms=("left", "right")),
            activity("left", rooms=("left",)),
            activity("right", rooms=("right",)),
        ),
        contracts=(contract(both=(0, 1), left=(0, 1)), contract("dr-b", right=(0, 1))),
        demand=(
            Demand(activity="both", sessions=1, priority=1),
            Demand(activity="left", sessions=1, priority=2),
            Demand(activity="right", sessions=1, priority=2),
        ),
    )
    result = generated(problem)
    assert amounts(result) == {("left",): 4, ("right",): 4}
    assert [(s.name, s.objective) for s in result.stages] == [("demand 1", 0), ("demand 2", 800)]


def test_what_stays_as_it_is_counts():
    today = template(entry("pinned", is_pinned=True), entry("machine", "tue", owner="room-1"))
    problem = clinics(Demand(activity="clinic", sessions=3, priority=5), most=1, today=today)
    assert amounts(generated(problem)) == {("clinic",): 1}
