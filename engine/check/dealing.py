"""Dealing out: everybody fills one place at a time, so that counting each kind by itself is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["too_few_for"]


def too_few_for(suits: Sequence[Collection[str]]) -> list[tuple[list[int], frozenset[str]]]:
    """Places that cannot all be filled, with everybody who suits any of them.

    Places are filled one by one, and those who stand in one already move on where they suit another (Kuhn 1955). When
    a place stays empty, whoever could be moved to it suits fewer places than ask for them (Hall 1935).

    Parameters
    ----------
    suits
        Who suits each place, by id.

    Returns
    -------
    list of (list of int, frozenset of str)
        Positions in `suits`, ascending, and ids. Sets that have nobody in common are apart; the places that nobody
        suits are together. Empty when all are filled.
    """
    place_of: dict[str, int] = {}

    def fill(place: int, asked: set[str]) -> bool:
        for one in suits[place]:
            if one not in asked:
                asked.add(one)
                if one not in place_of or fill(place_of[one], asked):
                    place_of[one] = place
                    return True
        return False

    found: list[tuple[set[int], set[str]]] = []
    for place in range(len(suits)):
        asked: set[str] = set()
        if fill(place, asked):
            continue
        places = {place, *(place_of[one] for one in asked)}
        apart = []
        for other_places, others in found:
            if others & asked or not (others or asked):
                places |= other_places
                asked |= others
            else:
                apart.append((other_places, others))
        found = [*apart, (places, asked)]
    return [(sorted(places), frozenset(ids)) for places, ids in found]
