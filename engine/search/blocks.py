"""Surgery blocks: whose a theatre's time is, until when, and where it puts its owner."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.model.columns import NEVER
from engine.model.resource import Practitioner
from engine.model.timegrid import epoch_minute
from engine.search import bits, morphology

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.model.ids import ResourceId, SiteId
    from engine.model.resource import Resource
    from engine.model.session import SurgeryBlock
    from engine.search.bits import Row
    from engine.search.horizon import Horizon, Run

__all__ = ["BlockTicks", "Blocks", "owns"]


@dataclass(frozen=True, slots=True)
class BlockTicks:
    """A surgery block.

    Parameters
    ----------
    inside, touched
        The ticks wholly inside, and those that share an instant with it.
    site
        The theatre's.
    release
        In epoch minutes; `NEVER` where its time is never given away.
    """

    block: SurgeryBlock
    inside: Run
    touched: Run
    site: SiteId
    release: int


class Blocks:
    """The surgery blocks that touch the horizon, by theatre and by owner."""

    def __init__(self, horizon: Horizon) -> None:
        self._horizon = horizon
        self._problem = horizon.problem
        self._starts: dict[tuple[int, frozenset[int], Run], tuple[int, int, Row]] = {}

    @cached_property
    def _by_holder(self) -> dict[ResourceId, tuple[BlockTicks, ...]]:
        found: dict[ResourceId, list[BlockTicks]] = defaultdict(list)
        of_specialty: dict[str | None, list[ResourceId]] = defaultdict(list)
        staff = [p for p in self._problem.resources if isinstance(p, Practitioner)]
        for p in staff:
            for specialty in dict.fromkeys(p.specialties):
                of_specialty[specialty].append(p.id)
        known = {p.id for p in staff}
        grid = self._horizon.grid
        for theatre, blocks in self._problem.blocks_by_theatre.items():
            site = self._problem.resource(theatre).site
            zone = self._problem.zone_of(site)
            for block in blocks:
                start, end = block.bounds(zone)
                touched = grid.clip(start, end, outward=True)
                if touched[0] >= touched[1]:
                    continue
                release = NEVER if block.release is None else epoch_minute(block.release.instant(block.day, zone))
                timed = BlockTicks(block, grid.clip(start, end, outward=False), touched, site, release)
                owners = [block.practitioner] if block.practitioner in known else of_specialty[block.specialty]
                for holder in (theatre, *owners):
                    found[holder].append(timed)
        return {r: tuple(bs) for r, bs in found.items()}

    def of(self, r: int) -> tuple[BlockTicks, ...]:
        """The blocks of a theatre, or those that a practitioner owns."""
        return self._by_holder.get(self._problem.resources[r].id, ())

    def is_theatre(self, r: int) -> bool:
        """Whether a resource that is no practitioner has blocks."""
        return bool(self.of(r)) and not isinstance(self._problem.resources[r], Practitioner)

    def unreleased(self, r: int, now: datetime) -> list[BlockTicks]:
        """The blocks of a theatre that are still their owners'."""
        minute = epoch_minute(now)
        return [b for b in self.of(r) if minute < b.release]

    def starts(self, r: int, owners: frozenset[int], window: Run, now: datetime) -> Row:
        """The starts at which a theatre, reserved over a window around them, is in nobody else's unreleased block.

        Parameters
        ----------
        owners
            Who is there.
        window
            Ticks from the start, half-open.

        Returns
        -------
        Row
            Not to be written to.
        """
        minute, key = epoch_minute(now), (r, owners, window)
        known = self._starts.get(key)
        if known is None or not known[0] <= minute < known[1]:
            row = self.free(r, [self._problem.resources[o] for o in owners], now)
            releases = [b.release for b in self.of(r)]
            known = self._starts[key] = (
                max((i for i in releases if i <= minute), default=-NEVER),
                min((i for i in releases if i > minute), default=NEVER),
                morphology.eroded_window(row, *window, self._horizon.n_ticks),
            )
        return known[2]

    def free(self, r: int, owners: Iterable[Resource], now: datetime) -> Row:
        """The ticks of a theatre outside every unreleased block that none of `owners` owns; a new row."""
        row = bits.make(self._horizon.n_ticks)
        bits.fill(self._horizon.n_ticks, row)
        present = tuple(owners)
        for b in self.unreleased(r, now):
            if not any(owns(p, b.block) for p in present):
                bits.clear_range(row, *b.touched)
        return row


def owns(resource: Resource, block: SurgeryBlock) -> bool:
    """Whether a resource is a block's owner: the practitioner, or one of the specialty."""
    if not isinstance(resource, Practitioner):
        return False
    return resource.id == block.practitioner or (
        block.specialty is not None and block.specialty in resource.specialties
    )
