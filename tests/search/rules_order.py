"""What an order and other visits ask of a visit, and what it costs: the second part of the brute force."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode as _P
from engine.model.order import Blocks, ConditionStatus, OrderStatus, Priority, TieKind
from engine.model.patient import age_on
from engine.model.service import Modality, Sex
from engine.model.timegrid import epoch_minute
from tests.search.rules_alone import OneRule

if TYPE_CHECKING:
    from datetime import date

    from tests.search.rules_alone import Placed


class OrderRules(OneRule):
    """Rules of the order, of other visits, and soft costs."""

    def _may_be_booked(self) -> bool:
        order, sexes = self.order, self.service.eligibility.sexes
        if order.status is not OrderStatus.ACTIVE:
            return False
        if any(a.order == order.id and a.occurrence == self.occurrence for a in self.booked):
            return False
        if sexes is not None and self.patient.sex is not Sex.UNKNOWN and self.patient.sex not in sexes:
            return False
        return all(c.status is ConditionStatus.MET or c.blocks is not Blocks.BOOKING for c in order.conditions)

    def _may_start(self, start: int) -> bool:
        order = self.order
        notice = (
            0 if order.priority is Priority.STAT else max(self.service.min_notice_min, self.p.policy.min_notice_min)
        )
        return start - self.now >= notice and (
            order.earliest_start is None or start >= epoch_minute(order.earliest_start)
        )

    def _order_allows(self, visit: tuple[Placed, ...]) -> bool:
        order, start, site = self.order, visit[0].start, visit[0].site
        end = max(s.end for s in visit)
        day = self._day(start, site)
        if end > self.last or (order.deadline is not None and end > epoch_minute(order.deadline)):
            return False
        if self._minute(start, site) % self.p.start_grid_min(site):
            return False
        ahead = self.p.policy.max_ahead_days
        if ahead is not None and (day - self._day(self.now, site)).days > ahead:
            return False
        if order.target is not None and self.occurrence == 0:
            distance = (day - order.target.day).days
            if not -order.target.before_days <= distance <= order.target.after_days:
                return False
        for c in order.conditions:
            if (c.valid_from is not None and day < c.valid_from) or (c.valid_until is not None and day > c.valid_until):
                return False
        rule = self.service.eligibility
        if self.patient.birth_date is not None:
            age = age_on(self.patient.birth_date, day)
            if (rule.min_age is not None and age < rule.min_age) or (rule.max_age is not None and age > rule.max_age):
                return False
        return self._follows(start, end) and self._is_apart(start, end) and self._series(day) and self._ties(visit, day)

    def _follows(self, start: int, end: int) -> bool:
        for wanted in self.order.prerequisites:
            others = [a for a in self.booked if a.order == wanted.order]
            if not others:
                return False
            gap = start - max(epoch_minute(a.end) for a in others)
            if gap < wanted.min_min or (wanted.max_min is not None and gap > wanted.max_min):
                return False
        own = [epoch_minute(a.end) for a in self.booked if a.order == self.order.id]
        for other in self.p.orders:
            for wanted in other.prerequisites:
                for a in self.booked if wanted.order == self.order.id else ():
                    if a.order == other.id:
                        gap = epoch_minute(a.start) - max([end, *own])
                        if gap < wanted.min_min or (wanted.max_min is not None and gap > wanted.max_min):
                            return False
        return True

    def _is_apart(self, start: int, end: int) -> bool:
        for a in self.booked:
            if a.patient != self.patient.id:
                continue
            gap = max(0, start - epoch_minute(a.end), epoch_minute(a.start) - end)
            named = [s.minutes for s in self.order.separations if s.service == a.service]
            named += [s.minutes for s in self.order.separations if s.order is not None and s.order == a.order]
            other = self.p.order_by_id.get(a.order) if a.order is not None else None
            for s in other.separations if other else ():
                if s.service == self.service.id or s.order == self.order.id:
                    named.append(s.minutes)
            if any(gap < minutes for minutes in named):
                return False
        return True

    def _series(self, day: date) -> bool:
        series = self.order.series
        own = {a.occurrence: self._visit_day(a) for a in self.booked if a.order == self.order.id}
        if not series:
            return True
        if self.occurrence > 0 and 0 not in own:
            return False
        days = {**own, self.occurrence: day}
        for i, found in days.items():
            offset = (found - days[0]).days - series[i].offset_days
            if i > 0 and self.occurrence in (0, i) and not -series[i].before_days <= offset <= series[i].after_days:
                return False
        return True

    def _ties(self, visit: tuple[Placed, ...], day: date) -> bool:
        for tie in self.p.ties:
            if self.order.id not in tie.orders:
                continue
            others = [
                a
                for a in self.booked
                if a.order in tie.orders and a.order != self.order.id and a.occurrence == self.occurrence
            ]
            if any(self._visit_day(a) != day for a in others):
                return False
            if not others or tie.kind is TieKind.SAME_DAY:
                continue
            sites = {s.site for a in others for s in a.steps if s.modality is Modality.IN_PERSON}
            sites |= {s.site for s in visit if s.modality is Modality.IN_PERSON}
            if len(sites) > 1:
                return False
            times = sorted(
                [(epoch_minute(a.start), epoch_minute(a.end)) for a in others]
                + [(visit[0].start, max(s.end for s in visit))]
            )
            until = times[0][1]
            for a, b in times[1:]:
                if tie.max_wait_min is not None and a - until > tie.max_wait_min:
                    return False
                until = max(until, b)
        return True

    def cost(self, visit: tuple[Placed, ...]) -> int:
        """The soft costs of the one visit."""
        order, policy = self.order, self.p.policy
        factor = policy.priority.of(order.priority)
        site, start, end = visit[0].site, visit[0].start, max(s.end for s in visit)
        day, minute = self._day(start, site), self._minute(start, site)
        total = 0
        if order.due is not None and end > epoch_minute(order.due):
            total += policy.weight(_P.TARDINESS) * factor * -(-(end - epoch_minute(order.due)) // 60)
        since = epoch_minute(order.earliest_start or order.ordered_at or self.p.horizon.start)
        total += policy.weight(_P.ACCESS_DELAY) * factor * max(0, (day - self._day(since, site)).days)
        if order.target is not None and self.occurrence == 0:
            total += policy.weight(_P.TARGET_DISTANCE) * factor * abs((day - order.target.day).days)
        wished = order.preferred_practitioner or self.patient.preferred_practitioner
        if wished is not None and wished not in {u.resource.id for s in visit for u in s.uses}:
            total += policy.weight(_P.NOT_PREFERRED_PRACTITIONER)
        if order.preferred_sites and site not in order.preferred_sites:
            total += policy.weight(_P.NOT_PREFERRED_SITE)
        wish = order.preference
        if (wish.weekdays and Weekday.of(day) not in wish.weekdays) or (
            wish.times and not any(t.holds(minute) for t in wish.times)
        ):
            total += policy.weight(_P.NOT_PREFERRED_TIME)
        if any(wish.modality in s.step.modalities and s.modality is not wish.modality for s in visit):
            total += policy.weight(_P.NOT_PREFERRED_MODALITY)
        present = [s for s in visit if s.step.is_patient_present]
        for a, b in pairwise(present):
            if self._day(a.start, a.site) == self._day(b.start, b.site):
                total += policy.weight(_P.PATIENT_WAIT) * (b.start - a.end)
        return total
