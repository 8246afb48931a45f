"""What would help: each kind of change, the smallest one, and that it does help when it is made for good."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from engine.errors import WrongArgumentError
from engine.jobs.find_slots import find_slots
from engine.jobs.help import HelpKind
from engine.jobs.what_would_help import what_would_help
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException
from engine.model.order import Condition, Occurrence, TargetDate
from engine.model.schedule import Schedule
from engine.model.session import ClassQuota, Release, Segment
from engine.search import Occupancy
from tests import factories as f

NOON = f.at("12:00")
PATIENTS = (f.patient(), f.patient("pat-2"))


def helps(*booked, kind=None, **fields):
    schedule = Schedule.of(f.problem(**fields), booked)
    found = what_would_help(schedule, "ord-1", now=f.NOW, k=20).helps
    assert [h.size for h in found] == sorted(h.size for h in found)
    for h in found:
        assert h.offer.end <= NOON or fields["orders"][0].due != NOON
    return [h for h in found if kind is None or h.kind is kind], schedule


def offers_after(schedule, **fields):
    """The offers in time once the change has been made to the problem itself."""
    changed = Schedule.of(schedule.problem.changed(**fields), list(schedule.appointments))
    return [o for o in find_slots(changed, "ord-1", now=f.NOW, k=50).offers if o.end <= NOON]


def full(start, minutes, **using):
    """Somebody else's visit."""
    return f.appointment(f"x-{start}", f.placed("visit", f.at(start), minutes, using), order=None, patient="pat-2")


def in_session(start="08:00", end="09:00", **fields):
    """A doctor with a session of which nothing is left."""
    return {
        "resources": (f.practitioner(use="in-sessions"),),
        "sessions": (f.session("s", "dr-a", start=start, end=end, **fields),),
        "orders": (f.order(due=NOON),),
        "patients": PATIENTS,
    }


BUSY = full("08:00", 60, doctor="dr-a")


def test_nothing_where_there_is_an_offer_in_time():
    assert helps(orders=(f.order(due=NOON),))[0] == []


def test_a_longer_session_by_as_little_as_will_do():
    (found,), schedule = helps(BUSY, kind=HelpKind.LONGER_SESSION, **in_session())
    assert (found.size, found.resource, found.offer.start) == (30, "dr-a", f.at("09:00"))
    assert found.message == (
        "If the session of Dr dr-a on Monday 2 March ran until 09:30 (30 minutes longer), "
        "Monday 2 March at 09:00 would be free."
    )
    (session,) = schedule.problem.sessions
    assert offers_after(schedule, sessions=(session.model_copy(update={"period": f.period("08:00", "09:15")}),)) == []
    after = offers_after(schedule, sessions=(session.model_copy(update={"period": f.period("08:00", "09:30")}),))
    assert found.offer.start in {o.start for o in after}


def test_a_session_that_begins_earlier():
    """At its end the next one follows."""
    fields = in_session("10:00", "11:00")
    fields["sessions"] = (*fields["sessions"], f.session("t", "dr-a", start="11:00", end="12:00"))
    booked = full("10:00", 60, doctor="dr-a"), full("11:00", 60, doctor="dr-a")
    (found,), _ = helps(*booked, kind=HelpKind.LONGER_SESSION, **fields)
    assert "began at 09:30 (30 minutes longer)" in found.message
    assert found.offer.start == f.at("09:30")


def test_the_last_segment_grows_with_its_session():
    parts = Segment(start="08:00", end="08:30"), Segment(start="08:30", end="09:00", services=("visit",))
    assert helps(BUSY, kind=HelpKind.LONGER_SESSION, **in_session(segments=parts))[0][0].size == 30
    others = Segment(start="09:00", end="09:30"), Segment(start="09:30", end="10:00", services=("other",))
    fields = {**in_session("09:00", "10:00", segments=others), "services": (f.service(), f.service("other"))}
    (found,), _ = helps(full("09:00", 60, doctor="dr-a"), kind=HelpKind.LONGER_SESSION, **fields)
    assert "began at 08:30" in found.message


def test_a_quota_holds_for_a_longer_session_too():
    quotas = (ClassQuota(patient_class="outpatient", quota=0),)
    assert helps(kind=HelpKind.LONGER_SESSION, **in_session(class_quotas=quotas))[0] == []


def test_one_session_more():
    (found,), schedule = helps(BUSY, kind=HelpKind.SESSION, **in_session())
    assert found.resource == "dr-a"
    assert found.message.startswith("If Dr dr-a had one more session on Monday 2 March at 09:00 (until 09:30)")
    more = f.session("t", "dr-a", start="09:00", end="09:30")
    assert offers_after(schedule, sessions=(*schedule.problem.sessions, more))


SERVICES = (f.service(), f.service("other"))


def test_one_session_more_beside_one_for_another_service():
    """Inside it the visit would be as early as can be, and there it is already in a session."""
    others = (Segment(start="08:00", end="11:00", services=("other",)),)
    fields = {**in_session("08:00", "11:00", segments=others), "services": SERVICES}
    (found,), schedule = helps(kind=HelpKind.SESSION, **fields)
    assert found.message.startswith("If Dr dr-a had one more session on Monday 2 March at 11:00 (until 11:30)")
    more = f.session("t", "dr-a", start="11:00", end="11:30")
    assert offers_after(schedule, sessions=(*schedule.problem.sessions, more))


def test_one_session_more_on_another_day_than_the_one_for_another_service():
    others = (Segment(start="08:00", end="18:00", services=("other",)),)
    fields = {**in_session("08:00", "18:00", segments=others), "services": SERVICES}
    fields["orders"] = (f.order(due=f.at("2026-03-04 18:00")),)
    (found,), _ = helps(kind=HelpKind.SESSION, **fields)
    assert "on Tuesday 3 March at 08:00 (until 08:30)" in found.message


def test_one_session_more_that_is_as_long_as_another_session_allows():
    """From 11:30 on it would be no session of its own, and it need not begin at a quarter of an hour."""
    fields = in_session("08:00", "11:35")
    (found,), _ = helps(full("08:00", 215, doctor="dr-a"), kind=HelpKind.SESSION, **fields)
    assert "on Monday 2 March at 11:35 (until 12:00)" in found.message


@pytest.mark.parametrize("other_sites", [(), ("east",)])
def test_one_session_more_only_where_the_doctor_works_and_it_says_where(other_sites):
    fields = {**in_session(), "sites": (f.site(), f.site("east"))}
    fields["resources"] = (f.practitioner(use="in-sessions", other_sites=other_sites),)
    fields["orders"] = (f.order(due=NOON, required_site="east"),)
    found, schedule = helps(BUSY, kind=HelpKind.SESSION, **fields)
    assert [(h.session.site, h.message.split(" (")[0]) for h in found] == [
        ("east", "If Dr dr-a had one more session at Site east on Monday 2 March at 09:00") for _ in other_sites
    ]
    for h in found:
        assert offers_after(schedule, sessions=(*schedule.problem.sessions, h.session))


def test_one_session_more_around_a_whole_bundle():
    fields = {**in_session(), "services": (f.service("visit", f.step("one"), f.step("two")),)}
    busy = f.appointment("x", f.placed("one", f.at("08:00"), 60, {"doctor": "dr-a"}), order=None, patient="pat-2")
    (found,), _ = helps(busy, kind=HelpKind.SESSION, **fields)
    assert "on Monday 2 March at 09:00 (until 09:45)" in found.message


@pytest.mark.parametrize("release", [None, Release(days_before=0, at="08:00")])
def test_kept_back_time_given_to_all_now(release):
    part = Segment(start="08:00", end="09:00", is_kept_for_urgent=True, release=release)
    (found,), schedule = helps(kind=HelpKind.RELEASE, **in_session(segments=(part,)))
    assert found.message == (
        "If the time of Dr dr-a that is kept for urgent orders were given to all now, "
        "Monday 2 March at 08:00 would be free."
    )
    session = schedule.problem.sessions[0].model_copy(update={"segments": ()})
    assert offers_after(schedule, sessions=(session,))


def test_another_practitioner():
    staff = (f.practitioner(hours=Hours(weekly=(f.weekly("13:00", "18:00"),))), f.practitioner("dr-b"))
    order = f.order(due=NOON, required_practitioner="dr-a")
    (found,), schedule = helps(kind=HelpKind.ANOTHER_PRACTITIONER, resources=staff, orders=(order,))
    assert found.message.startswith("If it need not be Dr dr-a, Monday 2 March at 08:00")
    assert offers_after(schedule, orders=(order.model_copy(update={"required_practitioner": None}),))


def test_another_site():
    sites = (f.site(), f.site("east"))
    order = f.order(due=NOON, required_site="east")
    (found,), schedule = helps(kind=HelpKind.ANOTHER_SITE, sites=sites, orders=(order,))
    assert found.message.startswith("If it need not be at Site east")
    assert offers_after(schedule, orders=(order.model_copy(update={"required_site": None}),))


def test_an_earlier_start():
    due = f.at("2026-03-03 09:10")
    order = f.order(due=due, earliest_start=f.at("2026-03-03 09:00"))
    (found,), _ = helps(kind=HelpKind.EARLIER, orders=(order,))
    assert found.message.startswith("If it could be up to 1 day before its earliest start")
    assert found.offer.end <= due


def test_the_patient_comes_after_all():
    away = Interval(start=f.at("08:00"), end=NOON)
    (found,), schedule = helps(
        kind=HelpKind.PATIENT, patients=(f.patient(unavailable=(away,)),), orders=(f.order(due=NOON),)
    )
    assert found.message == (
        "If the patient could come after all between Monday 2 March at 08:00 and Monday 2 March at 12:00, "
        "Monday 2 March at 08:00 would be free."
    )
    assert offers_after(schedule, patients=(f.patient(),))


def test_one_more_room():
    step = f.step(roles=(f.role("doctor"), f.role("room", "room")))
    fields = {
        "resources": (f.practitioner(), f.room()),
        "services": (f.service("visit", step),),
        "orders": (f.order(due=NOON),),
        "patients": PATIENTS,
    }
    (found,), schedule = helps(full("08:00", 240, room="room-1"), kind=HelpKind.ONE_MORE, **fields)
    assert found.message.startswith("If there were one more like Room room-1, Monday 2 March at 08:00")
    assert offers_after(schedule, resources=(*schedule.problem.resources, f.room("room-2")))


def test_one_more_machine_where_it_supervises_as_much_as_it_may():
    step = f.step(roles=(f.role("doctor"), f.role("monitor", "equipment", use="presence")))
    using = [f.reservation("monitor", "scanner", f.at("08:00"), NOON, use="presence")]
    busy = f.appointment("x", f.placed("visit", f.at("08:00"), 240, using), order=None, patient="pat-2")
    fields = {
        "resources": (f.practitioner(), f.equipment()),
        "services": (f.service("visit", step),),
        "orders": (f.order(due=NOON),),
        "patients": PATIENTS,
    }
    (found,), schedule = helps(busy, kind=HelpKind.ONE_MORE, **fields)
    assert found.message.startswith("If there were one more like scanner, Monday 2 March at 08:00")
    assert offers_after(schedule, resources=(*schedule.problem.resources, f.equipment("scanner-2")))


def test_one_more_room_for_two_parts_of_a_visit_at_a_time():
    """They are reserved at once, so the room's lanes are asked of both together."""
    roles = (f.role("doctor"), f.role("one", "room"), f.role("two", "room"))
    fields = {
        "resources": (f.practitioner(), f.room()),
        "services": (f.service("visit", f.step(roles=roles)),),
        "orders": (f.order(due=NOON),),
    }
    found, _ = helps(kind=HelpKind.ONE_MORE, **fields)
    assert [h.resource for h in found] == ["room-1"]


def test_the_smallest_change_first_and_no_more_than_asked_for():
    schedule = Schedule.of(f.problem(**in_session()), [BUSY])
    kinds = [h.kind for h in what_would_help(schedule, "ord-1", now=f.NOW).helps]
    assert kinds == [HelpKind.LONGER_SESSION, HelpKind.SESSION]
    assert [h.kind for h in what_would_help(schedule, "ord-1", now=f.NOW, k=1).helps] == kinds[:1]


def test_the_occupancy_is_left_as_it_is():
    schedule = Schedule.of(f.problem(**in_session()), [BUSY])
    occupancy = Occupancy.of(schedule, now=f.NOW)
    before = occupancy.free.copy(), occupancy.used.copy(), occupancy.calendars.open.copy()
    found = what_would_help(schedule, "ord-1", now=f.NOW, occupancy=occupancy)
    assert found == what_would_help(schedule, "ord-1", now=f.NOW)
    after = occupancy.free, occupancy.used, occupancy.calendars.open
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert find_slots(schedule, "ord-1", now=f.NOW, occupancy=occupancy).offers == ()


def test_where_no_single_change_helps():
    """Neither the doctor nor the room has time before noon, and nothing is kept back."""
    later = Hours(weekly=(f.weekly("13:00", "18:00"),))
    step = f.step(roles=(f.role("doctor"), f.role("room", "room")))
    resources = (f.practitioner(hours=later), f.room(hours=later))
    services = (f.service("visit", step),)
    assert helps(resources=resources, services=services, orders=(f.order(due=NOON),))[0] == []


def test_a_wrong_argument():
    with pytest.raises(WrongArgumentError, match="order_id"):
        what_would_help(Schedule.of(f.problem()), f.order(), now=f.NOW)


# --- series, target dates, what cannot be helped ----------------------------------------------------------------------


def test_more_tolerance_around_the_target_date():
    closed = HoursException(kind="leave", start=f.at("2026-03-04 00:00"), end=f.at("2026-03-05 00:00"))
    staff = (f.practitioner(hours=Hours(exceptions=(closed,))),)
    order = f.order(target=TargetDate(day=date(2026, 3, 4)))
    problem = f.problem(resources=staff, orders=(order,))
    (found,) = what_would_help(Schedule.of(problem), "ord-1", now=f.NOW).helps
    assert (found.kind, found.size) == (HelpKind.TOLERANCE, 15)
    assert found.message.startswith("If it could be up to 1 day earlier or later than its target date allows, Tuesday")


def test_a_visit_of_a_series_on_other_days():
    closed = HoursException(kind="leave", start=f.at("2026-03-09 00:00"), end=f.at("2026-03-11 00:00"))
    staff = (f.practitioner(hours=Hours(exceptions=(closed,))),)
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=7)))
    first = f.appointment("x", f.placed("visit", f.at("08:00"), 20, {"doctor": "dr-a"}), occurrence=0)
    schedule = Schedule.of(f.problem(resources=staff, orders=(order,), days=14), [first])
    (found,) = what_would_help(schedule, "ord-1", now=f.NOW, occurrence=1).helps
    assert (found.kind, found.size) == (HelpKind.TOLERANCE, 15 * 2)
    assert "earlier or later than its series allows" in found.message


def test_who_is_asked_for_now_is_given_up_before_who_is_required():
    staff = (f.practitioner(hours=Hours(weekly=(f.weekly("13:00", "18:00"),))), f.practitioner("dr-b"))
    schedule = Schedule.of(f.problem(resources=staff, orders=(f.order(due=NOON),)))
    found = what_would_help(schedule, "ord-1", now=f.NOW, practitioner="dr-a").helps[0]
    assert found.message.startswith("If it need not be Dr dr-a, ")


def test_at_another_site_than_the_one_asked_for():
    sites = (f.site(), f.site("east"))
    schedule = Schedule.of(f.problem(sites=sites, orders=(f.order(due=NOON),)))
    (found,) = what_would_help(schedule, "ord-1", now=f.NOW, site="east").helps
    assert found.message.startswith("If it need not be at Site east, ")
    required = Schedule.of(f.problem(sites=sites, orders=(f.order(required_site="main"),)))
    (reason,) = what_would_help(required, "ord-1", now=f.NOW, site="east").reasons
    assert reason.code == "required-site"


def test_what_nobodys_time_makes_up_for_is_said():
    pending = f.order(conditions=(Condition(kind="consent"),))
    found = what_would_help(Schedule.of(f.problem(orders=(pending,))), "ord-1", now=f.NOW)
    assert found.helps == ()
    assert [b.message for b in found.reasons] == ["Order ord-1 cannot be booked: the consent is pending."]


def test_an_offer_in_time_needs_no_help_and_is_told():
    found = what_would_help(Schedule.of(f.problem(orders=(f.order(due=NOON),))), "ord-1", now=f.NOW)
    assert (found.helps, found.limit) == ((), NOON)
    assert found.in_time is not None
    assert found.in_time.start == f.at("08:00")


def test_a_due_date_that_has_passed_sets_no_limit():
    order = f.order(due=f.at("2026-02-27 12:00"))
    found = what_would_help(Schedule.of(f.problem(orders=(order,))), "ord-1", now=f.NOW)
    assert found.in_time is not None
    assert found.limit == f.at("2026-03-30 00:00")


def test_nothing_helps_after_the_deadline_even_where_the_due_date_is_to_come():
    order = f.order(deadline=f.at("08:30"), due=f.at("2026-03-04 12:00"))
    found = what_would_help(Schedule.of(f.problem(orders=(order,))), "ord-1", now=f.at("09:00"))
    assert (found.in_time, found.helps, found.limit) == (None, (), f.at("08:30"))
    assert [b.code for b in found.reasons] == ["deadline"]


def test_nobody_elses_name_is_told():
    patients = (f.patient(), f.patient("pat-2", name="Rosalind Quince"))
    schedule = Schedule.of(f.problem(**{**in_session(), "patients": patients}), [BUSY])
    found = what_would_help(schedule, "ord-1", now=f.NOW)
    assert found.helps
    assert not any(word in str(h.message) for h in found.helps for word in ("Rosalind", "Quince", "pat-2", "x-08:00"))
