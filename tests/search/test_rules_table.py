"""`docs/reference/search-rules.md` has a row for every rule, and says where it is honoured."""

from __future__ import annotations

import re
from pathlib import Path

import engine.search
from engine.model.codes import TEMPLATE_RULES, ConstraintCode

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "search-rules.md"
WAYS = ("mask", "coupled bits", "confirmed", "by construction", "no offer", "not for search")
ROW = re.compile(r"^\| `([a-z-]+)` \| (.+?) \| (yes|no) \| (.*?) ?\|$", re.MULTILINE)
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = {code: (how, where) for code, how, _, where in ROW.findall(TEXT)}


def test_every_rule_has_one_row():
    codes = [code for code, _, _, _ in ROW.findall(TEXT)]
    assert sorted(codes) == sorted(c.value for c in set(ConstraintCode) - TEMPLATE_RULES)


def test_every_row_says_how_and_in_which_modules():
    modules = {p.stem for p in Path(engine.search.__file__).parent.glob("*.py")}
    for code, (how, where) in ROWS.items():
        assert any(way in how for way in WAYS), code
        named = set(re.findall(r"`([a-z_]+)`", where))
        assert named <= modules, code
        assert named or "not for search" in how, code
