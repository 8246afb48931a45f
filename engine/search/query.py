"""From an order to a question in ticks: who could do each step where, and at which starts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from engine.model.codes import ConstraintCode
from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority
from engine.model.requirement import required_steps
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse, Sex
from engine.search import bits
from engine.search.costs import Costs
from engine.search.crowding import is_crowded
from engine.search.limits import StartLimits
from engine.search.meetings import meetings_of
from engine.search.neighbours import Neighbours
from engine.search.patienttime import PatientTime
from engine.search.planner import Planner
from engine.search.plans import Turn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import ResourceId, RoleId, SiteId, StepId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.resource import Resource
    from engine.model.service import Role, Step
    from engine.search.anyorder import AnyOrder
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy
    from engine.search.plans import StepPlan, Variant
    from engine.search.starts import RoleShape

__all__ = ["Query"]


class Query:
    """A question, prepared. A context: the rows made for it alone are given back at its end.

    Ticks are those of the occupancy's grid.

    Parameters
    ----------
    occupancy
        As of `now`; not changed while the query lasts.
    first, stop
        Range of the visit's start; None: the horizon.
    practitioner
        Asked for beside whom the order requires.
    tidy
        As for `find`.
    patient
        The order's patient as they would be; None: as they are.
    lifted
        Rules that are not asked: to see whether they are what stands in the way. Those of the order, of the calendar
        and of the patient's time only; whatever resources say is lifted in an `Excerpt`.

    Attributes
    ----------
    diary
        The diaries, where what a visit does to them costs anything.
    missing
        What makes every start impossible, as (rule, what is missing).
    is_any_order
        Whether there are several steps, free in order.
    asked
        Practitioners who must do what they can do of the visit.
    required
        The service's steps with needs and series worked in; of a group visit, the service's own.
    modifiers
        Of the order; of a group visit, none.
    meetings
        Group occurrences with a seat for the patient.
    lengths
        Of each step, every length in minutes that it may have.
    lead_step
        The step whose lead is the visit's: of those in which a practitioner does something, one whose practitioner has
        to be the same in other steps, else any; of these the longest.
    chains
        Where one group of roles is filled by the same resource: starts of each variant of each step, by resource. Set
        by `find_candidates`.
    any_order
        Of steps free in order: what can follow what. Set by `find_candidates`.
    same
        For roles filled by the same resources: the numbers of the groups they belong to.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        order: Order,
        *,
        now: datetime,
        first: int | None = None,
        stop: int | None = None,
        occurrence: int = 0,
        practitioner: ResourceId | None = None,
        tidy: bool = False,
        patient: Patient | None = None,
        lifted: Collection[ConstraintCode] = (),
    ) -> None:
        problem = occupancy.problem
        self.occupancy, self.problem, self.calendars = occupancy, problem, occupancy.calendars
        self.order, self.occurrence, self.now = order, occurrence, now
        self.service, self.patient = problem.service(order.service), patient or problem.patient(order.patient)
        self.diary = occupancy.diary if tidy and occupancy.diary.counts_for(self.service) else None
        self.is_any_order = not self.service.is_ordered and len(self.service.steps) > 1
        self._scratch: list[int] = []
        self._least_between: dict[tuple[int, int], int] = {}
        self._range = (0 if first is None else first, occupancy.n_ticks if stop is None else stop)
        self.lifted = frozenset(lifted)
        self.is_routine = order.priority is Priority.ROUTINE
        self.modifiers = order.modifiers
        wanted = dict.fromkeys(p for p in (order.required_practitioner, practitioner) if p is not None)
        self.asked = tuple(occupancy.row_by_id[problem.resource(p).id] for p in wanted)
        if ConstraintCode.REQUIRED_PRACTITIONER in self.lifted:
            self.asked = ()
        preferred = order.preferred_practitioner or self.patient.preferred_practitioner
        self.preferred = None if preferred is None else occupancy.row_by_id[preferred]
        self.patient_time = PatientTime(occupancy, self.patient)
        self.neighbours = Neighbours.of(occupancy, order, occurrence)
        self.neighbours.lift(self.lifted)
        self.missing = [*self._missing(), *self.neighbours.missing]
        self.same: dict[tuple[StepId, RoleId], tuple[int, ...]] = {}
        for i, entry in enumerate(self.service.same):
            for ref in entry.roles:
                self.same[ref.step, ref.role] = (*self.same.get((ref.step, ref.role), ()), i)
        self.steps: list[StepPlan] = []
        self.chains: dict[int, list[list[Row]]] = {}
        self.any_order: AnyOrder | None = None
        in_range = not order.series or occurrence < len(order.series)
        if self.service.group_size > 1:  # what a group requires does not depend on who comes
            self.required, self.modifiers = self.service.steps, ()
        else:
            self.required = required_steps(problem, self.service, self.patient, order, occurrence if in_range else 0)
        self.lengths = [self._lengths_of(step) for step in self.required]
        self.lead_step = self._lead_step()
        self.limits = StartLimits.of(
            self.calendars,
            order,
            self.service,
            self.patient,
            self.neighbours,
            occurrence=occurrence,
            now=now,
            least=self.least_between(0, len(self.required) - 1),
        )
        self.limits.lift(self.lifted)
        self.meetings = meetings_of(self)
        self.planner = Planner(self)
        if not self.missing:
            self.steps = self.planner.plan()
            self.missing.extend(self._cannot())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.occupancy.starts.store.drop(self._scratch)
        self._scratch = []

    # --- what is known before any calendar is asked ---------------------------------------------------------------

    def _missing(self) -> list[tuple[ConstraintCode, str]]:
        order, found = self.order, []
        if order.status is not OrderStatus.ACTIVE:
            found.append((ConstraintCode.ORDER_ONCE, f"it is {order.status}"))
        for condition in order.conditions:
            if condition.blocks is Blocks.BOOKING and condition.status is not ConditionStatus.MET:
                found.append((ConstraintCode.CONDITION, f"the {condition.kind} is {condition.status}"))
        sexes = self.service.eligibility.sexes
        if sexes is not None and self.patient.sex is not Sex.UNKNOWN and self.patient.sex not in sexes:
            found.append((ConstraintCode.ELIGIBILITY, f"it is for patients of sex {', '.join(sexes)} only"))
        return [m for m in found if m[0] not in self.lifted]

    def _cannot(self) -> list[tuple[ConstraintCode, str]]:
        """Practitioners who are asked for and can do nothing of the visit."""
        could = {r for s in self.steps for v in s.variants for role in v.roles for r in role.resources}
        could = could.union(*(m.resources for m in self.meetings))
        return [
            (ConstraintCode.REQUIRED_PRACTITIONER, f"{self.problem.resources[r].name} cannot do any part of it")
            for r in self.asked
            if r not in could and all(s.variants for s in self.steps)
        ]

    def _lengths_of(self, step: Step) -> list[int]:
        """Every length in minutes that a step can have, the ordinary one first; of a stay, ascending."""
        duration = step.duration
        if duration is None:
            ticks = np.unique(np.concatenate([self._stays(step, site) for site in self.sites])).tolist()
            return [n * self.problem.tick_min for n in ticks]
        extra = sum(duration.by_modifier.get(m, 0) for m in self.modifiers)
        base = [duration.minutes, *duration.by_practitioner.values(), *duration.by_equipment.values()]
        return [max(1, minutes + extra) for minutes in dict.fromkeys(base)]

    def _stays(self, step: Step, site: SiteId) -> NDArray[np.int64]:
        """Every length in ticks of a stay at a site that starts at its time of day."""
        lengths, starts = self.stays(step, site), np.ones(self.occupancy.n_ticks, np.bool_)
        if step.start_window is not None:
            bits.to_bool(self.calendars.clock(site).within(step.start_window), starts)
        found: NDArray[np.int64] = np.unique(lengths[starts]) if starts.any() else lengths[:1]
        return found

    def stays(self, step: Step, site: SiteId) -> NDArray[np.int64]:
        """Ticks from each tick to the end of a stay that begins then at a site, shape `(n_ticks,)`."""
        return self.calendars.clock(site).stays(step.nights or 0, self.problem.policy.discharge_at)

    def _lead_step(self) -> int | None:
        roles = [(i, role) for i, step in enumerate(self.required) for role in step.roles]
        roles += [(self.index(h.first), h.role) for h in self.service.held]
        does = [(i, r) for i, r in roles if r.kind is ResourceKind.PRACTITIONER and r.use is RoleUse.EXCLUSIVE]
        bound = [(i, r) for i, r in does if (self.required[i].id, r.id) in self.same]
        return max((i for i, _ in bound or does), key=lambda i: (self.lengths[i][0], -i), default=None)

    def least_of(self, left: Collection[int]) -> int:
        """The fewest ticks from the first start to the last end of steps, in whatever order; without the patient they
        may overlap."""
        ticks = self.occupancy.grid.ticks
        lengths = {i: ticks(min(self.lengths[i])) for i in left}
        return max(sum(n for i, n in lengths.items() if self.required[i].is_patient_present), *lengths.values(), 0)

    def least_between(self, first: int, last: int) -> int:
        """The fewest ticks from the start of one step to the end of a later one; of steps free in order, of all."""
        if self.is_any_order:
            return self.least_of(range(first, last + 1))
        known = self._least_between.get((first, last))
        if known is None:
            ticks = self.occupancy.grid.ticks
            lengths = [ticks(min(minutes)) for minutes in self.lengths[first : last + 1]]
            gaps = [ticks(step.gap.min_min) for step in self.required[first + 1 : last + 1]]
            known = self._least_between[first, last] = sum(lengths) + sum(gaps)
        return known

    def reach(self, i: int, length: int) -> tuple[int, int]:
        """How many ticks after a start of step `i`, done in so many ticks, the next one may start; both included."""
        low, high = self.steps[i + 1].gap
        last = self.occupancy.n_ticks if high is None else length + high
        if self.service.max_span_min is not None:
            span = self.service.max_span_min // self.occupancy.grid.tick_min
            last = min(last, span - self.least_between(i + 1, len(self.steps) - 1))
        return length + low, last

    # --- steps ----------------------------------------------------------------------------------------------------

    @property
    def first_ways(self) -> list[tuple[int, Variant]]:
        """Every way to begin a visit, with its step."""
        if not self.is_any_order:
            return [(0, v) for v in self.steps[0].variants] if self.steps else []
        return [(s.index, v) for s in self.steps for v in s.variants if v.turn is Turn.FIRST]

    @property
    def first_variants(self) -> list[Variant]:
        """Every way to begin a visit."""
        return [v for _, v in self.first_ways]

    def left_after(self, i: int) -> tuple[int, ...]:
        """The steps that may be left after a step."""
        return tuple(j for j in range(len(self.required)) if j > i or (self.is_any_order and j != i))

    def reach_of(self, left: Sequence[int]) -> frozenset[int]:
        """Resources that the steps that are left may use; in a service with an order, all steps from one on."""
        if not left or not self.is_any_order:
            return self.steps[left[0]].reach if left else frozenset()
        return frozenset().union(*(self.steps[i].reach for i in left))

    @cached_property
    def costs(self) -> Costs:
        """What its visits cost."""
        return Costs(self.occupancy, self.order, occurrence=self.occurrence, preferred=self.preferred)

    @property
    def is_hopeful(self) -> bool:
        """Whether there is somebody and something for every step, whatever the time."""
        return not self.missing and all(s.variants for s in self.steps) and not self._is_crowded

    @cached_property
    def _is_crowded(self) -> bool:
        return is_crowded(self)

    @cached_property
    def has_one_zone(self) -> bool:
        """Whether the same clock goes wherever a step may be. Not before the steps are planned."""
        return len({self.problem.zone_of(v.site) for s in self.steps for v in s.variants}) <= 1

    @property
    def sites(self) -> list[SiteId]:
        """Where the order may take place."""
        return [s.id for s in self.problem.sites] if self.order.required_site is None else [self.order.required_site]

    def owners(self, variant: Variant) -> list[Resource]:
        """Everybody who might be in a step, and so might own the surgery block that it is in."""
        return [self.problem.resources[r] for role in variant.roles for r in role.resources]

    def asked_starts(self) -> Row:
        """The starts that were asked about; a new row."""
        row = bits.make(self.occupancy.n_ticks)
        bits.set_range(row, *self._range, self.occupancy.n_ticks)
        return row

    def window(self, role: Role, length: int) -> tuple[int, int]:
        """A role's window in ticks from the start of a stretch of `length`, offsets rounded outward."""
        tick = self.occupancy.grid.tick_min
        first = role.start.minutes // tick + (length if role.start.anchor == "end" else 0)
        stop = -(-role.end.minutes // tick) + (length if role.end.anchor == "end" else 0)
        return first, stop

    def reserved(self, shape: RoleShape, window: tuple[int, int], r: int) -> tuple[int, int]:
        """The reservation of a resource around another window than the shape's."""
        lo, hi = shape.reserved(self.problem.resources[r], self.occupancy.grid.tick_min)
        return window[0] + lo - shape.window[0], window[1] + hi - shape.window[1]

    def index(self, step: StepId) -> int:
        """The place of a step in the service."""
        return next(i for i, s in enumerate(self.required) if s.id == step)

    def put(self, row: Row) -> int:
        """Keep a row in the store for as long as the query lasts, and return its number."""
        slot = self.occupancy.starts.store.put(row)
        self._scratch.append(slot)
        return slot
