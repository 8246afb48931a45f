from __future__ import annotations

import pytest

from tests.factories import equipment, practitioner, room, site
from tests.model.references.expect import broken, legal

SITES = (site(), site("east"))
DOCTOR = practitioner()


def test_a_resource_is_at_a_site():
    broken("resources[1].site", "found 'mian'", "Maybe you meant 'main'", resources=[DOCTOR, room(site="mian")])
    legal(resources=[DOCTOR, room(site="main")])


def test_capabilities_come_once():
    broken("resources[0].capabilities[1]", "'a' again", resources=[practitioner(capabilities=("a", "a"))])
    broken("resources[0].capabilities[0]", "blanks", resources=[practitioner(capabilities=(" a",))])
    legal(resources=[practitioner(capabilities=("a", "b"))])


def test_fixed_equipment_is_in_a_room_of_its_site():
    here, there = room(), room("far", site="east")
    legal(resources=[DOCTOR, here, equipment(fixed_in="room-1")], sites=SITES)
    legal(resources=[DOCTOR, here, equipment()], sites=SITES)
    place = "resources[2].fixed_in"
    broken(
        place,
        "found 'rom-1', expected the id of a room",
        "'room-1'",
        resources=[DOCTOR, here, equipment(fixed_in="rom-1")],
    )
    broken(place, "which is a practitioner; expected a room", resources=[DOCTOR, here, equipment(fixed_in="dr-a")])
    broken(place, "at site 'east'", resources=[DOCTOR, there, equipment(fixed_in="far")], sites=SITES)


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        ({"kind": "weight-kg", "minimum": 100, "maximum": 99}, "resources[0].limits[0].maximum"),
        ({"kind": "weight-kg"}, "resources[0].limits[0]"),
    ],
)
def test_a_limit_says_something(limit, place):
    broken(place, "expected", resources=[practitioner(limits=(limit,))])


def test_limits_that_hold():
    limits = [{"kind": "weight-kg", "minimum": 99, "maximum": 99}, {"kind": "age-years", "minimum": 18}]
    legal(resources=[practitioner(limits=limits)])
    broken(
        "resources[0].limits[2]",
        "'weight-kg from 99 to 99' again",
        resources=[practitioner(limits=[*limits, limits[0]])],
    )


def test_changeovers_tell_pairs_apart():
    one = {"before": "infectious", "after": None, "minutes": 30}
    legal(resources=[DOCTOR, room(changeovers=[one, {**one, "after": "infectious"}])])
    broken("resources[1].changeovers[1]", "again", resources=[DOCTOR, room(changeovers=[one, {**one, "minutes": 5}])])


def test_other_sites_are_others():
    legal(resources=[practitioner(other_sites=("east",))], sites=SITES)
    broken("resources[0].other_sites[0]", "found 'west'", resources=[practitioner(other_sites=("west",))], sites=SITES)
    broken("resources[0].other_sites[0]", "the own site", resources=[practitioner(other_sites=("main",))], sites=SITES)
    twice = practitioner(other_sites=("east", "east"))
    broken("resources[0].other_sites[1]", "'east' again", resources=[twice], sites=SITES)


def test_specialties_come_once():
    legal(resources=[practitioner(specialties=("a", "b"))])
    broken("resources[0].specialties[1]", "again", resources=[practitioner(specialties=("a", "a"))])


def test_a_privilege_lasts():
    place = "resources[0].privileges[0].valid_until"
    dates = {"valid_from": "2026-01-02", "valid_until": "2026-01-03"}
    legal(resources=[practitioner(privileges=[{"capability": "a", **dates}])])
    legal(resources=[practitioner(privileges=[{"capability": "a"}])])
    dates["valid_until"] = "2026-01-02"  # the end is the first day without it
    broken(place, "after 2026-01-02", resources=[practitioner(privileges=[{"capability": "a", **dates}])])


def test_privileges_come_once():
    legal(resources=[practitioner(privileges=[{"capability": "a"}, {"capability": "b"}])])
    broken("resources[0].privileges[1]", "again", resources=[practitioner(privileges=[{"capability": "a"}] * 2)])
    broken("resources[0].privileges[0].capability", "blank", resources=[practitioner(privileges=[{"capability": ""}])])


def test_travel_leads_elsewhere():
    legal(sites=SITES, travel=[{"from": "main", "to": "east", "minutes": 10}])
    legal(sites=SITES, travel=[{"from": a, "to": b, "minutes": 10} for a, b in (("main", "east"), ("east", "main"))])
    broken("travel[0].to", "where the way begins", sites=SITES, travel=[{"from": "main", "to": "main", "minutes": 1}])
    broken("travel[0].from", "found 'man'", sites=SITES, travel=[{"from": "man", "to": "east", "minutes": 1}])
    broken("travel[0].to", "found 'est'", sites=SITES, travel=[{"from": "main", "to": "est", "minutes": 1}])


def test_a_way_is_given_once():
    way = {"from": "main", "to": "east", "minutes": 10}
    broken("travel[1]", "'main to east' again", sites=SITES, travel=[way, {**way, "minutes": 20}])
