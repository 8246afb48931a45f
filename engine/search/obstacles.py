"""The fewest obstacles that explain why there is no visit: what, taken away together, would let one in.

An *obstacle* is a rule of the order or the calendar, the patient's time, or one kind of hindrance of one *pool*: of
all resources that the same roles draw on ("the rooms are booked"). Taking one away is done to an `Excerpt`, which is
then searched like any occupancy: nothing is guessed.

A smallest set is found by implicit hitting sets (Davies & Bacchus, Solving MAXSAT by solving a sequence of simpler SAT
instances, CP 2011; Ignatiev et al., Smallest MUS extraction with minimal hitting set dualization, CP 2015). Every
*core*, obstacles of which at least one must go, is met by each explanation. The lightest set that meets all cores known
is tried; where it is not enough, whatever else may go without letting a visit in leaves one core more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.explanation import BlockerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeVar

    from engine.model.codes import ConstraintCode

    Found = TypeVar("Found")

__all__ = ["EASE", "Obstacle", "fewest", "ordered"]

EASE = (
    BlockerKind.KEPT_FOR_URGENT,
    BlockerKind.QUOTA,
    BlockerKind.BOOKED,
    BlockerKind.PATIENT,
    BlockerKind.BLOCK_OWNED,
    BlockerKind.NO_SESSION,
    BlockerKind.NOT_AVAILABLE,
    BlockerKind.RULE,
)
"""Kinds, the easiest to take away first: of explanations as short as each other, the easier one is given."""

_ALONE = 1_000
"""What one obstacle more weighs against any difference in ease."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that may stand in the way.

    Parameters
    ----------
    code
        Of a rule; None of a pool and of the patient.
    pool
        Number of the pool; -1: none.
    """

    kind: BlockerKind
    code: ConstraintCode | None = None
    pool: int = -1

    @property
    def weight(self) -> int:
        """What it counts in an explanation."""
        return _ALONE + EASE.index(self.kind)


def ordered(obstacles: Collection[Obstacle]) -> tuple[Obstacle, ...]:
    """Obstacles in the order in which they are told: the easiest to take away first, then by pool and rule."""
    return tuple(sorted(obstacles, key=lambda o: (EASE.index(o.kind), o.pool, o.code or "")))


def fewest(
    obstacles: Sequence[Obstacle],
    ask: Callable[[Collection[Obstacle]], Found | None],
    least: Sequence[Collection[Obstacle]] = ((),),
) -> tuple[tuple[Obstacle, ...], Found] | None:
    """The lightest set of obstacles without which there is an answer, and the answer.

    Parameters
    ----------
    obstacles
        All that may be taken away; of sets of equal weight the one that comes first in this order is found.
    ask
        What there is when some are taken away; None: nothing. The more are taken away, the more there is.
    least
        Of these sets of obstacles one, as is known beforehand, has to be taken away whole.

    Returns
    -------
    tuple or None
        None where there is nothing even without all of them.
    """
    cores: list[frozenset[Obstacle]] = []
    while True:
        chosen = _lightest(obstacles, cores, least)
        found = ask(chosen)
        if found is not None:
            return chosen, found
        if not cores and ask(obstacles) is None:
            return None
        cores.append(_core(obstacles, chosen, ask))


def _core(
    obstacles: Sequence[Obstacle], chosen: Sequence[Obstacle], ask: Callable[[Collection[Obstacle]], object | None]
) -> frozenset[Obstacle]:
    """A core that `chosen` misses: what stays when all that may go without an answer has gone, the heaviest first.

    Most may go, so many are tried at once, and halves of them where that is too much (Junker, QuickXplain, AAAI 2004).
    """
    gone, kept = list(chosen), set[Obstacle]()

    def sift(some: Sequence[Obstacle], *, is_too_much: bool) -> None:
        if not is_too_much and ask([*gone, *some]) is None:
            gone.extend(some)
        elif len(some) == 1:
            kept.update(some)
        else:
            half, n_kept = len(some) // 2, len(kept)
            sift(some[:half], is_too_much=False)
            sift(some[half:], is_too_much=len(kept) == n_kept)

    sift(sorted((o for o in obstacles if o not in chosen), key=lambda o: -o.weight), is_too_much=True)
    return frozenset(kept)


def _lightest(
    obstacles: Sequence[Obstacle], cores: Sequence[frozenset[Obstacle]], least: Sequence[Collection[Obstacle]]
) -> tuple[Obstacle, ...]:
    """The lightest set that has one of `least` whole and meets every core, by branch and bound."""
    best: tuple[int, tuple[Obstacle, ...]] | None = None

    def extend(chosen: tuple[Obstacle, ...], weight: int) -> None:
        nonlocal best
        if best is not None and weight >= best[0]:
            return
        open_core = next((c for c in cores if c.isdisjoint(chosen)), None)
        if open_core is None:
            best = weight, chosen
            return
        for obstacle in (o for o in obstacles if o in open_core):
            extend((*chosen, obstacle), weight + obstacle.weight)

    for given in least:
        extend(tuple(given), sum(o.weight for o in given))
    assert best is not None  # no core is empty, for without all obstacles there is an answer
    return tuple(o for o in obstacles if o in best[1])
