from __future__ import annotations

from tests.factories import patient, practitioner, room
from tests.model.references.expect import broken, legal


def world(**fields):
    return {"patients": (patient(**fields),), "resources": [practitioner(), room()]}


def test_practitioners_of_a_patient():
    legal(**world(preferred_practitioner="dr-a", known_to=["dr-a"]))
    broken("patients[0].preferred_practitioner", "'dr-a'", **world(preferred_practitioner="dr-aa"))
    broken("patients[0].preferred_practitioner", "which is a room", **world(preferred_practitioner="room-1"))
    broken("patients[0].known_to[0]", "'dr-a'", **world(known_to=["dr-aa"]))
    broken("patients[0].known_to[1]", "again", **world(known_to=["dr-a", "dr-a"]))


def test_needs_of_a_patient():
    legal(**world(needs=["hoist", "interpreter-fr"]))  # a need without a rule changes nothing
    broken("patients[0].needs[1]", "'hoist' again", **world(needs=["hoist", "hoist"]))
    broken("patients[0].needs[0]", "blanks", **world(needs=["hoist "]))


def test_measures_of_a_patient():
    legal(**world(measures={"weight-kg": 1, "height-cm": 180}))
    broken("patients[0].measures.weight-kg", "found 0, expected more than 0", **world(measures={"weight-kg": 0}))
    broken("patients[0].measures.age-years", "birth date", **world(measures={"age-years": 40}))
