"""Parity with the judge: what is offered passes `engine.check`, what is not offered is refused by it."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep, Reservation
from engine.model.calendar import instant_at
from engine.model.codes import RANKING_COSTS
from engine.model.requirement import could_fill, duration_min, required_steps, roles_in
from engine.model.resource import BuffersRule
from engine.search import candidate_to_appointment, candidate_to_group
from tests.search.worlds import N_WORLDS, found
from tests.strategies import worlds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.explanation import Violation
    from engine.model.resource import Resource
    from engine.model.schedule import Schedule
    from engine.model.service import Role, Step
    from tests.strategies import World

thorough = settings(
    max_examples=3 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def faults(world: World, visit: Appointment, group: GroupOccurrence | None = None) -> list[Violation]:
    """What the judge holds against a visit that is added to a world, or against the group in which it is a seat."""
    report = check(with_visit(world, visit, group), now=world.now)
    names = {visit.id} if group is None else {visit.id, group.id}
    found = [v for v in report.violations if not names.isdisjoint(v.subjects)]
    return [v for v in found if v not in check(world.schedule, now=world.now).violations] if found else []


def with_visit(world: World, visit: Appointment, group: GroupOccurrence | None = None) -> Schedule:
    known = world.schedule.groups
    is_new = group is not None and group.id not in {g.id for g in known}
    return world.schedule.changed(added=[visit], groups=(*known, group) if group is not None and is_new else known)


@thorough
@given(worlds(extra=6), st.booleans())
def test_every_offer_books(world, diverse):
    result = find_slots(
        world.schedule, world.order_id, now=world.now, k=4, occurrence=world.occurrence, diverse=diverse
    )
    assert bool(result.offers) != bool(result.reasons)
    for offer in result.offers:
        assert faults(world, offer.appointment, offer.group) == []
        judged = check(with_visit(world, offer.appointment, offer.group), now=world.now).breakdown
        terms = [(t.code, t.amount) for t in judged.terms if offer.appointment.id in t.subjects]
        of_visit = [t for t in offer.breakdown.terms if t.code not in RANKING_COSTS]  # the others no schedule has
        assert sorted(terms) == sorted((t.code, t.amount) for t in of_visit)
        assert offer.cost == offer.breakdown.total


@thorough
@given(worlds(extra=5), st.data())
def test_a_booking_leaves_every_other_start_as_it_says(world, data):
    """What is offered after a booking still books: the occupancy has followed."""
    offers = found(world, 3)
    if offers:
        chosen = data.draw(st.sampled_from(offers))
        booked = candidate_to_appointment(
            world.problem, world.order, chosen, id="new", now=world.now, occurrence=world.occurrence
        )
        group = candidate_to_group(world.problem, world.order, chosen, id="new")
        after = with_visit(world, booked, group)
        again = find_slots(after, world.order_id, now=world.now, occurrence=world.occurrence)
        assert again.offers == ()
        assert again.reasons[0].code == "order-once"
        moved = find_slots(after, world.order_id, now=world.now, k=3, occurrence=world.occurrence, ignoring=["new"])
        assert chosen.start in {world.problem.grid.exact(o.start) for o in moved.offers} or len(moved.offers) == 3


def reservation(world: World, resource: Resource, role: Role, start: int, end: int) -> Reservation | None:
    """What a role takes of a resource in a step from one tick to another."""
    tick, grid = world.problem.tick_min, world.problem.grid
    a = (start if role.start.anchor == "start" else end) + role.start.minutes // tick
    b = (start if role.end.anchor == "start" else end) - (-role.end.minutes // tick)
    if resource.buffers is BuffersRule.ADD:
        a -= grid.ticks(role.setup_min + resource.setup_min)
        b += grid.ticks(role.cleanup_min + resource.cleanup_min)
    if a >= b:
        return None
    return Reservation(
        role=role.id,
        resource=resource.id,
        start=grid.instant(a),
        end=grid.instant(b),
        units=role.units,
        use=role.use,
    )


def visits_at(world: World, start: int) -> Iterator[tuple[Appointment, GroupOccurrence | None]]:
    """Every visit of one step at a start, rules or no rules; of a group visit, seats in old groups and in new ones."""
    problem, order, grid = world.problem, world.order, world.problem.grid
    service, patient = problem.service(order.service), problem.patient(order.patient)
    modifiers = order.modifiers
    (step,) = required_steps(problem, service, patient, order, world.occurrence)
    if service.group_size > 1:
        (step,), modifiers = service.steps, ()
        for group in world.schedule.groups:
            if min(s.start for s in group.steps) == grid.instant(start):
                yield seat_in(world, group), group
    for modality, site in product(step.modalities, problem.sites):
        roles = roles_in(step, modality)
        pools = [[r for r in problem.resources if could_fill(r, role)] for role in roles]
        for choice in product(*(list(combinations(p, role.count)) for p, role in zip(pools, roles, strict=True))):
            used = [r for chosen in choice for r in chosen]
            end = end_of(world, step, start, site.id, modifiers, used)
            pairs = [(r, role) for chosen, role in zip(choice, roles, strict=True) for r in chosen]
            reserved = [reservation(world, r, role, start, end) for r, role in pairs]
            visit = Appointment(
                id="tried",
                patient=order.patient,
                service=order.service,
                order=order.id,
                occurrence=world.occurrence,
                priority=order.priority,
                patient_class=order.patient_class,
                steps=(
                    PlacedStep(
                        step=step.id,
                        start=grid.instant(start),
                        end=grid.instant(end),
                        site=site.id,
                        modality=modality,
                        reservations=tuple(r for r in reserved if r is not None),
                    ),
                ),
                booked_at=world.now,
            )
            if service.group_size == 1:
                yield visit, None
                continue
            group = GroupOccurrence(id="new", service=service.id, seats=service.group_size, steps=visit.steps)
            yield seat_in(world, group), group


def end_of(world: World, step: Step, start: int, site: str, modifiers: tuple[str, ...], used: list[Resource]) -> int:
    """The tick at which a step that starts at one ends."""
    problem, grid = world.problem, world.problem.grid
    if step.nights is None:
        return start + grid.ticks(duration_min(step, modifiers, used))
    zone = problem.zone_of(site)
    leaves = grid.instant(start).astimezone(ZoneInfo(zone)).date() + timedelta(days=step.nights)
    return grid.ceil(instant_at(leaves, problem.policy.discharge_at, zone))


def seat_in(world: World, group: GroupOccurrence) -> Appointment:
    order = world.order
    return Appointment(
        id="tried",
        patient=order.patient,
        service=order.service,
        order=order.id,
        occurrence=world.occurrence,
        priority=order.priority,
        patient_class=order.patient_class,
        steps=tuple(s.model_copy(update={"reservations": ()}) for s in group.steps),
        booked_at=world.now,
        group=group.id,
    )


ONE_STEP = ("blocks", "breaks", "buffers", "changeover", "fixed-equipment", "groups", "kept-back", "lanes", "needs",
            "night", "order", "overbooking", "patient", "presence", "privileges", "quotas", "required", "segments",
            "series", "session-rooms", "sites", "stay", "zones")  # fmt: skip


@settings(thorough, max_examples=2 * N_WORLDS)
@given(st.data())
def test_what_is_not_offered_is_refused(data):
    features = data.draw(st.lists(st.sampled_from(ONE_STEP), min_size=1, max_size=3, unique=True))
    world = data.draw(worlds(*features))
    offered = {c.start for c in found(world)}
    first = max(0, world.problem.grid.ceil(world.now))
    busiest = [s.start for a in (*world.schedule.appointments, *world.schedule.groups) for s in a.steps]
    near = [world.problem.grid.floor(t) + shift for t in busiest for shift in (-2, -1, 0, 1, 2)]
    tried = data.draw(st.lists(st.sampled_from([*range(first, world.problem.grid.n_ticks), *near]), max_size=4))
    for start in {t for t in tried if first <= t < world.problem.grid.n_ticks} - offered:
        for visit, group in visits_at(world, start):
            assert faults(world, visit, group) != [], start


def drawn_step(data: st.DataObject, world: World, step: Step, start: int) -> PlacedStep:
    """Some way to do a step at a start, rules or no rules."""
    problem, grid = world.problem, world.problem.grid
    modality, site = data.draw(st.sampled_from(step.modalities)), data.draw(st.sampled_from(problem.sites))
    pairs = []
    for role in roles_in(step, modality):
        pool = [r for r in problem.resources if could_fill(r, role)]
        chosen = data.draw(st.permutations(pool))[: role.count]
        pairs += [(r, role) for r in chosen]
    end = end_of(world, step, start, site.id, world.order.modifiers, [r for r, _ in pairs])
    reserved = [reservation(world, r, role, start, end) for r, role in pairs]
    return PlacedStep(
        step=step.id,
        start=grid.instant(start),
        end=grid.instant(end),
        site=site.id,
        modality=modality,
        reservations=tuple(r for r in reserved if r is not None),
    )


@settings(thorough, max_examples=5 * N_WORLDS)
@given(worlds("any-order"), st.data())
def test_steps_in_whichever_order_are_refused_where_no_start_is_offered(world, data):
    grid, order = world.problem.grid, world.order
    offered = {c.start for c in found(world)}
    left = sorted(set(range(max(0, grid.ceil(world.now)), grid.n_ticks)) - offered)
    busy = [grid.floor(s.start) for a in world.schedule.appointments for s in a.steps]
    near = [t for t in left if 7 * 60 <= t * grid.tick_min <= 13 * 60 or t in busy]
    if not near:
        return
    start, steps = data.draw(st.sampled_from(near)), []
    for step in data.draw(st.permutations(world.problem.service(order.service).steps)):
        steps.append(drawn_step(data, world, step, start))
        start += data.draw(st.integers(0, 4))
    visit = Appointment(
        id="tried",
        patient=order.patient,
        service=order.service,
        order=order.id,
        priority=order.priority,
        steps=tuple(steps),
        booked_at=world.now,
    )
    assert faults(world, visit) != []
