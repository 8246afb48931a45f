"""The JSON of `find`: slots, what stands in the way, and when to look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.cli.shapes import costs_shape, local_text, plain_fact, visit_shape
from api.wording import zone_of_visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.jobs.recall import RecallEntry
    from engine.model.explanation import Blocker
    from engine.model.problem import Problem
    from engine.model.result import SlotOffer

__all__ = ["find_shape", "obstacle_shape", "offer_shape", "recall_shape"]


def find_shape(
    problem: Problem,
    order: str,
    offers: Sequence[SlotOffer],
    reasons: Iterable[Blocker],
    recall: RecallEntry | None = None,
) -> dict[str, Any]:
    """Offers, best first; where there are none, the obstacles, and when to look again."""
    return {
        "order": order,
        "offers": [offer_shape(problem, offer) for offer in offers],
        "obstacles": [obstacle_shape(problem, blocker) for blocker in reasons],
        "recall": None if recall is None else recall_shape(recall),
    }


def offer_shape(problem: Problem, offer: SlotOffer) -> dict[str, Any]:
    """A slot with its costs, and the appointment that books it."""
    zone = zone_of_visit(problem, offer.appointment)
    return {
        "rank": offer.rank,
        "start": local_text(offer.start, zone),
        "end": local_text(offer.end, zone),
        "cost": offer.cost,
        "costs": costs_shape(offer.breakdown),
        "reason": offer.reason,
        "appointment": visit_shape(problem, offer.appointment),
        "group": None if offer.group is None else plain_fact(offer.group, zone),
    }


def obstacle_shape(problem: Problem, blocker: Blocker) -> dict[str, Any]:
    """What stands in the way."""
    return {
        "kind": blocker.kind.value,
        "rule": blocker.code.value,
        "resource": blocker.resource,
        "resources": list(blocker.resources),
        "until": None if blocker.until is None else local_text(blocker.until, problem.time_zone),
        "message": blocker.message,
    }


def recall_shape(entry: RecallEntry) -> dict[str, Any]:
    """When to look again for what is not planned yet."""
    return {
        "order": entry.order,
        "occurrence": entry.occurrence,
        "rule": entry.rule.value,
        "first_day": entry.first_day.isoformat(),
        "last_day": None if entry.last_day is None else entry.last_day.isoformat(),
        "bookable_until": entry.bookable_until.isoformat(),
        "look_again": entry.look_again.isoformat(),
    }
