"""A visit in the making: what is placed and chosen so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.search.candidate import Candidate, CandidateStep

if TYPE_CHECKING:
    from engine.search.horizon import Run
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query
    from engine.search.together import Own

__all__ = ["Draft", "Held", "made_of"]


@dataclass(frozen=True, slots=True)
class Held:
    """Resources held over the steps from `since` to `until`, both included."""

    role: RolePlan
    resources: tuple[int, ...]
    since: int
    until: int


@dataclass(slots=True)
class Draft:
    """A visit in the making: variant and start of each step so far, by start, and the resources chosen.

    Parameters
    ----------
    order
        Places in the service of the steps so far.
    own
        Reservations so far; those of resources held are added when the last of their steps is placed.
    bound
        Resources of each group of roles that the same resources fill.
    lead
        The first practitioner who does something in the step that decides it; None: nobody yet.
    diary
        Idle minutes of no use beside it and sessions opened, as far as known, of those who lead it.
    """

    placed: list[tuple[Variant, int]] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    own: list[Own] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    bound: dict[int, frozenset[int]] = field(default_factory=dict)
    lead: int | None = None
    diary: tuple[int, int] = (0, 0)

    @property
    def end(self) -> int:
        """The end of the last of the steps so far to end."""
        return max(start + v.length for v, start in self.placed)

    @property
    def starts(self) -> tuple[int, ...]:
        """The starts of the steps so far."""
        return tuple(start for _, start in self.placed)

    def has(self, r: int) -> bool:
        """Whether a resource does anything in the visit."""
        return any(o.r == r for o in self.own) or any(r in h.resources for h in self.held)

    def copy(self) -> Draft:
        """One that does not change with this one."""
        return Draft(self.placed[:], self.order[:], self.own[:], self.held[:], dict(self.bound), self.lead, self.diary)

    def become(self, other: Draft) -> None:
        """Take over what another one has."""
        self.placed[:], self.order[:], self.own[:], self.held[:] = other.placed, other.order, other.own, other.held
        self.bound, self.lead, self.diary = dict(other.bound), other.lead, other.diary

    def during(self, i: int) -> list[tuple[RolePlan, int]]:
        """Everything that step `i` uses, with its role; resources held across it included."""
        found = [(o.role, o.r) for o in self.own if o.step == i and o.role.held is None]
        found.extend((h.role, r) for h in self.held if h.since <= i <= h.until for r in h.resources)
        return found

    def led(self, lead_step: int | None) -> dict[int, set[Run]]:
        """When each of those who lead the visit is reserved for it so far; in most services one practitioner."""
        if lead_step not in self.order:
            return {}
        variant, _ = self.placed[self.order.index(lead_step)]
        role = None if variant.lead is None else variant.roles[variant.lead]
        leads = {o.r for o in self.own if o.role is role}
        return {r: {o.reserved for o in self.own if o.r == r} for r in leads}

    def used_in(self, i: int) -> list[int]:
        """The resources that are reserved with step `i`."""
        found = [o.r for o in self.own if o.step == i and o.role.held is None]
        return found + [r for h in self.held if h.since == i for r in h.resources]


def made_of(query: Query, draft: Draft, cost: int, *, has_preferred: bool) -> Candidate:
    """The candidate that a draft has become."""
    margin, resources = query.calendars.margin, query.problem.resources
    placed = [(t, t + v.length, v.site) for v, t in draft.placed]
    steps = tuple(
        CandidateStep(
            draft.order[k],
            start - margin,
            end - margin,
            site,
            draft.placed[k][0].modality,
            tuple(
                (
                    o.role.role.id,
                    resources[o.r].id,
                    o.reserved[0] - margin,
                    o.reserved[1] - margin,
                    o.role.role.units,
                    o.role.role.use,
                )
                for o in draft.own
                if o.step == draft.order[k]
            ),
        )
        for k, (start, end, site) in enumerate(placed)
    )
    modalities = [v.modality for v, _ in draft.placed]
    terms = query.costs.terms(placed, modalities, has_preferred=has_preferred, order=draft.order, diary=draft.diary)
    meeting = draft.placed[0][0].meeting
    group = None if meeting is None else meeting.group.id
    return Candidate(cost, terms, steps[0].start, draft.end - margin, steps, group)
