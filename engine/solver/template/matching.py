"""Enough rooms, or staff, for every need: Hall's theorem as linear constraints.

Needs overlap: a room for procedures also serves a consultation. A set of needs can be met, each by resources of its
own, exactly when for every set of them the resources that serve any of these are at least as many (Hall 1935). Sets
that fall apart into sets without a resource in common add nothing, so mostly there are few; where there are many, the
flow from needs to resources is written out instead, which says the same with more variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ortools.sat.python.cp_model import CpModel, IntVar

__all__ = ["Need", "add_matching", "hall_sets"]

_MOST_SETS = 64


@dataclass(frozen=True, slots=True)
class Need:
    """What some uses take of the same resources.

    Parameters
    ----------
    served_by
        Resources that serve it, by any number.
    literals, counts
        Uses, and how many resources each takes.
    """

    served_by: frozenset[int]
    literals: tuple[IntVar, ...]
    counts: tuple[int, ...]


def hall_sets(served_by: Sequence[frozenset[int]], at_most: int) -> list[frozenset[int]] | None:
    """Sets of resources that must be large enough for the needs that only they serve.

    Parameters
    ----------
    served_by
        Resources that serve each need.

    Returns
    -------
    list or None
        The distinct unions of needs that hang together, in a fixed order; None when there are more than `at_most`.
    """
    bases = list(dict.fromkeys(served_by))
    found = dict.fromkeys(bases)
    waiting = list(bases)
    while waiting:
        if len(found) > at_most:
            return None
        union = waiting.pop()
        for other in bases:
            larger = union | other
            if larger not in found and union & other:
                found[larger] = None
                waiting.append(larger)
    return sorted(found, key=lambda s: (len(s), sorted(s)))


def add_matching(
    model: CpModel,
    needs: Sequence[Need],
    lanes: Mapping[int, int],
    guard: Callable[[frozenset[int]], IntVar | bool],
    most_uses: int,
) -> None:
    """Add that every need of the uses that take place is met.

    Parameters
    ----------
    lanes
        How many uses each resource can serve.
    guard
        The guard for a set of resources.
    most_uses
        No more uses can take place in any case, so that what suffices for them is left out.
    """
    sets = hall_sets([need.served_by for need in needs], _MOST_SETS)
    if sets is None:
        _add_flow(model, needs, lanes, guard)
        return
    for resources in sets:
        inside = [need for need in needs if need.served_by <= resources]
        room = sum(lanes[r] for r in resources)
        taken: dict[int, int] = {}
        literals: dict[int, IntVar] = {}
        for need in inside:
            for literal, count in zip(need.literals, need.counts, strict=True):
                literals[literal.index] = literal
                taken[literal.index] = taken.get(literal.index, 0) + count
        if sum(sorted(taken.values(), reverse=True)[:most_uses]) <= room:
            continue
        total = LinearExpr.weighted_sum([literals[i] for i in taken], list(taken.values()))
        model.add(total <= room).only_enforce_if(guard(resources))


def _add_flow(
    model: CpModel,
    needs: Sequence[Need],
    lanes: Mapping[int, int],
    guard: Callable[[frozenset[int]], IntVar | bool],
) -> None:
    """Resources that serve the same needs are one kind; so many of each kind go to each need."""
    everything = frozenset[int]().union(*(need.served_by for need in needs))
    kinds: dict[tuple[int, ...], list[int]] = {}
    for resource in sorted(everything):
        serves = tuple(i for i, need in enumerate(needs) if resource in need.served_by)
        kinds.setdefault(serves, []).append(resource)
    given: list[list[IntVar]] = [[] for _ in needs]
    is_enforced = guard(everything)
    for serves, resources in kinds.items():
        room = sum(lanes[r] for r in resources)
        parts = [model.new_int_var(0, room, f"flow/{serves}/{i}") for i in serves]
        for i, part in zip(serves, parts, strict=True):
            given[i].append(part)
        model.add(LinearExpr.sum(parts) <= room)
    for need, parts in zip(needs, given, strict=True):
        total = LinearExpr.weighted_sum(need.literals, need.counts)
        model.add(total <= LinearExpr.sum(parts)).only_enforce_if(is_enforced)
