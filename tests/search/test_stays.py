"""Stays in nights: they end at discharge, so how long a bed is needed depends on when the stay begins."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.check import check
from engine.jobs.book_offer import book_offer
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.policy import Policy
from engine.model.resource import Bed
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.search import Occupancy, find
from engine.solver.params import SolveParams
from tests import factories as f

ALWAYS = Hours(weekly=(f.weekly("00:00", "24:00", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun")),))
NIGHT = f.step("stay", roles=(f.role("bed", "bed"),), nights=1)
AT_NOON = f.order(earliest_start=f.at("12:00"))


def bed(id="bed-1", **fields):
    return Bed(id=id, name=id, site="main", hours=ALWAYS, **fields)


def world(*resources, steps=(NIGHT,), **fields):
    return f.problem(**{
        "resources": resources or (bed(),),
        "services": (f.service("visit", *steps, **fields.pop("service", {})),),
        "policy": Policy(start_grid_min=60),
        "days": 4,
        **fields,
    })  # fmt: skip


def taken(start, end, who="bed-1", id="x"):
    step = f.placed("stay", start, 0, (f.reservation("bed", who, start, end),), end=end)
    return f.appointment(id, step, order=None, patient=None)


def found(problem, *booked, k=1):
    """Start and end of the steps of the best visits; each of them books without a fault."""
    schedule = Schedule.of(problem, booked)
    result = find_slots(schedule, "ord-1", now=f.NOW, k=k, diverse=False)
    for offer in result.offers:
        after, name = book_offer(schedule, result, offer)
        assert [v for v in check(after, now=f.NOW).violations if name in v.subjects] == []
    zone = ZoneInfo(f.ZONE)
    return [
        [(f"{s.start.astimezone(zone):%d %H:%M}", f"{s.end.astimezone(zone):%d %H:%M}") for s in o.appointment.steps]
        for o in result.offers
    ]


def test_a_stay_ends_at_discharge_so_many_days_later_whenever_it_starts():
    offers = found(world(orders=(f.order(earliest_start=f.at("22:00")),)), k=4)
    assert offers == [[("02 22:00", "03 11:00")], [("02 23:00", "03 11:00")], [("03 00:00", "04 11:00")],
                      [("03 01:00", "04 11:00")]]  # fmt: skip


def test_a_bed_is_taken_up_to_the_hour_of_discharge():
    """Whoever comes at 11:00 meets nobody; whoever must be out at 11:00 is not met by whoever comes then."""
    first = taken(f.at("2026-03-02 15:00"), f.at("2026-03-03 11:00"))
    after = found(world(orders=(f.order(earliest_start=f.at("2026-03-02 14:00")),)), first, k=1)
    assert after == [[("03 11:00", "04 11:00")]]
    before = taken(f.at("2026-03-03 11:00"), f.at("2026-03-04 11:00"))
    assert found(world(orders=(AT_NOON,)), before) == [[("02 12:00", "03 11:00")]]
    too_soon = taken(f.at("2026-03-03 10:00"), f.at("2026-03-04 11:00"))
    assert found(world(orders=(AT_NOON,)), too_soon) == [[("04 11:00", "05 11:00")]]


def test_cleaning_comes_after_discharge():
    before = taken(f.at("2026-03-03 11:00"), f.at("2026-03-04 11:00"))
    cleaned = f.step("stay", roles=(f.role("bed", "bed", cleanup_min=30),), nights=1)
    assert found(world(steps=(cleaned,), orders=(AT_NOON,)), before) == [[("04 11:00", "05 11:00")]]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 22), (date(2026, 10, 24), 24), (date(2026, 3, 2), 23)],
    ids=["forward", "back", "neither"],
)
def test_a_night_in_which_the_clocks_change_is_shorter_or_longer(day, hours):
    start = f.at(f"{day} 00:00")
    problem = world(
        horizon=Interval(start=start, end=start + timedelta(days=4)),
        orders=(f.order(earliest_start=f.at(f"{day} 12:00")),),
    )
    ((stay,),) = found(problem)
    assert stay == (f"{day:%d} 12:00", f"{day + timedelta(1):%d} 11:00")
    best = find(Occupancy.of(Schedule.of(problem), now=f.at("2026-02-27 12:00")), problem.orders[0], now=f.NOW, k=1)[0]
    assert (best.end - best.start) * problem.tick_min == hours * 60


def test_a_stay_over_the_end_of_the_horizon_is_not_offered():
    offers = found(world(days=2), k=100)
    assert {start[:2] for ((start, _),) in offers} == {"02"}
    assert {end for ((_, end),) in offers} == {"03 11:00"}
    assert found(world(days=1)) == []


def test_a_deadline_holds_for_discharge():
    assert found(world(orders=(f.order(deadline=f.at("2026-03-04 10:55")),)), k=100)[-1] == [("02 23:00", "03 11:00")]


def test_admission_and_discharge_want_people_at_their_hours():
    """The nurse is there from 9 to 12 on weekdays: discharge at 11:00 is, admission in the evening is not."""
    nurse = f.practitioner("nurse", hours=Hours(weekly=(f.weekly("09:00", "12:00"),)))
    leaving = f.role("nurse", start="end-30")
    stay = f.step("stay", roles=(f.role("bed", "bed"), leaving), nights=1)
    problem = world(bed(), nurse, steps=(stay,), orders=(f.order(earliest_start=f.at("20:00")),))
    assert found(problem) == [[("02 20:00", "03 11:00")]]
    coming = f.step("stay", roles=(f.role("bed", "bed"), f.role("nurse", end="start+30")), nights=1)
    problem = world(bed(), nurse, steps=(coming,), orders=(f.order(earliest_start=f.at("20:00")),))
    assert found(problem) == [[("03 09:00", "04 11:00")]]


def test_an_operation_and_the_nights_after_it():
    surgeon = f.practitioner(hours=Hours(weekly=(f.weekly("13:00", "16:00"),)))
    steps = (
        f.step("operation", 120, roles=(f.role("doctor"),)),
        f.step("stay", roles=(f.role("bed", "bed"),), nights=2, gap=Gap(max_min=60)),
    )
    full = taken(f.at("2026-03-02 00:00"), f.at("2026-03-02 15:30"))
    assert found(world(surgeon, bed(), steps=steps), full) == [
        [("02 13:00", "02 15:00"), ("02 15:30", "04 11:00")]
    ]  # fmt: skip


def test_a_ward_has_as_many_beds_as_lanes():
    full = [taken(f.at("2026-03-02 12:00"), f.at("2026-03-03 11:00"), id=f"x{i}") for i in range(2)]
    assert found(world(bed(lanes=3), orders=(AT_NOON,)), *full) == [[("02 12:00", "03 11:00")]]
    assert found(world(bed(lanes=2), orders=(AT_NOON,)), *full) == [[("03 11:00", "04 11:00")]]


def test_a_queue_of_stays_fills_the_beds():
    people = tuple(f.patient(f"pat-{i}") for i in range(5))
    orders = tuple(f.order(f"ord-{i}", patient=f"pat-{i}") for i in range(5))
    nurse = f.practitioner("nurse", hours=ALWAYS)
    stay = f.step("stay", roles=(f.role("bed", "bed"), f.role("nurse", start="end-30")), nights=1)
    problem = world(bed(), bed("bed-2"), nurse, steps=(stay,), patients=people, orders=orders, days=3)
    result = book_orders(
        Schedule.of(problem), now=f.NOW, params=SolveParams(time_limit_s=5, workers=1, is_deterministic=True)
    )
    assert result.schedule is not None
    assert check(result.schedule, now=f.NOW).is_clean
    # The nurse lets one patient go at a time, and all of a day go at 11:00: one on Tuesday, one on Wednesday.
    assert len(result.schedule.appointments) == 2
