"""What a visit does to the diary of whoever leads it: the third part of the brute force, tick by tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.codes import PenaltyCode as _P
from engine.model.requirement import duration_min
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from tests.search.rules_order import OrderRules

if TYPE_CHECKING:
    from engine.model.resource import Resource
    from engine.model.service import Role
    from tests.search.rules_alone import Placed, Use


class DiaryRules(OrderRules):
    """Costs of the order of offers, beside those of a schedule."""

    def cost(self, visit: tuple[Placed, ...]) -> int:
        """The soft costs of the one visit, and what it does to the diaries of those who lead it."""
        return super().cost(visit) + sum(
            self.p.policy.weight(code) * amount for code, amount in self.diary(visit).items()
        )

    def diary(self, visit: tuple[Placed, ...]) -> dict[_P, int]:
        """How much of each cost of the order of offers a visit has; bundles and seats in groups that meet have none."""
        gaps = opened = 0
        has_none = len(visit) > 1 or any(visit is seat for seat in self.seated)
        for r in [] if has_none else self._leads(visit):
            own = [u for s in visit for u in s.uses if u.resource.id == r.id]
            useless: set[int] = set()
            for u in own:
                for gap in (self._gap(r, own, u.start, -self.tick), self._gap(r, own, u.end, self.tick)):
                    if len(gap) * self.tick < self.p.policy.useful_gap_min:
                        useless |= gap
            gaps += len(useless) * self.tick
            opened += sum(not self._is_used(r, part) for part in {self._part(r, u) for u in own})
        return {_P.IDLE_GAP: gaps, _P.OPENED_SESSION: opened}

    def _leads(self, visit: tuple[Placed, ...]) -> list[Resource]:
        """Whoever fills the role that leads the visit."""
        same = {(ref.step, ref.role) for entry in self.service.same for ref in entry.roles}
        held = {h.first: h.role for h in self.service.held}
        leading: list[tuple[int, int, Placed, Role]] = []
        for s in visit:
            roles = [*s.step.roles, *([held[s.step.id]] if s.step.id in held else [])]
            for role in roles:
                if role.kind is ResourceKind.PRACTITIONER and role.use is RoleUse.EXCLUSIVE:
                    length = (s.step.nights or 0) * 1440 or duration_min(s.step, self.modifiers, ())
                    leading.append((-length, self.steps.index(s.step), s, role))
        bound = [x for x in leading if (x[2].step.id, x[3].id) in same]
        if not leading:
            return []
        step = min(bound or leading, key=lambda x: x[:2])[2]
        there = [x[3].id for x in leading if x[2] is step and any(u.role.id == x[3].id for u in step.uses)]
        first = next((i for i in there if (step.step.id, i) in same), next(iter(there), None))
        return [u.resource for u in step.uses if u.role.id == first]

    def _gap(self, r: Resource, own: list[Use], begin: int, by: int) -> set[int]:
        """The idle ticks that follow each other from one end of a reservation on, backwards or forwards."""
        found: set[int] = set()
        edge = begin
        while edge not in self._bounds(r):
            minute = edge if by > 0 else edge + by
            if not self._is_idle(r, own, minute):
                break
            found.add(minute)
            edge += by
        return found

    def _bounds(self, r: Resource) -> set[int]:
        """When a session or surgery block begins or ends."""
        return {t for _, a, b in self._sessions(r.id) for t in (a, b)} | {
            t for _, a, b, _ in self._blocks(r) for t in (a, b)
        }

    def _is_idle(self, r: Resource, own: list[Use], minute: int) -> bool:
        """Whether one more visit would fit into a resource's time as far as lanes and opening hours say."""
        if not self.first <= minute < self.last or any(u.start <= minute < u.end for u in own):
            return False
        there = [x for x in self.reserved if x.resource == r.id and x.start <= minute < x.end]
        units = sum(x.units for x in there if not x.is_presence) + any(x.is_presence for x in there)
        extra = max((s.overbooking_lanes for s, a, b in self._sessions(r.id) if a <= minute < b), default=0)
        return units < r.lanes + extra and any(a <= minute and minute + self.tick <= b for a, b in self.open[r.id])

    def _part(self, r: Resource, use: Use) -> tuple[int, int]:
        """The session, or half-day outside sessions, in which a reservation begins."""
        begin = end = min(max(use.start, self.first), self.last - self.tick)
        while begin > self.first and not self._is_cut(r, begin):
            begin -= self.tick
        end += self.tick
        while end < self.last and not self._is_cut(r, end):
            end += self.tick
        return begin, end

    def _is_cut(self, r: Resource, minute: int) -> bool:
        if minute in self._bounds(r):
            return True
        stretches = [(a, b) for _, a, b in self._sessions(r.id)] + [(a, b) for _, a, b, _ in self._blocks(r)]
        if any(a < minute < b for a, b in stretches):
            return False
        return self._half(r, minute) != self._half(r, minute - self.tick)

    def _half(self, r: Resource, minute: int) -> tuple[object, bool]:
        return self._day(minute, r.site), self._minute(minute, r.site) >= 12 * 60

    def _is_used(self, r: Resource, part: tuple[int, int]) -> bool:
        there = (x for x in self.reserved if x.resource == r.id and not x.is_presence)
        return any(x.start < part[1] and part[0] < x.end for x in there)
