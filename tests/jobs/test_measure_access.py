"""Access: the third next available appointment, by service and practitioner."""

from __future__ import annotations

from datetime import date

import pytest

from engine.check import check
from engine.errors import UnknownIdError, WrongArgumentError
from engine.jobs.find_slots import find_slots
from engine.jobs.measure_access import Access, Opening, ThirdNext, measure_access
from engine.model.hours import Hours, HoursException
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.model.session import Segment
from engine.search import Occupancy
from tests import factories as f


def schedule(*booked, **fields):
    return Schedule.of(f.problem(**fields), booked)


def measured(given, now=f.NOW):
    (access,) = measure_access(given, now=now, services=["visit"])
    return access


def starts(third):
    return [o.start for o in third.openings]


def taken(start, minutes, who="dr-a", id="taken", **fields):
    at = f.at(start)
    return f.appointment(
        id, f.placed("visit", at, minutes, {"doctor": who}), **{"patient": None, "order": None, **fields}
    )


def test_three_visits_one_after_the_other():
    access = measured(schedule())
    assert starts(access.whoever) == [f.at("08:00"), f.at("08:20"), f.at("08:40")]
    assert access.whoever == ThirdNext(tuple(Opening(f.at(t), "main", "dr-a") for t in ("08:00", "08:20", "08:40")), 1)
    assert access.by_practitioner == (("dr-a", access.whoever),)


def test_days_are_local_days_from_now_weekends_included():
    holiday = HoursException(start=f.at("2026-03-02 00:00"), end=f.at("2026-03-07 00:00"), kind="closure")
    closed = schedule(sites=(f.site(hours=Hours(weekly=(f.weekly(),), exceptions=(holiday,))),))
    assert measured(closed, now=f.at("2026-03-01 23:59")).whoever.days == 8
    assert measured(closed, now=f.at("2026-03-02 00:00")).whoever.days == 7
    assert measured(schedule(), now=f.at("08:00")).whoever.days == 0


def test_days_over_a_change_of_clocks_are_days_by_the_wall():
    """The Monday after the Sunday of 23 hours is a day after it."""
    days = schedule(days=35)
    assert measured(days, now=f.at("2026-03-28 23:30")).whoever.days == 2
    assert measured(days, now=f.at("2026-03-29 00:30")).whoever.days == 1


def test_a_gap_left_by_chance_does_not_make_access_good():
    busy = [taken("08:00", 120, id="a"), taken("10:20", 460, id="b")]
    access = measured(schedule(*busy), now=f.at("07:00"))
    assert starts(access.whoever)[0] == f.at("10:00")
    assert access.whoever.days == 1


def test_the_practitioners_apart_and_the_service_over_all_of_them():
    both = schedule(taken("08:00", 600), resources=(f.practitioner(), f.practitioner("dr-b")))
    access = measured(both, now=f.at("07:00"))
    assert [(who, third.days) for who, third in access.by_practitioner] == [("dr-a", 1), ("dr-b", 0)]
    assert [o.practitioner for o in access.whoever.openings] == ["dr-b", "dr-b", "dr-b"]


def test_a_room_that_two_practitioners_share_is_counted_once():
    visit = f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room"))))
    doctors = f.practitioner(), f.practitioner("dr-b")
    access = measured(schedule(resources=(*doctors, f.room()), services=(visit,)))
    assert starts(access.whoever) == [f.at("08:00"), f.at("08:20"), f.at("08:40")]
    two = measured(schedule(resources=(*doctors, f.room(), f.room("room-2")), services=(visit,)))
    assert starts(two.whoever) == [f.at("08:00"), f.at("08:00"), f.at("08:20")]


def test_clean_up_is_part_of_being_through():
    visit = f.service("visit", f.step(roles=(f.role("doctor", setup_min=5, cleanup_min=10),)))
    assert starts(measured(schedule(services=(visit,))).whoever) == [f.at("08:05"), f.at("08:40"), f.at("09:15")]


def test_time_kept_for_urgent_orders_is_not_open():
    kept = Segment(start="08:00", end="10:00", is_kept_for_urgent=True)
    session = f.session("s", "dr-a", segments=(kept, Segment(start="10:00", end="12:00")))
    given = schedule(resources=(f.practitioner(use="in-sessions"),), sessions=(session,))
    assert starts(measured(given).whoever)[0] == f.at("10:00")


def test_notice_counts():
    assert starts(measured(schedule(policy=Policy(min_notice_min=60)), now=f.at("08:00")).whoever)[0] == f.at("09:00")


def test_whoever_takes_no_new_patients_is_not_measured():
    doctors = f.practitioner(accepts_new=False), f.practitioner("dr-b")
    patient = f.patient(known_to=("dr-a",))
    access = measured(schedule(resources=doctors, patients=(patient,)))
    assert [who for who, _ in access.by_practitioner] == ["dr-b"]


def test_fewer_than_three_until_the_horizon_ends():
    session = f.session("s", "dr-a", end="08:40")
    access = measured(schedule(resources=(f.practitioner(use="in-sessions"),), sessions=(session,)))
    assert (starts(access.whoever), access.whoever.days) == ([f.at("08:00"), f.at("08:20")], None)


def test_an_empty_clinic_has_none():
    access = measured(schedule(resources=(f.practitioner(use="in-sessions"),)))
    assert access == Access("visit", ThirdNext(), (("dr-a", ThirdNext()),))


def test_a_service_without_practitioners_is_measured_together():
    scan = f.service("visit", f.step(roles=(f.role("machine", "equipment"),)))
    access = measured(schedule(resources=(f.equipment(), f.equipment("scanner-2")), services=(scan,)))
    assert starts(access.whoever) == [f.at("08:00"), f.at("08:00"), f.at("08:20")]
    assert access.by_practitioner == ()


def test_the_earliest_even_where_waiting_costs_more_than_a_day():
    """At 08:00 the physician is free only four hours after the blood test; tomorrow there is no wait."""
    roles = (f.role("nurse", capabilities=("blood",)),), (f.role("doctor", capabilities=("talk",)),)
    visit = f.service("visit", f.step("one", 10, roles[0]), f.step("two", 10, roles[1], gap=Gap(max_min=600)))
    staff = f.practitioner("nurse", capabilities=("blood",)), f.practitioner("dr-a", capabilities=("talk",))
    given = schedule(
        taken("08:00", 240), resources=staff, services=(visit,), policy=Policy(weights={"patient-wait": 1})
    )
    assert find_slots(given, "ord-1", now=f.NOW, k=1).offers[0].start > f.at("08:00")
    assert starts(measured(given).whoever)[0] == f.at("08:00")


def test_the_open_appointments_of_a_chain_could_all_be_booked():
    visit = f.service("visit", f.step("one", 10), f.step("two", 20, gap=Gap(min_min=10, max_min=30)))
    given = schedule(resources=(f.practitioner(), f.practitioner("dr-b")), services=(visit,),
                     orders=(f.order("ord-1"), f.order("ord-2"), f.order("ord-3")))  # fmt: skip
    together = starts(measured(given).whoever)
    for order, start in zip(("ord-1", "ord-2", "ord-3"), together, strict=True):
        # Another patient each time: here the one patient's own time must not stand in the way.
        (offer,) = find_slots(given, order, now=f.NOW, k=1).offers
        assert offer.start == start
        given = given.changed(added=[offer.appointment.model_copy(update={"patient": None, "order": None})])
    assert check(given, now=f.NOW).violations == ()


def test_what_search_refuses_is_not_measured_and_says_so():
    group = f.service("group", group_size=8)
    (_, access) = measure_access(schedule(services=(f.service(), group)), now=f.NOW)
    assert access.reason == "Not measured: group visits."
    assert access.whoever == ThirdNext()


def test_all_services_unless_some_are_asked_for():
    given = schedule(services=(f.service(), f.service("other")))
    assert [a.service for a in measure_access(given, now=f.NOW)] == ["visit", "other"]
    assert [a.service for a in measure_access(given, now=f.NOW, services=["other"])] == ["other"]
    with pytest.raises(UnknownIdError, match="nothing"):
        measure_access(given, now=f.NOW, services=["nothing"])
    with pytest.raises(WrongArgumentError, match="services"):
        measure_access(given, now=f.NOW, services="visit")


def test_a_known_occupancy_gives_the_same():
    given = schedule(taken("08:00", 30))
    occupancy = Occupancy.of(given, now=f.NOW)
    assert measure_access(given, now=f.NOW, occupancy=occupancy) == measure_access(given, now=f.NOW)


def test_days_are_those_of_the_site_of_the_visit():
    """At 23:30 in Zurich it is 07:30 tomorrow in Tokyo, where the clinic opens in half an hour."""
    tokyo = f.site("tokyo", time_zone="Asia/Tokyo", hours=Hours(weekly=(f.weekly(),)))
    given = schedule(sites=(tokyo,), resources=(f.practitioner(site="tokyo"),))
    access = measured(given, now=f.at("2026-03-02 23:30"))
    assert access.whoever.openings[0].start == f.at("2026-03-03 08:00", "Asia/Tokyo")
    assert access.whoever.days == 0
    assert access.whoever.openings[0].start.date() == date(2026, 3, 2)
