"""Invented patients: names, ages, needs; nobody of this name and age is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.ids import Need, PatientId, ResourceId
from engine.model.patient import Attendance, Contact, Patient, age_on
from engine.model.resource import LimitKind
from engine.model.service import Sex
from engine.simulate.names import FEMALE, LAST, MALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.calendar import Interval
    from engine.simulate.dice import Dice

__all__ = ["Person", "Population", "draw_people"]

_AGES: tuple[tuple[tuple[int, int], float], ...] = (
    ((0, 14), 11),
    ((15, 24), 6),
    ((25, 44), 17),
    ((45, 64), 30),
    ((65, 74), 20),
    ((75, 94), 16),
)
"""Visitors of physicians' offices by age, in percent; the source is in scenarios/README.md."""
_FEMALE_SHARE = 0.57


@dataclass(frozen=True, slots=True)
class Population:
    """Who comes to a place.

    Parameters
    ----------
    prefix
        Of the patients' ids.
    telephone
        With a `#` for each digit to be drawn; numbers that nobody has.
    languages, needs
        Each with how likely it is (`needs`: the share of patients that has it, independently of the others).
        A language of its own may bring a need along: (language, need or None, weight).
    known_weight_share, heavy_share
        Share of patients whose weight is known, and share of these who weigh more than 150 kg.
    ages
        ((youngest, oldest), weight), where they differ from those of physicians' offices.
    """

    prefix: str
    telephone: str
    languages: tuple[tuple[str, str | None, float], ...]
    needs: tuple[tuple[str, float], ...] = ()
    known_weight_share: float = 0.0
    heavy_share: float = 0.015
    ages: tuple[tuple[tuple[int, int], float], ...] = _AGES


@dataclass(slots=True)
class Person:
    """A patient in the making: what orders add to a patient is collected here."""

    id: PatientId
    name: str
    birth_date: date
    sex: Sex
    language: str
    telephone: str
    needs: tuple[Need, ...]
    weight_kg: int | None
    attendance: Attendance
    preferred: ResourceId | None = None
    known_to: set[ResourceId] = field(default_factory=set)
    unavailable: tuple[Interval, ...] = ()

    def age(self, day: date) -> int:
        """Completed years on a day."""
        return age_on(self.birth_date, day)

    def patient(self) -> Patient:
        """The finished patient."""
        return Patient(
            id=self.id,
            name=self.name,
            birth_date=self.birth_date,
            sex=self.sex,
            language=self.language,
            contact=Contact(telephone=self.telephone),
            needs=self.needs,
            measures={} if self.weight_kg is None else {LimitKind.WEIGHT_KG: self.weight_kg},
            unavailable=self.unavailable,
            preferred_practitioner=self.preferred,
            known_to=tuple(sorted(self.known_to)),
            attendance=self.attendance,
        )


def draw_people(dice: Dice, population: Population, count: int, today: date) -> list[Person]:
    """So many people, all with different names as far as there are enough of them.

    Parameters
    ----------
    today
        Ages are as of this day.
    """
    taken: set[str] = set()
    people = []
    for n in range(1, count + 1):
        is_female = dice.chance(_FEMALE_SHARE)
        name = _name(dice, FEMALE if is_female else MALE, taken)
        low, high = dice.weighted(population.ages)
        birth = today - timedelta(days=dice.between(low * 365 + low // 4 + 1, high * 365 + high // 4 + 364))
        language, need_of_language = dice.weighted([((lang, need), w) for lang, need, w in population.languages])
        needs = [] if need_of_language is None else [Need(need_of_language)]
        needs.extend(Need(need) for need, share in population.needs if dice.chance(share))
        attended = dice.below(12)
        people.append(
            Person(
                id=PatientId(f"{population.prefix}-{n:0{max(4, len(str(count)))}d}"),
                name=name,
                birth_date=birth,
                sex=Sex.FEMALE if is_female else Sex.MALE,
                language=language,
                telephone="".join(str(dice.below(10)) if c == "#" else c for c in population.telephone),
                needs=tuple(needs),
                weight_kg=_weight(dice, population, low) if dice.chance(population.known_weight_share) else None,
                attendance=Attendance(
                    attended=attended,
                    no_shows=sum(dice.chance(0.08) for _ in range(attended)),
                    late_cancellations=sum(dice.chance(0.05) for _ in range(attended)),
                ),
            )
        )
    return people


def _name(dice: Dice, first_names: Sequence[str], taken: set[str]) -> str:
    for _ in range(20):
        name = f"{dice.pick(first_names)} {dice.pick(LAST)}"
        if name not in taken:
            break
    else:
        name = f"{name} {dice.pick('ABCDEFGHIJKLMNOPRSTUVWZ')}."
    taken.add(name)
    return name


def _weight(dice: Dice, population: Population, youngest: int) -> int:
    if youngest == 0:
        return dice.between(8, 45)
    return dice.between(151, 190) if dice.chance(population.heavy_share) else dice.between(48, 125)
