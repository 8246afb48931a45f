"""What is booked, with the places where each appointment, step and reservation stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.model.columns import AppointmentTable
from engine.scenario_io.column_values import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from engine.model.appointment import Appointment
    from engine.scenario_io.faults import FaultLog, Path, Place

__all__ = ["Booked", "booked_from_items"]


@dataclass
class Booked:
    """Appointments with the places where they, their steps and their reservations stand.

    Parameters
    ----------
    place
        From level (0 appointments, 1 steps, 2 reservations), row of the table and column to a place and path.
    failed
        Ids of appointments that could not be read.
    """

    table: AppointmentTable
    place: Callable[[int, int, str], tuple[Place, Path]]
    failed: frozenset[str] = frozenset()

    @classmethod
    def of_items(cls, table: AppointmentTable, places: Sequence[Place], failed: frozenset[str] = frozenset()) -> Booked:
        """What stands in a document: the places are those of the appointments, row by row."""

        def place(level: int, row: int, column: str) -> tuple[Place, Path]:
            path: Path = (column,)
            if level == 2:
                row, position = _position(table.reservations["step"], table.steps["first_reservation"], row)
                path = ("reservations", position, *path)
            if level >= 1:
                row, position = _position(table.steps["appointment"], table.rows["first_step"], row)
                path = ("steps", position, *path)
            return places[row], path

        return cls(table, place, failed)

    def level(self, level: int) -> NDArray[Any]:
        """Rows of appointments (0), steps (1) or reservations (2)."""
        return (self.table.rows, self.table.steps, self.table.reservations)[level]


def booked_from_items(items: Iterable[tuple[Appointment | None, Any, Place]], log: FaultLog) -> Booked:
    """The appointments of a document: each as read (None where it has faults), as written, and where."""
    places: list[Place] = []
    failed: set[str] = set()
    first: dict[str, Place] = {}

    def right() -> Iterator[Appointment]:
        for item, raw, place in items:
            if item is None:
                failed.add(str(raw.get("id", "")) if isinstance(raw, dict) else "")
            elif item.id in first:
                there = first[item.id]
                message = f"found '{item.id}', which {there.file}:{there.line_of(())} has already"
                log.add_at(place, ("id",), f"{message}; expected an id of its own")
            elif _fits(item, place, log):
                first[item.id] = place
                places.append(place)
                yield item

    table = AppointmentTable.of(right())
    return Booked.of_items(table, places, frozenset(failed))


def _position(holders: NDArray[Any], firsts: NDArray[Any], row: int) -> tuple[int, int]:
    """Row of what holds this row, and the row's position in it."""
    holder = int(holders[row])
    return holder, row - int(firsts[holder])


def _fits(appointment: Appointment, place: Place, log: FaultLog) -> bool:
    """Whether an `AppointmentTable` can count its steps and reservations; too many are noted."""
    sizes: list[tuple[Path, int]] = [(("steps",), len(appointment.steps))]
    sizes += [(("steps", i, "reservations"), len(step.reservations)) for i, step in enumerate(appointment.steps)]
    too_big = [(path, size) for path, size in sizes if size > LARGEST]
    for path, size in too_big:
        log.add_at(place, path, f"found {size} items, expected at most {LARGEST:,}")
    return not too_big
