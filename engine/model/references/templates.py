"""Templates: their entries are sessions and blocks without a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.references.shapes import add_block_faults, add_session_faults

if TYPE_CHECKING:
    from engine.model.references.findings import Findings
    from engine.model.template import Template, TemplateBlock, TemplateSession

__all__ = ["add_faults"]

_LONGEST = 100 - len("@2026-03-02")
"""Publishing puts the date behind the id of an entry."""


def add_faults(f: Findings) -> None:
    """Note what does not fit in templates."""
    for i, template in enumerate(f.problem.templates):
        place = f"templates[{i}]"
        for j, session in enumerate(template.sessions):
            _add_entry_faults(f, template, session, f"{place}.sessions[{j}]")
            add_session_faults(f, session, f"{place}.sessions[{j}]")
        for j, block in enumerate(template.blocks):
            _add_entry_faults(f, template, block, f"{place}.blocks[{j}]")
            add_block_faults(f, block, f"{place}.blocks[{j}]")
        places = [f"{place}.sessions[{j}]" for j in range(len(template.sessions))]
        places += [f"{place}.blocks[{j}]" for j in range(len(template.blocks))]
        f.check_unique([s.id for s in template.sessions] + [b.id for b in template.blocks], places)


def _add_entry_faults(f: Findings, template: Template, entry: TemplateSession | TemplateBlock, place: str) -> None:
    f.check_id(entry.id, f"{place}.id", longest=_LONGEST)
    f.each_once(entry.on.weeks, f"{place}.on.weeks")
    for k, week in enumerate(entry.on.weeks):
        if week > template.cycle_weeks:
            f.add(f"{place}.on.weeks[{k}]", f"found {week}, expected a week of the cycle, 1 to {template.cycle_weeks}")
