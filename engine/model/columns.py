"""Appointments as columns.

200,000 appointments of three reservations each as frozen pydantic objects took 634 MB and 10 s to make; as columns
they take some 40 MB. Pydantic objects are made one at a time, when somebody looks at one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from engine.errors import UnknownIdError
from engine.model.appointment import Appointment, AppointmentStatus, PlacedStep, Reservation
from engine.model.order import Priority
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import AppointmentId

__all__ = ["APPOINTMENT", "NEVER", "RESERVATION", "STEP", "AppointmentTable"]

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

_STATUS, _PRIORITY, _CLASS = list(AppointmentStatus), list(Priority), list(PatientClass)
_MODALITY, _USE = list(Modality), list(RoleUse)
_REST: dict[str, Any] = {
    name: Appointment.model_fields[name].default for name in ("promise", "group", "overrides", "note")
}
"""Fields that few appointments have, with their defaults; kept as objects beside the columns."""


@dataclass(frozen=True, eq=False)
class AppointmentTable(Sequence[Appointment]):
    """Appointments in rows, read as a sequence of `Appointment` or, in bulk, as columns.

    Never changed: `changed` gives a new table. Rows keep their order; new ones come last.

    Parameters
    ----------
    names
        Every id that occurs, once; and some that no longer do.
    rows, steps, reservations
        Structured arrays of the types `APPOINTMENT`, `STEP` and `RESERVATION`, grouped in the order of `rows`.
    rest
        Seldom used fields, by appointment id.
    """

    names: tuple[str, ...] = ()
    rows: NDArray[Any] = field(default_factory=lambda: np.zeros(0, APPOINTMENT))
    steps: NDArray[Any] = field(default_factory=lambda: np.zeros(0, STEP))
    reservations: NDArray[Any] = field(default_factory=lambda: np.zeros(0, RESERVATION))
    rest: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, appointments: Iterable[Appointment]) -> AppointmentTable:
        """A table of these, in their order.

        Raises
        ------
        ValueError
            When an id occurs twice.
        """
        return cls().changed(added=appointments)

    @cached_property
    def index_by_name(self) -> dict[str, int]:
        """Position of each id in `names`."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def row_by_id(self) -> dict[str, int]:
        """Row of each appointment."""
        return {self.names[i]: row for row, i in enumerate(self.rows["id"].tolist())}

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, given: object) -> bool:
        key = given.id if isinstance(given, Appointment) else given
        return key in self.row_by_id

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, AppointmentTable)
            and len(self) == len(other)
            and all(a == b for a, b in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, row: int) -> Appointment: ...
    @overload
    def __getitem__(self, row: slice) -> list[Appointment]: ...
    def __getitem__(self, row: int | slice) -> Appointment | list[Appointment]:
        if isinstance(row, slice):
            return [self._appointment(i) for i in range(*row.indices(len(self)))]
        return self._appointment(range(len(self))[row])

    def __iter__(self) -> Iterator[Appointment]:
        return (self._appointment(i) for i in range(len(self)))

    def by_id(self, given: AppointmentId) -> Appointment:
        """The appointment with this id.

        Raises
        ------
        UnknownIdError
            When there is none.
        """
        return self._appointment(self._known_row(given))

    def changed(
        self, *, removed: Collection[AppointmentId] = (), added: Iterable[Appointment] = ()
    ) -> AppointmentTable:
        """A new table without `removed` and with `added` behind the rest.

        An appointment that is both removed and added is moved: it keeps its id.

        Raises
        ------
        UnknownIdError
            When one to be removed is not there.
        ValueError
            When an added id is there already.
        """
        kept, rest = self, self.rest
        if removed:
            gone = {r: self._known_row(r) for r in removed}
            kept = self._without(np.array(list(gone.values()), np.int64))
            rest = {i: r for i, r in self.rest.items() if i not in gone}
        builder = _Builder(
            list(kept.names),
            dict(kept.index_by_name),
            dict(rest),
            len(kept.rows),
            len(kept.steps),
            len(kept.reservations),
        )
        taken = set(kept.row_by_id)
        for appointment in added:
            if appointment.id in taken:
                raise ValueError(f"appointment '{appointment.id}' is there twice")
            taken.add(appointment.id)
            builder.add(appointment)
        return AppointmentTable(
            tuple(builder.names),
            np.concatenate([kept.rows, np.array(builder.rows, APPOINTMENT)]),
            np.concatenate([kept.steps, np.array(builder.steps, STEP)]),
            np.concatenate([kept.reservations, np.array(builder.reservations, RESERVATION)]),
            builder.rest,
        )

    def _known_row(self, given: AppointmentId) -> int:
        row = self.row_by_id.get(given)
        if row is None:
            raise UnknownIdError("appointment", given, list(self.row_by_id))
        return row

    def _without(self, gone: NDArray[np.int64]) -> AppointmentTable:
        keep_row = np.ones(len(self.rows), np.bool_)
        keep_row[gone] = False
        keep_step = keep_row[self.steps["appointment"]]
        keep_reservation = keep_step[self.reservations["step"]]
        rows, steps, reservations = self.rows[keep_row], self.steps[keep_step], self.reservations[keep_reservation]
        steps["appointment"] = (np.cumsum(keep_row) - 1)[steps["appointment"]]
        reservations["step"] = (np.cumsum(keep_step) - 1)[reservations["step"]]
        rows["first_step"] = np.cumsum(rows["n_steps"], dtype=np.int64) - rows["n_steps"]
        steps["first_reservation"] = np.cumsum(steps["n_reservations"], dtype=np.int64) - steps["n_reservations"]
        return AppointmentTable(self.names, rows, steps, reservations, self.rest)

    def _appointment(self, row: int) -> Appointment:
        r, name = self.rows[row], self._name
        first = int(r["first_step"])
        steps = tuple(self._placed_step(s) for s in range(first, first + int(r["n_steps"])))
        identity = self.names[r["id"]]
        fields: dict[str, Any] = {
            "id": identity,
            "patient": name(r["patient"]),
            "service": name(r["service"]),
            "order": name(r["order"]),
            "occurrence": int(r["occurrence"]),
            "priority": _PRIORITY[r["priority"]],
            "patient_class": _CLASS[r["patient_class"]],
            "status": _STATUS[r["status"]],
            "steps": steps,
            "booked_at": _instant(r["booked_at"]),
            "expires_at": _instant(r["expires_at"]),
            "is_pinned": bool(r["is_pinned"]),
            "is_confirmed": bool(r["is_confirmed"]),
            "times_moved": int(r["times_moved"]),
        }
        return Appointment.model_construct(**fields, **_REST | self.rest.get(identity, {}))

    def _placed_step(self, row: int) -> PlacedStep:
        s, name = self.steps[row], self._name
        first = int(s["first_reservation"])
        reservations = tuple(
            Reservation.model_construct(
                role=name(v["role"]),
                resource=name(v["resource"]),
                start=from_epoch_minute(v["start"]),
                end=from_epoch_minute(v["end"]),
                units=int(v["units"]),
                use=_USE[v["use"]],
            )
            for v in self.reservations[first : first + int(s["n_reservations"])]
        )
        return PlacedStep.model_construct(
            step=name(s["step"]),
            start=from_epoch_minute(s["start"]),
            end=from_epoch_minute(s["end"]),
            site=name(s["site"]),
            modality=_MODALITY[s["modality"]],
            reservations=reservations,
        )

    def _name(self, index: int) -> Any:
        return None if index < 0 else self.names[index]


@dataclass
class _Builder:
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
                _PRIORITY.index(a.priority),
                _CLASS.index(a.patient_class),
                _STATUS.index(a.status),
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
                    _MODALITY.index(s.modality),
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
                    _USE.index(v.use),
                    epoch_minute(v.start),
                    epoch_minute(v.end),
                )
                for v in s.reservations
            )
        rest = {name: value for name, default in _REST.items() if (value := getattr(a, name)) != default}
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


def _instant(minute: int) -> datetime | None:
    return None if minute == NEVER else from_epoch_minute(minute)
