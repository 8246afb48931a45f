from __future__ import annotations

import re
from pathlib import Path

from engine.model.codes import SAFETY_RULES, TEMPLATE_RULES, ConstraintCode, PenaltyCode

RULES = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"


def test_the_reference_has_a_row_for_every_code():
    text = RULES.read_text(encoding="utf-8")
    hard, soft = text.split("## Soft costs")
    assert sorted(_codes(hard)) == sorted(ConstraintCode)
    assert sorted(_codes(soft)) == sorted(PenaltyCode)


def _codes(text):
    """Codes in the first column of the tables."""
    firsts = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", text, flags=re.MULTILINE)
    return [code for first in firsts for code in re.findall(r"`([a-z-]+)`", first)]


def test_template_rules():
    assert {code.name for code in TEMPLATE_RULES} == {
        name for name in ConstraintCode.__members__ if name[:8] == "TEMPLATE"
    }
    assert not SAFETY_RULES & TEMPLATE_RULES
