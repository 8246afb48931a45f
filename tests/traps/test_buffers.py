"""Buffers. Part of the reservation, per resource, never overlapping; inside opening hours; they count with capacity."""

from __future__ import annotations

from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours
from tests import factories as f
from tests.traps.asking import offered, world


def visit_with(*roles):
    return {"services": (f.service("visit", f.step(roles=roles)),)}


def used(start, minutes, before, after, who="dr-a", role="doctor", id="busy"):
    """A visit whose reservation reaches beyond it."""
    begin = f.at(start)
    whole = f.placed("visit", begin, minutes)
    first, last = whole.start.timestamp() - 60 * before, whole.end.timestamp() + 60 * after
    use = f.reservation(role, who, begin.fromtimestamp(first, begin.tzinfo), begin.fromtimestamp(last, begin.tzinfo))
    return f.appointment(id, f.placed("visit", begin, minutes, [use]), patient=None, order=None)


def test_they_are_part_of_the_reservation():
    (offer,) = find_slots(world(**visit_with(f.role("doctor", setup_min=10, cleanup_min=15))), "ord-1",
                          now=f.NOW, k=1).offers  # fmt: skip
    (use,) = offer.appointment.steps[0].reservations
    assert (use.start, use.end) == (f.at("08:00"), f.at("08:45"))
    assert (offer.start, offer.end) == (f.at("08:10"), f.at("08:30"))


def test_they_are_inside_opening_hours():
    got = offered(world(**visit_with(f.role("doctor", setup_min=10, cleanup_min=15))))
    assert (got[0], got[-1]) == ("08:10", "17:25")


def test_each_resource_has_its_own():
    """The room is cleaned while the physician is with the next patient elsewhere."""
    roles = f.role("doctor"), f.role("room", "room", cleanup_min=30)
    resources = f.practitioner(), f.room()
    busy_doctor = f.appointment("a", f.placed("visit", f.at("09:00"), 30, {"doctor": "dr-a"}), patient=None, order=None)
    got = offered(world(busy_doctor, resources=resources, **visit_with(*roles)))
    assert "08:40" in got  # the room is being cleaned until 9:30, which is nothing to the physician
    assert got[-1] == "17:10"


def test_a_resources_own_come_on_top_of_the_roles():
    doctor = f.practitioner(setup_min=5, cleanup_min=10)
    got = offered(world(resources=(doctor,), **visit_with(f.role("doctor", setup_min=10, cleanup_min=15))))
    assert (got[0], got[-1]) == ("08:15", "17:15")


def test_they_never_overlap():
    """Fifteen minutes to clean up, then ten to set up: 25 between two visits, not 15."""
    schedule = world(used("10:00", 20, 10, 15), **visit_with(f.role("doctor", setup_min=10, cleanup_min=15)))
    got = offered(schedule)
    assert [t for t in got if "09:00" <= t <= "11:00"] == ["09:00", "09:05", "09:10", "09:15", "10:45", "10:50",
                                                           "10:55", "11:00"]  # fmt: skip


def test_where_they_overlap_the_longer_counts():
    doctor = f.practitioner(buffers="overlap", setup_min=10, cleanup_min=15)
    schedule = world(used("10:00", 20, 0, 0), resources=(doctor,), **visit_with(f.role("doctor")))
    got = offered(schedule)
    assert [t for t in got if "09:20" <= t <= "10:40"] == ["09:20", "09:25", "10:35", "10:40"]


def test_they_count_with_capacity_too():
    """Two lanes: what is cleaned up in one leaves the other, and two that are cleaned up leave none."""
    room = f.room(lanes=2)
    role = f.role("room", "room", cleanup_min=30)
    one = used("09:00", 20, 0, 30, who="room-1", role="room", id="a")
    two = used("09:00", 20, 0, 30, who="room-1", role="room", id="b")
    fields = {"resources": (f.practitioner(), room), **visit_with(role)}
    assert "09:30" in offered(world(one, **fields))
    got = offered(world(one, two, **fields))
    assert not [t for t in got if "08:10" < t < "09:50"]
    assert "09:50" in got


def test_an_empty_buffer_at_the_edge_of_the_day():
    early = f.site(hours=Hours(weekly=(f.weekly("08:00", "08:20"),)))
    assert offered(world(sites=(early,))) == ["08:00"]
