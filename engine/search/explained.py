"""Obstacles in words that give nothing away: never another patient, never why a colleague is away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from engine.model.codes import ConstraintCode
from engine.model.columns import NEVER
from engine.model.explanation import Blocker, BlockerKind
from engine.model.resource import ResourceKind
from engine.model.timegrid import from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.model.ids import StepId
    from engine.model.order import Order
    from engine.search.hindrance import Asker
    from engine.search.obstacles import Obstacle
    from engine.search.occupancy import Occupancy
    from engine.search.plans import RolePlan, Variant
    from engine.search.pools import Placing

__all__ = ["RULE_WORDS", "Asked", "Explainer", "moment"]

RULE_WORDS = {
    ConstraintCode.HORIZON: "the visit must lie inside the planned time, and not too far ahead",
    ConstraintCode.NOTICE: "it is too short a notice",
    ConstraintCode.EARLIEST_START: "it is before the order's earliest start",
    ConstraintCode.DEADLINE: "it would end after the order's deadline",
    ConstraintCode.TARGET_WINDOW: "it is not within the tolerance of the target date",
    ConstraintCode.CONDITION: "a condition of the order is not valid on that day",
    ConstraintCode.ELIGIBILITY: "the patient is not of the age for this service on that day",
    ConstraintCode.SERIES: "it is not within the tolerance of the series",
    ConstraintCode.PREREQUISITE: "it is too soon or too late beside an order that comes before or after it",
    ConstraintCode.SEPARATION: "it is too close to another visit of the patient",
    ConstraintCode.TIE: "the visits of tied orders belong together",
    ConstraintCode.START_GRID: "visits start on the site's grid only",
    ConstraintCode.TIME_OF_DAY: "a step would not be inside its time of day",
    ConstraintCode.PRIVILEGE: "nobody who is there has the privilege for it on that day",
    ConstraintCode.RESOURCE_LIMIT: "the patient is not of the age for what is used",
    ConstraintCode.REQUIRED_PRACTITIONER: "the practitioner who is asked for cannot do any part of it",
}

_SAID = {
    BlockerKind.NOT_AVAILABLE: ("is not available", "are not available"),
    BlockerKind.BOOKED: ("is booked", "are booked"),
    BlockerKind.NO_SESSION: ("has no session for this service", "have no session for this service"),
    BlockerKind.KEPT_FOR_URGENT: ("is kept for urgent orders", "are kept for urgent orders"),
    BlockerKind.BLOCK_OWNED: ("is in another owner's surgery block", "are in another owner's surgery block"),
    BlockerKind.QUOTA: ("has reached the quota", "have reached the quota"),
    BlockerKind.RULE: ("may not be used", "may not be used"),
}
_NONE = {
    BlockerKind.NOT_AVAILABLE: "is available",
    BlockerKind.NO_SESSION: "has a session for this service",
    BlockerKind.RULE: "may be used",
}
"""Kinds that are said of all members of a pool by what none of them is or has."""
_CODES = {
    BlockerKind.NOT_AVAILABLE: ConstraintCode.OPENING_HOURS,
    BlockerKind.BOOKED: ConstraintCode.CAPACITY,
    BlockerKind.NO_SESSION: ConstraintCode.SESSION,
    BlockerKind.KEPT_FOR_URGENT: ConstraintCode.KEPT_BACK,
    BlockerKind.BLOCK_OWNED: ConstraintCode.BLOCK_OWNER,
    BlockerKind.QUOTA: ConstraintCode.SEGMENT_QUOTA,
}
_THINGS = {
    ResourceKind.PRACTITIONER: "practitioners who could be the",
    ResourceKind.ROOM: "rooms that could be the",
    ResourceKind.EQUIPMENT: "machines that could be the",
    ResourceKind.BED: "beds that could be the",
}
_PLAIN = {"room": "rooms", "machine": "machines", "equipment": "machines", "bed": "beds"}
"""Names of roles that say no more than what fills them."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def moment(instant: datetime, zone: str) -> str:
    """`Tuesday 3 March at 09:30` by the wall clock of `zone`, in English whatever the machine's language."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} at {local:%H:%M}"


class Asked(NamedTuple):
    """What was asked, as far as words need it."""

    order: Order
    asker: Asker
    steps: Sequence[StepId]


class PoolsLike(Protocol):
    """The pools that roles draw on."""

    def members(self, variant: Variant, role: RolePlan) -> tuple[int, ...]:
        """Who could fill a role."""

    def number(self, step: int, role: RolePlan) -> int:
        """The number of a role's pool."""

    def kept_by(self, placing: Placing, role: RolePlan, r: int) -> Sequence[tuple[BlockerKind, ConstraintCode]]:
        """What keeps a resource from a role of a step, the hardest to lift first."""


class _Step(NamedTuple):
    """A pool in one step of the visit that could be: what keeps each of its members."""

    placing: Placing
    roles: tuple[RolePlan, ...]
    used: tuple[int, ...]
    members: tuple[int, ...]
    kept_by: dict[int, Sequence[tuple[BlockerKind, ConstraintCode]]]

    def of(self, kind: BlockerKind) -> tuple[int, ...]:
        """Members that are hindered in this way."""
        return tuple(r for r, by in self.kept_by.items() if any(k is kind for k, _ in by))


class Explainer:
    """Puts the obstacles of one question into words.

    Parameters
    ----------
    occupancy
        As it is, nothing taken away.
    pools
        The number of a role's pool, and who is in it.
    placings
        The visit that could be without the obstacles, in ticks of the occupancy.
    missing
        Rules that no start meets, with what is missing.
    is_one_start
        Whether one start was asked about; else the words say which one is nearest to being possible.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        asked: Asked,
        pools: PoolsLike,
        placings: Sequence[Placing],
        missing: Sequence[tuple[ConstraintCode, str]],
        *,
        is_one_start: bool,
    ) -> None:
        self._occupancy, self._asked, self._pools = occupancy, asked, pools
        self._placings, self._missing, self._is_one_start = placings, missing, is_one_start

    def blockers(self, obstacles: Sequence[Obstacle]) -> tuple[Blocker, ...]:
        """The obstacles, in their order."""
        pools: set[int] = set()
        found = []
        for obstacle in obstacles:
            found.append(self._blocker(obstacle, is_more=obstacle.pool in pools))
            pools |= {obstacle.pool} - {-1}
        return tuple(found)

    def _blocker(self, obstacle: Obstacle, *, is_more: bool) -> Blocker:
        first = self._placings[0]
        if obstacle.code is not None:
            return self._of_rule(obstacle.code)
        if obstacle.pool < 0:
            return Blocker(
                kind=obstacle.kind,
                code=ConstraintCode.PATIENT_AVAILABLE,
                message=f"The patient is not free{self._when(first)}.",
            )
        return self._of_pool(obstacle, is_more=is_more)

    def _of_rule(self, code: ConstraintCode) -> Blocker:
        order = self._asked.order.id
        missing = [what for c, what in self._missing if c is code]
        if missing:
            message = f"Order {order} cannot be booked: {'; '.join(missing)}."
        elif self._is_one_start:
            is_past = code is ConstraintCode.NOTICE and self._is_past(self._placings[0].start)
            message = f"This start is not allowed: {'it has passed' if is_past else RULE_WORDS[code]}."
        else:
            message = f"No start is allowed that would be free: {RULE_WORDS[code]}{self._when(self._placings[0])}."
        return Blocker(kind=BlockerKind.RULE, code=code, message=message)

    def _is_past(self, tick: int) -> bool:
        return self._occupancy.grid.instant(tick) < self._asked.asker.now

    def _when(self, placing: Placing) -> str:
        """The moment in words; nothing for the one start that was asked about."""
        if self._is_one_start and placing.step == 0:
            return ""
        zone = self._occupancy.problem.zone_of(placing.variant.site)
        text = moment(self._occupancy.grid.instant(placing.start), zone)
        if placing.step:
            return f" for the later step {self._asked.steps[placing.step]} on {text}"
        return f" on {text}, the start that is nearest to being possible"

    # --- pools ----------------------------------------------------------------------------------------------------

    def _of_pool(self, obstacle: Obstacle, *, is_more: bool) -> Blocker:
        """A pool that too few of are free; or, of one that was named before, whoever is hindered in another way too."""
        steps = [s for s in map(self._step, self._placings, [obstacle.pool] * len(self._placings)) if s is not None]
        kind = obstacle.kind
        step = next((s for s in steps if any(r in s.of(kind) for r in s.used)), steps[0])
        need = sum(role.role.count for role in step.roles)
        n_free = sum(not by for by in step.kept_by.values())
        about = dict.fromkeys(r for s in steps for r in s.used if r in s.of(kind) or self._may_lack_a_break(r, kind))
        about = about or dict.fromkeys(step.used)
        is_of_all = len(step.of(kind)) == len(step.members)
        besides = "Besides, " if is_more else ""
        if len(step.members) > need and n_free < need and (is_of_all or not is_more):
            about |= dict.fromkeys(r for s in steps for r in s.of(kind))
            said = self._whole(step, kind, need, n_free)
            message = besides + said[0].lower() + said[1:] if is_more else said
        else:
            names = [self._occupancy.problem.resources[r].name for r in about]
            who, said = " and ".join(names), _SAID[kind][len(names) > 1]
            if is_more and len(step.members) > need:
                who += f", who {'are' if len(names) > 1 else 'is'} nearest to being free,"
            message = f"{besides}{who} {said}{self._when(step.placing)}."
        resources = tuple(self._occupancy.problem.resources[r].id for r in about)
        codes = (c for r in (*step.used, *step.members) for k, c in step.kept_by.get(r, ()) if k is kind)
        return Blocker(
            kind=kind,
            code=next(codes, _CODES[kind]),
            resource=resources[0] if len(resources) == 1 else None,
            resources=resources,
            until=self._until(step) if kind is BlockerKind.KEPT_FOR_URGENT else None,
            message=message,
        )

    def _step(self, placing: Placing, pool: int) -> _Step | None:
        """A pool in one step; None where the step does not draw on it."""
        here = [(r, used) for r, used in placing.used if self._pools.number(placing.step, r) == pool]
        if not here:
            return None
        # Whoever is used is kept from the roles that they fill, anybody else from the first that they could.
        kept_by: dict[int, Sequence[tuple[BlockerKind, ConstraintCode]]] = {}
        for role, used in here:
            for r in used:
                kept_by[r] = (*kept_by.get(r, ()), *self._pools.kept_by(placing, role, r))
        for role, _ in here:
            for r in self._pools.members(placing.variant, role):
                if r not in kept_by:
                    kept_by[r] = self._pools.kept_by(placing, role, r)
        used_by = tuple(r for _, used in here for r in used)
        return _Step(placing, tuple(r for r, _ in here), used_by, tuple(kept_by), kept_by)

    def _whole(self, step: _Step, kind: BlockerKind, need: int, n_free: int) -> str:
        """A pool of which too few are free, with how many are kept by what: by the kind in question before others."""
        kept_by = (kind if any(k is kind for k, _ in by) else by[0][0] for by in step.kept_by.values() if by)
        counted, n = Counter(kept_by), len(step.members)
        things, when = _name(step.roles), self._when(step.placing)
        parts = ", ".join(f"{m} {_SAID[k][m > 1]}" for k, m in counted.most_common())
        if n_free:
            are = "is" if n_free == 1 else "are"
            return f"Only {n_free} of the {n} {things} {are} free{when}, {need} are needed: {parts}."
        if counted[kind] < n:
            return f"None of the {n} {things} is free{when}: {parts}."
        if kind in _NONE:
            return f"{'Neither' if n == 2 else 'None'} of the {n} {things} {_NONE[kind]}{when}."
        return f"{'Both' if n == 2 else f'All {n}'} {things} {_SAID[kind][1]}{when}."

    def _may_lack_a_break(self, r: int, kind: BlockerKind) -> bool:
        """Whether it may be several reservations of the visit together that leave somebody no break."""
        return kind is BlockerKind.NOT_AVAILABLE and self._occupancy.calendars.nature(r).has_breaks

    def _until(self, step: _Step) -> datetime | None:
        """When the time kept back of whoever is used is given to all; None: never."""
        latest = 0
        for role, used in step.placing.used:
            for r in set(used) & set(step.used):
                lo, hi = role.shape.reserved(self._occupancy.problem.resources[r], self._occupancy.grid.tick_min)
                at = step.placing.start
                latest = max(latest, self._occupancy.calendars.kept_until(r, at + lo, at + hi, self._asked.asker.now))
        return from_epoch_minute(latest) if 0 < latest < NEVER else None


def _name(roles: Sequence[RolePlan]) -> str:
    """What the members of a pool are, in the plural: "consulting rooms", "practitioners who could be the physician"."""
    role = roles[0].role
    if len(roles) == 1 and role.kind is ResourceKind.ROOM:
        rooms = [c for c in role.capabilities if c.endswith("room")]
        if rooms:
            return f"{rooms[0].replace('-', ' ')}s"
    if len(roles) == 1 and role.id in _PLAIN:
        return _PLAIN[role.id]
    return f"{_THINGS[role.kind]} {' or the '.join(dict.fromkeys(r.role.id for r in roles))}"
