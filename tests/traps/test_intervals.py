"""Intervals. Half-open everywhere: touching visits are legal. A day ends at 24:00. Ends come before starts."""

from __future__ import annotations

from engine.model.hours import Hours
from tests import factories as f
from tests.traps.asking import offered, taken, world


def test_touching_visits_are_legal_and_overlap_by_a_tick_is_not():
    got = offered(world(taken("09:00", 30)))
    assert [t for t in got if "08:30" <= t <= "09:40"] == ["08:30", "08:35", "08:40", "09:30", "09:35", "09:40"]


def test_opening_hours_are_touched_at_both_ends():
    got = offered(world())
    assert (got[0], got[-1]) == ("08:00", "17:40")


def test_a_day_ends_at_24():
    late = f.site(hours=Hours(weekly=(f.weekly("23:00", "24:00"),)))
    assert offered(world(sites=(late,)))[-1] == "23:40"


def test_ends_come_before_starts():
    """Two visits that end at nine leave both lanes to two that begin then, and a third lane to nobody."""
    doctor = f.practitioner(lanes=2)
    before = taken("08:00", 60, id="a"), taken("08:00", 60, id="b")
    assert "09:00" in offered(world(*before, taken("09:00", 60, id="c"), resources=(doctor,)))
    full = world(*before, taken("09:00", 60, id="c"), taken("09:00", 60, id="d"), resources=(doctor,))
    assert offered(full)[0] == "10:00"
