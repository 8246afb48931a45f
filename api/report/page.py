"""Pieces of an HTML page: everything that comes in is escaped, nothing is loaded from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from api.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["badge", "figure", "fold", "heading", "page", "paragraph", "section", "table", "tiles"]

_CSS = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f7f9; color: #22313f; font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 30px; margin: 0 0 4px; }
h2 { font-size: 22px; margin: 0 0 8px; }
h3 { font-size: 17px; margin: 24px 0 6px; }
p { margin: 6px 0 10px; max-width: 78ch; }
nav { margin: 16px 0; }
nav a { margin-right: 16px; color: #0b5c94; }
section { background: #fff; border: 1px solid #dfe4e9; border-radius: 8px; padding: 22px 26px; margin: 20px 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 12px 0; }
.tile { background: #eef3f7; border-radius: 6px; padding: 10px 16px; min-width: 130px; }
.tile b { display: block; font-size: 22px; }
.tile span { color: #51606d; font-size: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 10px 0; font-size: 14px; }
th { text-align: left; border-bottom: 2px solid #c9d1d9; padding: 4px 14px 4px 0; vertical-align: bottom; }
td { border-bottom: 1px solid #e8ecf0; padding: 4px 14px 4px 0; vertical-align: top; white-space: pre-line; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: #0a6b3d; font-weight: 600; }
.bad { color: #a3231a; font-weight: 600; }
figure { margin: 14px 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figcaption { color: #51606d; font-size: 14px; }
summary { cursor: pointer; color: #0b5c94; margin: 8px 0; }
footer { color: #51606d; font-size: 14px; padding-bottom: 40px; }
@media print { section { break-inside: avoid; border: 0; padding: 0; } nav { display: none; } }
"""


def _text(value: object) -> str:
    return escape(plain(value))


def heading(text: str) -> str:
    """A heading inside a section."""
    return f"<h3>{_text(text)}</h3>\n"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{_text(text)}</p>\n"


def badge(is_good: bool, text: str) -> str:
    """A sentence in green or red."""
    return f'<p class="{"good" if is_good else "bad"}">{_text(text)}</p>\n'


def tiles(figures: Sequence[tuple[str, str]]) -> str:
    """Key figures with what they count."""
    made = "".join(
        f'<div class="tile"><b>{_text(value)}</b><span>{_text(what)}</span></div>' for value, what in figures
    )
    return f'<div class="tiles">{made}</div>\n'


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> str:
    """A table; numbers stand in the columns named by `right`. Nothing where there are no rows."""
    kinds = [' class="number"' if column in right else "" for column in columns]
    head = "".join(f"<th{kind}>{_text(column)}</th>" for column, kind in zip(columns, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{_text(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>\n"
        for row in rows
    )
    return f'<div class="scroll"><table>\n<tr>{head}</tr>\n{body}</table></div>\n' if body else ""


def figure(svg: str, caption: str) -> str:
    """A plot with its caption."""
    return f"<figure>{svg}<figcaption>{_text(caption)}</figcaption></figure>\n"


def fold(title: str, inside: str, *, is_open: bool = False) -> str:
    """Something long, shown when asked for, or until it is folded away; nothing where it is empty."""
    start = "<details open>" if is_open else "<details>"
    return f"{start}<summary>{_text(title)}</summary>\n{inside}</details>\n" if inside else ""


def section(name: str, title: str, *parts: str) -> str:
    """A chapter of the page; `name` is what the table of contents points to."""
    return f'<section id="{_text(name)}">\n<h2>{_text(title)}</h2>\n{"".join(parts)}</section>\n'


def page(title: str, intro: str, sections: Sequence[tuple[str, str, str]], footer: str) -> str:
    """A whole page.

    Parameters
    ----------
    sections
        (name, title, HTML) of each.
    """
    links = "".join(f'<a href="#{_text(name)}">{_text(words)}</a>' for name, words, _ in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="generator" content="slotwright demo">\n'
        f"<title>{_text(title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n"
        f"<header><h1>{_text(title)}</h1>{paragraph(intro)}<nav>{links}</nav></header>\n"
        f"<main>\n{''.join(html for _, _, html in sections)}</main>\n"
        f"<footer>{paragraph(footer)}</footer>\n</body>\n</html>\n"
    )
