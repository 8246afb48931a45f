"""The exact word on one start, where bits alone promise too much."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.hours import Hours
from engine.model.resource import Practitioner, Travel
from engine.model.schedule import Schedule
from engine.model.service import Gap, HeldResource, SameResource
from engine.model.session import FloatingBreak, Segment, SurgeryBlock
from engine.model.shorthand import Duration, RoleRef
from engine.search import Occupancy, find
from engine.search.candidates import find_candidates
from engine.search.confirm import Confirmer
from engine.search.query import Query
from engine.search.scan import popcount
from tests import factories as f


def best(*booked, k=1000, **fields):
    problem = f.problem(**{"days": 1, **fields})
    return find(Occupancy.of(Schedule.of(problem, booked), now=f.NOW), problem.orders[0], now=f.NOW, k=k)


def starts(*booked, **fields):
    problem = f.problem(**{"days": 1, **fields})
    return [f"{problem.grid.instant(c.start) + timedelta(hours=1):%H:%M}" for c in best(*booked, **fields)]


def booked(start, minutes, who, id="x", service="other", **fields):
    return f.appointment(
        id, f.placed("visit", f.at(start), minutes, who, **fields), service=service, order=None, patient=None
    )


OTHER = f.service("other", f.step(roles=(f.role("doctor"), f.role("room", "room"))))


def hours(start, end):
    return Hours(weekly=(f.weekly(start, end),))


def test_a_held_resource_is_held_over_the_real_stretch_and_not_the_shortest():
    """The chair is free from 9 to 10. A second step at 9:40 would hold it until 10; one at 9:45 too long."""
    steps = (f.step("drip", 20), f.step("watch", 20, gap=Gap(max_min=120)))
    held = HeldResource(role=f.role("chair", "equipment"), first="drip", last="watch")
    late = booked("09:20", 20, {"doctor": "dr-a"})
    fields = {
        "resources": (f.practitioner(), f.equipment("chair", hours=hours("09:00", "10:00"))),
        "services": (f.service("visit", *steps, held=(held,)), OTHER),
    }
    found = best(late, **fields)
    assert len(found) == 1
    assert [s.start for s in found[0].steps] == [108, 116]
    chair = [u for u in found[0].steps[0].uses if u[0] == "chair"]
    assert [(u[2], u[3]) for u in chair] == [(108, 120)]


@pytest.mark.parametrize("window", ["end-30", "end-10"])
def test_a_held_resource_may_be_needed_from_the_end_only(window):
    steps = (f.step("drip", 20), f.step("watch", 20, gap=Gap(max_min=30)))
    role = f.role("chair", "equipment", start=window, end="end+10")
    held = HeldResource(role=role, first="drip", last="watch")
    fields = {
        "resources": (f.practitioner(), f.equipment("chair", hours=hours("09:20", "10:00"))),
        "services": (f.service("visit", *steps, held=(held,)),),
    }
    found = best(**fields)
    assert found
    for c in found:
        (chair,) = [u for u in c.steps[0].uses if u[0] == "chair"]
        assert chair[3] == c.end + 2
        assert chair[2] >= 112
        assert chair[3] <= 120


def test_a_held_resource_needs_a_session_travel_quota_and_time_like_any_other():
    steps = (f.step("drip", 20, roles=()), f.step("watch", 20, roles=(), gap=Gap(max_min=0)))
    held = HeldResource(role=f.role("nurse"), first="drip", last="watch")
    service = f.service("visit", *steps, held=(held,))
    urgent = Segment(start="08:00", end="09:00", is_kept_for_urgent=True)
    full = Segment(start="09:00", end="09:30", quota=0)
    rest = Segment(start="09:30", end="11:00")
    session = f.session("s", "dr-a", end="11:00", segments=(urgent, full, rest))
    who = f.practitioner(use="in-sessions")
    assert starts(resources=(who,), services=(service,), sessions=(session,)) == [
        *(f"09:{m}" for m in (30, 35, 40, 45, 50, 55)),
        *(f"10:{m:02d}" for m in range(0, 21, 5)),
    ]


def test_a_held_owner_opens_the_block_for_a_later_step():
    """The surgeon is held over both steps; the second takes place in the surgeon's own block."""
    steps = (f.step("prepare", 20, roles=()), f.step("cut", 20, roles=(f.role("room", "room"),), gap=Gap(max_min=0)))
    held = HeldResource(role=f.role("surgeon"), first="prepare", last="cut")
    block = SurgeryBlock(id="b", day=f.MONDAY, theatre="room-1", period=f.period("08:00", "18:00"), practitioner="dr-b")
    found = best(
        k=1,
        resources=(f.practitioner(), f.practitioner("dr-b"), f.room()),
        services=(f.service("visit", *steps, held=(held,)),),
        blocks=(block,),
    )
    assert [u[1] for s in found[0].steps for u in s.uses] == ["dr-b", "room-1"]


def test_a_held_room_is_the_room_of_a_step():
    """Equipment fixed in a room goes with the room that is held."""
    steps = (
        f.step("prepare", 20, roles=()),
        f.step("scan", 20, roles=(f.role("scan", "equipment"),), gap=Gap(max_min=0)),
    )
    rooms = (f.room("room-1"), f.room("room-2"))
    scanner = f.equipment(fixed_in="room-2")
    held = HeldResource(role=f.role("room", "room"), first="prepare", last="scan")
    service = f.service("visit", *steps, held=(held,))
    found = best(k=1, resources=(f.practitioner(), *rooms, scanner), services=(service,))
    assert [u[1] for s in found[0].steps for u in s.uses] == ["room-1", "scanner"]  # no role of the step is a room
    own_room = f.step("scan", 20, roles=(f.role("scan", "equipment"), f.role("spare", "room")), gap=Gap(max_min=0))
    service = f.service("visit", steps[0], own_room, held=(held,))
    found = best(k=1, resources=(f.practitioner(), *rooms, scanner), services=(service,))
    assert {u[1] for s in found[0].steps for u in s.uses} == {"room-1", "room-2", "scanner"}


def test_the_same_two_for_two_steps():
    staff = [f.practitioner(f"p{i}") for i in range(4)]
    steps = (
        f.step("one", 20, roles=(f.role("team", count=2),)),
        f.step("two", 20, roles=(f.role("team", count=2),), gap=Gap(max_min=0)),
    )
    same = SameResource(roles=(RoleRef(step="one", role="team"), RoleRef(step="two", role="team")))
    busy = [booked("08:00", 20, {"doctor": "p0"}, "a"), booked("08:20", 20, {"doctor": "p1"}, "b"),
            booked("08:20", 580, {"doctor": "p2"}, "c")]  # fmt: skip
    fields = {"resources": staff, "services": (f.service("visit", *steps, same=(same,)), OTHER)}
    first = best(*busy, k=1, **fields)[0]
    assert first.start == 100  # 8:20, with p0 and p3; at 8:00 p1 to p3 are free, of whom only p3 stays
    assert [{u[1] for u in s.uses} for s in first.steps] == [{"p0", "p3"}] * 2


def test_who_travels_between_two_steps_has_the_time():
    sites = (f.site(), f.site("east"))
    steps = (
        f.step("one", 20, roles=(f.role("doctor"), f.role("room", "room", any_of=("room-1",)))),
        f.step("two", 20, roles=(f.role("doctor"), f.role("room", "room", any_of=("room-2",))), gap=Gap(max_min=60)),
    )
    found = best(
        k=1,
        sites=sites,
        travel=(Travel(origin="main", destination="east", minutes=30),),
        resources=(f.practitioner(other_sites=("east",)), f.room(), f.room("room-2", site="east")),
        services=(f.service("visit", *steps),),
    )
    assert [(s.site, s.start) for s in found[0].steps] == [("main", 96), ("east", 106)]


@pytest.mark.parametrize(("way", "own", "minutes"), [(0, None, 0), (30, None, 30), (30, 45, 45), (30, 5, 30)])
def test_a_patient_between_two_sites_has_the_time(way, own, minutes):
    """Three steps: at main, on the telephone, and at east, so that the way is between the first and the last."""
    steps = (
        f.step("one", 20, roles=(f.role("room", "room", any_of=("room-1",)),)),
        f.step("call", 5, roles=(f.role("nurse"),), modalities=("telephone",)),
        f.step("two", 20, roles=(f.role("room", "room", any_of=("room-2",)),), gap=Gap(max_min=60)),
    )
    found = best(
        k=1,
        sites=(f.site(), f.site("east")),
        travel=(Travel(origin="main", destination="east", minutes=way),),
        resources=(f.practitioner(), f.room(), f.room("room-2", site="east")),
        patients=(f.patient(travel_min=own), f.patient("pat-2")),
        services=(f.service("visit", *steps),),
    )
    first, _, last = found[0].steps
    assert (first.site, last.site) == ("main", "east")
    assert (last.start - first.end) * 5 == max(5, minutes)


@pytest.mark.parametrize(
    ("who", "machine", "minutes"),
    [("slow", "new", 30), ("quick", "new", 20), ("slow", "old", 40), ("quick", "old", 40)],
)
def test_the_longest_of_the_durations_that_apply_counts(who, machine, minutes):
    """The old scanner takes 40 minutes whoever works it; the slow doctor 30 with the new one."""
    duration = Duration(minutes=20, by_practitioner={"slow": 30}, by_equipment={"old": 40})
    step = f.step(roles=(f.role("doctor"), f.role("scan", "equipment")), duration=duration)
    resources = (f.practitioner("slow"), f.practitioner("quick"), f.equipment("old"), f.equipment("new"))
    there = tuple(
        r if r.id in (who, machine) else r.model_copy(update={"hours": hours("17:55", "18:00")}) for r in resources
    )
    (found,) = best(k=1, resources=there, services=(f.service("visit", step),))
    assert (found.end - found.start) * 5 == minutes


def test_a_break_can_still_be_taken():
    lunch = FloatingBreak(minutes=30, start="11:00", end="12:30")
    session = f.session("s", "dr-a", start="08:00", end="18:00", breaks=(lunch,))
    before = booked("11:00", 40, {"doctor": "dr-a"})
    got = starts(before, sessions=(session,), services=(f.service(), OTHER))
    assert "11:40" in got  # 12:00 to 12:30 is left
    assert "11:45" not in got
    assert "12:05" not in got
    assert "12:10" in got


def test_a_practitioner_with_a_block_elsewhere_is_not_here():
    sites = (f.site(), f.site("east"))
    block = SurgeryBlock(id="b", day=f.MONDAY, theatre="room-2", period=f.period("08:00", "10:00"), practitioner="dr-a")
    got = starts(
        sites=sites,
        resources=(f.practitioner(other_sites=("east",)), f.room("room-2", site="east")),
        blocks=(block,),
        orders=(f.order(required_site="main"),),
    )
    assert got[:2] == ["09:45", "09:50"]  # these reach out of the block, so it does not say where


def test_a_start_that_leads_nowhere_is_not_tried_again_and_again():
    """Step two needs two people at once and there is one. Bits cannot tell; a hundred first steps must not each ask."""
    steps = (f.step("one", 20), f.step("two", 20, roles=(f.role("doctor"), f.role("second"))))
    problem = f.problem(services=(f.service("visit", *steps),))
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    with Query(occupancy, problem.orders[0], now=f.NOW) as query:
        row = find_candidates(query)
        assert popcount(row) > 1000
        confirmer = Confirmer(query, query.costs)
        assert confirmer.best(occupancy.grid.exact(f.at("08:00"))) is None
        assert popcount(query.steps[1].variants[0].row) == 4  # those before the first step is over


def test_what_led_nowhere_is_remembered_by_what_matters():
    """Three ways to do step one, the same person needed in all of step two: one look at step two is enough."""
    staff = [Practitioner(id=i, name=i, site="main", use="when-open", capabilities=(c,)) for i, c in
             (("a", "x"), ("b", "x"), ("c", "y"))]  # fmt: skip
    held = HeldResource(role=f.role("chair", "equipment"), first="one", last="two")
    steps = (
        f.step("one", 20, roles=(f.role("doctor", capabilities=("x",)),)),
        f.step("two", 20, roles=(f.role("doctor", capabilities=("y",)), f.role("second", capabilities=("y",)))),
    )
    service = f.service("visit", *steps, held=(held,))
    assert starts(resources=(*staff, f.equipment("chair")), services=(service,)) == []
