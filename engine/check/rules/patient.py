"""The patient: in one place at a time, when available, with time to get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.clock import stretch_text, time_text
from engine.check.report import broken, minutes_text, visit_text
from engine.check.visits import patient_time
from engine.model.codes import ConstraintCode
from engine.model.service import Modality
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.book import Book
    from engine.check.visits import StepAt
    from engine.model.explanation import Violation


def patient_overlap(book: Book) -> Iterator[Violation]:
    """A patient is in one place at a time, from arrival on."""
    for visits in book.visits_by_patient.values():
        if len(visits) == 1 and len(visits[0].steps) == 1:
            continue
        stretches = sorted(((a, b, s) for v in visits for a, b, s in patient_time(v)), key=lambda x: x[:2])
        before: list[tuple[int, int, StepAt]] = []
        for start, end, step in stretches:
            before = [b for b in before if b[1] > start]
            for _, other_end, other in before:
                a, b = step.visit, other.visit
                when = stretch_text(start, min(end, other_end), step.zone)
                text = (
                    f"The patient of appointment {a.id} (step {step.id}) is also expected at appointment {b.id} "
                    f"(step {other.id}) {when}."
                )
                yield broken(ConstraintCode.PATIENT_OVERLAP, [a, b], text)
            before.append((start, end, step))


def patient_available(book: Book) -> Iterator[Violation]:
    """A patient is not expected when not available."""
    for visit in book.visits:
        if visit.patient is None or not visit.patient.unavailable:
            continue
        for start, end, step in patient_time(visit):
            for away in visit.patient.unavailable:
                first, last = epoch_minute(away.start), epoch_minute(away.end)
                if start < last and first < end:
                    text = (
                        f"{visit_text(visit)} needs the patient {stretch_text(start, end, step.zone)}, who is not "
                        f"available {stretch_text(first, last, step.zone)}."
                    )
                    yield broken(ConstraintCode.PATIENT_AVAILABLE, [visit], text)


def patient_travel(book: Book) -> Iterator[Violation]:
    """From one site to another a patient has the time to get there, between visits and between steps of one visit."""
    for visits in book.visits_by_patient.values():
        patient = visits[0].patient
        if patient is None or len({s.site for v in visits for s in v.steps}) < 2:
            continue
        stretches = sorted(
            ((a, b, s) for v in visits for a, b, s in patient_time(v) if s.modality is Modality.IN_PERSON),
            key=lambda x: x[:2],
        )
        for i, (start, _, step) in enumerate(stretches):
            for _, end, other in stretches[:i]:
                if other.site == step.site:
                    continue
                needed = max(book.problem.travel_min.get((other.site, step.site), 0), patient.travel_min or 0)
                if start - end < needed:
                    text = (
                        f"The patient is at {other.site} until {time_text(end, other.zone)} (appointment "
                        f"{other.visit.id}, step {other.id}) and at {step.site} from {time_text(start, step.zone)} "
                        f"(appointment {step.visit.id}, step {step.id}); the way takes {minutes_text(needed)}."
                    )
                    yield broken(ConstraintCode.PATIENT_TRAVEL, [step.visit, other.visit], text)
