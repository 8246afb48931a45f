"""Resources of a step together: one site, fixed equipment, a session's rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.report import broken, visit_text
from engine.check.rules.sessions import admitting
from engine.model.codes import ConstraintCode
from engine.model.resource import Equipment, Practitioner, ResourceKind
from engine.model.service import Modality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import Use
    from engine.model.explanation import Violation


def one_site(book: Book) -> Iterator[Violation]:
    """Everything that a step reserves is where the step takes place."""
    for use in book.uses:
        step, resource = use.step, use.resource
        if isinstance(resource, Practitioner):
            if step.modality is not Modality.IN_PERSON or _works_at_site(book, use, resource):
                continue
        elif resource.site == step.site:
            continue
        text = f"{visit_text(step.visit)}: step {step.id} is at {step.site}, and {resource.name} is not there then."
        yield broken(ConstraintCode.ONE_SITE, [step.visit], text, resource.id)


def _works_at_site(book: Book, use: Use, who: Practitioner) -> bool:
    """Where a practitioner is at work: in a session or own surgery block its site says it, else they say it."""
    sites = {s.session.site for s in use.sessions if s.contains(use.start, use.end)}
    blocks = book.blocks_of(who.id).touching(use.start, use.end)
    sites |= {b.site for b in blocks if b.start <= use.start and use.end <= b.end}
    return use.step.site in (sites or {who.site, *who.other_sites})


def fixed_equipment(book: Book) -> Iterator[Violation]:
    """Equipment that is fixed in a room is used in that room."""
    for use in book.uses:
        resource, step = use.resource, use.step
        if not isinstance(resource, Equipment) or resource.fixed_in is None:
            continue
        needs_room = any(role.kind is ResourceKind.ROOM for role in step.roles)
        if needs_room and resource.fixed_in not in {u.resource.id for u in step.visit.uses_during(step)}:
            text = (
                f"{visit_text(step.visit)}: {resource.name} is fixed in "
                f"{book.problem.resource(resource.fixed_in).name}, which step {step.id} does not use."
            )
            yield broken(ConstraintCode.FIXED_EQUIPMENT, [step.visit], text, resource.id, resource.fixed_in)


def session_room(book: Book) -> Iterator[Violation]:
    """A visit in a session that names rooms takes place in one of them."""
    for use in book.uses:
        if not use.sessions:
            continue
        inside = admitting(use)
        if not inside or any(not s.session.rooms for s in inside):
            continue
        step = use.step
        needs_room = any(role.kind is ResourceKind.ROOM for role in step.roles)
        rooms = {u.resource.id for u in step.visit.uses_during(step) if u.resource.kind is ResourceKind.ROOM}
        if needs_room and rooms and not any(rooms & set(s.session.rooms) for s in inside):
            allowed = ", ".join(book.problem.resource(r).name for s in inside for r in s.session.rooms)
            taken = ", ".join(book.problem.resource(r).name for r in sorted(rooms))
            text = f"{visit_text(step.visit)} is in {taken}; {use.resource.name} is then in {allowed}."
            yield broken(
                ConstraintCode.SESSION_ROOM, [step.visit], text, use.resource.id, *(s.session.id for s in inside)
            )
