"""Why there is no visit, for any order and any range of starts: every obstacle is taken away by trial.

The general way. `standing` gives the same answers for plain visits at one start, much faster.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.model.explanation import BlockerKind
from engine.model.requirement import required_steps
from engine.model.resource import LimitKind, Practitioner, UseRule
from engine.model.timegrid import epoch_minute
from engine.search.excerpt import Excerpt
from engine.search.firststep import least_of_first_step
from engine.search.obstacles import EASE, Obstacle, fewest
from engine.search.pools import Placing, Pools
from engine.search.query import Query
from engine.search.rank import best_starts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.model.resource import Resource
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy
    from engine.search.sessions import Nature

__all__ = ["RULES", "Inquiry", "span_of"]

RULES = (
    ConstraintCode.ORDER_ONCE,
    ConstraintCode.CONDITION,
    ConstraintCode.ELIGIBILITY,
    ConstraintCode.REQUIRED_PRACTITIONER,
    ConstraintCode.PREREQUISITE,
    ConstraintCode.SERIES,
    ConstraintCode.TIE,
    ConstraintCode.SEPARATION,
    ConstraintCode.NOTICE,
    ConstraintCode.HORIZON,
    ConstraintCode.EARLIEST_START,
    ConstraintCode.DEADLINE,
    ConstraintCode.TARGET_WINDOW,
    ConstraintCode.START_GRID,
    ConstraintCode.TIME_OF_DAY,
    ConstraintCode.PRIVILEGE,
    ConstraintCode.RESOURCE_LIMIT,
)
"""Rules that may be what stands in the way, in the order in which they are named."""

_PATIENT = Obstacle(BlockerKind.PATIENT)


class Inquiry:
    """One question, with what may be taken away.

    Parameters are those of `find`, with ticks of the occupancy's grid.

    Attributes
    ----------
    part
        The days that the question is about, as they are.
    is_outside
        Whether no visit could start in the range, not before `now`, and lie inside the horizon.
    plan
        The query as it is asked, rules of the order and the calendar apart.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        *,
        now: datetime,
        first: int | None,
        stop: int | None,
        occurrence: int,
        practitioner: ResourceId | None,
    ) -> None:
        self._occupancy, self._order, self._now = occupancy, order, now
        self._occurrence, self._practitioner = occurrence, practitioner
        low, high = occupancy.calendars.within
        if first is None or stop != first + 1:  # of one start it is said that it has passed
            grid = occupancy.grid
            low = max(low, -((grid.start_minute - epoch_minute(now)) // grid.tick_min))
        self._first = low if first is None else max(low, first)
        self._stop = high if stop is None else min(stop, high)
        is_empty = self._first >= self._stop
        everything = 0, occupancy.n_ticks
        self._span = everything if is_empty else span_of(occupancy, order, self._first, self._stop, occurrence)
        self.part = self._cut()
        with self._query(self.part, ()) as query:
            self.is_outside = is_empty or self._first + query.least_between(0, len(query.required) - 1) > high
            self.found = None if self.is_outside else self._best(query)
            self.missing, self._limits = query.missing, query.limits
            is_asked = not self.is_outside and self.found is None
            self._rules = tuple(self._relevant(query)) if is_asked else ()
        if self.found is None:
            self.plan = self._query(self.part, [r for r in RULES if r is not ConstraintCode.REQUIRED_PRACTITIONER])
            self.missing += [m for m in self.plan.missing if m not in self.missing]
            if self.plan.missing:
                self._rules += (ConstraintCode.REQUIRED_PRACTITIONER,)
            self.pools = Pools(self.plan)
            self._seen: dict[int, set[BlockerKind]] = {}

    def fewest(self) -> tuple[tuple[Obstacle, ...], Candidate] | None:
        """The fewest obstacles, and the visit that could be without them; None where there is none even so."""
        obstacles = self._obstacles()
        return fewest(obstacles, self._without, self._at_least(obstacles))

    def _at_least(self, obstacles: Collection[Obstacle]) -> Sequence[Collection[Obstacle]]:
        """Sets of obstacles one of which has to go whole: at one start, of what the first step alone needs."""
        if self._stop - self._first > 1 or self.plan.is_any_order or self.plan.missing:
            return ((),)
        return least_of_first_step(self.plan, self._limits, self.pools, self._first - self.part.shift, obstacles)

    def placings(self, candidate: Candidate) -> list[Placing]:
        """The steps of a visit, in ticks of the excerpt."""
        by_id, margin = self.part.row_by_id, self.part.calendars.margin
        found = []
        for s in candidate.steps:
            kind = s.modality, s.site, s.end - s.start
            variants = self.plan.steps[s.step].variants
            if candidate.group is None:
                ways = (v for v in variants if (v.modality, v.site, v.length) == kind and v.meeting is None)
                variant = next(ways)
            else:  # a seat, perhaps in a group without whoever is asked for, which is not planned
                variant = replace(variants[0], modality=s.modality, site=s.site, length=kind[2], roles=())
            used = tuple((r, tuple(by_id[u[1]] for u in s.uses if u[0] == r.role.id)) for r in variant.roles)
            found.append(Placing(s.step, s.start + margin, variant, used))
        return found

    # --- asking ---------------------------------------------------------------------------------------------------

    def _cut(self) -> Excerpt:
        return Excerpt(self._occupancy, *self._span)

    def _query(self, part: Excerpt, lifted: Collection[ConstraintCode]) -> Query:
        return Query(
            part,
            self._order,
            now=self._now,
            first=self._first - part.shift,
            stop=self._stop - part.shift,
            occurrence=self._occurrence,
            practitioner=self._practitioner,
            lifted=lifted,
        )

    def _best(self, query: Query) -> Candidate | None:
        return next(iter(best_starts(query, 1)), None)

    def _without(self, gone: Collection[Obstacle]) -> Candidate | None:
        """The best visit when some obstacles are taken away."""
        part = self._cut()
        for obstacle in gone:
            if obstacle.pool >= 0:
                self._take_away(part, obstacle)
        codes = [o.code for o in gone if o.code is not None]
        if _PATIENT in gone:
            codes.append(ConstraintCode.PATIENT_AVAILABLE)
        with self._query(part, codes) as query:
            return self._best(query)

    def _take_away(self, part: Excerpt, obstacle: Obstacle) -> None:
        do = {
            BlockerKind.KEPT_FOR_URGENT: part.release_kept,
            BlockerKind.QUOTA: part.lift_quotas,
            BlockerKind.BOOKED: part.unbook,
            BlockerKind.BLOCK_OWNED: part.release_blocks,
            BlockerKind.NO_SESSION: part.give_sessions,
            BlockerKind.NOT_AVAILABLE: part.open_up,
        }
        do[obstacle.kind](self.pools.all[obstacle.pool].members)

    # --- what may be taken away -----------------------------------------------------------------------------------

    def _obstacles(self) -> list[Obstacle]:
        """Everything that may stand in the way, the easiest to take away first."""
        found = [Obstacle(BlockerKind.RULE, code) for code in RULES if code in self._rules]
        if any(s.step.is_patient_present for s in self.plan.steps) and self.plan.patient_time.has_any:
            found.append(_PATIENT)
        for p, pool in enumerate(self.pools.all):
            found.extend(Obstacle(kind, pool=p) for kind in self._kinds(pool.members) if self._is_there(p, kind))
        return sorted(found, key=lambda o: EASE.index(o.kind))

    def _is_there(self, p: int, kind: BlockerKind) -> bool:
        """Whether a kind of hindrance may matter; of what only the first step of one start needs, a look shows it."""
        if self._stop - self._first > 1 or any(step for step, _ in self.pools.all[p].roles):
            return True
        if len(self.pools.all[p].roles) > 1 or self.plan.service.held or self.plan.is_any_order:
            return True  # somebody may be used twice, for longer than the step, or in a step that is not the first
        if p not in self._seen:
            self._seen[p] = {
                k
                for v in self.plan.steps[0].variants
                for role in v.roles
                if self.pools.number(0, role) == p
                for r in self.pools.members(v, role)
                for k, _ in self.pools.kept_by(Placing(0, self._first - self.part.shift, v, ()), role, r)
            }
        is_room_told = kind is BlockerKind.NO_SESSION and any(
            self.part.calendars.nature(r).names_rooms for r in self.pools.all[p].members
        )
        return kind in self._seen[p] or is_room_told

    def _kinds(self, members: Iterable[int]) -> Iterator[BlockerKind]:
        """The kinds of hindrance that some resources could have."""
        part, now, resources = self.part, self._now, self._occupancy.problem.resources
        calendars = part.calendars
        yield BlockerKind.BOOKED
        yield BlockerKind.NOT_AVAILABLE
        if any(_is_told_when(resources[r], calendars.nature(r)) for r in members):
            yield BlockerKind.NO_SESSION
        if self.plan.is_routine and any(calendars.kept(r, now)[1] is not None for r in members):
            yield BlockerKind.KEPT_FOR_URGENT
        if any(calendars.blocks.is_theatre(r) and calendars.blocks.unreleased(r, now) for r in members):
            yield BlockerKind.BLOCK_OWNED
        if any(part.quotas.has_full(r) for r in members):
            yield BlockerKind.QUOTA

    def _relevant(self, query: Query) -> Iterator[ConstraintCode]:
        """Rules of the order and the calendar that leave out anything that was asked for."""
        order, limits, low, high = self._order, query.limits, self._first, self._stop
        yield from (code for code, _ in query.missing)
        for site in query.sites:
            if high - low == 1:
                yield from limits.broken(site, low - self.part.shift)
            else:
                asked = query.asked_starts()
                yield from (code for code, row in limits.rows(site) if (asked & ~row).any())
        if order.deadline is not None:
            yield ConstraintCode.DEADLINE
        beside = query.neighbours
        for rule, has_any in (
            (ConstraintCode.PREREQUISITE, beside.followers),
            (ConstraintCode.SEPARATION, beside.apart),
            (ConstraintCode.TIE, beside.trips),
            (ConstraintCode.TIME_OF_DAY, any(s.start_window is not None for s in query.required)),
        ):
            if has_any:
                yield rule
        resources = self._occupancy.problem.resources
        if any(isinstance(r, Practitioner) and r.privileges for r in resources):
            yield ConstraintCode.PRIVILEGE
        if any(limit.kind is LimitKind.AGE_YEARS for r in resources for limit in r.limits):
            yield ConstraintCode.RESOURCE_LIMIT


def span_of(occupancy: Occupancy, order: Order, first: int, stop: int, occurrence: int) -> tuple[int, int]:
    """The ticks that visits which start in `[first, stop)` could touch, and a little more.

    To the horizon's end where a later step may follow whenever it likes, and where groups that meet already take the
    time that they take.
    """
    problem, grid, margin = occupancy.problem, occupancy.grid, 2 * occupancy.calendars.margin + 2
    service, patient = problem.service(order.service), problem.patient(order.patient)
    if service.group_size > 1:
        return first - margin, occupancy.n_ticks
    in_range = not order.series or occurrence < len(order.series)
    for i, step in enumerate(required_steps(problem, service, patient, order, occurrence if in_range else 0)):
        duration = step.duration
        if duration is None or (i and step.gap.max_min is None):
            return first - margin, occupancy.n_ticks
        longest = max([duration.minutes, *duration.by_practitioner.values(), *duration.by_equipment.values()])
        extra = sum(duration.by_modifier.get(m, 0) for m in order.modifiers)
        stop += grid.ticks(max(1, longest + extra)) + grid.ticks((step.gap.max_min or 0) if i else 0)
    return first - margin, stop + margin


def _is_told_when(resource: Resource, nature: Nature) -> bool:
    """Whether it takes more than being open to be used: a session, or a site to be at."""
    return nature.is_scheduled or resource.use is UseRule.IN_SESSIONS or isinstance(resource, Practitioner)
