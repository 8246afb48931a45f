"""When a visit may start at all, before any resource is asked: what the order, the policy and the calendar say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.model.order import Priority
from engine.model.patient import age_on
from engine.model.resource import LimitKind, Practitioner
from engine.model.timegrid import epoch_minute
from engine.search import bits
from engine.search.clock import day_number

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.model.ids import SiteId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.resource import Resource
    from engine.model.service import Service
    from engine.search.bits import Row
    from engine.search.calendars import Calendars
    from engine.search.neighbours import Neighbours

__all__ = ["StartLimits", "ages", "suits_patient"]

_Days = tuple[ConstraintCode, "date | None", "date | None"]


@dataclass(slots=True)
class StartLimits:
    """Limits on a visit's start, each by the rule that sets it.

    Parameters
    ----------
    ticks
        (rule, first tick, stop): half-open.
    days
        (rule, first local day, last): both included, by the clock of the first step's site.
    closed
        (rule, first tick, stop) of starts that are out of the question.
    ahead
        How many local days ahead, counted from `now`, a visit may start; None: any.
    has_grid
        Whether visits start on the site's grid only.
    """

    calendars: Calendars
    now: datetime
    ahead: int | None
    ticks: list[tuple[ConstraintCode, int, int]] = field(default_factory=list)
    days: list[_Days] = field(default_factory=list)
    closed: list[tuple[ConstraintCode, int, int]] = field(default_factory=list)
    has_grid: bool = True

    @classmethod
    def of(
        cls,
        calendars: Calendars,
        order: Order,
        service: Service,
        patient: Patient,
        neighbours: Neighbours,
        *,
        occurrence: int,
        now: datetime,
        least: int,
    ) -> StartLimits:
        """The limits of one visit; `least` is its shortest length in ticks, first start to last end."""
        problem, grid, n = calendars.problem, calendars.grid, calendars.n_ticks
        made = cls(calendars, now, problem.policy.max_ahead_days)
        first, stop = calendars.within
        made.ticks.append((ConstraintCode.HORIZON, first, stop - least + 1))
        notice = (
            max(service.min_notice_min, problem.policy.min_notice_min) if order.priority is not Priority.STAT else 0
        )
        made.ticks.append(
            (ConstraintCode.NOTICE, -((grid.start_minute - epoch_minute(now) - notice) // grid.tick_min), n)
        )
        if order.earliest_start is not None:
            made.ticks.append((ConstraintCode.EARLIEST_START, grid.ceil(order.earliest_start), n))
        if order.deadline is not None:
            made.ticks.append((ConstraintCode.DEADLINE, 0, grid.floor(order.deadline) - least + 1))
        zero, tick = grid.start_minute, grid.tick_min
        for code, earliest, latest in neighbours.starts:
            made.ticks.append(
                (
                    code,
                    0 if earliest is None else -((zero - earliest) // tick),
                    n if latest is None else (latest - zero) // tick + 1,
                )
            )
        if order.target is not None and occurrence == 0:
            day = order.target.day
            before, after = timedelta(order.target.before_days), timedelta(order.target.after_days)
            made.days.append((ConstraintCode.TARGET_WINDOW, day - before, day + after))
        made.days.extend((ConstraintCode.CONDITION, c.valid_from, c.valid_until) for c in order.conditions)
        rule = service.eligibility
        if patient.birth_date is not None and (rule.min_age is not None or rule.max_age is not None):
            made.days.append((ConstraintCode.ELIGIBILITY, *ages(patient.birth_date, rule.min_age, rule.max_age)))
        made.days.extend(neighbours.days)
        for start, end, minutes in neighbours.apart:  # the whole visit keeps away, so its start does all the more
            a, b = calendars.outward(start - minutes, end + minutes)
            made.closed.append((ConstraintCode.SEPARATION, max(a - least + 1, 0) if a else 0, b))
        return made

    def lift(self, rules: Collection[ConstraintCode]) -> None:
        """Go on as if some of these rules were not asked. What is not planned yet stays so."""
        self.ticks = [t for t in self.ticks if t[0] not in rules or t[0] is ConstraintCode.HORIZON]
        self.days = [d for d in self.days if d[0] not in rules]
        self.closed = [c for c in self.closed if c[0] not in rules]
        if ConstraintCode.HORIZON in rules:
            self.ahead = None
        if ConstraintCode.START_GRID in rules:
            self.has_grid = False

    def broken(self, site: SiteId, tick: int) -> Iterator[ConstraintCode]:
        """The rules that a start at a site breaks."""
        clock = self.calendars.clock(site)
        day = int(clock.day[tick])
        yield from (code for code, first, stop in self.ticks if not first <= tick < stop)
        if self.ahead is not None and day > clock.day_of(self.now) + self.ahead:
            yield ConstraintCode.HORIZON
        for code, from_day, until_day in self.days:
            is_early = from_day is not None and day < day_number(from_day)
            if is_early or (until_day is not None and day > day_number(until_day)):
                yield code
        yield from (code for code, first, stop in self.closed if first <= tick < stop)
        step = self.calendars.problem.start_grid_min(site)
        if self.has_grid and clock.minute_of_day[tick] % step:
            yield ConstraintCode.START_GRID

    def rows(self, site: SiteId) -> Iterator[tuple[ConstraintCode, Row]]:
        """Each limit as a row of starts at a site, by rule."""
        clock, n = self.calendars.clock(site), self.calendars.n_ticks
        for code, first, stop in self.ticks:
            row = bits.make(n)
            bits.set_range(row, first, stop, n)
            yield code, row
        if self.ahead is not None:
            yield ConstraintCode.HORIZON, clock.between_days(None, clock.day_of(self.now) + self.ahead)
        for code, from_day, until_day in self.days:
            if from_day is not None or until_day is not None:
                yield code, clock.between_dates(from_day, until_day)
        for code, first, stop in self.closed:
            row = bits.make(n)
            bits.fill(n, row)
            bits.clear_range(row, first, stop)
            yield code, row
        if self.has_grid:
            yield ConstraintCode.START_GRID, clock.on_grid(self.calendars.problem.start_grid_min(site))

    def row(self, site: SiteId) -> Row:
        """All limits at a site; a new row."""
        n = self.calendars.n_ticks
        first = max((t[1] for t in self.ticks), default=0)
        stop = min((t[2] for t in self.ticks), default=n)
        row = bits.make(n)
        bits.set_range(row, first, stop, n)
        if not self.days and self.ahead is None and not self.closed and self.has_grid:
            bits.and_(row, self.calendars.clock(site).on_grid(self.calendars.problem.start_grid_min(site)))
            return row
        for _, limit in self.rows(site):
            bits.and_(row, limit)
        return row


def suits_patient(resource: Resource, patient: Patient, day: date | None, *, is_exclusive: bool) -> bool:
    """Whether a resource may have a patient, as far as the two are known.

    Parameters
    ----------
    day
        Local date on which the patient's age counts; None: age apart.
    is_exclusive
        Whether the resource does something, rather than supervise.
    """
    is_closed = isinstance(resource, Practitioner) and not resource.accepts_new
    if is_closed and is_exclusive and resource.id not in patient.known_to:
        return False
    for limit in resource.limits:
        value = patient.measures.get(limit.kind)
        if limit.kind is LimitKind.AGE_YEARS:
            value = None if day is None or patient.birth_date is None else age_on(patient.birth_date, day)
        if value is not None:
            if limit.minimum is not None and value < limit.minimum:
                return False
            if limit.maximum is not None and value > limit.maximum:
                return False
    return True


def ages(birth: date, youngest: int | None, oldest: int | None) -> tuple[date | None, date | None]:
    """The first and last day on which somebody is of an age in completed years between two, both included."""
    first = None if youngest is None else _birthday(birth, youngest)
    last = None if oldest is None else _birthday(birth, oldest + 1) - timedelta(1)
    return first, last


def _birthday(birth: date, years: int) -> date:
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:  # born on 29 February
        return date(birth.year + years, 3, 1)
