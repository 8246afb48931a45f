"""The hospital network in figures. Where they come from: scenarios/README.md."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.calendar import Weekday

__all__ = [
    "MOBILE",
    "ROOMS",
    "SITES",
    "SPECIALTIES",
    "STATIONS",
    "TRAVEL_MIN",
    "WORKDAYS",
    "ZONE",
    "SpecialtyFigures",
    "StationFigures",
]

ZONE = "Europe/London"
WORKDAYS = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
SITES = {
    "north": "Northgate General Hospital",
    "south": "Southbank Hospital",
    "east": "Eastfield Clinic",
    "west": "Westbrook Children's Hospital",
}
TRAVEL_MIN = {
    ("north", "south"): 25,
    ("north", "east"): 20,
    ("north", "west"): 30,
    ("south", "east"): 30,
    ("south", "west"): 20,
    ("east", "west"): 40,
}


@dataclass(frozen=True, slots=True)
class SpecialtyFigures:
    """A specialty in the network.

    Parameters
    ----------
    physicians
        By site.
    clinics, blocks, others
        Half-days of a physician in a fortnight: clinics, surgery blocks, and the activity `other`.
    visits
        Orders for a physician's visits in a week.
    minutes, new_min
        Of a return visit, and how much longer one by somebody new is.
    has_rooms
        Whether a clinic has its own room; else patients are seen in any consulting room.
    """

    id: str
    physicians: dict[str, int]
    clinics: int = 0
    blocks: int = 0
    others: int = 0
    other: str = ""
    visits: int = 0
    minutes: int = 20
    new_min: int = 20
    has_rooms: bool = True


SPECIALTIES = (
    SpecialtyFigures(
        "internal-medicine", {"north": 24, "south": 20, "east": 16}, clinics=9, visits=26, has_rooms=False
    ),
    SpecialtyFigures("paediatrics", {"south": 6, "west": 14}, clinics=8, visits=30),
    SpecialtyFigures("cardiology", {"north": 10}, clinics=7, others=5, other="echo-list", visits=24),
    SpecialtyFigures("gynaecology", {"south": 8, "east": 6}, clinics=7, blocks=3, visits=26),
    SpecialtyFigures(
        "orthopaedics", {"north": 8, "south": 4, "east": 8}, clinics=6, blocks=3, visits=30, minutes=15, new_min=15
    ),
    SpecialtyFigures("general-surgery", {"north": 8, "south": 8}, clinics=5, blocks=4, visits=18),
    SpecialtyFigures(
        "ear-nose-throat", {"south": 6, "west": 4}, clinics=6, blocks=3, visits=26, minutes=15, new_min=15
    ),
    SpecialtyFigures("ophthalmology", {"south": 10}, clinics=7, blocks=4, visits=34, minutes=15, new_min=10),
    SpecialtyFigures(
        "neurology", {"north": 5, "south": 5}, clinics=9, visits=22, minutes=30, new_min=30, has_rooms=False
    ),
    SpecialtyFigures("dermatology", {"east": 8}, clinics=8, visits=44, minutes=15, new_min=5),
    SpecialtyFigures("radiology", {"north": 4, "south": 3, "east": 2, "west": 1}, others=18, other="reporting"),
    SpecialtyFigures("anaesthesia", {"north": 4, "south": 5, "east": 2, "west": 1}, others=20, other="anaesthesia"),
)
"""200 physicians."""


@dataclass(frozen=True, slots=True)
class StationFigures:
    """A kind of room with what is always in it: (machine's capability, staff's capability and number)."""

    id: str
    name: str
    capability: str
    by_site: dict[str, int]
    machine: str = ""
    machine_name: str = ""
    staff: str = ""
    profession: str = ""
    staff_count: int = 1


_THREE = {"north": 2, "south": 1, "east": 1}
STATIONS = (
    StationFigures(
        "theatre",
        "Theatre",
        "theatre",
        {"north": 5, "south": 5, "east": 3, "west": 1},
        staff="theatre-nurse",
        profession="nurse",
        staff_count=2,
    ),
    StationFigures(
        "eye-theatre",
        "Eye theatre",
        "eye-theatre",
        {"south": 2},
        "phaco",
        "Phaco machine",
        "theatre-nurse",
        "nurse",
        2,
    ),
    StationFigures("mri", "MRI", "mri-room", _THREE, "mri", "MRI scanner", "radiographer-mri", "radiographer"),
    StationFigures("ct", "CT", "ct-room", _THREE, "ct", "CT scanner", "radiographer-ct", "radiographer"),
    StationFigures(
        "us",
        "Ultrasound",
        "ultrasound-room",
        {"north": 4, "south": 4, "east": 2, "west": 2},
        "ultrasound",
        "Ultrasound machine",
        "sonographer",
        "sonographer",
    ),
    StationFigures(
        "xray",
        "X-ray",
        "x-ray-room",
        {"north": 2, "south": 2, "east": 2, "west": 1},
        "x-ray",
        "X-ray machine",
        "radiographer-xray",
        "radiographer",
    ),
    StationFigures(
        "blood",
        "Blood draw",
        "blood-draw",
        {"north": 2, "south": 2, "east": 1, "west": 1},
        staff="phlebotomy",
        profession="phlebotomist",
    ),
)
ROOMS = (
    ("consult", "Consulting room", "consulting-room", {"north": 52, "south": 46, "east": 26, "west": 18}),
    ("echo", "Echo room", "echo-room", {"north": 10}),
    ("preassess", "Preassessment", "preassessment-room", {"north": 2, "south": 2, "east": 1, "west": 1}),
    ("procedure", "Procedure room", "procedure-room", {"north": 4, "south": 4, "east": 3, "west": 2}),
)
"""(id, name, capability, by site); with the stations 220 rooms."""
MOBILE = (
    ("us-mobile", "Mobile ultrasound", "ultrasound", {"north": 2, "south": 2, "east": 1, "west": 1}),
    ("echo-machine", "Echo machine", "echo", {"north": 4}),
    ("ecg", "ECG trolley", "ecg", {"north": 4, "south": 4, "east": 2}),
    ("tower", "Endoscopy tower", "tower", {"north": 5, "south": 5, "east": 3, "west": 1}),
    ("c-arm", "C-arm", "c-arm", {"north": 3, "south": 2, "east": 2}),
    ("hoist", "Hoist", "hoist", {"north": 2, "south": 2, "east": 1, "west": 1}),
    ("infusion-pump", "Infusion pump", "infusion-pump", {"north": 2, "south": 1, "east": 1}),
)
"""Machines on wheels; with those of the stations 80."""
