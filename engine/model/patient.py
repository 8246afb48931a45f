"""Patients: what scheduling must know of them, and nothing else clinical."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from engine.model.base import Count, Day, Fact, Minutes, Name
from engine.model.calendar import Interval
from engine.model.ids import Need, PatientId, ResourceId
from engine.model.resource import LimitKind
from engine.model.service import Sex

if TYPE_CHECKING:
    from datetime import date

__all__ = ["ANYBODY", "Attendance", "Contact", "Patient", "age_on"]


class Contact(Fact):
    """How somebody is reached."""

    telephone: str = ""
    email: str = ""
    note: str = ""


class Attendance(Fact):
    """How often the patient came and did not come before."""

    attended: Count = 0
    no_shows: Count = 0
    late_cancellations: Count = 0


class Patient(Fact):
    """A person to be seen.

    Parameters
    ----------
    measures
        What resources' limits ask about (weight in kg, height in cm), where known; age follows from the birth date.
    unavailable
        The patient's own times when no visit may take place.
    known_to
        Practitioners with whom the patient is not new.
    travel_min
        Time the patient needs between sites, where it differs from the sites' travel matrix (a slow walker).
    """

    id: PatientId
    name: Name
    birth_date: Day | None = None
    sex: Sex = Sex.UNKNOWN
    language: str = ""
    contact: Contact = Contact()
    needs: tuple[Need, ...] = ()
    measures: dict[LimitKind, int] = Field(default={})
    unavailable: tuple[Interval, ...] = ()
    preferred_practitioner: ResourceId | None = None
    known_to: tuple[ResourceId, ...] = ()
    attendance: Attendance = Attendance()
    travel_min: Minutes | None = None


ANYBODY = Patient(id=PatientId(""), name="anybody")
"""A new patient of whom nothing is known, and whom every problem knows: for questions that are about no patient in
particular. No other can have this id."""


def age_on(birth_date: date, day: date) -> int:
    """Completed years on `day`; somebody born on 29 February has the birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
