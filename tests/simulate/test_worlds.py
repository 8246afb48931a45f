"""The hospital network: its size, that a seed makes it, and that what is booked in it is legal."""

from collections import Counter

import numpy as np
import pytest

from engine.check import check, check_template
from engine.model.resource import ResourceKind
from engine.simulate.dice import Dice
from engine.simulate.network import draw_network
from engine.simulate.network_figures import SPECIALTIES
from engine.simulate.rota import draw_rota
from engine.simulate.worlds import MONDAY, find_world, hospital_network

SCALE = 0.05


@pytest.fixture(scope="module")
def small():
    return hospital_network(1, scale=SCALE)


def test_the_network_has_its_size():
    network = draw_network(Dice(1), scale=1.0)
    kinds = Counter(r.kind for r in network.resources)
    physicians = [r for r in network.resources if getattr(r, "profession", "") == "physician"]
    theatres = [s for s in network.stations if "theatre" in s.kind]
    assert len(network.sites) == 4
    assert (len(physicians), kinds[ResourceKind.ROOM], kinds[ResourceKind.EQUIPMENT]) == (200, 220, 80)
    assert len(theatres) == 16
    assert len({r.name for r in network.resources if r.kind is ResourceKind.PRACTITIONER}) == kinds["practitioner"]


def test_pools_are_of_the_sizes_that_searches_are_measured_with():
    network = draw_network(Dice(1), scale=1.0)

    def count(capability):
        return sum(capability in r.capabilities for r in network.resources)

    assert (count("cardiology"), count("echo-room"), count("echo")) == (10, 10, 4)
    assert (count("internal-medicine"), count("ecg")) == (60, 10)
    assert count("consulting-room") >= 60


def test_a_seed_makes_a_world():
    one, again, other = (hospital_network(seed, scale=SCALE, weeks=1) for seed in (5, 5, 6))
    assert one.problem == again.problem
    assert one.schedule.appointments == again.schedule.appointments
    assert one.events == again.events
    assert one.problem != other.problem


def test_scale_scales(small):
    few, many = (draw_network(Dice(1), scale).resources for scale in (SCALE, 10 * SCALE))
    assert len(many) > 2 * len(few)
    booked = {a.order for a in small.schedule.appointments}
    assert sum(o.id not in booked for o in small.problem.orders) == round(8_000 * SCALE)
    assert {r.site for r in small.problem.resources} == {"north", "south", "east", "west"}
    for figures in SPECIALTIES:
        held = [r for r in small.problem.resources if figures.id in getattr(r, "specialties", ())]
        assert {r.site for r in held} == set(figures.physicians)


def test_what_is_booked_is_legal(small):
    assert check(small.schedule, now=small.problem.horizon.start).violations == ()


@pytest.mark.parametrize("make", [hospital_network, find_world])
def test_time_stays_free_where_there_are_more_visits_than_patients(make):
    """One visit a day each, and one of everything at four sites: more than 400 people can fill."""
    world = make(1, scale=0.01, weeks=1)
    table = world.schedule.appointments
    assert check(world.schedule, now=world.problem.horizon.start).violations == ()
    assert len(table) <= 5 * len(world.problem.patients)
    assert len(table) < len(make(1, scale=0.03, weeks=1).schedule.appointments)


def test_the_template_keeps_the_rules_of_its_brief(small):
    problem = small.problem
    assert check_template(problem, problem.templates[0]).violations == ()


def test_some_physicians_work_at_two_sites_on_different_days():
    template = draw_rota(draw_network(Dice(1), 0.4), Dice(1), MONDAY).template
    sites: dict[tuple[object, object], set[str]] = {}
    for session in template.sessions:
        sites.setdefault((session.owner, session.on.day), set()).add(session.site)
    assert all(len(at) == 1 for at in sites.values())
    wednesdays = {owner: at for (owner, day), at in sites.items() if day == "wed"}
    mondays = {owner: at for (owner, day), at in sites.items() if day == "mon"}
    assert any(mondays[owner] != at for owner, at in wednesdays.items() if owner in mondays)


def test_events_concern_what_is_there(small):
    appointments, resources = small.schedule.appointments, small.problem.resource_by_id
    for event in small.events:
        assert event.at < small.problem.horizon.start
        assert getattr(event, "appointment", appointments[0].id) in appointments
        assert getattr(event, "resource", "mri-machine-north-1") in resources


def test_inpatients_tests_are_more_urgent(small):
    booked = {a.order for a in small.schedule.appointments}
    wards = [o for o in small.problem.orders if o.id not in booked and o.patient_class.value == "inpatient"]
    others = [o for o in small.problem.orders if o.id not in booked and o.patient_class.value == "outpatient"]
    assert sum(o.priority.value == "routine" for o in wards) / len(wards) < 0.6
    assert sum(o.priority.value == "routine" for o in others) / len(others) > 0.7


def test_the_world_to_search_in_is_booked_by_lead_time():
    world = find_world(1, scale=SCALE, weeks=8)
    assert check(world.schedule, now=world.problem.horizon.start).violations == ()
    starts = world.schedule.appointments.rows["start"] - world.problem.grid.start_minute
    weekly = np.bincount(starts // (7 * 24 * 60), minlength=8)
    first, middle, last = weekly[:2].mean(), weekly[2:6].mean(), weekly[6:].mean()
    # Kept for urgent orders: a sixth of clinics' time, used in the first two weeks only.
    assert last / middle == pytest.approx(0.5 / 0.9, rel=0.05)
    assert first > middle
    assert all(a.order is None for a in world.schedule.appointments[:50])


def test_calendars_hold_what_their_share_says():
    world = find_world(2, scale=SCALE, weeks=2)
    problem = world.problem
    scans = [a for a in world.schedule.appointments if a.service == "mri"]
    scanners = [r.id for r in problem.resources if "mri" in r.capabilities]
    # Ten half-days a week of five scans of 35 minutes and 10 to change over.
    assert len(scans) / (len(scanners) * 2 * 10 * 5) == pytest.approx(0.98, abs=0.03)
