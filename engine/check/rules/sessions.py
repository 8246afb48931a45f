"""Sessions and surgery blocks: who may use their time, how often, and until when it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.clock import stretch_text, time_text
from engine.check.report import broken, listed, minutes_text, visit_text
from engine.model.codes import ConstraintCode
from engine.model.order import Priority
from engine.model.resource import Practitioner, UseRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.check.book import Book
    from engine.check.sessions import SessionAt
    from engine.check.visits import Use, Visit
    from engine.model.explanation import Violation
    from engine.model.resource import Resource
    from engine.model.session import SurgeryBlock


def admitting(use: Use) -> list[SessionAt]:
    """The sessions of a reservation's resource that hold it whole and take its service at its step's site."""
    step = use.step
    return [s for s in use.sessions if s.admits(step.visit.service.id, step.site, use.start, use.end)]


def session(book: Book) -> Iterator[Violation]:
    """A resource that works in sessions is used in one that takes the service; and no session is used past that."""
    for use in book.uses:
        is_bound = use.resource.use is UseRule.IN_SESSIONS
        # Among the sessions are those that only the window touches, where too little of it is reserved.
        if not is_bound and not any(s.start < use.end and use.start < s.end for s in use.sessions):
            continue
        step, visit = use.step, use.step.visit
        blocks = book.blocks_of(use.resource.id).touching(use.start, use.end)
        if admitting(use) or any(b.admits(visit.service.id, step.site, use.start, use.end) for b in blocks):
            continue
        when = stretch_text(use.start, use.end, step.zone)
        text = (
            f"{visit_text(visit)}: {use.resource.name} is reserved {when} at {step.site}, where no session of theirs "
            f"offers {visit.service.name}."
        )
        yield broken(ConstraintCode.SESSION, [visit], text, use.resource.id)


def segment_quota(book: Book) -> Iterator[Violation]:
    """No more visits start in a segment than its quota."""
    for resource, held, uses in _session_uses(book):
        for part in held.segments:
            if part.segment.quota is None:
                continue
            inside = [u.step.visit for u in uses if part.start <= u.window[0] < part.end]
            when = stretch_text(part.start, part.end, held.zone)
            yield from _quota(ConstraintCode.SEGMENT_QUOTA, inside, part.segment.quota, resource, held, when)


def class_quota(book: Book) -> Iterator[Violation]:
    """No more visits of a patient class take place in a session than its quota."""
    for resource, held, uses in _session_uses(book):
        for limit in held.session.class_quotas:
            inside = [
                u.step.visit
                for u in uses
                if held.contains(u.start, u.end) and limit.patient_class in u.step.visit.patient_classes
            ]
            when = f"of class {limit.patient_class} {stretch_text(held.start, held.end, held.zone)}"
            yield from _quota(ConstraintCode.CLASS_QUOTA, inside, limit.quota, resource, held, when)


def _session_uses(book: Book) -> Iterator[tuple[Resource, SessionAt, list[Use]]]:
    """Each session of each resource with the reservations that touch it, by start."""
    for resource_id, uses in book.uses_by_resource.items():
        touched: dict[str, tuple[SessionAt, list[Use]]] = {}
        for use in uses:
            for held in use.sessions:
                touched.setdefault(held.session.id, (held, []))[1].append(use)
        for held, found in touched.values():
            yield book.problem.resource_by_id[resource_id], held, found


def _quota(
    code: ConstraintCode, inside: Sequence[Visit], quota: int, resource: Resource, held: SessionAt, when: str
) -> Iterator[Violation]:
    """Overridden when, without the visits that override it, the quota holds."""
    visits = sorted({v.id: v for v in inside}.values(), key=lambda v: (-v.booked, v.id))
    if len(visits) > quota:
        text = f"{resource.name} has {len(visits)} visits {when}; the quota is {quota} ({listed(visits)})."
        is_overridden = sum(code not in v.allowed for v in visits) <= quota
        yield broken(code, visits, text, resource.id, held.session.id, is_overridden=is_overridden)


def kept_back(book: Book) -> Iterator[Violation]:
    """Time kept for urgent orders takes routine visits only when they are booked from its release on."""
    for use in book.uses:
        visit = use.step.visit
        if not use.sessions or visit.priority is not Priority.ROUTINE:
            continue
        for held in use.sessions:
            for part in held.segments:
                is_kept = part.segment.is_kept_for_urgent and (part.release is None or visit.booked < part.release)
                if is_kept and part.start < use.end and use.start < part.end:
                    until = "" if part.release is None else f" until {time_text(part.release, held.zone)}"
                    text = (
                        f"{visit_text(visit)} is routine, and takes time of {use.resource.name} "
                        f"{stretch_text(part.start, part.end, held.zone)} that is kept for urgent orders{until}."
                    )
                    yield broken(ConstraintCode.KEPT_BACK, [visit], text, use.resource.id, held.session.id)


def block_owner(book: Book) -> Iterator[Violation]:
    """Until its release a surgery block takes only steps with its owner."""
    for use in book.uses if book.problem.blocks else ():
        visit, step = use.step.visit, use.step
        if isinstance(use.resource, Practitioner):
            continue
        for held in book.blocks_of(use.resource.id).touching(use.start, use.end):
            is_kept = held.release is None or visit.booked < held.release
            if is_kept and not any(_owns(u.resource, held.block) for u in visit.uses_during(step)):
                until = "" if held.release is None else f" until {time_text(held.release, held.zone)}"
                owner = held.block.specialty or book.problem.resource(held.block.practitioner).name  # type: ignore[arg-type]
                text = (
                    f"{visit_text(visit)} uses {use.resource.name} {stretch_text(use.start, use.end, step.zone)}, in "
                    f"the surgery block of {owner}, whose it is{until}."
                )
                yield broken(ConstraintCode.BLOCK_OWNER, [visit], text, use.resource.id, held.block.id)


def _owns(resource: Resource, block: SurgeryBlock) -> bool:
    return isinstance(resource, Practitioner) and (
        resource.id == block.practitioner or block.specialty in resource.specialties
    )


def floating_break(book: Book) -> Iterator[Violation]:
    """The owner of a session can take each of its breaks somewhere in the break's window."""
    code = ConstraintCode.FLOATING_BREAK
    for resource, held, uses in _session_uses(book):
        for wanted, start, end in held.breaks:
            inside = [u for u in uses if u.start < end and start < u.end]
            if not inside:
                continue
            if _longest_free(inside, start, end) < wanted.minutes:
                visits = sorted({u.step.visit for u in inside}, key=lambda v: (-v.booked, v.id))
                text = (
                    f"{resource.name} has no {minutes_text(wanted.minutes)} free for a break "
                    f"{stretch_text(start, end, held.zone)} ({listed(visits)})."
                )
                kept = [u for u in inside if code not in u.step.visit.allowed]
                is_overridden = _longest_free(kept, start, end) >= wanted.minutes
                yield broken(code, visits, text, resource.id, held.session.id, is_overridden=is_overridden)


def _longest_free(uses: Sequence[Use], start: int, end: int) -> int:
    """Minutes of the longest stretch of `[start, end)` that none of the uses, by start, takes."""
    free_from, longest = start, 0
    for use in uses:
        longest = max(longest, min(use.start, end) - free_from)
        free_from = max(free_from, use.end)
    return max(longest, end - free_from)
