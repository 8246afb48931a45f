"""Sets of obstacles as bits of a number: the rules, the patient, then the kinds of each pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.explanation import BlockerKind
from engine.search.inquiry import RULES
from engine.search.obstacles import EASE, Obstacle

if TYPE_CHECKING:
    from engine.model.codes import ConstraintCode

__all__ = ["PATIENT", "Masks"]

_EASE = {kind: i for i, kind in enumerate(EASE)}
_BIT_OF_RULE = {code: i for i, code in enumerate(RULES)}
_POOLS = len(RULES) + 1
PATIENT = 1 << len(RULES)
"""The patient's time."""


class Masks:
    """Masks of one question; what each weighs is worked out once."""

    def __init__(self) -> None:
        self._weights: dict[int, int] = {}
        self._known: dict[tuple[int, tuple[tuple[BlockerKind, ConstraintCode], ...]], int] = {}

    def of(self, pool: int, kept: tuple[tuple[BlockerKind, ConstraintCode], ...]) -> int:
        """The mask of what keeps a resource of a pool."""
        key = pool, kept
        if key not in self._known:
            mask, first = 0, _POOLS + pool * len(EASE)
            for kind, code in kept:
                mask |= 1 << (_BIT_OF_RULE[code] if kind is BlockerKind.RULE else first + _EASE[kind])
            self._known[key] = mask
        return self._known[key]

    def obstacles(self, mask: int) -> list[Obstacle]:
        """The obstacles of a mask."""
        found = [Obstacle(BlockerKind.RULE, code) for code, i in _BIT_OF_RULE.items() if mask >> i & 1]
        if mask & PATIENT:
            found.append(Obstacle(BlockerKind.PATIENT))
        for bit in range(mask.bit_length() - _POOLS):
            if mask >> (bit + _POOLS) & 1:
                found.append(Obstacle(EASE[bit % len(EASE)], pool=bit // len(EASE)))
        return found

    def weight(self, mask: int) -> int:
        """What the obstacles of a mask weigh together."""
        if mask not in self._weights:
            self._weights[mask] = sum(o.weight for o in self.obstacles(mask))
        return self._weights[mask]
