from engine.solver.template.constraints.contracts import CODE
from tests.factories import practitioner, room
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, contract, entry, template, world

ALL_FOUR = [Session("dr-a", day, period) for day in ("mon", "tue") for period in ("am", "pm")]


def test_the_code_is_the_rule_s():
    assert CODE == "template-contract"


def test_no_more_sessions_of_an_activity_than_the_maximum():
    problem = world(contracts=(contract(clinic=(0, 3)),))
    assert is_possible(problem, *ALL_FOUR[:3])
    assert not is_possible(problem, *ALL_FOUR)


def test_no_fewer_than_the_minimum():
    problem = world(contracts=(contract(clinic=(3, 4)),))
    assert is_possible(problem, without=ALL_FOUR[:1])
    assert not is_possible(problem, without=ALL_FOUR[:2])


def test_no_more_in_all_than_the_total():
    activities = (activity(), activity("duty", rooms=()))
    mixed = [ALL_FOUR[0]._replace(what="clinic"), ALL_FOUR[1]._replace(what="duty")]
    both = contract(maximum=2, clinic=(0, 4), duty=(0, 4))
    assert is_possible(world(activities=activities, contracts=(both,)), *mixed)
    assert not is_possible(world(activities=activities, contracts=(both,)), *mixed, ALL_FOUR[2])


def test_the_cycle_counts_as_a_whole():
    problem = world(contracts=(contract(clinic=(0, 1)),), cycle_weeks=2)
    assert is_possible(problem, Session("dr-a", week=2))
    assert not is_possible(problem, Session("dr-a", week=1), Session("dr-a", week=2))


def test_without_a_contract_there_are_no_sessions():
    assert not is_possible(world(contracts=(contract(clinic=(0, 0)),)), ALL_FOUR[0])


def test_a_pinned_entry_counts():
    today = template(entry("pinned", is_pinned=True))
    problem = world(today=today, contracts=(contract(clinic=(0, 2)),))
    assert is_possible(problem, ALL_FOUR[1])
    assert not is_possible(problem, ALL_FOUR[1], ALL_FOUR[2])
    assert not is_possible(world(today=today, contracts=(contract(clinic=(0, 0)),)))


def test_a_pinned_entry_of_somebody_without_a_contract_is_a_conflict():
    problem = world(
        (practitioner("dr-a"), practitioner("dr-b"), room("room-1", capabilities=("consulting",))),
        today=template(entry("pinned", owner="dr-b", is_pinned=True)),
        contracts=(contract(clinic=(0, 2)),),
    )
    result = generated(problem)
    assert {part.code for part in result.conflict.parts} == {"template-pinned", "template-contract"}
    assert "Dr dr-b has no contract for Clinic." in result.conflict.message


def test_an_unpinned_entry_of_somebody_without_a_contract_goes():
    problem = world(
        (practitioner("dr-a"), practitioner("dr-b"), room("room-1", capabilities=("consulting",))),
        today=template(entry("gone", owner="dr-b")),
    )
    assert generated(problem).template.sessions == ()


def test_a_minimum_that_nothing_can_meet_says_so():
    impossible = activity(capabilities=("surgery",))
    result = generated(world(activities=(impossible,), contracts=(contract(clinic=(1, 2)),)))
    (part,) = result.conflict.parts
    assert part.message.endswith("None is possible: a capability is missing, or no site of theirs has the rooms.")


def test_more_than_there_are_periods_is_no_one_else_s_fault():
    result = generated(world(contracts=(contract(clinic=(5, 5)),)))
    assert [part.subject for part in result.conflict.parts] == ["dr-a/clinic/minimum"]
