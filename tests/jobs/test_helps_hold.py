"""What would help, held to its promise: made for good, in the problem itself, each change lets the visit in."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings

from engine.jobs.help import HelpKind
from engine.jobs.what_would_help import what_would_help
from engine.search import Occupancy, find
from tests.search.taken_away import changed, edited, of_sessions, unkept, with_order
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

thorough = settings(
    max_examples=4 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
_WISHES = {HelpKind.ANOTHER_PRACTITIONER: "required_practitioner", HelpKind.ANOTHER_SITE: "required_site"}


def in_time(world, limit):
    """The order with nothing late allowed: by the limit, and never after the deadline."""
    limits = [t for t in (limit, world.order.deadline) if t is not None]
    return with_order(deadline=min(limits))(world, None) if limits else world


def starts(world):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    found = find(occupancy, world.order, now=world.now, k=10_000, occurrence=world.occurrence)
    return {c.steps[0].start for c in found}


def with_session(world, given, r):
    """With a session of one resource in place of the one that it is made of, if it is made of one."""
    world = of_sessions(world, frozenset(), lambda _: {})
    others = [s for s in world.problem.sessions if s.id not in (given.id, f"{given.id}-{r}")]
    return changed(world, sessions=(*others, given.model_copy(update={"id": "given", "owner": r})))


def one_more_like(world, r):
    """With one more lane: as good as another one in the same room and the same sessions."""

    def twice(x):
        return x.model_copy(update={"lanes": x.lanes + 1, "presence_limit": x.presence_limit + 1})

    return changed(world, resources=tuple(twice(x) if x.id == r else x for x in world.problem.resources))


def wider(world, days):
    more = {"before_days": days, "after_days": days}
    order, i = world.order, world.occurrence

    def widened(given):
        return given.model_copy(update={k: getattr(given, k) + v for k, v in more.items()})

    if i:
        return with_order(series=(*order.series[:i], widened(order.series[i]), *order.series[i + 1 :]))(world, None)
    return with_order(target=widened(order.target))(world, None)


def made_for_good(world, change):
    """The worlds that a change could mean: more than one where it is not told which absence is given up."""
    kind, order = change.kind, world.order
    if kind in _WISHES:
        return [with_order(**{_WISHES[kind]: None})(world, None)]
    if kind is HelpKind.EARLIER:
        since = order.earliest_start - timedelta(days=change.size // 15)
        return [with_order(earliest_start=since)(world, None)]
    if kind is HelpKind.TOLERANCE:
        return [wider(world, change.size // 15)]
    if kind is HelpKind.RELEASE:
        return [unkept(world, frozenset([change.resource]))]
    if kind is HelpKind.ONE_MORE:
        return [one_more_like(world, change.resource)]
    if kind is HelpKind.PATIENT:
        patient = world.problem.patient(order.patient)
        kept = [tuple(a for a in patient.unavailable if a is not away) for away in patient.unavailable]
        others = tuple(p for p in world.problem.patients if p.id != patient.id)
        return [changed(world, patients=(*others, *edited([patient], unavailable=rest))) for rest in kept]
    return [with_session(world, change.session, change.resource)]


@thorough
@given(worlds(extra=4))
def test_each_change_lets_the_visit_in_and_none_is_needed_where_there_is_an_offer(world):
    asked = {"now": world.now, "occurrence": world.occurrence}
    found = what_would_help(world.schedule, "ord-1", k=20, **asked)
    possible = starts(in_time(world, found.limit))
    assert bool(possible) == (found.in_time is not None)
    assert not (found.helps and (found.in_time or found.reasons))
    for change in found.helps:
        offered = world.problem.grid.floor(change.offer.start)
        assert any(offered in starts(in_time(w, found.limit)) for w in made_for_good(world, change)), change
    if found.in_time or found.reasons:
        return
    kinds = {h.kind for h in found.helps}
    for resource in world.problem.resources:
        if starts(in_time(unkept(world, frozenset([resource.id])), found.limit)):
            assert HelpKind.RELEASE in kinds, resource.id
