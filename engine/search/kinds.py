"""The kinds of order that were asked about: the one place in which what is worked out for a kind is kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from engine.model.resource import Practitioner
from engine.model.timegrid import epoch_minute
from engine.search.kind import Kind
from engine.search.plain import is_plain
from engine.search.query import Query

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.search.occupancy import Occupancy

__all__ = ["Kinds"]

_MOST_KINDS = 2_000


class Kinds:
    """The kinds that were asked about, by what makes them; the least recently asked are let go."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self._known: OrderedDict[object, Kind | None] = OrderedDict()
        resources = occupancy.problem.resources
        self._closed = frozenset(r.id for r in resources if isinstance(r, Practitioner) and not r.accepts_new)
        self._has_limits = any(r.limits for r in resources)

    def of(self, order: Order, patient: Patient, now: datetime, *, is_routine: bool) -> Kind | None:
        """The kind of an order, up to date; None where tables cannot say everything."""
        key = (
            order.service,
            order.modifiers,
            order.required_site,
            order.patient_class,
            order.preference.modality,
            is_routine,
            patient.needs,
            frozenset(patient.known_to) & self._closed if self._closed else None,
            tuple(sorted(patient.measures.items())) if self._has_limits else None,
        )
        kind = self._known.get(key)
        if kind is not None and not kind.since <= epoch_minute(now) < kind.until:
            kind.drop()
            del self._known[key]
        if key not in self._known:
            self._known[key] = self._make(order, now)
            if len(self._known) > _MOST_KINDS:
                _, gone = self._known.popitem(last=False)
                if gone is not None:
                    gone.drop()
        else:
            self._known.move_to_end(key)
        kind = self._known[key]
        if kind is not None:
            kind.refresh()
        return kind

    def clear(self) -> None:
        """Let go of all."""
        for kind in self._known.values():
            if kind is not None:
                kind.drop()
        self._known.clear()

    def _make(self, order: Order, now: datetime) -> Kind | None:
        plain = order.model_copy(
            update={
                "required_practitioner": None,
                "conditions": (),
                "prerequisites": (),
                "separations": (),
                "target": None,
                "deadline": None,
                "earliest_start": None,
            }
        )
        with Query(self._occupancy, plain, now=now) as query:
            return Kind(self._occupancy, query) if not query.missing and is_plain(query) else None
