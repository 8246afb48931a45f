"""Appointments as columns.

200,000 appointments of three reservations each as frozen pydantic objects took 634 MB and 10 s to make; as columns
they take some 40 MB. Pydantic objects are made one at a time, when somebody looks at one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from engine.errors import UnknownIdError
from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.base import Fact
from engine.model.rows import (
    APPOINTMENT,
    CLASSES,
    MODALITIES,
    NEVER,
    PRIORITIES,
    RARE,
    RESERVATION,
    STATUSES,
    STEP,
    USES,
    RowBuilder,
)
from engine.model.timegrid import from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import AppointmentId

__all__ = ["APPOINTMENT", "NEVER", "RESERVATION", "STEP", "AppointmentTable"]

_Fact = TypeVar("_Fact", bound=Fact)
_FIELDS: dict[type[Fact], set[str]] = {c: set(c.model_fields) for c in (Appointment, PlacedStep, Reservation)}


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
        builder = RowBuilder(
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
        r, name = _fields(self.rows, row), self._name
        first = r["first_step"]
        identity = self.names[r["id"]]
        fields: dict[str, Any] = {
            "id": identity,
            "patient": name(r["patient"]),
            "service": name(r["service"]),
            "order": name(r["order"]),
            "occurrence": r["occurrence"],
            "priority": PRIORITIES[r["priority"]],
            "patient_class": CLASSES[r["patient_class"]],
            "status": STATUSES[r["status"]],
            "steps": tuple([self._placed_step(s) for s in range(first, first + r["n_steps"])]),
            "booked_at": _instant(r["booked_at"]),
            "expires_at": _instant(r["expires_at"]),
            "is_pinned": bool(r["is_pinned"]),
            "is_confirmed": bool(r["is_confirmed"]),
            "times_moved": r["times_moved"],
        }
        return _made(Appointment, fields | RARE | self.rest.get(identity, {}))

    def _placed_step(self, row: int) -> PlacedStep:
        s, name = _fields(self.steps, row), self._name
        first = s["first_reservation"]
        fields = {
            "step": name(s["step"]),
            "start": _instant(s["start"]),
            "end": _instant(s["end"]),
            "site": name(s["site"]),
            "modality": MODALITIES[s["modality"]],
            "reservations": tuple([self._reservation(v) for v in range(first, first + s["n_reservations"])]),
        }
        return _made(PlacedStep, fields)

    def _reservation(self, row: int) -> Reservation:
        v, name = _fields(self.reservations, row), self._name
        fields = {
            "role": name(v["role"]),
            "resource": name(v["resource"]),
            "start": _instant(v["start"]),
            "end": _instant(v["end"]),
            "units": v["units"],
            "use": USES[v["use"]],
        }
        return _made(Reservation, fields)

    def _name(self, index: int) -> Any:
        return None if index < 0 else self.names[index]


@lru_cache(maxsize=4096)
def _instant(minute: int) -> datetime | None:
    """The instant, None for `NEVER`. A visit's times recur, and making one takes as long as all else of a field."""
    return None if minute == NEVER else from_epoch_minute(minute)


def _fields(rows: NDArray[Any], row: int) -> dict[str, Any]:
    """The fields of a row as Python's own numbers: together, for one by one they take five times as long."""
    return dict(zip(rows.dtype.names or (), rows[row].item(), strict=True))


def _made(kind: type[_Fact], fields: dict[str, Any]) -> _Fact:
    """An object with all its fields, as `model_construct` makes it, without looking for those that are missing."""
    made = kind.__new__(kind)
    object.__setattr__(made, "__dict__", fields)
    object.__setattr__(made, "__pydantic_fields_set__", _FIELDS[kind])
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made
