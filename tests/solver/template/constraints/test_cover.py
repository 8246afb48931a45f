from engine.model.planning import Cover
from engine.solver.template.constraints.cover import CODE
from tests.factories import period, practitioner, room, site
from tests.solver.template.judged import Session, generated, is_possible
from tests.solver.template.worlds import activity, at, contract, entry, template, world

A, B = Session("dr-a"), Session("dr-b")


CLINIC = activity()


def covered(*covers, activities=(CLINIC,), **fields):
    kinds = {a.id: (0, 5) for a in activities}
    return world(
        (
            practitioner("dr-a", specialties=("heart",)),
            practitioner("dr-b", specialties=("heart", "skin")),
            room("room-1", capabilities=("consulting",), lanes=2),
        ),
        activities=activities,
        contracts=tuple(contract(who, **kinds) for who in ("dr-a", "dr-b")),
        cover=covers,
        **fields,
    )


def test_the_code_is_the_rule_s():
    assert CODE == "template-cover"


def test_enough_of_a_specialty_are_there():
    problem = covered(Cover(specialty="heart", minimum=1, at=(at("mon", "am"),)))
    assert is_possible(problem, A, without=[B])
    assert is_possible(problem, B, without=[A])
    assert not is_possible(problem, without=[A, B])
    both = covered(Cover(specialty="heart", minimum=2, at=(at("mon", "am"),)))
    assert is_possible(both)
    assert not is_possible(both, without=[B])


def test_only_the_specialty_counts():
    problem = covered(Cover(specialty="skin", minimum=1, at=(at("mon", "am"),)))
    assert not is_possible(problem, A, without=[B])


def test_other_periods_are_not_asked():
    problem = covered(Cover(specialty="heart", minimum=1, at=(at("mon", "am"),)))
    assert is_possible(problem, without=[s._replace(period="pm") for s in (A, B)])


def test_without_periods_it_holds_in_all():
    problem = covered(Cover(specialty="heart", minimum=1))
    for period_ in ("am", "pm"):
        assert not is_possible(problem, without=[s._replace(day="tue", period=period_) for s in (A, B)])


def test_an_activity_that_does_not_count_is_not_presence():
    office = activity("office", rooms=(), counts_for_cover=False)
    problem = covered(Cover(specialty="heart", minimum=1, at=(at("mon", "am"),)), activities=(activity(), office))
    assert not is_possible(problem, A._replace(what="office"), B._replace(what="office"))
    assert is_possible(problem, A._replace(what="office"), B._replace(what="clinic"))


def test_an_activity_may_be_what_is_asked():
    duty = activity("duty", rooms=(), counts_for_cover=False)
    problem = covered(Cover(activity="duty", minimum=1, at=(at("mon", "am"),)), activities=(activity(), duty))
    assert not is_possible(problem, A._replace(what="clinic"), B._replace(what="clinic"))
    assert is_possible(problem, A._replace(what="clinic"), B._replace(what="duty"))


def test_a_site_may_be_asked_for():
    def at_site(where):
        return world(
            (practitioner("dr-a", specialties=("heart",), other_sites=("north",)), room("r", site="north")),
            sites=(site(), site("north")),
            activities=(activity(rooms=()),),
            contracts=(contract(clinic=(0, 5)),),
            cover=(Cover(specialty="heart", minimum=1, site=where, at=(at("mon", "am"),)),),
        )

    assert not is_possible(at_site("north"), Session("dr-a", where="main"))
    assert is_possible(at_site("north"), Session("dr-a", where="north"))
    assert is_possible(at_site("main"), Session("dr-a", where="main"))


def test_a_person_counts_once_however_the_period_is_divided():
    today = template(
        entry("early", is_pinned=True, period=period("08:00", "10:00")),
        entry("late", is_pinned=True, period=period("10:00", "12:00")),
    )
    rule = Cover(specialty="heart", minimum=2, at=(at("mon", "am"),))
    assert is_possible(covered(rule, today=today), B)
    assert not is_possible(covered(rule, today=today), without=[B])


def test_a_cover_that_cannot_be_met_is_named():
    rule = Cover(specialty="heart", minimum=3, at=(at("mon", "am"),))
    (part,) = generated(covered(rule)).conflict.parts
    assert part.message == "At least 3 of heart must be there on Mon am."
    elsewhere = Cover(activity="clinic", minimum=3, site="main", at=(at("mon", "am"), at("tue", "pm")))
    (part,) = generated(covered(elsewhere)).conflict.parts
    assert part.message == "At least 3 at Clinic must be there at Site main on Mon am, Tue pm."
