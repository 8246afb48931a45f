"""Plots of benchmarks: the same figures give the same file, so that a change of one is a change of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.plots import growth_plot

if TYPE_CHECKING:
    from pathlib import Path


def test_equal_figures_give_equal_files(tmp_path: Path) -> None:
    lines = {"ours": [(8.0, 0.1), (1.0, 0.05)], "the bare AND": [(1.0, 0.01), (8.0, 0.2)]}
    for name in ("a.svg", "b.svg"):
        growth_plot(tmp_path / name, "weeks", lines)
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert all(f">{said}<" in text for said in ("weeks", "ours", "the bare AND", "median, ms"))
    growth_plot(tmp_path / "b.svg", "weeks", {"ours": [(1.0, 0.05), (8.0, 0.4)]})
    assert text != (tmp_path / "b.svg").read_text(encoding="utf-8")
