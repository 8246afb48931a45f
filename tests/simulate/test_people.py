"""People: as many as asked for, of the ages, languages and needs of their population."""

from datetime import date

import pytest

from engine.model.ids import ResourceId
from engine.simulate.dice import Dice
from engine.simulate.people import Population, draw_people

TODAY = date(2026, 3, 2)
POPULATION = Population(
    prefix="pat",
    telephone="+1 555 01## ####",
    languages=(("en", None, 3.0), ("es", "interpreter-es", 1.0)),
    needs=(("hoist", 0.1),),
    known_weight_share=0.5,
    heavy_share=0.2,
)


@pytest.fixture(scope="module")
def people():
    return draw_people(Dice(1), POPULATION, 2_000, TODAY)


def test_ids_and_names_are_nobody_elses(people):
    assert len({p.id for p in people}) == 2_000
    assert len({p.name for p in people}) == 2_000


def test_ages_are_those_of_the_population(people):
    ages = [p.age(TODAY) for p in people]
    assert min(ages) >= 0
    assert max(ages) <= 95
    assert sum(age >= 65 for age in ages) / len(ages) == pytest.approx(0.36, abs=0.03)


def test_a_language_brings_its_need(people):
    assert all(("interpreter-es" in p.needs) == (p.language == "es") for p in people)
    assert sum(p.language == "es" for p in people) / len(people) == pytest.approx(0.25, abs=0.03)


def test_some_weights_are_known_and_some_of_these_are_high(people):
    known = [p.weight_kg for p in people if p.weight_kg is not None]
    assert len(known) / len(people) == pytest.approx(0.5, abs=0.04)
    adults = [w for w in known if w > 45]
    assert sum(w > 150 for w in adults) / len(adults) == pytest.approx(0.2, abs=0.04)


def test_telephone_numbers_are_drawn_into_the_pattern(people):
    assert all(p.telephone.startswith("+1 555 01") and len(p.telephone) == 16 for p in people)


def test_a_finished_patient_has_what_was_collected(people):
    person = draw_people(Dice(2), POPULATION, 1, TODAY)[0]
    person.known_to |= {ResourceId("dr-b"), ResourceId("dr-a")}
    person.preferred = ResourceId("dr-a")
    patient = person.patient()
    assert patient.known_to == ("dr-a", "dr-b")
    assert patient.preferred_practitioner == "dr-a"
    assert patient.contact.telephone == person.telephone
