"""What the hospital network does. Durations are those of scenarios/README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.model.calendar import LocalPeriod
from engine.model.ids import Capability, Modifier, RoleId, ServiceId, StepId
from engine.model.resource import ResourceKind
from engine.model.service import Eligibility, Gap, Modality, Role, RoleUse, SameResource, Service, Sex, Step
from engine.model.shorthand import Duration, Offset, RoleRef
from engine.simulate.network_figures import SPECIALTIES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CONTRAST", "GENERAL_ANAESTHESIA", "OPERATIONS", "network_services"]

OPERATIONS: dict[str, tuple[tuple[str, int, int, int, int], ...]] = {
    "orthopaedics": (("knee-arthroscopy", 60, 15, 10, 25), ("hip-replacement", 160, 30, 20, 35)),
    "general-surgery": (("cholecystectomy", 120, 25, 15, 30), ("hernia-repair", 95, 25, 15, 30)),
    "gynaecology": (("gynaecological-laparoscopy", 120, 25, 15, 30),),
    "ear-nose-throat": (("tonsillectomy", 60, 15, 10, 25),),
    "ophthalmology": (("cataract", 35, 5, 5, 15),),
}
"""By specialty: (service, minutes in the room, minutes before and after the surgeon, turnover)."""
GENERAL_ANAESTHESIA = tuple(
    ServiceId(name) for specialty, cases in OPERATIONS.items() if specialty != "ophthalmology" for name, *_ in cases
)
CONTRAST = (ServiceId("ct-contrast"), ServiceId("mri-contrast"), ServiceId("mri-and-neurology"))
"""Where a radiologist has to be near."""
_WOMEN = Eligibility(sexes=(Sex.FEMALE, Sex.OTHER, Sex.UNKNOWN))
_CHILDREN = Eligibility(max_age=17)


def network_services() -> tuple[Service, ...]:
    """Every service of the network."""
    return (*_visits(), *_tests(), *_operations(), *_bundles())


def _role(id: str, kind: ResourceKind, capability: str, **fields: Any) -> Role:
    return Role(id=RoleId(id), kind=kind, capabilities=(Capability(capability),), **fields)


def _person(id: str, capability: str, **fields: Any) -> Role:
    return _role(id, ResourceKind.PRACTITIONER, capability, **fields)


def _room(capability: str, **fields: Any) -> Role:
    return _role("room", ResourceKind.ROOM, capability, **fields)


def _machine(capability: str) -> Role:
    return _role("machine", ResourceKind.EQUIPMENT, capability)


def _step(id: str, minutes: int | Duration, roles: Sequence[Role], **fields: Any) -> Step:
    duration = Duration(minutes=minutes) if isinstance(minutes, int) else minutes
    return Step(id=StepId(id), duration=duration, roles=tuple(roles), **fields)


def _visits() -> list[Service]:
    found = []
    for figures in SPECIALTIES:
        if not figures.visits:
            continue
        duration = Duration(
            minutes=figures.minutes, sd_min=figures.minutes // 2, by_modifier={Modifier("new"): figures.new_min}
        )
        is_remote = figures.id == "neurology"
        room = _room("consulting-room", modalities=(Modality.IN_PERSON,) if is_remote else None)
        step = _step("visit", duration, (_person("physician", figures.id), room))
        if is_remote:
            step = step.model_copy(update={"modalities": (Modality.IN_PERSON, Modality.VIDEO)})
        eligible = {"gynaecology": _WOMEN, "paediatrics": _CHILDREN}.get(figures.id, Eligibility())
        name = figures.id.replace("-", " ").capitalize()
        found.append(
            Service(
                id=ServiceId(f"{figures.id}-visit"),
                name=f"{name} visit",
                steps=(step,),
                eligibility=eligible,
                no_show_rate=10,
            )
        )
    checkup = (_person("physician", "internal-medicine"), _room("consulting-room"), _machine("ecg"))
    echo = (_person("physician", "cardiology"), _room("echo-room"), _machine("echo"))
    return [
        *found,
        Service(id=ServiceId("internal-checkup"), name="Check-up with ECG", steps=(_step("visit", 30, checkup),)),
        Service(id=ServiceId("echo-clinic"), name="Echocardiogram", steps=(_step("echo", 45, echo),), no_show_rate=5),
    ]


def _mri() -> tuple[Role, ...]:
    return (_machine("mri"), _room("mri-room"), _person("staff", "radiographer-mri"))


def _ct() -> tuple[Role, ...]:
    return (_machine("ct"), _room("ct-room"), _person("staff", "radiographer-ct"))


def _contrast() -> Role:
    return _person("radiologist", "radiology", use=RoleUse.PRESENCE)


def _tests() -> list[Service]:
    ultrasound = (_person("staff", "sonographer"), _room("ultrasound-room"), _machine("ultrasound"))
    xray = (_machine("x-ray"), _room("x-ray-room"), _person("staff", "radiographer-xray"))
    simple = (
        ("mri", "MRI", _step("scan", 35, _mri()), 15, 3),
        ("mri-contrast", "MRI with contrast", _step("scan", 50, (*_mri(), _contrast())), 30, 3),
        ("ct", "CT", _step("scan", 10, _ct()), 10, 3),
        ("ct-contrast", "CT with contrast", _step("scan", 15, (*_ct(), _contrast())), 30, 3),
        ("ultrasound", "Ultrasound", _step("scan", 20, ultrasound), 0, 3),
        ("x-ray", "X-ray", _step("image", 10, xray), 0, 1),
        ("blood-test", "Blood test", _step("draw", 5, _draw()), 0, 3),
        ("preassessment", "Anaesthesia preassessment", _step("visit", 20, _preassess()), 0, 6),
    )
    return [
        Service(id=ServiceId(i), name=name, steps=(step,), arrive_before_min=early, no_show_rate=no_show)
        for i, name, step, early, no_show in simple
    ]


def _draw() -> tuple[Role, ...]:
    return (_person("staff", "phlebotomy"), _room("blood-draw"))


def _preassess() -> tuple[Role, ...]:
    return (_person("physician", "anaesthesia"), _room("preassessment-room"))


def _operations() -> list[Service]:
    recovery = _step(
        "recovery",
        60,
        (
            _role("bay", ResourceKind.BED, "recovery-bay"),
            _person("recovery-nurse", "recovery-nurse", use=RoleUse.PRESENCE),
        ),
        gap=Gap(max_min=10),
    )
    found = []
    for specialty, cases in OPERATIONS.items():
        is_local = specialty == "ophthalmology"
        for name, minutes, before, after, turnover in cases:
            surgeon = _person(
                "surgeon",
                specialty,
                start=Offset(anchor="start", minutes=before),
                end=Offset(anchor="end", minutes=-after),
            )
            nurses = _person("nurses", "theatre-nurse", count=1 if is_local else 2)
            theatre = _room("eye-theatre" if is_local else "theatre", cleanup_min=turnover)
            roles = [surgeon, nurses, theatre]
            if is_local:
                roles.append(_machine("phaco"))
            else:
                roles.insert(1, _person("anaesthetist", "anaesthesia"))
            operation = _step("operation", Duration(minutes=minutes, sd_min=minutes * 2 // 5), roles)
            found.append(
                Service(
                    id=ServiceId(name),
                    name=name.replace("-", " ").capitalize(),
                    steps=(operation,) if is_local else (operation, recovery),
                    is_same_day=not is_local,
                    arrive_before_min=45 if is_local else 60,
                    min_notice_min=2 * 24 * 60,
                    eligibility=_WOMEN if specialty == "gynaecology" else Eligibility(),
                )
            )
    return found


def _bundles() -> list[Service]:
    internist = (_person("physician", "internal-medicine"), _room("consulting-room"))
    neurologist = (_person("physician", "neurology"), _room("consulting-room"))
    # The neurologist who looks after the first ten minutes tells the result, within two days.
    watching = _person("physician", "neurology", end=Offset(anchor="start", minutes=10))
    fasting = LocalPeriod(start=7 * 60, end=11 * 60)
    return [
        Service(
            id=ServiceId("ct-and-visit"),
            name="CT, then the internist",
            steps=(_step("scan", 10, _ct()), _step("visit", 20, internist, gap=Gap(min_min=60, max_min=3 * 24 * 60))),
        ),
        Service(
            id=ServiceId("mri-and-neurology"),
            name="Blood test, MRI fasting, then the neurologist",
            instructions="Nothing to eat for four hours before the MRI.",
            steps=(
                _step("blood", 5, _draw()),
                _step(
                    "mri",
                    60,
                    (*_mri(), watching, _contrast()),
                    gap=Gap(min_min=60, max_min=7 * 24 * 60),
                    start_window=fasting,
                ),
                _step("visit", 30, neurologist, gap=Gap(min_min=60, max_min=2 * 24 * 60)),
            ),
            same=(
                SameResource(
                    roles=(
                        RoleRef(step=StepId("mri"), role=RoleId("physician")),
                        RoleRef(step=StepId("visit"), role=RoleId("physician")),
                    )
                ),
            ),
        ),
        Service(
            id=ServiceId("blood-and-preassessment"),
            name="Blood test and preassessment in one trip",
            is_same_day=True,
            steps=(_step("blood", 5, _draw()), _step("visit", 20, _preassess(), gap=Gap(max_min=90))),
        ),
    ]
