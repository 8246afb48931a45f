"""A diary: books visits one after the other where the first legal place is, as on paper.

It fills the calendars of made-up worlds, so that there is something to plan around. It is no solver: it looks at one
visit at a time and takes what comes first. It shares no code with search or check, and check judges what it books.
Not placed by it: group visits, ties, two sites on one day for one patient, resources whose buffers overlap.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.calendar import local_days
from engine.model.ids import AppointmentId
from engine.model.requirement import required_steps
from engine.simulate.couplings import Ask
from engine.simulate.openings import Openings
from engine.simulate.steps import StepFinder
from engine.simulate.timeline import Taken, eroded, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from engine.model.calendar import LocalPeriod
    from engine.model.ids import PatientId, SiteId, StepId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.problem import Problem
    from engine.model.service import Step
    from engine.simulate.couplings import Placed, Use
    from engine.simulate.dice import Dice

__all__ = ["Diary"]

_FIRST_TRIES, _TRIES = 80, 12
"""Places of the first step, and of each other step, that are tried before the step is given up."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """What is asked for; `lead` is the patient's time before the first step, in ticks."""

    ask: Ask
    steps: tuple[Step, ...]
    lead: int


class Diary:
    """Books visits into a problem's calendars.

    Parameters
    ----------
    problem
        Sites, resources, services, needs and sessions; patients and orders are given with each visit.
    dice
        For which of several equal resources is taken.
    gap_share
        Share of visits that do not start as early as they could, so that the days have holes.
    """

    def __init__(self, problem: Problem, dice: Dice, gap_share: float = 0.1) -> None:
        self._problem = problem
        self._grid = problem.grid
        self._openings = Openings(problem)
        self._dice = dice
        self._gap_share = gap_share
        self._taken = {r.id: Taken(r) for r in problem.resources}
        self._finder = StepFinder(problem, self._openings, self._taken, dice)
        self._patient_busy: defaultdict[PatientId, int] = defaultdict(int)
        self._patient_sites: dict[tuple[PatientId, int], SiteId] = {}
        self._days: dict[SiteId, tuple[tuple[date, int], ...]] = {}
        self._starts: dict[SiteId, int] = {}
        self._count = 0

    def days(self, site: SiteId) -> tuple[tuple[date, int], ...]:
        """The local days of the horizon, each with the mask of its ticks."""
        if site not in self._days:
            zone = self._problem.zone_of(site)
            days = local_days(self._grid.start, self._grid.end, zone)
            self._days[site] = tuple((day, self._openings.day(day, zone)) for day in days)
        return self._days[site]

    def period(self, period: LocalPeriod, site: SiteId) -> int:
        """The mask of a time of day, on every day."""
        return self._openings.period(period, self._problem.zone_of(site))

    def book(
        self, order: Order, patient: Patient, within: Sequence[int], *, occurrence: int = 0, is_kept: bool = True
    ) -> Appointment | None:
        """Book an order's visit.

        Parameters
        ----------
        within
            Masks of ticks in which the visit may start, tried one after the other.
        is_kept
            False: say where it would be and leave the time free (a visit that was cancelled again).

        Returns
        -------
        Appointment or None
            None when there is no place in any of the masks.
        """
        service = self._problem.service(order.service)
        steps = required_steps(self._problem, service, patient, order, occurrence)
        lead = self._grid.ticks(service.arrive_before_min)
        wished = order.preferred_practitioner or patient.preferred_practitioner
        for site in self._sites(order):
            visit = _Visit(Ask(order, patient, service, site), steps, lead)
            allowed = self._allowed(visit)
            for window in within:
                starts = self._later(window & allowed)
                for who in (wished, None) if wished else (None,):
                    asked = replace(visit, ask=replace(visit.ask, wished=who))
                    chain = self._chain(asked, 0, starts, ())
                    if chain is not None:
                        return self._written(asked, occurrence, chain, is_kept=is_kept)
        return None

    def seat(self, order: Order, patient: Patient, steps: tuple[PlacedStep, ...]) -> Appointment | None:
        """Book a seat in a group visit whose steps are placed already; None when the patient has no time."""
        stretches = [run(self._grid.exact(s.start), self._grid.exact(s.end)) for s in steps]
        if any(self._busy(patient) & stretch for stretch in stretches):
            return None
        for step, stretch in zip(steps, stretches, strict=True):
            self._patient_busy[patient.id] |= stretch
            day = self._grid.local_date(self._grid.exact(step.start), self._problem.zone_of(step.site)).toordinal()
            self._patient_sites[patient.id, day] = step.site
        return self._appointment(order, 0, steps)

    def _sites(self, order: Order) -> list[SiteId]:
        if order.required_site is not None:
            return [order.required_site]
        others = [s.id for s in self._problem.sites if s.id not in order.preferred_sites]
        return [*order.preferred_sites, *self._dice.shuffled(others)]

    def _allowed(self, visit: _Visit) -> int:
        """Ticks at which the order lets the visit start."""
        order, grid = visit.ask.order, self._grid
        first = 0 if order.earliest_start is None else grid.ceil(order.earliest_start)
        mask = self._openings.all & ~run(0, first)
        if order.target is not None:
            low, high = -order.target.before_days, order.target.after_days
            days = self.days(visit.ask.site)
            mask &= sum(ticks for day, ticks in days if low <= (day - order.target.day).days <= high)
        return mask

    def _later(self, starts: int) -> int:
        """Now and then only the later part of a stretch, so that something stays free before it."""
        if not starts or not self._dice.chance(self._gap_share):
            return starts
        first = (starts & -starts).bit_length() - 1
        return starts & ~run(0, first + self._dice.below(starts.bit_length() - first))

    # --- one step after the other ------------------------------------------------------------------------------------

    def _chain(self, visit: _Visit, index: int, starts: int, before: tuple[Placed, ...]) -> tuple[Placed, ...] | None:
        """All steps, those from `index` on still to be placed and the next one starting in `starts`; depth first."""
        if index == len(visit.steps):
            return self._with_held(visit, before)
        step = visit.steps[index]
        places = self._finder.places(visit.ask, step, self._timely(visit, index, starts), before)
        for placed in islice(places, _TRIES if index else _FIRST_TRIES):
            if self._suits_patient(visit, index, placed):
                done = (*before, placed)
                chain = self._chain(visit, index + 1, self._next_starts(visit, index, done), done)
                if chain is not None:
                    return chain
        return None

    def _timely(self, visit: _Visit, index: int, starts: int) -> int:
        """Those of `starts` that keep the start grid, the step's time of day and the patient's other visits."""
        step, site = visit.steps[index], visit.ask.site
        if index == 0 or not visit.ask.service.is_ordered:
            starts &= self._grid_starts(site)
        if step.start_window is not None:
            starts &= self._openings.period(step.start_window, self._problem.zone_of(site))
        for held in visit.ask.service.held:
            if held.first == step.id:
                starts &= self._finder.held_starts(
                    visit.ask, step, held.role, _least_min(visit.steps[index:], held.last)
                )
        if step.is_patient_present:
            lead = visit.lead if index == 0 else 0
            starts &= eroded(self._openings.all & ~self._busy(visit.ask.patient), lead + 1) << lead
        return starts

    def _grid_starts(self, site: SiteId) -> int:
        if site not in self._starts:
            every = self._problem.start_grid_min(site) // self._grid.tick_min
            mask = 0
            for _, day in self.days(site):
                first = (day & -day).bit_length() - 1
                mask |= sum(1 << t for t in range(first, day.bit_length(), every))
            self._starts[site] = mask
        return self._starts[site]

    def _busy(self, patient: Patient) -> int:
        mask = self._patient_busy[patient.id]
        for interval in patient.unavailable:
            mask |= run(*self._grid.clip(interval.start, interval.end, outward=True))
        return mask

    def _suits_patient(self, visit: _Visit, index: int, placed: Placed) -> bool:
        if not placed.step.is_patient_present:
            return True
        lead = visit.lead if index == 0 else 0
        patient = visit.ask.patient
        is_here = self._patient_sites.get((patient.id, self._day(placed)), placed.site) == placed.site
        return is_here and not self._busy(patient) & run(placed.start - lead, placed.stop)

    def _next_starts(self, visit: _Visit, index: int, done: tuple[Placed, ...]) -> int:
        """Ticks at which the step after `index` may start."""
        if index + 1 == len(visit.steps):
            return 0
        service, gap, tick = visit.ask.service, visit.steps[index + 1].gap, self._grid.tick_min
        low, high = done[-1].stop, self._grid.n_ticks
        if service.is_ordered:
            low += self._grid.ticks(gap.min_min)
            high = high if gap.max_min is None else min(high, done[-1].stop + gap.max_min // tick + 1)
        if service.max_span_min is not None:
            high = min(high, done[0].start + service.max_span_min // tick)
        mask = run(low, high)
        if service.is_same_day:
            mask &= next(ticks for day, ticks in self.days(visit.ask.site) if day.toordinal() == self._day(done[0]))
        return mask

    def _with_held(self, visit: _Visit, chain: tuple[Placed, ...]) -> tuple[Placed, ...] | None:
        """The steps with the resources held across them; None when one is not free or the visit takes too long."""
        service = visit.ask.service
        lasted = (chain[-1].stop - chain[0].start) * self._grid.tick_min
        if service.max_span_min is not None and lasted > service.max_span_min:
            return None
        uses: list[tuple[Placed, Use]] = []
        for held in service.held:
            first, last = (next(p for p in chain if p.step.id == step) for step in (held.first, held.last))
            others = [u for p in chain for u in p.uses] + [u for _, u in uses]
            use = self._finder.held(visit.ask, held.role, first, last, others)
            if use is None:
                return None
            uses.append((first, use))
        for first, use in uses:
            first.uses.append(use)
        return chain

    # --- writing it down ---------------------------------------------------------------------------------------------

    def _written(self, visit: _Visit, occurrence: int, chain: tuple[Placed, ...], *, is_kept: bool) -> Appointment:
        if is_kept:
            for index, placed in enumerate(chain):
                self._take(visit, index, placed)
        return self._appointment(visit.ask.order, occurrence, tuple(self._placed_step(placed) for placed in chain))

    def _appointment(self, order: Order, occurrence: int, steps: tuple[PlacedStep, ...]) -> Appointment:
        self._count += 1
        return Appointment(
            id=AppointmentId(f"visit-{self._count:05d}"),
            patient=order.patient,
            service=order.service,
            order=order.id,
            occurrence=occurrence,
            priority=order.priority,
            patient_class=order.patient_class,
            steps=steps,
        )

    def _take(self, visit: _Visit, index: int, placed: Placed) -> None:
        for use in placed.uses:
            self._taken[use.resource.id].add(run(use.start, use.stop), use.role.units, use.role.use)
        self._finder.note(visit.ask, placed)
        if placed.step.is_patient_present:
            lead = visit.lead if index == 0 else 0
            self._patient_busy[visit.ask.patient.id] |= run(placed.start - lead, placed.stop)
            self._patient_sites[visit.ask.patient.id, self._day(placed)] = placed.site

    def _day(self, placed: Placed) -> int:
        return self._grid.local_date(placed.start, self._problem.zone_of(placed.site)).toordinal()

    def _placed_step(self, placed: Placed) -> PlacedStep:
        at = self._grid.instant
        return PlacedStep(
            step=placed.step.id,
            start=at(placed.start),
            end=at(placed.stop),
            site=placed.site,
            modality=placed.modality,
            reservations=tuple(
                Reservation(
                    role=use.role.id,
                    resource=use.resource.id,
                    start=at(use.start),
                    end=at(use.stop),
                    units=use.role.units,
                    use=use.role.use,
                )
                for use in placed.uses
            ),
        )


def _least_min(steps: Sequence[Step], last: StepId) -> int:
    """The shortest time from the start of the first of some steps to the end of one of them."""
    minutes = -steps[0].gap.min_min
    for step in steps:
        minutes += step.gap.min_min + (step.duration.minutes if step.duration else 0)
        if step.id == last:
            break
    return minutes
