"""Scenario folders as texts, for tests of what is read from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import ScenarioFormatError
from engine.scenario_io import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

HEADER = """\
slotwright: 1
name: Two rooms
time_zone: Europe/Zurich
horizon: {start: 2026-03-02T00:00, end: 2026-11-02T00:00}
"""

WORLD = (
    HEADER
    + """\
sites:
- {id: main, name: Main, time_zone: Europe/Zurich}
resources:
- {kind: practitioner, id: dr-a, name: Dr A, site: main, use: when-open}
- {kind: practitioner, id: dr-b, name: Dr B, site: main, use: when-open}
- {kind: room, id: room-1, name: Room 1, site: main}
services:
- id: visit
  name: Visit
  steps:
  - id: consult
    duration: 20
    roles:
    - {id: doctor, kind: practitioner}
"""
)
"""Eighteen lines: the service begins on line 12."""

PATIENTS = """\
id,name
pat-1,Ann Smith
pat-2,Bo Jones
"""

ORDERS = """\
id,patient,service
ord-1,pat-1,visit
ord-2,pat-2,visit
"""

APPOINTMENTS = """\
id,patient,service,order
app-1,pat-1,visit,ord-1
app-2,pat-2,visit,ord-2
"""

STEPS = """\
appointment,step,start,end,site
app-1,consult,2026-03-02T08:00,2026-03-02T08:20,main
app-2,consult,2026-03-02T08:20,2026-03-02T08:40,main
"""

RESERVATIONS = """\
appointment,step,role,resource,start,end
app-1,consult,doctor,dr-a,2026-03-02T08:00,2026-03-02T08:20
app-2,consult,doctor,dr-a,2026-03-02T08:20,2026-03-02T08:40
"""

BOOKED = {
    "scenario.yaml": WORLD,
    "patients.csv": PATIENTS,
    "orders.csv": ORDERS,
    "appointments.csv": APPOINTMENTS,
    "steps.csv": STEPS,
    "reservations.csv": RESERVATIONS,
}


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files into a folder, texts as UTF-8 with their line ends as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults(path: Path) -> list[str]:
    """What reading finds wrong, one line each; fails when it finds nothing."""
    with pytest.raises(ScenarioFormatError) as caught:
        load_scenario(path)
    return [str(fault) for fault in caught.value.faults]


def faults_in(folder: Path, **replaced: str | bytes) -> list[str]:
    """What reading finds wrong in the booked world with some files replaced; `orders_csv` stands for `orders.csv`."""
    files = {name.replace("_", ".") if "." not in name else name: content for name, content in replaced.items()}
    return faults(put(folder, {**BOOKED, **files}))
