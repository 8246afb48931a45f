"""What the checks of a problem share: the faults found so far, the ids that exist, and how a fault is worded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Fault, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.model.ids import ResourceId, SiteId
    from engine.model.problem import Problem
    from engine.model.resource import Resource, ResourceKind

__all__ = ["Findings", "a", "listed"]

_MAX_ID = 100
_MOST_COMPARED = 200_000
"""Looking for the nearest of many ids takes long; once so many have been looked at, further faults go without."""


def a(noun: str) -> str:
    """The noun with its article: "a site", "an order", "a piece of equipment"."""
    if noun == "equipment":
        return "a piece of equipment"
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def listed(ids: Sequence[str]) -> str:
    """Ids as a sentence has them, the first three by name."""
    shown = ", ".join(f"'{i}'" for i in ids[:3])
    return shown if len(ids) <= 3 else f"{shown} and {len(ids) - 3} more"


class Findings:
    """Collects the faults of one problem.

    Parameters
    ----------
    problem
        The problem that is looked at.
    known
        Further ids that exist, by kind; see `problem_faults`.
    """

    def __init__(self, problem: Problem, known: Mapping[str, frozenset[str]]) -> None:
        self.problem = problem
        self.faults: list[Fault] = []
        self.known = known
        brief = problem.planning
        self._ids: dict[str, Collection[str]] = {
            "site": problem.site_by_id,
            "resource": problem.resource_by_id,
            "service": problem.service_by_id,
            "session": {session.id for session in problem.sessions} | {block.id for block in problem.blocks},
            "patient": problem.patient_by_id,
            "order": problem.order_by_id,
            "template": problem.template_by_id,
            "activity": {activity.id for activity in brief.activities} if brief else frozenset(),
        }
        self._hints: dict[tuple[str, str], str] = {}
        self._compared = 0

    def add(self, place: str, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(place, message))

    def exists(self, kind: str, given: str) -> bool:
        """Whether there is an item of the kind with this id, even one that could not be read."""
        return given in self._ids[kind] or given in self.known.get(kind, ())

    def refer(self, kind: str, given: str, place: str) -> bool:
        """Note a fault unless the id exists; says whether it does."""
        if self.exists(kind, given):
            return True
        self.add(place, f"found '{given}', expected the id of {a(kind)}.{self.hint(kind, given, self._ids[kind])}")
        return False

    def refer_each(self, kind: str, given: Sequence[str], place: str) -> None:
        """Note a fault for every id of a list that does not exist or comes twice."""
        for i, one in enumerate(given):
            self.refer(kind, one, f"{place}[{i}]")
        self.each_once(given, place)

    def refer_resource(self, given: ResourceId, place: str, kind: ResourceKind) -> Resource | None:
        """The resource with this id, or None and (unless it could not be read) a fault, also where the kind differs."""
        resource = self.problem.resource_by_id.get(given)
        if resource is None:
            if given not in self.known.get("resource", ()):
                of_kind = [r.id for r in self.problem.resources if r.kind is kind]
                hint = self.hint(kind.value, given, of_kind)
                self.add(place, f"found '{given}', expected the id of {a(kind.value)}.{hint}")
            return None
        if resource.kind is not kind:
            self.add(place, f"found '{given}', which is {a(resource.kind.value)}; expected {a(kind.value)}")
            return None
        return resource

    def each_once(self, values: Sequence[object], place: str) -> None:
        """Note a fault for every value of a list that stands in it before."""
        if len(set(values)) == len(values):
            return
        seen: set[object] = set()
        for i, value in enumerate(values):
            if value in seen:
                self.add(f"{place}[{i}]", f"found '{value}' again, expected it once")
            seen.add(value)

    def check_id(self, given: str, place: str, *, longest: int = _MAX_ID) -> None:
        """Note a fault unless an id, or another name that facts use for each other, is short and readable."""
        if 0 < len(given) <= longest and given.isprintable() and given[0] != " " and given[-1] != " ":
            return
        if not given.strip():
            self.add(place, f"found {given!r}, which is blank; expected 1 to {longest} characters")
        elif len(given) > longest:
            self.add(place, f"found '{given[:20]}…' of {len(given)} characters, expected at most {longest}")
        elif given != given.strip():
            self.add(place, f"found {given!r}, expected no blanks at its ends. Maybe you meant '{given.strip()}'.")
        else:
            self.add(place, f"found {given!r}, expected printable characters only")

    def check_words(self, words: Sequence[str], place: str) -> None:
        """Note a fault for every word of a list that is unreadable as an id would be, or comes twice."""
        for i, word in enumerate(words):
            self.check_id(word, f"{place}[{i}]")
        self.each_once(words, place)

    def check_unique(self, ids: Sequence[str], places: Sequence[str] | str) -> None:
        """Note a fault for every id that an item before has.

        Parameters
        ----------
        ids
            Of the items, in the order of the document.
        places
            Of each item, or of the list that they are.
        """
        if len(set(ids)) == len(ids):
            return
        at = [f"{places}[{i}]" for i in range(len(ids))] if isinstance(places, str) else places
        first: dict[str, str] = {}
        for given, place in zip(ids, at, strict=True):
            if given in first:
                self.add(f"{place}.id", f"found '{given}', which {first[given]} has already; expected an id of its own")
            first.setdefault(given, place)

    def zone_of(self, site: SiteId) -> str | None:
        """The time zone of a site, None where it is unknown."""
        found = self.problem.site_by_id.get(site)
        return found.time_zone if found else None

    def hint(self, kind: str, given: str, ids: Collection[str]) -> str:
        """A sentence with the id that was probably meant, led by a blank; empty where none looks alike."""
        key = (kind, given)
        if key not in self._hints and self._compared < _MOST_COMPARED:
            self._compared += len(ids)
            near = nearest(given, ids)
            self._hints[key] = f" Maybe you meant '{near}'." if near else ""
        return self._hints.get(key, "")
