"""What the columns of appointments are made of: the types of their rows, and writing rows.

`AppointmentTable` in `columns` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.model.appointment import Appointment, AppointmentStatus
from engine.model.order import Priority
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "APPOINTMENT",
    "CLASSES",
    "MODALITIES",
    "NEVER",
    "PRIORITIES",
    "RARE",
    "RESERVATION",
    "STATUSES",
    "STEP",
    "USES",
    "RowBuilder",
]

NEVER = np.iinfo(np.int64).max
"""Stands for "no such instant" in a column of epoch minutes."""

APPOINTMENT = np.dtype(
    [
        ("id", np.int32),
        ("patient", np.int32),
        ("service", np.int32),
        ("order", np.int32),
        ("occurrence", np.int16),
        ("priority", np.int8),
        ("patient_class", np.int8),
        ("status", np.int8),
        ("is_pinned", np.bool_),
        ("is_confirmed", np.bool_),
        ("times_moved", np.int16),
        ("booked_at", np.int64),
        ("expires_at", np.int64),
        ("first_step", np.int32),
        ("n_steps", np.int16),
        ("start", np.int64),
        ("end", np.int64),
    ]
)
"""One row an appointment. Names are indices into `AppointmentTable.names`, -1 for none; enums are positions in their
class; times are epoch minutes, `NEVER` for none."""

STEP = np.dtype(
    [
        ("appointment", np.int32),
        ("step", np.int32),
        ("site", np.int32),
        ("modality", np.int8),
        ("start", np.int64),
        ("end", np.int64),
        ("first_reservation", np.int32),
        ("n_reservations", np.int16),
    ]
)
"""One row a placed step; `appointment` is the row of its appointment."""

RESERVATION = np.dtype(
    [
        ("step", np.int32),
        ("role", np.int32),
        ("resource", np.int32),
        ("units", np.int16),
        ("use", np.int8),
        ("start", np.int64),
        ("end", np.int64),
    ]
)
"""One row a reservation; `step` is the row of its placed step."""

STATUSES, PRIORITIES, CLASSES = list(AppointmentStatus), list(Priority), list(PatientClass)
MODALITIES, USES = list(Modality), list(RoleUse)
RARE: dict[str, Any] = {
    name: Appointment.model_fields[name].default for name in ("promise", "group", "overrides", "note")
}
"""Fields that few appointments have, with their defaults; kept as objects beside the columns."""


@dataclass
class RowBuilder:
    """Collects rows as tuples; the offsets say how many rows stand before."""

    names: list[str]
    index: dict[str, int]
    rest: dict[str, dict[str, Any]]
    n_rows: int
    n_steps: int
    n_reservations: int
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    steps: list[tuple[Any, ...]] = field(default_factory=list)
    reservations: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, a: Appointment) -> None:
        row = self.n_rows + len(self.rows)
        self.rows.append(
            (
                self._intern(a.id),
                self._intern(a.patient),
                self._intern(a.service),
                self._intern(a.order),
                a.occurrence,
                PRIORITIES.index(a.priority),
                CLASSES.index(a.patient_class),
                STATUSES.index(a.status),
                a.is_pinned,
                a.is_confirmed,
                a.times_moved,
                _minute(a.booked_at),
                _minute(a.expires_at),
                self.n_steps + len(self.steps),
                len(a.steps),
                epoch_minute(a.start),
                epoch_minute(a.end),
            )
        )
        for s in a.steps:
            step = self.n_steps + len(self.steps)
            first = self.n_reservations + len(self.reservations)
            self.steps.append(
                (
                    row,
                    self._intern(s.step),
                    self._intern(s.site),
                    MODALITIES.index(s.modality),
                    epoch_minute(s.start),
                    epoch_minute(s.end),
                    first,
                    len(s.reservations),
                )
            )
            self.reservations.extend(
                (
                    step,
                    self._intern(v.role),
                    self._intern(v.resource),
                    v.units,
                    USES.index(v.use),
                    epoch_minute(v.start),
                    epoch_minute(v.end),
                )
                for v in s.reservations
            )
        rest = {name: value for name, default in RARE.items() if (value := getattr(a, name)) != default}
        if rest:
            self.rest[a.id] = rest

    def _intern(self, name: str | None) -> int:
        if name is None:
            return -1
        index = self.index.get(name)
        if index is None:
            index = self.index[name] = len(self.names)
            self.names.append(name)
        return index


def _minute(instant: datetime | None) -> int:
    return NEVER if instant is None else epoch_minute(instant)
