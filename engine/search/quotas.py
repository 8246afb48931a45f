"""Quotas of sessions: which visit counts where, how many there are, and which are full.

A *post* is a segment with a quota, or a patient class with a quota, in one session of one resource. A visit counts once
per post, however many reservations it has there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.session import PatientClass
from engine.search.counts import hits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from engine.search.calendars import Calendars

__all__ = ["CLASSES", "Posts", "Quotas"]

CLASSES = tuple(PatientClass)


class Posts:
    """Stretches of resources' time, in epoch minutes, with a limit and a count.

    Parameters
    ----------
    n_owners
        An owner is a resource or, for patient classes, a resource and class.
    stretches
        (owner, start, end, limit), in any order.
    """

    def __init__(self, n_owners: int, stretches: Iterable[tuple[int, int, int, int]]) -> None:
        ordered = sorted(stretches)
        columns = np.array(ordered, np.int64).reshape(len(ordered), 4)
        owner, self.starts, self.ends, self.limit = (np.ascontiguousarray(c) for c in columns.T)
        self.offsets = np.searchsorted(owner, np.arange(n_owners + 1)).astype(np.int64)
        self.reach = self.ends.copy()
        for first, last in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            if last - first > 1:
                self.reach[first:last] = np.maximum.accumulate(self.ends[first:last])
        self.count = np.zeros(len(ordered), np.int64)

    def __len__(self) -> int:
        return len(self.limit)

    def holding(self, owner: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pairs (given, post), shape `(n, 2)`: the posts of the owner that contain `[start, end)`."""
        start, end = np.ascontiguousarray(start), np.ascontiguousarray(end)  # of columns too, compile once
        out = np.empty((max(16, len(owner)), 2), np.int64)
        n = hits(self.offsets, self.starts, self.ends, self.reach, owner, start, end, out)
        if n > len(out):
            out = np.empty((n, 2), np.int64)
            hits(self.offsets, self.starts, self.ends, self.reach, owner, start, end, out)
        return out[:n]

    def holding_one(self, owner: int, start: int, end: int) -> list[int]:
        """The posts of an owner that contain `[start, end)`."""
        first, last = int(self.offsets[owner]), int(self.offsets[owner + 1])
        if first == last:
            return []
        q = first + int(np.searchsorted(self.starts[first:last], start, side="right")) - 1
        found = []
        while q >= first and self.reach[q] >= end:
            if self.ends[q] >= end:
                found.append(q)
            q -= 1
        return found

    def add(self, post: int, sign: int) -> bool:
        """Count one visit in (`sign` 1) or out (-1), and return whether the post has become or ceased to be full."""
        was_full = self.count[post] >= self.limit[post]
        self.count[post] += sign
        return bool(was_full != (self.count[post] >= self.limit[post]))

    def full(self, owner: int, *, unbooked: bool = False) -> list[tuple[int, int]]:
        """The stretches of an owner whose limit is reached, in epoch minutes; `unbooked`: even with no visit there."""
        first, last = int(self.offsets[owner]), int(self.offsets[owner + 1])
        if first == last:
            return []
        part = slice(first, last)
        is_full = (0 if unbooked else self.count[part]) >= self.limit[part]
        return list(zip(self.starts[part][is_full].tolist(), self.ends[part][is_full].tolist(), strict=True))


class Quotas:
    """The posts of all sessions of a problem with their counts.

    A visit is added with the starts of its windows (for segments) and its reservations (for classes).
    """

    def __init__(self, calendars: Calendars) -> None:
        segments: list[tuple[int, int, int, int]] = []
        classes: list[tuple[int, int, int, int]] = []
        problem = calendars.problem
        limited = {s.id for s in problem.sessions if s.has_quotas}
        for r, resource in enumerate(problem.resources) if limited else ():
            if not any(s.id in limited for s in problem.sessions_by_resource.get(resource.id, ())):
                continue
            for s in calendars.sessions(r):
                for part in s.session.segments:
                    if part.quota is not None:
                        segments.append((r, *calendars.part_minutes(s.session, part), part.quota))
                for limit in s.session.class_quotas:
                    owner = r * len(CLASSES) + CLASSES.index(limit.patient_class)
                    classes.append((owner, *s.bounds, limit.quota))
        self.segments = Posts(len(problem.resources), segments)
        self.classes = Posts(len(problem.resources) * len(CLASSES), classes)
        self.has_any = bool(segments or classes)

    def add_all(
        self,
        visit: NDArray[np.int64],
        patient_class: NDArray[np.int64],
        resource: NDArray[np.int64],
        window_start: NDArray[np.int64],
        start: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> None:
        """Count many visits, given by their reservations; times in epoch minutes, a resource below 0 is unknown."""
        owner = np.where(resource < 0, -1, resource * len(CLASSES) + patient_class)
        for posts, at, first, last in (
            (self.segments, resource, window_start, window_start + 1),
            (self.classes, owner, start, end),
        ):
            if len(posts):
                pairs = posts.holding(at, first, last)
                once = np.unique(visit[pairs[:, 0]] * len(posts) + pairs[:, 1])
                posts.count += np.bincount(once % len(posts), minlength=len(posts))

    def has_full(self, r: int) -> bool:
        """Whether any quota of a resource is reached."""
        n = len(CLASSES)
        of_classes = (self.classes.full(owner) for owner in range(r * n, (r + 1) * n))
        return self.has_any and (bool(self.segments.full(r)) or any(of_classes))

    def add_segments(self, uses: Iterable[tuple[int, int, int, int]], sign: int) -> set[int]:
        """Count one visit in (`sign` 1) or out (-1), and return the resources that something is full for, or no more.

        Uses are (resource, window start, start, end).
        """
        held = {q: r for r, window, _, _ in uses for q in self.segments.holding_one(r, window, window + 1)}
        return {r for q, r in held.items() if self.segments.add(q, sign)}

    def add_class(self, patient_class: PatientClass, uses: Iterable[tuple[int, int, int, int]], sign: int) -> set[int]:
        """Count one visit of a class in or out, as `add_segments` does."""
        kind, n = CLASSES.index(patient_class), len(CLASSES)
        held = {q: r for r, _, start, end in uses for q in self.classes.holding_one(r * n + kind, start, end)}
        return {r for q, r in held.items() if self.classes.add(q, sign)}
