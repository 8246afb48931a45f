"""From a problem and its brief to the integers of an `Instance`."""

from __future__ import annotations

from dataclasses import replace
from math import lcm
from typing import TYPE_CHECKING

from engine.errors import Fault, InvalidProblemError
from engine.model.base import DAY_MIN
from engine.model.planning import StaffingContract
from engine.model.resource import Practitioner
from engine.solver.template.instance import Instance, Person, Slot, entries_of, owner_of
from engine.solver.template.today import read_today

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.ids import SiteId
    from engine.model.planning import PlanningBrief
    from engine.model.problem import Problem
    from engine.model.template import Template

__all__ = ["instance_of"]


def instance_of(problem: Problem) -> Instance:
    """The instance of a problem.

    Raises
    ------
    InvalidProblemError
        When the problem has no planning brief.
    """
    brief = problem.planning
    if brief is None:
        message = "there is none, and a template is computed from it. Maybe add planning.yaml to the scenario."
        raise InvalidProblemError([Fault("planning", message)])
    template = None if brief.today is None else problem.template(brief.today)
    cycle = brief.cycle_weeks
    sites = tuple(site.id for site in problem.sites)
    plain = Instance(
        problem=problem,
        brief=brief,
        template=template,
        repeats=1 if template is None else lcm(cycle, template.cycle_weeks) // cycle,
        sites=sites,
        slots=_slots(brief),
        people=tuple(_people(problem, brief, template, sites)),
        fixed=(),
        kept={},
        today={},
        lost=0,
    )
    today = read_today(plain)
    return replace(plain, fixed=today.fixed, kept=today.kept, today=today.sessions, lost=today.lost)


def _slots(brief: PlanningBrief) -> tuple[Slot, ...]:
    found = []
    for week in range(1, brief.cycle_weeks + 1):
        for index, planned in enumerate(brief.periods):
            for day in planned.days:
                start = ((week - 1) * 7 + day.number) * DAY_MIN + planned.period.start
                found.append((start, start + planned.period.length_min, week, day, index))
    ordered = sorted(found, key=lambda f: f[:2])
    return tuple(
        Slot(index=i, week=week, day=day, period=period, start=start, end=end)
        for i, (start, end, week, day, period) in enumerate(ordered)
    )


def _people(
    problem: Problem, brief: PlanningBrief, template: Template | None, sites: Sequence[SiteId]
) -> Iterator[Person]:
    index_of_site = {site: i for i, site in enumerate(sites)}
    index_of_activity = {activity.id: i for i, activity in enumerate(brief.activities)}
    for i, contract in enumerate((*brief.contracts, *_without_contract(problem, brief, template))):
        resource = problem.resource(contract.practitioner)
        if isinstance(resource, Practitioner):
            yield Person(
                index=i,
                resource=resource,
                sites=tuple(index_of_site[s] for s in dict.fromkeys((resource.site, *resource.other_sites))),
                contract=contract,
                contracts={index_of_activity[part.activity]: part for part in contract.activities},
                capabilities=frozenset(resource.capabilities) | {p.capability for p in resource.privileges},
            )


def _without_contract(problem: Problem, brief: PlanningBrief, template: Template | None) -> Iterator[StaffingContract]:
    """Practitioners who have entries of today's template, and no contract: nothing is planned for them."""
    have = {contract.practitioner for contract in brief.contracts}
    for entry in entries_of(template) if template else ():
        owner = owner_of(entry)
        if owner is not None and owner not in have and isinstance(problem.resource(owner), Practitioner):
            have.add(owner)
            yield StaffingContract(practitioner=owner, activities=(), maximum=0, one_site_a_day=False)
