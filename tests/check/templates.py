"""Templates of a small clinic, and what breaks in them, in a line."""

from __future__ import annotations

from engine.check import check_template
from engine.model.planning import Activity, Contract, PlanningBrief, PlanningPeriod, StaffingContract
from engine.model.template import NthWeekday, Recurrence, Template, TemplateBlock, TemplateSession
from tests.factories import MONDAY, WORKDAYS, period, practitioner, problem, room, service

AM, PM = ("08:00", "12:00"), ("13:00", "17:00")
RESOURCES = (
    practitioner(specialties=("hand",)),
    practitioner("dr-b"),
    practitioner("nurse-1", capabilities=("nurse",)),
    practitioner("nurse-2", capabilities=("nurse",)),
    room(capabilities=("consulting",)),
    room("room-2", capabilities=("consulting", "large")),
    room("theatre", capabilities=("theatre",)),
)
CLINIC, SURGERY = Activity(id="clinic", name="Clinic"), Activity(id="surgery", name="Surgery", is_surgery=True)


def brief(**fields):
    half_days = (
        PlanningPeriod(id="am", days=WORKDAYS, period=period(*AM)),
        PlanningPeriod(id="pm", days=WORKDAYS, period=period(*PM)),
    )
    return PlanningBrief(**{"periods": half_days, "activities": (CLINIC, SURGERY), **fields})


def free(*who, maximum=20, **fields):
    """Contracts that ask for nothing."""
    both = tuple(Contract(activity=a, maximum=20) for a in ("clinic", "surgery"))
    return tuple(StaffingContract(practitioner=w, activities=both, maximum=maximum, **fields) for w in who)


def world(**fields):
    parts = {name: fields.pop(name) for name in tuple(fields) if name in ("sites", "resources", "templates", "policy")}
    contracts = free("dr-a", "dr-b", "nurse-1", "nurse-2", one_site_a_day=False)
    planning = brief(**{"contracts": contracts, **fields})
    return problem(
        parts.pop("resources", RESOURCES), [service(), service("operation")], planning=planning, orders=(), **parts
    )


def entry(id, owner="dr-a", day="mon", when=AM, weeks=(), **fields):
    on = fields.pop("on", None) or Recurrence(day=day, weeks=weeks)
    given = {"site": "main", "activity": "clinic", "period": period(*when), **fields}
    return TemplateSession(id=id, owner=owner, on=on, **given)


def block(id, owner="dr-a", day="mon", when=AM, weeks=(), **fields):
    given = {"theatre": "theatre", "practitioner": owner, "period": period(*when), **fields}
    return TemplateBlock(id=id, on=Recurrence(day=day, weeks=weeks), **given)


def nth(n, day="mon"):
    return Recurrence(monthly=NthWeekday(nth=n, day=day))


def template(*entries, id="new", cycle_weeks=1, **fields):
    sessions = tuple(e for e in entries if isinstance(e, TemplateSession))
    blocks = tuple(e for e in entries if isinstance(e, TemplateBlock))
    return Template(
        id=id, name=id, cycle_weeks=cycle_weeks, effective_from=MONDAY, sessions=sessions, blocks=blocks, **fields
    )


def broken(given, *entries, **fields):
    """The rules that a template breaks, each as often as it does."""
    return [v.code for v in check_template(given, template(*entries, **fields)).violations]


def the(code, given, *entries, **fields):
    (found,) = check_template(given, template(*entries, **fields)).of(code)
    return found


def amounts(code, given, *entries, **fields):
    terms = check_template(given, template(*entries, **fields)).breakdown.terms
    return [(t.subjects, t.amount) for t in terms if t.code is code]
