"""What a visit consists of: its steps, the resources in its roles, and who they may be for whom."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.check.clock import day_text, stretch_text, time_text
from engine.check.report import broken, minutes_text, visit_text
from engine.model.calendar import instant_at
from engine.model.codes import ConstraintCode
from engine.model.patient import age_on
from engine.model.requirement import capabilities_on, could_fill, duration_min
from engine.model.resource import LimitKind, Practitioner
from engine.model.service import RoleUse, Sex
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from engine.check.book import Book
    from engine.check.visits import StepAt, Visit
    from engine.model.explanation import Violation
    from engine.model.patient import Patient
    from engine.model.service import Role

_UNITS = {LimitKind.WEIGHT_KG: " kg", LimitKind.HEIGHT_CM: " cm", LimitKind.AGE_YEARS: " years"}


def steps_complete(book: Book) -> Iterator[Violation]:
    """The placed steps are the service's steps, once each, each in one of its modalities."""
    code = ConstraintCode.STEPS_COMPLETE
    for visit in (*book.visits, *book.groups):
        counts = Counter(s.id for s in visit.steps)
        missing = [i for i in visit.required if i not in counts]
        extra = [i for i, n in counts.items() if n > 1 or i not in visit.required]
        if missing or extra:
            parts = [f"lacks the step {', '.join(missing)}"] if missing else []
            parts += [f"has the step {', '.join(extra)} too often or without need"] if extra else []
            yield broken(code, [visit], f"{visit_text(visit)} ({visit.service.name}) {' and '.join(parts)}.")
        for step in visit.steps:
            if step.required is not None and step.modality not in step.required.modalities:
                allowed = ", ".join(step.required.modalities)
                text = f"{visit_text(visit)}: step {step.id} is {step.modality}; it may be {allowed}."
                yield broken(code, [visit], text)


def role_filled(book: Book) -> Iterator[Violation]:
    """Every role has exactly its number of resources, with its lanes and use, for its whole window."""
    for visit in book.visits:
        if visit.group_id is not None:
            for step in visit.steps:
                if step.uses:
                    what = ", ".join(u.resource.name for u in step.uses)
                    text = f"{visit_text(visit)} has a seat in a group, yet reserves {what} itself in step {step.id}."
                    yield broken(ConstraintCode.ROLE_FILLED, [visit], text)
    for visit in book.resourced:
        for step in visit.steps:
            if step.required is not None:
                held = [h.role for h in visit.service.held if h.first == step.id]
                roles = (*step.roles, *(r for r in held if r.modalities is None or step.modality in r.modalities))
                yield from _roles_of_step(visit, step, roles)


def _roles_of_step(visit: Visit, step: StepAt, roles: tuple[Role, ...]) -> Iterator[Violation]:
    code, who = ConstraintCode.ROLE_FILLED, f"{visit_text(visit)}, step {step.id}"
    known = {role.id for role in roles}
    for use in step.uses:
        if use.role_id not in known:
            text = f"{who}: {use.resource.name} is reserved as {use.role_id}, which the step does not need."
            yield broken(code, [visit], text, use.resource.id)
    for role in roles:
        uses = [u for u in step.uses if u.role_id == role.id]
        if len(uses) != role.count or len({u.resource.id for u in uses}) != len(uses):
            names = ", ".join(u.resource.name for u in uses) or "nothing"
            text = f"{who}: as {role.id} it needs {role.count} different, and has {names}."
            yield broken(code, [visit], text, *(u.resource.id for u in uses))
        for use in uses:
            name = f"{who}: {use.resource.name} as {role.id}"
            if use.units != role.units or use.is_presence != (role.use is RoleUse.PRESENCE):
                has = f"{use.units} lanes, {'presence' if use.is_presence else 'exclusive'}"
                text = f"{name} is reserved with {has}; needed are {role.units} lanes, {role.use}."
                yield broken(code, [visit], text, use.resource.id)
            is_held = role.id not in {r.id for r in step.roles}
            start, end = use.needed
            if not is_held and (use.start > start or use.end < end):
                has, needs = stretch_text(use.start, use.end, step.zone), stretch_text(start, end, step.zone)
                text = f"{name} is reserved {has}; needed is {needs}, set-up and clean-up included."
                yield broken(code, [visit], text, use.resource.id)


def duration(book: Book) -> Iterator[Violation]:
    """A step lasts at least its duration in whole ticks; a stay ends at its discharge time."""
    tick = book.problem.tick_min
    for visit in book.resourced:
        modifiers = visit.order.modifiers if visit.order else ()
        for step in visit.steps:
            if step.required is None:
                continue
            who = f"{visit_text(visit)}: step {step.id}"
            if step.required.nights is not None:
                day = step.day.fromordinal(step.day.toordinal() + step.required.nights)
                end = epoch_minute(instant_at(day, book.problem.policy.discharge_at, step.zone))
                if step.end != end:
                    text = f"{who} ends {time_text(step.end, step.zone)}; its discharge is {time_text(end, step.zone)}."
                    yield broken(ConstraintCode.DURATION, [visit], text)
                continue
            needed = duration_min(step.required, modifiers, [u.resource for u in step.uses])
            needed = -(-needed // tick) * tick
            if step.end - step.start < needed:
                text = f"{who} has {minutes_text(step.end - step.start)}; it needs {minutes_text(needed)}."
                yield broken(ConstraintCode.DURATION, [visit], text)


def capable(book: Book) -> Iterator[Violation]:
    """A reserved resource belongs to its role's pool, privileges' dates apart."""
    for use in book.uses:
        if use.role is not None and not could_fill(use.resource, use.role):
            needs = ", ".join((use.role.kind, *use.role.capabilities))
            visit = use.step.visit
            text = f"{visit_text(visit)}: {use.resource.name} cannot be its {use.role_id} (needed: {needs})."
            yield broken(ConstraintCode.CAPABLE, [visit], text, use.resource.id)


def privilege(book: Book) -> Iterator[Violation]:
    """What a role asks for and a practitioner holds by privilege only is in force on the step's local day."""
    for use in book.uses:
        resource, role = use.resource, use.role
        if role is None or not role.capabilities or not isinstance(resource, Practitioner) or not resource.privileges:
            continue
        asked = set(role.capabilities) & {p.capability for p in resource.privileges}
        lacking = sorted(asked - capabilities_on(resource, use.step.day))
        if lacking:
            visit, day = use.step.visit, day_text(use.step.day)
            text = (
                f"{visit_text(visit)}: the privilege of {resource.name} for {', '.join(lacking)} is not valid on {day}."
            )
            yield broken(ConstraintCode.PRIVILEGE, [visit], text, resource.id)


def accepts_new(book: Book) -> Iterator[Violation]:
    """A practitioner who takes no new patients has only patients who know them."""
    for visit in book.visits:
        if visit.patient is None:
            continue
        for use in visit.uses:
            who = use.resource
            is_closed = isinstance(who, Practitioner) and not who.accepts_new and not use.is_presence
            if is_closed and who.id not in visit.patient.known_to:
                text = f"{visit_text(visit)}: {who.name} takes no new patients, and the patient is new to them."
                yield broken(ConstraintCode.ACCEPTS_NEW, [visit], text, who.id)


def resource_limit(book: Book) -> Iterator[Violation]:
    """The patient is inside the limits of every resource used, as far as the measures are known."""
    for visit in book.visits:
        if visit.patient is None:
            continue
        for use in visit.uses:
            for limit in use.resource.limits:
                value = _measure(visit.patient, limit.kind, use.step.day)
                if value is None:
                    continue
                low, high = limit.minimum, limit.maximum
                if (low is not None and value < low) or (high is not None and value > high):
                    unit = _UNITS[limit.kind]
                    bound = f"at least {low}{unit}" if low is not None and value < low else f"at most {high}{unit}"
                    who = f"{visit_text(visit)}: {use.resource.name}"
                    text = f"{who} is for patients of {bound}; this one has {value}{unit}."
                    yield broken(ConstraintCode.RESOURCE_LIMIT, [visit], text, use.resource.id)


def _measure(patient: Patient, kind: LimitKind, day: date) -> int | None:
    if kind is LimitKind.AGE_YEARS:
        return None if patient.birth_date is None else age_on(patient.birth_date, day)
    return patient.measures.get(kind)


def eligibility(book: Book) -> Iterator[Violation]:
    """The patient's age on the day of the visit, and sex, are among those that the service is for."""
    for visit in book.visits:
        patient, rule = visit.patient, visit.service.eligibility
        if patient is None:
            continue
        who = f"{visit_text(visit)}: {visit.service.name} is for"
        if patient.birth_date is not None and (rule.min_age is not None or rule.max_age is not None):
            age = age_on(patient.birth_date, visit.day)
            if rule.min_age is not None and age < rule.min_age:
                text = f"{who} patients of at least {rule.min_age} years; this one is {age} on {day_text(visit.day)}."
                yield broken(ConstraintCode.ELIGIBILITY, [visit], text)
            if rule.max_age is not None and age > rule.max_age:
                text = f"{who} patients of at most {rule.max_age} years; this one is {age} on {day_text(visit.day)}."
                yield broken(ConstraintCode.ELIGIBILITY, [visit], text)
        if rule.sexes is not None and patient.sex is not Sex.UNKNOWN and patient.sex not in rule.sexes:
            yield broken(ConstraintCode.ELIGIBILITY, [visit], f"{who} patients of sex {', '.join(rule.sexes)} only.")
