"""Several orders, one trip: offers that place all orders of a tie together, or why there is none."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.check import check
from engine.errors import UnknownIdError, UnsupportedRuleError, WrongArgumentError
from engine.jobs.book_offer import book_offer
from engine.jobs.find_slots import find_slots
from engine.jobs.find_trip import find_trip
from engine.jobs.joint_offer import book_joint_offer
from engine.model.calendar import Interval
from engine.model.explanation import LeftOver
from engine.model.hours import Hours, HoursException
from engine.model.order import Occurrence, OrderStatus, Prerequisite, TargetDate, Tie
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.search.occupancy import Occupancy
from tests import factories as f

ZURICH = ZoneInfo(f.ZONE)


def world(*booked, kind="one-trip", wait=None, orders=None, left_over=(), **fields):
    """Two orders of one patient, tied: a talk with dr-a and blood drawn at the desk."""
    orders = orders or (f.order(), f.order("ord-2", service="blood"))
    desk = f.service("blood", f.step("visit", 10, (f.role("desk", "room", capabilities=("blood",)),)))
    problem = f.problem(
        **{
            "resources": (f.practitioner(), f.room("desk", capabilities=("blood",))),
            "services": (f.service(), desk),
            "orders": orders,
            "patients": (f.patient(), f.patient("pat-2")),
            "ties": (Tie(id="tie", kind=kind, orders=tuple(o.id for o in orders), max_wait_min=wait),),
            **fields,
        }
    )
    return Schedule.of(problem, booked, left_over=left_over)


def asked(schedule, given="tie", now=f.NOW, **more):
    """The result, each of whose offers can be booked as a whole."""
    found = find_trip(schedule, given, now=now, **more)
    for offer in found.offers:
        after, names = book_joint_offer(schedule, found, offer)
        report = check(after, now=now)
        assert report.is_clean, report.violations
        assert len(names) == len(offer.visits) == len(found.orders)
        assert offer.cost == sum(v.cost for v in offer.visits)
        assert offer.start == min(v.start for v in offer.visits)
    return found


def times(offer):
    return [v.start.astimezone(ZURICH).strftime("%H:%M") for v in offer.visits]


def day(offer):
    return offer.start.astimezone(ZURICH).date()


def busy(start: str, minutes: int, who: str = "dr-a", id: str = "busy"):
    """A visit of somebody else."""
    role, service = ("desk", "blood") if who == "desk" else ("doctor", "visit")
    step = f.placed("visit", f.at(start), minutes, {role: who})
    return f.appointment(id, step, patient=None, order=None, service=service)


def test_one_offer_for_each_half_day_cheapest_first():
    found = asked(world(wait=30))
    assert found.tie == "tie"
    assert found.orders == ("ord-1", "ord-2")
    assert [(day(o).day, times(o)[0]) for o in found.offers] == [
        (2, "08:00"), (2, "12:00"), (3, "08:00"), (3, "12:00"), (4, "08:00"),
    ]  # fmt: skip
    assert all(o.is_proven for o in found.offers)


@pytest.mark.parametrize("given", ["tie", "ord-1", "ord-2"])
def test_the_tie_or_one_of_its_orders_may_be_asked_for(given: str):
    assert asked(world(), given) == asked(world())


def test_a_wait_of_none_at_all():
    """dr-a is free from 09:00 and from 11:30; blood is drawn from 10:00 to 11:30 only: one has to follow at once."""
    schedule = world(
        busy("2026-03-02 08:00", 60),
        busy("2026-03-02 09:20", 130, id="b"),
        busy("2026-03-02 08:00", 120, "desk", "c"),
        busy("2026-03-02 11:30", 390, "desk", "d"),
        wait=0,
    )
    best = asked(schedule, k=1).offers[0]
    assert times(best) == ["11:20", "11:30"]
    assert best.reason == "No waiting between visits."
    longer = asked(world(busy("2026-03-02 08:20", 580), busy("2026-03-02 08:00", 30, "desk", "c"), wait=10), k=1)
    assert times(longer.offers[0]) == ["08:00", "08:30"]
    assert longer.offers[0].reason == "2 visits, 10 min of waiting between them."
    tight = asked(world(busy("2026-03-02 08:20", 580), busy("2026-03-02 08:00", 30, "desk", "c"), wait=9), k=1)
    assert day(tight.offers[0]).day == 3


def test_the_visit_between_two_fills_the_wait():
    """Each alone is too far from the first; the one in the middle makes a trip of the three."""
    orders = (f.order(), f.order("ord-2", service="blood"), f.order("ord-3", service="scan"))
    scan = f.service("scan", f.step("visit", 20, (f.role("scanner", "room", capabilities=("scan",)),)))
    blood = f.service("blood", f.step("visit", 10, (f.role("desk", "room", capabilities=("blood",)),)))
    schedule = world(
        busy("2026-03-02 08:20", 580),
        orders=orders,
        services=(f.service(), blood, scan),
        resources=(
            f.practitioner(),
            f.room("desk", capabilities=("blood",), hours=Hours(weekly=(f.weekly("09:00", "09:10"),))),
            f.room("scanner", capabilities=("scan",), hours=Hours(weekly=(f.weekly("08:40", "09:00"),))),
        ),
        wait=20,
    )
    assert times(asked(schedule, k=1).offers[0]) == ["08:00", "08:40", "09:00"]


def test_a_resource_that_both_could_have_goes_to_the_one_that_needs_it():
    """ord-1 may be with either; ord-2 with dr-a alone, and both must be at the same time for there to be no wait."""
    orders = (f.order(), f.order("ord-2", patient="pat-2", required_practitioner="dr-a"))
    schedule = world(
        kind="household",
        wait=0,
        orders=orders,
        services=(f.service(),),
        resources=(f.practitioner(), f.practitioner("dr-b")),
        sites=(f.site(hours=Hours(weekly=(f.weekly("08:00", "08:20"),))),),
    )
    best = asked(schedule, k=1).offers[0]
    used = {v.appointment.order: v.appointment.steps[0].reservations[0].resource for v in best.visits}
    assert used == {"ord-1": "dr-b", "ord-2": "dr-a"}


def two_sites(kind: str):
    """The doctor is at one site, the desk at the other."""
    orders = (f.order(), f.order("ord-2", patient="pat-2", service="blood"))
    return world(
        kind=kind,
        orders=orders,
        resources=(f.practitioner(), f.room("desk", capabilities=("blood",), site="east")),
        sites=(f.site(), f.site("east")),
    )


def test_a_household_at_two_sites_is_no_trip():
    found = asked(two_sites("household"))
    assert found.offers == ()
    assert [r.code for r in found.reasons] == ["tie"]
    assert found.reasons[0].message == "Tie tie (ord-1, ord-2) has no day on which its orders can all be at one site."
    assert asked(two_sites("same-day")).offers


def test_a_tie_that_is_booked_in_part_keeps_its_day():
    talk = f.appointment(start="2026-03-05 14:00")
    schedule = world(talk, wait=30)
    occupancy = Occupancy.of(schedule, now=f.NOW)
    found = asked(schedule, occupancy=occupancy)
    assert found.orders == ("ord-2",)
    assert [(day(o).day, times(o)) for o in found.offers] == [(5, ["13:20"])]
    assert found.offers[0].visits[0].appointment.order == "ord-2"
    assert occupancy.bookings.links.is_tied("ord-1")
    full = world(talk, busy("2026-03-05 08:00", 600, "desk"), wait=30)
    assert asked(full).reasons[0].resource == "desk"


def test_where_all_are_booked_there_is_nothing_to_offer():
    blood = f.placed("visit", f.at("2026-03-02 09:20"), 10, {"desk": "desk"})
    found = asked(world(f.appointment(), f.appointment("app-2", blood, order="ord-2", service="blood")))
    assert found.orders == ()
    assert "has no order without a visit" in found.reasons[0].message
    other = f.order("ord-2", service="blood", status=OrderStatus.REVOKED)
    assert asked(world(orders=(f.order(), other))).orders == ("ord-1",)


def test_what_comes_first_is_placed_first():
    talk = f.order(prerequisites=(Prerequisite(order="ord-2", min_min=60),))
    best = asked(world(orders=(talk, f.order("ord-2", service="blood"))), k=1).offers[0]
    assert [v.appointment.order for v in best.visits] == ["ord-2", "ord-1"]
    assert best.visits[1].start - best.visits[0].end >= timedelta(minutes=60)


def test_an_order_of_several_steps():
    bundle = f.service(
        "bundle", f.step("one", 20), f.step("two", 20, gap=Gap(min_min=60, max_min=60)), max_span_min=120
    )
    blood = f.service("blood", f.step("visit", 10, (f.role("desk", "room", capabilities=("blood",)),)))
    orders = (f.order(service="bundle"), f.order("ord-2", service="blood"))
    best = asked(world(orders=orders, services=(bundle, blood), wait=0), k=1).offers[0]
    assert best.is_proven
    assert {v.appointment.order for v in best.visits} == {"ord-1", "ord-2"}


def test_an_order_whose_steps_are_free_in_order():
    scan = f.step("scan", 20, (f.role("scanner", "room", capabilities=("scan",)),))
    bundle = f.service("bundle", f.step("one", 20), scan, is_ordered=False)
    blood = f.service("blood", f.step("visit", 10, (f.role("desk", "room", capabilities=("blood",)),)))
    orders = (f.order(service="bundle"), f.order("ord-2", service="blood"))
    early = Hours(weekly=(f.weekly("08:00", "08:20"),))
    schedule = world(
        orders=orders,
        services=(bundle, blood),
        resources=(
            f.practitioner(),
            f.room("desk", capabilities=("blood",)),
            f.room("scanner", capabilities=("scan",), hours=early),
        ),
        wait=0,
    )
    best = asked(schedule, k=1).offers[0]
    assert best.is_proven
    assert best.visits[0].start.astimezone(ZURICH).hour == 8


def test_visits_of_series_go_together_by_their_number():
    series = (Occurrence(offset_days=0), Occurrence(offset_days=7))
    orders = (f.order(series=series), f.order("ord-2", service="blood", series=series))
    blood = f.placed("visit", f.at("2026-03-03 09:20"), 10, {"desk": "desk"})
    booked = (
        f.appointment(start="2026-03-03 09:00"),
        f.appointment("app-2", blood, order="ord-2", service="blood"),
    )
    found = asked(world(*booked, orders=orders), occurrence=1)
    assert {day(o).day for o in found.offers} == {10}
    assert {v.appointment.occurrence for v in found.offers[0].visits} == {1}
    after, names = book_joint_offer(world(*booked, orders=orders), found, found.offers[0])
    assert sorted(names) == ["visit-ord-1.2", "visit-ord-2.2"]
    assert len(after.appointments) == 4


def test_only_visits_that_start_in_a_stretch():
    found = asked(world(), start=f.at("2026-03-03 11:00"), end=f.at("2026-03-03 13:00"))
    assert [(day(o).day, times(o)[0]) for o in found.offers] == [(3, "11:00"), (3, "12:00")]


def test_why_there_is_no_trip():
    leave = tuple(
        HoursException(kind="leave", start=f.at(f"2026-03-{d:02} 00:00"), end=f.at(f"2026-03-{d + 1:02} 00:00"))
        for d in range(2, 15, 2)
    )
    desk = f.room("desk", capabilities=("blood",), hours=Hours(exceptions=leave))
    other = tuple(
        HoursException(kind="leave", start=f.at(f"2026-03-{d:02} 00:00"), end=f.at(f"2026-03-{d + 1:02} 00:00"))
        for d in range(3, 15, 2)
    )
    doctor = f.practitioner(hours=Hours(exceptions=other))
    found = asked(world(resources=(doctor, desk)))
    assert "has no day on which each of its orders has a place" in found.reasons[0].message
    fortnight = HoursException(kind="leave", start=f.at("00:00"), end=f.at("2026-03-16 00:00"))
    away = f.practitioner(hours=Hours(exceptions=(fortnight,)))
    nobody = asked(world(resources=(away, f.room("desk", capabilities=("blood",)))))
    assert nobody.reasons[0].resource == "dr-a"


def test_an_order_that_is_for_later_puts_the_trip_on_the_recall_list():
    later = f.order("ord-2", service="blood", target=TargetDate(day=date(2026, 4, 1)))
    found = asked(world(orders=(f.order(), later)))
    assert found.recall is not None
    assert found.recall.order == "ord-2"
    assert found.recall.look_again + timedelta(14) == date(2026, 4, 1)


def test_nobody_is_left_over_any_more():
    schedule = world(left_over=(LeftOver(order="ord-1", reason="x"), LeftOver(order="ord-2", reason="y")))
    found = asked(schedule, k=1)
    after, names = book_joint_offer(schedule, found, found.offers[0])
    assert after.left_over == ()
    assert set(names) == {"visit-ord-1", "visit-ord-2"}


def test_what_is_no_tie_is_said():
    lone = world(orders=(f.order(), f.order("ord-2", service="blood"), f.order("ord-3")))
    lone = Schedule.of(lone.problem.changed(ties=(Tie(id="tie", kind="same-day", orders=("ord-1", "ord-2")),)))
    with pytest.raises(WrongArgumentError, match="ord-3 is tied to no other"):
        find_trip(lone, "ord-3", now=f.NOW)
    with pytest.raises(UnknownIdError, match="There is no tie 'tei'"):
        find_trip(lone, "tei", now=f.NOW)


def test_a_trip_with_a_group_visit_is_refused_until_the_seat_is_booked():
    desk = f.service("blood", f.step("visit", 10, (f.role("desk", "room", capabilities=("blood",)),)))
    given = world(services=(f.service("visit", f.step(), group_size=4), desk))
    with pytest.raises(UnsupportedRuleError, match="tie tie cannot take account of group visits yet"):
        find_trip(given, "tie", now=f.NOW)
    seat = find_slots(given, "ord-1", now=f.NOW)
    after, _ = book_offer(given, seat, seat.offers[0])
    (found, *_) = asked(after).offers
    assert [v.appointment.order for v in found.visits] == ["ord-2"]
    assert day(found) == seat.offers[0].start.astimezone(ZURICH).date()


def test_a_reason_says_whose_order_it_is_about():
    """In a household 'the patient' may be any of them."""
    away = Interval(start=f.at("00:00"), end=f.at("2026-03-16 00:00"))
    family = Tie(id="family", kind="household", orders=("ord-1", "ord-2"))
    problem = f.problem(
        patients=(f.patient(), f.patient("pat-2", name="Rosalind Quince", unavailable=(away,))),
        orders=(f.order(), f.order("ord-2", patient="pat-2")),
        ties=(family,),
    )
    reasons = find_trip(Schedule.of(problem), "ord-1", now=f.NOW).reasons
    assert reasons
    assert all(r.message.startswith("ord-2: ") and "Quince" not in r.message for r in reasons)
