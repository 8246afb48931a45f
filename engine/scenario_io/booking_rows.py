"""The three tables of what is booked, made from columns without making a single appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.model.appointment import AppointmentStatus, Override, Promise
from engine.model.order import Priority
from engine.model.rows import NEVER
from engine.model.service import Modality, RoleUse
from engine.model.session import PatientClass
from engine.model.timegrid import from_epoch_minute
from engine.scenario_io.cells import cell_text
from engine.scenario_io.localtime import format_instant
from engine.scenario_io.plain import plain
from engine.scenario_io.shapes import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from enum import StrEnum

    from numpy.typing import NDArray

    from engine.model.columns import AppointmentTable

__all__ = ["booking_rows"]

_Columns = dict[str, list[str]]


def booking_rows(table: AppointmentTable, zone: str) -> Iterator[tuple[str, tuple[list[str], Sequence[Sequence[str]]]]]:
    """Name, header and rows of each table; columns that are empty throughout are left out."""
    yield "appointments", _rows(_appointments(table, zone))
    yield "steps", _rows(_steps(table, zone))
    if len(table.reservations):
        yield "reservations", _rows(_reservations(table, zone))


def _rows(columns: _Columns) -> tuple[list[str], Sequence[Sequence[str]]]:
    used = {name: cells for name, cells in columns.items() if any(cells)}
    return list(used), list(zip(*used.values(), strict=True))


def _appointments(table: AppointmentTable, zone: str) -> _Columns:
    r, names = table.rows, _names(table)
    ids = names(r["id"])
    rest = [table.rest.get(i, {}) for i in ids]
    return {
        "id": ids,
        "patient": names(r["patient"]),
        "service": names(r["service"]),
        "order": names(r["order"]),
        "occurrence": _counts(r["occurrence"], 0),
        "priority": _choices(r["priority"], Priority, Priority.ROUTINE),
        "patient_class": _choices(r["patient_class"], PatientClass, PatientClass.OUTPATIENT),
        "status": _choices(r["status"], AppointmentStatus, AppointmentStatus.BOOKED),
        "booked_at": _instants(r["booked_at"], zone),
        "expires_at": _instants(r["expires_at"], zone),
        "is_pinned": _truths(r["is_pinned"]),
        "is_confirmed": _truths(r["is_confirmed"]),
        "promise": [_nested(fields.get("promise"), Promise, zone) for fields in rest],
        "times_moved": _counts(r["times_moved"], 0),
        "group": [fields.get("group") or "" for fields in rest],
        "overrides": [_nested(fields.get("overrides"), tuple[Override, ...], zone) for fields in rest],
        "note": [fields.get("note") or "" for fields in rest],
    }


def _steps(table: AppointmentTable, zone: str) -> _Columns:
    s, names = table.steps, _names(table)
    return {
        "appointment": names(table.rows["id"][s["appointment"]]),
        "step": names(s["step"]),
        "start": _instants(s["start"], zone),
        "end": _instants(s["end"], zone),
        "site": names(s["site"]),
        "modality": _choices(s["modality"], Modality, Modality.IN_PERSON),
    }


def _reservations(table: AppointmentTable, zone: str) -> _Columns:
    s, v, names = table.steps, table.reservations, _names(table)
    return {
        "appointment": names(table.rows["id"][s["appointment"][v["step"]]]),
        "step": names(s["step"][v["step"]]),
        "role": names(v["role"]),
        "resource": names(v["resource"]),
        "start": _instants(v["start"], zone),
        "end": _instants(v["end"], zone),
        "units": _counts(v["units"], 1),
        "use": _choices(v["use"], RoleUse, RoleUse.EXCLUSIVE),
        "nth": _counts(_nth(s)[v["step"]], 0),
    }


def _nth(steps: NDArray[Any]) -> NDArray[np.int64]:
    """How many steps of the same name stand before each in its appointment."""
    seen: dict[tuple[int, int], int] = {}
    nth = np.zeros(len(steps), np.int64)
    for row, key in enumerate(zip(steps["appointment"].tolist(), steps["step"].tolist(), strict=True)):
        nth[row] = seen[key] = seen.get(key, -1) + 1
    return nth


def _names(table: AppointmentTable) -> Any:
    texts = np.array([*table.names, ""], dtype=object)  # -1, for none, is the last
    return lambda column: texts[column].tolist()


def _instants(column: NDArray[np.int64], zone: str) -> list[str]:
    minutes, codes = np.unique(column, return_inverse=True)
    texts = ["" if m == NEVER else format_instant(from_epoch_minute(m), zone) for m in minutes.tolist()]
    return np.array([*texts, ""], dtype=object)[codes].tolist()  # type: ignore[no-any-return]


def _choices(column: NDArray[Any], choices: type[StrEnum], default: StrEnum) -> list[str]:
    texts = np.array(["" if choice is default else str(choice) for choice in choices], dtype=object)
    return texts[column].tolist()  # type: ignore[no-any-return]


def _counts(column: NDArray[Any], default: int) -> list[str]:
    return ["" if count == default else str(count) for count in column.tolist()]


def _truths(column: NDArray[np.bool_]) -> list[str]:
    return ["true" if truth else "" for truth in column.tolist()]


def _nested(value: Any, annotation: Any, zone: str) -> str:
    return cell_text(plain(value, shape_of(annotation), zone), shape_of(annotation)) if value else ""
