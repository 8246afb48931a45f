"""What would help of what the clinic gives: kept-back time, a longer session, one more, one more room or machine.

To find the one session of hundreds that is worth extending, all of a pool are extended at once; the visit that this
lets in says which one it is, and then that one alone is tried.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec

from engine.jobs.help import HelpKind
from engine.jobs.longer import longer, meets_another, session_for
from engine.model.columns import NEVER
from engine.model.resource import ResourceKind, UseRule
from engine.search.excerpt import Excerpt
from engine.search.explained import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from engine.jobs.help import Help
    from engine.jobs.lacking import Lacking
    from engine.model.ids import SiteId
    from engine.search.candidate import Candidate
    from engine.search.horizon import Run
    from engine.search.pools import Pool

__all__ = ["give_more"]

P = ParamSpec("P")

_LONGER_MIN = (15, 30, 45, 60, 90, 120)
_AT_MOST = 5
"""How many resources of a pool are tried alone, and around how many visits one more session of one of them."""


class _Used(NamedTuple):
    """A resource of the pool in a visit, with the ticks of the problem that it is reserved for."""

    r: int
    site: SiteId
    first: int
    stop: int


def give_more(lacking: Lacking) -> Iterator[Help]:
    """Every kind of change to resources that helps, with the smallest of its kind for each pool."""
    for pool in lacking.trial.pools():
        kinds = {lacking.problem.resources[r].kind for r in pool.members}
        yield from _released(lacking, pool)
        yield from _longer(lacking, pool)
        yield from (_one_session_more if ResourceKind.PRACTITIONER in kinds else _one_more)(lacking, pool)


def _lets_in(
    lacking: Lacking,
    members: Collection[int],
    change: Callable[Concatenate[Excerpt, Collection[int], P], None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Iterator[_Used]:
    """Uses of resources in visits that a change to all of them lets in: those worth changing alone, best first."""
    left = set(members)
    for _ in range(_AT_MOST):
        candidate = lacking.trial.after(change, left, *args, **kwargs) if left else None
        used = [] if candidate is None else _used(lacking, left, candidate)
        if not used:
            return
        yield from used
        left = left - {u.r for u in used}


def _used(lacking: Lacking, members: Collection[int], candidate: Candidate) -> list[_Used]:
    rows = lacking.occupancy.row_by_id
    return [
        _Used(rows[name], s.site, first, stop)
        for s in candidate.steps
        for _, name, first, stop, _, _ in s.uses
        if rows[name] in members
    ]


def _released(lacking: Lacking, pool: Pool) -> Iterator[Help]:
    now, calendars = lacking.now, lacking.trial.part.calendars
    keep = [r for r in pool.members if calendars.kept(r, now)[1] is not None]
    for used in _lets_in(lacking, keep, Excerpt.release_kept):
        alone = lacking.trial.after(Excerpt.release_kept, [used.r])
        if alone is not None:
            name = lacking.problem.resources[used.r].name
            text = f"If the time of {name} that is kept for urgent orders were given to all now"
            yield lacking.help(HelpKind.RELEASE, 5, text, alone, used.r)
            return


def _longer(lacking: Lacking, pool: Pool) -> Iterator[Help]:
    def extend(part: Excerpt, members: Collection[int], minutes: int) -> None:
        for r in members:
            sessions = part.calendars.sessions(r)
            for i, timed in enumerate(sessions):
                earliest = sessions[i - 1].bounds[1] if i else -NEVER
                latest = sessions[i + 1].bounds[0] if i + 1 < len(sessions) else NEVER
                before = minutes if timed.bounds[0] - minutes >= earliest else 0
                after = minutes if timed.bounds[1] + minutes <= latest else 0
                ways = {(before, after), (before, 0), (0, after)} - {(0, 0)}
                made = (longer(timed.session, lacking.order.service, before=b, after=a) for b, a in sorted(ways)[::-1])
                longest = next((s for s in made if s is not None), None)
                if longest is not None:
                    part.put_session(r, longest)

    calendars = lacking.trial.part.calendars
    has_any = any(calendars.sessions(r) for r in pool.members)
    if not has_any or lacking.trial.after(extend, pool.members, _LONGER_MIN[-1]) is None:
        return
    for minutes in _LONGER_MIN:
        for used in _lets_in(lacking, pool.members, extend, minutes):
            found = _one_longer(lacking, used, minutes)
            if found is not None:
                yield found
                return


def _one_longer(lacking: Lacking, used: _Used, minutes: int) -> Help | None:
    """The one session that is worth extending for a use, at its end or its start."""
    problem, zone = lacking.problem, lacking.problem.zone_of(used.site)
    begin, end = problem.grid.instant(used.first), problem.grid.instant(used.stop)
    for timed in lacking.trial.part.calendars.sessions(used.r):
        for before, after in ((0, minutes), (minutes, 0)):
            made = longer(timed.session, lacking.order.service, before=before, after=after)
            if made is None or made.site != used.site or meets_another(problem, used.r, made):
                continue
            bounds = made.bounds(zone)
            if not bounds[0] <= begin < end <= bounds[1]:
                continue
            candidate = lacking.trial.after(Excerpt.put_session, used.r, made)
            if candidate is not None:
                day, clock = moment(bounds[1 if after else 0], zone).rsplit(" at ", 1)
                does = "ran until" if after else "began at"
                text = f"If the session of {problem.resources[used.r].name} on {day} {does} {clock} "
                text += f"({minutes} minutes longer)"
                return lacking.help(HelpKind.LONGER_SESSION, minutes, text, candidate, used.r, made)
    return None


def _one_session_more(lacking: Lacking, pool: Pool) -> Iterator[Help]:
    staff = [r for r in pool.members if lacking.problem.resources[r].use is UseRule.IN_SESSIONS]
    tried: set[int] = set()
    for used in _lets_in(lacking, staff, Excerpt.give_one_more_session):
        found = None if used.r in tried else _its_session(lacking, used.r)
        tried.add(used.r)
        if found is not None:
            yield found
            return


def _its_session(lacking: Lacking, r: int) -> Help | None:
    """One more session of one resource, outside of its other ones: around the best visit that it lets in."""
    margin, calendars = lacking.occupancy.calendars.margin, lacking.trial.part.calendars
    taken = [(a - calendars.margin, b - calendars.margin) for a, b in (s.touched for s in calendars.sessions(r))]
    tried: list[Run] = []
    for _ in range(_AT_MOST):
        candidate = lacking.trial.after(Excerpt.give_one_more_session, [r], tried)
        used = [] if candidate is None else _used(lacking, [r], candidate)
        used = [u for u in used if all(u.stop <= a or b <= u.first for a, b in taken)]
        for site in dict.fromkeys(u.site for u in used):
            here = [u for u in used if u.site == site]
            found = _session_around(lacking, r, site, min(u.first for u in here), max(u.stop for u in here))
            if found is not None:
                return found
        if not used:
            return None
        tried += [(u.first + margin, u.stop + margin) for u in used]
    return None


def _session_around(lacking: Lacking, r: int, site: SiteId, first: int, stop: int) -> Help | None:
    made = session_for(lacking.problem, r, site, first, stop)
    alone = None if made is None else lacking.trial.after(Excerpt.put_session, r, made)
    if made is None or alone is None:
        return None
    problem, zone = lacking.problem, lacking.problem.zone_of(site)
    start, end = made.bounds(zone)
    minutes = (end - start) // timedelta(minutes=1)
    name, until = problem.resources[r].name, moment(end, zone).rsplit(" at ", 1)[1]
    where = f" at {problem.site(site).name}" if len(problem.sites) > 1 else ""
    text = f"If {name} had one more session{where} on {moment(start, zone)} (until {until})"
    return lacking.help(HelpKind.SESSION, 60 + minutes, text, alone, r, made)


def _one_more(lacking: Lacking, pool: Pool) -> Iterator[Help]:
    def add(part: Excerpt, members: Collection[int]) -> None:
        for r in members:
            part.add_lanes(r, 1)

    for used in _lets_in(lacking, pool.members, add):
        alone = lacking.trial.after(Excerpt.add_lanes, used.r, 1)
        if alone is not None:
            text = f"If there were one more like {lacking.problem.resources[used.r].name}"
            yield lacking.help(HelpKind.ONE_MORE, 480, text, alone, used.r)
            return
