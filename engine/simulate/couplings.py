"""What the use of a resource must agree with: the other uses of its step, its sessions, and what was booked before."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.model.requirement import capabilities_on
from engine.model.resource import Equipment, Practitioner, UseRule
from engine.simulate.openings import owns
from engine.simulate.timeline import eroded, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.model.ids import ResourceId, SiteId, Tag
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Modality, Role, Service, Step
    from engine.simulate.openings import Openings, SessionSpan
    from engine.simulate.timeline import Taken

__all__ = ["Ask", "Couplings", "Placed", "Use"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A visit that is looked for.

    Parameters
    ----------
    wished
        Takes every role that they could fill, where they are able to; beside whom the order requires.
    """

    order: Order
    patient: Patient
    service: Service
    site: SiteId
    wished: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A resource at ticks `[start, stop)`, buffers included, and the window `[opens, closes)` without them."""

    role: Role
    resource: Resource
    start: int
    stop: int
    opens: int
    closes: int


@dataclass(slots=True)
class Placed:
    """A step at ticks `[start, stop)`."""

    step: Step
    site: SiteId
    modality: Modality
    start: int
    stop: int
    uses: list[Use] = field(default_factory=list)


class Couplings:
    """Judges one use at a time.

    Parameters
    ----------
    taken
        By resource; changed by whoever books.
    """

    def __init__(self, problem: Problem, openings: Openings, taken: Mapping[ResourceId, Taken]) -> None:
        self._problem = problem
        self._openings = openings
        self._taken = taken
        self._visits: Counter[tuple[ResourceId, str, object]] = Counter()
        self._tagged: defaultdict[ResourceId, list[tuple[int, int, Tag | None]]] = defaultdict(list)

    def note(self, ask: Ask, placed: Placed) -> None:
        """Remember what quotas and changeovers have to know of a step that was booked."""
        for use in placed.uses:
            for key, _ in self._counted(ask, use):
                self._visits[key] += 1
            if use.resource.changeovers:
                self._tagged[use.resource.id].append((use.opens, use.closes, use.role.tag))

    def fits(
        self, ask: Ask, use: Use, others: Sequence[Use], rooms: frozenset[ResourceId] | None
    ) -> tuple[frozenset[ResourceId] | None] | None:
        """The rooms that are left for the step (None: any), or None when the use breaks a rule."""
        resource = use.resource
        if not self._is_privileged(ask, use) or not self._is_admitted(ask, use, others):
            return None
        if isinstance(resource, Equipment) and resource.fixed_in is not None:
            rooms = frozenset({resource.fixed_in}) if rooms is None else rooms & {resource.fixed_in}
        for span in self._openings.sessions(resource):
            if use.stop <= span.start or span.stop <= use.start:
                continue
            if span.start <= use.start and use.stop <= span.stop and span.session.rooms:
                named = frozenset(span.session.rooms)
                rooms = named if rooms is None else rooms & named
            if not self._leaves_breaks(use, span):
                return None
        if any(self._visits[key] >= quota for key, quota in self._counted(ask, use)):
            return None
        return None if not self._changes_over(use) else (rooms,)

    def _is_privileged(self, ask: Ask, use: Use) -> bool:
        if not isinstance(use.resource, Practitioner) or not use.resource.privileges:
            return True
        day = self._problem.grid.local_date(use.opens, self._problem.zone_of(ask.site))
        return set(use.role.capabilities) <= capabilities_on(use.resource, day)

    def _is_admitted(self, ask: Ask, use: Use, others: Sequence[Use]) -> bool:
        """Inside one session or block; in somebody's block only with the owner."""
        resource, is_urgent = use.resource, ask.order.priority.is_urgent
        windows = self._openings.windows(resource, ask.service.id, ask.site, is_urgent=is_urgent)
        inside = [w for w in windows if w.start <= use.start and use.stop <= w.stop]
        if not inside:
            return resource.use is UseRule.WHEN_OPEN
        if isinstance(resource, Practitioner):
            return True
        return all(w.block is None or any(owns(o.resource, w.block) for o in others) for w in inside)

    def _counted(self, ask: Ask, use: Use) -> Iterator[tuple[tuple[ResourceId, str, object], int]]:
        """What a use counts towards, with the quota."""
        for span in self._openings.sessions(use.resource):
            if use.stop <= span.start or span.stop <= use.start:
                continue
            for start, stop, quota in span.quotas:
                if start <= use.opens < stop:
                    yield (use.resource.id, span.session.id, start), quota
            for limit in span.session.class_quotas:
                if limit.patient_class is ask.order.patient_class:
                    yield (use.resource.id, span.session.id, limit.patient_class), limit.quota

    def _leaves_breaks(self, use: Use, span: SessionSpan) -> bool:
        zone = self._problem.zone_of(span.session.site)
        for pause in span.session.breaks:
            window = run(*self._openings.ticks(*span.session.part_bounds(pause, zone)))
            free = window & ~self._taken[use.resource.id].any_use() & ~run(use.start, use.stop)
            if window & run(use.start, use.stop) and not eroded(free, self._problem.grid.ticks(pause.minutes)):
                return False
        return True

    def _changes_over(self, use: Use) -> bool:
        """Whether the use keeps its distance from those before and after it, by their tags."""
        resource = use.resource
        if not resource.changeovers:
            return True
        named = {t for c in resource.changeovers for t in (c.before, c.after)}
        minutes = {(c.before, c.after): c.minutes for c in resource.changeovers}

        def between(before: Tag | None, after: Tag | None) -> int:
            pair = (before if before in named else None, after if after in named else None)
            return self._problem.grid.ticks(minutes.get(pair, 0))

        return all(
            use.opens >= closes + between(tag, use.role.tag)
            if opens < use.opens
            else opens >= use.closes + between(use.role.tag, tag)
            for opens, closes, tag in self._tagged[resource.id]
        )
