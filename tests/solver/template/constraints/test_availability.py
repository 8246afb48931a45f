from engine.model.planning import Unavailable
from engine.solver.template.constraints.availability import CODE
from tests.factories import practitioner, room
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import at, contract, entry, template, world


def away(*slots, who="dr-a", **fields):
    return world(
        contracts=(contract(clinic=fields.pop("clinic", (0, 5))),),
        unavailable=tuple(Unavailable(resource=who, at=slot) for slot in slots),
        **fields,
    )


def test_the_code_is_the_rule_s():
    assert CODE == "template-available"


def test_nobody_works_in_a_period_in_which_they_are_away():
    problem = away(at("mon", "am"))
    assert not is_possible(problem, Session("dr-a"))
    assert is_possible(problem, Session("dr-a", "mon", "pm"))


def test_only_the_weeks_that_are_named_count():
    problem = away(at("mon", "am", 2), cycle_weeks=2)
    assert is_possible(problem, Session("dr-a", week=1))
    assert not is_possible(problem, Session("dr-a", week=2))


def test_somebody_who_is_away_too_often_for_the_contract_is_named():
    problem = away(at("mon", "am"), at("mon", "pm"), clinic=(3, 5))
    result = generated(problem)
    assert result.conflict.is_minimal
    assert [(part.code, part.subject) for part in result.conflict.parts] == [
        ("template-available", "dr-a"),
        ("template-contract", "dr-a/clinic/minimum"),
    ]
    assert "Dr dr-a is not available on Mon am, Mon pm." in result.conflict.message
    assert generated(away(at("mon", "am"), at("mon", "pm"), clinic=(2, 5))).template


def test_a_pinned_entry_cannot_stand_where_its_owner_or_room_is_away():
    today = template(entry("pinned", is_pinned=True))
    for who in ("dr-a", "room-1"):
        result = generated(away(at("mon", "am"), who=who, today=today))
        assert {(part.code, part.subject) for part in result.conflict.parts} == {
            ("template-available", who),
            ("template-pinned", "pinned"),
        }
    assert generated(away(at("mon", "pm"), today=today)).template


def test_an_entry_that_nobody_decides_is_dropped_where_it_cannot_stand():
    desk = entry("desk", owner="scanner", activity=None, rooms=("room-1",))
    problem = world(
        (practitioner("dr-a"), room("room-1"), room("scanner")),
        today=template(desk, cycle_weeks=2),
        unavailable=(Unavailable(resource="room-1", at=at("mon", "am", 2)),),
        cycle_weeks=2,
    )
    (kept,) = generated(problem).template.sessions
    assert (kept.id, kept.on.weeks) == ("desk", (1,))
