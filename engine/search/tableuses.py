"""The reservations in a schedule's table, as uses: when, where, with which window, without making appointments."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.model.ids import RoleId, ServiceId, SiteId, StepId
from engine.model.service import RoleUse
from engine.search.uses import use_with, window_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.model.columns import AppointmentTable
    from engine.model.ids import ResourceId
    from engine.search.facts import RoleFacts, RoleLookup
    from engine.search.uses import Use

__all__ = ["TableUses"]

_USE = list(RoleUse)
_NO_ROWS = np.zeros(0, np.int64)


class TableUses:
    """The reservations of a table, whether they block or not, by their rows."""

    def __init__(self, table: AppointmentTable, lookup: RoleLookup) -> None:
        self._table = table
        self._lookup = lookup

    def rows_of(self, resource: ResourceId) -> list[int]:
        """Rows of a resource's reservations."""
        rows: list[int] = self._rows_of.get(resource, _NO_ROWS).tolist()
        return rows

    def sites_of(self, resource: ResourceId) -> set[SiteId]:
        """Sites at which a resource has reservations. Not to be changed."""
        return self._sites.get(resource, set())

    @cached_property
    def _rows_of(self) -> dict[str, NDArray[np.int64]]:
        """Rows of the reservations of each resource."""
        resource = self._table.reservations["resource"]
        order = np.argsort(resource, kind="stable")
        numbers, first = np.unique(resource[order], return_index=True)
        stop = np.append(first, len(order))[1:]
        bounds = zip(numbers.tolist(), first.tolist(), stop.tolist(), strict=True)
        return {self._table.names[n]: order[a:b] for n, a, b in bounds}

    @cached_property
    def _sites(self) -> dict[str, set[SiteId]]:
        table = self._table
        sites = table.steps["site"][table.reservations["step"]].astype(np.int64)
        n = len(table.names)
        found: dict[str, set[SiteId]] = {}
        for pair in np.unique(table.reservations["resource"].astype(np.int64) * n + sites).tolist():
            found.setdefault(table.names[pair // n], set()).add(SiteId(table.names[pair % n]))
        return found

    def at(self, row: int) -> Use:
        """The use in a row."""
        table = self._table
        v = table.reservations[row]
        step = table.steps[v["step"]]
        visit = table.rows[step["appointment"]]
        facts = self._facts(visit["service"], step["step"], v["role"])
        bounds = int(v["start"]), int(v["end"])
        last: int | None = int(step["end"])
        if facts is not None and facts.held_last is not None:
            last = self._end_of(int(step["appointment"]), facts.held_last)
        window = window_between(facts, bounds, int(step["start"]), last)
        return use_with(facts, bounds, window, SiteId(table.names[step["site"]]), _USE[v["use"]])

    def window_starts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Starts of the windows of the table's reservations in `rows`, in epoch minutes."""
        table = self._table
        reservations = table.reservations[rows]
        steps = table.steps[reservations["step"]]
        services = table.rows["service"][steps["appointment"]].astype(np.int64)
        n = len(table.names)
        keys = (services * n + steps["step"]) * n + reservations["role"]
        _, example, inverse = np.unique(keys, return_index=True, return_inverse=True)
        starts = np.empty(len(rows), np.int64)
        for kind, i in enumerate(example.tolist()):
            found = self._facts(services[i], steps["step"][i], reservations["role"][i])
            of_kind = inverse == kind
            if found is None:
                starts[of_kind] = reservations["start"][of_kind]
            elif found.from_end and found.held_last is not None:
                visits = steps["appointment"][of_kind].tolist()
                ends = [self._end_of(v, found.held_last) for v in visits]
                own = reservations["start"][of_kind].tolist()
                starts[of_kind] = [b if e is None else e + found.start_min for e, b in zip(ends, own, strict=True)]
            else:
                starts[of_kind] = steps["end" if found.from_end else "start"][of_kind] + found.start_min
        return starts

    def _end_of(self, row: int, step: str) -> int | None:
        """When a step of the visit in a row of the table ends, in epoch minutes; None where there is no such step."""
        table = self._table
        first = int(table.rows["first_step"][row])
        steps = table.steps[first : first + int(table.rows["n_steps"][row])]
        return max((int(s["end"]) for s in steps if table.names[s["step"]] == step), default=None)

    def _facts(self, service: int, step: int, role: int) -> RoleFacts | None:
        """The facts of a role, by the table's numbers of the names."""
        names = self._table.names
        return self._lookup.find(ServiceId(names[service]), StepId(names[step]), RoleId(names[role]))
