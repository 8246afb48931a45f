"""The job: offers that can be booked as they stand, with a sentence each, or the reasons why there are none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.check import check
from engine.errors import StaleScheduleError, UnknownIdError, WrongArgumentError
from engine.jobs.book_offer import book_offer
from engine.jobs.find_slots import find_slots
from engine.model.order import Occurrence, Preference, TargetDate
from engine.model.policy import Policy
from engine.model.result import Proposal, accept
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.search import Occupancy
from tests import factories as f


def schedule(*booked, **fields):
    return Schedule.of(f.problem(**fields), booked)


def test_offers_are_ranked_and_book_as_they_stand():
    given = schedule(resources=(f.practitioner(), f.practitioner("dr-b")))
    found = find_slots(given, "ord-1", now=f.NOW)
    assert [o.rank for o in found.offers] == [1, 2, 3, 4, 5]
    assert [o.cost for o in found.offers] == [0, 0, 0, 0, 1]
    assert (found.reasons, found.order, found.version) == ((), "ord-1", 0)
    assert found.offers[0].start == f.at("08:00")
    assert found.offers[0].end == f.at("08:20")
    assert found.offers[0].reason == "As soon as can be, and as wished."
    assert found.offers[4].reason == "1 day of waiting."
    assert len({o.appointment.id for o in found.offers}) == 5
    for offer in found.offers:
        assert check(given.changed(added=[offer.appointment]), now=f.NOW).is_clean


def test_every_start_in_a_row_when_not_diverse():
    found = find_slots(schedule(), "ord-1", now=f.NOW, k=3, diverse=False)
    assert [o.start for o in found.offers] == [f.at("08:00") + timedelta(minutes=5 * i) for i in range(3)]


def test_what_speaks_against_an_offer_is_said():
    steps = (f.step("one", 10), f.step("two", 10, gap=Gap(min_min=15)))
    order = f.order(
        priority="urgent",
        due=f.at("08:00"),
        target=TargetDate(day=date(2026, 3, 3), before_days=1),
        preferred_practitioner="dr-a",
        preferred_sites=("east",),
        preference=Preference(weekdays=("fri",)),
        ordered_at=f.at("2026-02-28 12:00"),
    )
    given = schedule(
        services=(f.service("visit", *steps),),
        orders=(order,),
        resources=(f.practitioner(site="east", use="in-sessions"), f.practitioner("dr-b")),
        sites=(f.site(), f.site("east")),
        policy=Policy(weights={"patient-wait": 1, "tardiness": 1}),
    )
    offer = find_slots(given, "ord-1", now=f.NOW, k=1).offers[0]
    assert offer.reason == (
        "1 hour past the due date, 2 days of waiting, 1 day off the target date, 15 minutes of waiting between the "
        "steps, not with the preferred practitioner, not at a preferred site, not at a preferred time."
    )
    assert offer.cost == offer.breakdown.total


def test_the_asked_for_range_practitioner_and_site():
    given = schedule(
        resources=(f.practitioner(), f.practitioner("dr-b", site="east")), sites=(f.site(), f.site("east"))
    )
    asked = {"now": f.NOW, "start": f.at("2026-03-04 00:00"), "end": f.at("2026-03-05 00:00")}
    days = {o.start.date() for o in find_slots(given, "ord-1", k=100, diverse=False, **asked).offers}
    assert days == {date(2026, 3, 4)}
    for extra in ({"site": "east"}, {"practitioner": "dr-b"}):
        best = find_slots(given, "ord-1", k=1, **asked, **extra).offers[0].appointment
        assert best.steps[0].site == "east"
        assert best.steps[0].reservations[0].resource == "dr-b"
    assert find_slots(given, "ord-1", now=f.NOW, start=f.at("09:00"), end=f.at("09:00")).offers == ()


def test_a_site_other_than_the_order_requires():
    given = schedule(sites=(f.site(), f.site("east")), orders=(f.order(required_site="main"),))
    found = find_slots(given, "ord-1", now=f.NOW, site="east")
    assert found.offers == ()
    assert [(r.code, r.message) for r in found.reasons] == [
        ("required-site", "Order ord-1 must be at Site main; Site east was asked for.")
    ]
    assert find_slots(given, "ord-1", now=f.NOW, site="main").offers


def test_reasons_where_there_is_no_offer():
    found = find_slots(schedule(f.appointment()), "ord-1", now=f.NOW)
    assert found.offers == ()
    assert found.reasons[0].message == "Order ord-1 cannot be booked: it has a visit already."
    again = find_slots(schedule(f.appointment()), "ord-1", now=f.NOW, ignoring=["app-1"])
    assert again.offers[0].start == f.at("08:00")


def test_a_target_behind_the_planned_time_is_for_the_recall_list():
    order = f.order(target=TargetDate(day=date(2026, 6, 1), before_days=14, after_days=14))
    found = find_slots(schedule(orders=(order,)), "ord-1", now=f.NOW)
    assert found.reasons[0].message == (
        "Order ord-1 is for 2026-05-18 to 2026-06-15, and visits can be booked until 2026-03-15. "
        "Maybe put it on the recall list, to look again on 2026-05-04."
    )
    assert found.recall is not None
    assert found.recall.look_again == date(2026, 5, 4)  # two weeks ahead of the first day, as far as the plan reaches
    near = f.order(target=TargetDate(day=date(2026, 3, 14)))  # a Saturday
    assert "recall" not in find_slots(schedule(orders=(near,)), "ord-1", now=f.NOW).reasons[0].message


def test_an_occupancy_known_from_before_is_used():
    given = schedule()
    occupancy = Occupancy.of(given, now=f.NOW)
    occupancy.book(
        f.appointment("x", f.placed("visit", f.at("08:00"), 60, {"doctor": "dr-a"}), order=None, patient=None)
    )
    assert find_slots(given, "ord-1", now=f.NOW, occupancy=occupancy).offers[0].start == f.at("09:00")


def test_each_visit_of_a_series_has_offers_of_its_own():
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=2, duration_min=45)))
    first = f.appointment("a", f.placed("visit", f.at("09:00"), 20, {"doctor": "dr-a"}))
    given = schedule(first, orders=(order,))
    found = find_slots(given, "ord-1", now=f.NOW, occurrence=1)
    offer = found.offers[0]
    assert (offer.start, offer.end) == (f.at("2026-03-04 08:00"), f.at("2026-03-04 08:45"))
    assert offer.appointment.occurrence == found.occurrence == 1
    assert check(given.changed(added=[offer.appointment]), now=f.NOW).is_clean


def test_questions_that_cannot_be_answered():
    with pytest.raises(UnknownIdError, match="no order 'ord-2'"):
        find_slots(schedule(), "ord-2", now=f.NOW)
    with pytest.raises(UnknownIdError, match="no site 'west'"):
        find_slots(schedule(), "ord-1", now=f.NOW, site="west")


# --- what if --------------------------------------------------------------------------------------------------------


def visit(id, start, minutes=60, doctor="dr-a", **fields):
    return f.appointment(id, f.placed("visit", f.at(start), minutes, {"doctor": doctor}), order=None, **fields)


def proposed(given, **fields):
    return Proposal(**{"id": "plan", "title": "Move b", "version": given.version, **fields})


BUSY = (visit("a", "08:00", patient=None), visit("b", "09:00", patient="pat-1"), visit("c", "10:00", doctor="dr-b"))
PLANS = {
    "nothing": {},
    "cancelled": {"removed": ("a",)},
    "moved": {"removed": ("b",), "added": (visit("b", "08:30", doctor="dr-b", patient="pat-1"),)},
    "booked": {"added": (visit("d", "08:00", minutes=600, doctor="dr-b", patient=None),)},
    "all": {"removed": ("a", "b"), "added": (visit("a", "13:00", patient=None), visit("d", "08:00", doctor="dr-b"))},
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("diverse", [True, False])
def test_offers_under_a_proposal_are_those_of_the_schedule_as_proposed(plan, diverse):
    given = schedule(*BUSY, resources=(f.practitioner(), f.practitioner("dr-b")))
    proposal, occupancy = proposed(given, **PLANS[plan]), Occupancy.of(given, now=f.NOW)
    asked = {"now": f.NOW, "diverse": diverse, "k": 7}
    before = find_slots(given, "ord-1", **asked)
    under = find_slots(given, "ord-1", **asked, occupancy=occupancy, supposing=proposal)
    assert under == find_slots(accept(given, proposal), "ord-1", **asked)
    assert under == find_slots(given, "ord-1", **asked, supposing=proposal)
    assert (under.offers == before.offers) == (plan == "nothing")
    assert find_slots(given, "ord-1", **asked, occupancy=occupancy) == before


def test_an_offer_under_a_proposal_is_booked_once_it_is_accepted():
    given = schedule(*BUSY, resources=(f.practitioner(), f.practitioner("dr-b")))
    proposal = proposed(given, **PLANS["cancelled"])
    found = find_slots(given, "ord-1", now=f.NOW, supposing=proposal)
    assert found.offers[0].start == f.at("08:00")
    booked, _ = book_offer(accept(given, proposal), found, found.offers[0])
    assert check(booked, now=f.NOW).is_clean
    with pytest.raises(StaleScheduleError):
        book_offer(given, found, found.offers[0])


def test_there_are_reasons_under_a_proposal_too():
    given = schedule(f.appointment(order=None))
    times = {"start": f.at("10:00"), "end": f.at("10:05")}
    full = proposed(given, added=(visit("d", "10:00", patient=None),))
    assert find_slots(given, "ord-1", now=f.NOW, **times).offers
    assert find_slots(given, "ord-1", now=f.NOW, **times, supposing=full).reasons


def test_a_proposal_that_could_not_be_accepted_is_not_supposed():
    given = schedule(*BUSY)
    with pytest.raises(StaleScheduleError, match="made on version 3"):
        find_slots(given, "ord-1", now=f.NOW, supposing=proposed(given, version=3))
    with pytest.raises(WrongArgumentError, match="changes more than visits"):
        find_slots(given, "ord-1", now=f.NOW, supposing=proposed(given, changes_problem=True))
