"""Holds in the order in which they expire: which begin or cease to count when the clock is set."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.ids import AppointmentId

__all__ = ["Holds"]


class Holds:
    """Appointments that expire, those that have expired included.

    Parameters
    ----------
    holds
        (expiry in epoch minutes, appointment), in any order.
    """

    def __init__(self, holds: Iterable[tuple[int, AppointmentId]]) -> None:
        self._ordered = sorted(holds)

    def add(self, expires: int, hold: AppointmentId) -> None:
        """Take in a hold that is not there."""
        insort(self._ordered, (expires, hold))

    def remove(self, expires: int, hold: AppointmentId) -> None:
        """Take out a hold that is there."""
        del self._ordered[bisect_left(self._ordered, (expires, hold))]

    def between(self, early: int, late: int) -> list[AppointmentId]:
        """The holds that stand as of minute `early` and have expired as of minute `late`."""
        first, stop = (bisect_left(self._ordered, (minute + 1,)) for minute in (early, late))
        return [hold for _, hold in self._ordered[first:stop]]
