from engine.model.template import NthWeekday, Recurrence
from engine.solver.template.constraints.pinned import CODE
from tests.factories import period, room
from tests.solver.template.judged import generated
from tests.solver.template.worlds import activity, block, contract, entry, template, world


def test_the_code_is_the_rule_s():
    assert CODE == "template-pinned"


def test_a_pinned_entry_stays_whatever_would_be_better():
    """Nobody wants the clinic on Monday, and it would cost nothing to drop it but stability."""
    pinned = entry("pinned", is_pinned=True, overbooking_lanes=2)
    (stays,) = generated(world(today=template(pinned), contracts=(contract(clinic=(0, 1)),))).template.sessions
    assert stays == pinned


def test_in_every_week_or_in_some():
    today = template(entry("odd", "mon", "am", 1, is_pinned=True), entry("all", "tue", is_pinned=True), cycle_weeks=2)
    problem = world(today=today, cycle_weeks=2, contracts=(contract(clinic=(0, 4)),))
    assert {(e.id, e.on.weeks) for e in generated(problem).template.sessions} == {("odd", (1,)), ("all", ())}


def test_a_block_and_an_nth_weekday_stay():
    today = template(
        block("block", is_pinned=True, services=("visit",)),
        entry("monthly", is_pinned=True, on=Recurrence(monthly=NthWeekday(nth=1, day="tue"))),
    )
    problem = world(
        (world().resources[0], room("room-1", capabilities=("consulting",)), room("theatre-1")),
        today=today,
        contracts=(contract(clinic=(0, 4)),),
    )
    answer = generated(problem).template
    assert answer.blocks == today.blocks
    assert answer.sessions == today.sessions


def test_hours_of_its_own_stay():
    odd_hours = entry("own-hours", is_pinned=True, period=period("09:15", "11:45"))
    problem = world(today=template(odd_hours), contracts=(contract(clinic=(0, 4)),))
    assert generated(problem).template.sessions == (odd_hours,)


def test_pinned_entries_against_the_contract_are_named():
    today = template(entry("one", is_pinned=True), entry("two", "mon", "pm", is_pinned=True))
    result = generated(world(today=today, contracts=(contract(clinic=(0, 1)),)))
    assert {part.subject for part in result.conflict.parts} == {"one", "two", "dr-a/clinic/maximum"}
    assert "The entry 'one' of Dr dr-a in today's template is pinned." in result.conflict.message


def test_what_is_not_planned_anew_is_said_to_be_so():
    today = template(entry("office", activity=None, rooms=()))
    problem = world(today=today, activities=(activity(),), contracts=(contract(clinic=(4, 4)),))
    result = generated(problem)
    assert "The entry 'office' of Dr dr-a in today's template is not planned anew." in result.conflict.message
